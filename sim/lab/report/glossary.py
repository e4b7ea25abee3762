"""
Every word of the tables, every kind of infraction and every column, from where each is defined.

``docs/glossary.md`` is this text; a test holds the two together.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.judge.severity import MEANING
from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.report.story import BECAUSE
from guiderail.sim.lab.results.columns import columns
from guiderail.sim.lab.results.words import WORDS

_HEAD = """# Glossary and dictionary of columns

Made from the code by `guiderail glossary`; do not edit. One word: `guiderail glossary WORD`.
"""


def glossary() -> str:
    """Make the whole glossary, in Markdown."""
    parts = [_HEAD, "## Words", *_list(WORDS.items())]
    parts += ["## Classes of infractions", *_list((k.value, text) for k, text in MEANING.items())]
    parts += ["## Infractions", "| kind | article | class | weight | what it is | source |"]
    parts[-1] += "\n|---|---|---|---|---|---|"
    for one in TAXONOMY.values():
        row = (f"`{one.kind}`", one.id, one.severity.value, f"{one.weight:g}", one.meaning)
        parts[-1] += f"\n| {' | '.join(map(_cell, (*row, one.source)))} |"
    parts += ["## Reasons of a verdict"]
    parts += _list((reason.value, f"{text.capitalize()}.") for reason, text in BECAUSE.items())
    for table in ("trips", "infractions", "messages"):
        parts += [f"## Columns of `{table}.parquet`", _columns(table)]
    twins = "has the columns of `trips.parquet`, of the same cars with a silent guide."
    parts += [f"`twins.parquet` {twins}"]
    return "\n\n".join(parts) + "\n"


def meaning_of(word: str) -> str:
    """
    Say what one word means, wherever it is used.

    Raises
    ------
    ScenarioError
        When it is defined nowhere; the message names the nearest words.
    """
    found = [f"{where}: {text}" for name, where, text in _entries() if name.lower() == word.lower()]
    if not found:
        near = get_close_matches(word, sorted({name for name, _, _ in _entries()}), 5, 0.5)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise ScenarioError(f"{word!r} is no word of the tables{hint}")
    return "\n".join(dict.fromkeys(found))


def _entries() -> Iterator[tuple[str, str, str]]:
    """Name, where it is used, and what it means."""
    yield from ((name, "word", text) for name, text in WORDS.items())
    yield from ((name.value, "class of infractions", text) for name, text in MEANING.items())
    for one in TAXONOMY.values():
        text = f"{one.meaning} (article {one.id}, {one.severity.value}; {one.source})"
        yield from ((name, "infraction", text) for name in (one.kind, one.id))
    yield from ((name.value, "reason", text) for name, text in BECAUSE.items())
    for table in ("trips", "infractions", "messages"):
        for column in columns(table):
            unit = f" [{column.unit}]" if column.unit else ""
            yield column.name, f"column of {table}", column.meaning + unit


def _list(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return ["\n".join(f"- **{name}**: {text}" for name, text in pairs)]


def _columns(table: str) -> str:
    lines = ["| column | type | unit | what it is | where it applies |", "|---|---|---|---|---|"]
    for one in columns(table):
        row = (f"`{one.name}`", one.holds.__name__, one.unit, one.meaning, one.applies)
        lines.append(f"| {' | '.join(map(_cell, row))} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
