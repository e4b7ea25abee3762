"""
Labels in other languages; the English words are the keys, and what is not listed stays English.

A language is one file ``languages/CODE.json`` with its name and its labels in groups. What guides,
maps and people say is never translated.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, Final

_FOLDER: Final = resources.files("guiderail.dashboard").joinpath("languages")

Translator = Callable[[str], str]


@cache
def _language(code: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FOLDER.joinpath(f"{code}.json").read_text("utf-8"))
    return read


@cache
def languages() -> dict[str, str]:
    """Names of the languages by their codes, English first."""
    codes = sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir())
    return {"en": "English"} | {code: str(_language(code)["name"]) for code in codes}


@cache
def labels(code: str) -> dict[str, str]:
    """Translation of every label of one language; empty for English."""
    groups = {} if code == "en" else _language(code)["labels"]
    return {label: said for group in groups.values() for label, said in group.items()}


def translator(code: str) -> Translator:
    """Make a function from English labels to those of a language."""
    table = labels(code)
    return lambda words: table.get(words, words)
