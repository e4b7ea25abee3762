"""
HTML as a tree: text is escaped when the tree is written, so nobody's words can become markup.

Only the page's own style sheet and scripts are written as they are.
"""

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, tostring

from rich.table import Table

WORDS: Final = ("arm", "reasons", "most frequent", "kind")
"""Headings of columns that hold words, which read from the left."""
Child = Element | str


def tag(name: str, *children: Child, **attributes: str) -> Element:
    """Make an element; ``class_`` stands for ``class``, and ``_`` in other names for ``-``."""
    named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    element = Element(name, named)
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + _plain(child)
        else:
            element.text = (element.text or "") + _plain(child)
    return element


def _plain(text: str) -> str:
    """Drop control characters, which no document may hold."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")


def written(element: Element) -> str:
    """Write a tree as HTML."""
    return tostring(element, encoding="unicode", method="html")


def table(rows: Table) -> Element:
    """Turn a table of the terminal into one of the page, its title the caption."""
    kinds = ["word" if str(column.header) in WORDS else "" for column in rows.columns]
    heads = [
        tag("th", str(column.header), scope="col", class_=kind)
        for column, kind in zip(rows.columns, kinds, strict=True)
    ]
    cells = zip(*(column.cells for column in rows.columns), strict=True)
    lines = [
        tag("tr", *(tag("td", str(cell), class_=k) for cell, k in zip(row, kinds, strict=True)))
        for row in cells
    ]
    caption = [tag("caption", str(rows.title))] if rows.title else []
    return wide(tag("table", *caption, tag("thead", tag("tr", *heads)), tag("tbody", *lines)))


def wide(element: Element) -> Element:
    """Let something wider than a phone scroll by itself."""
    return tag("div", element, class_="wide", tabindex="0", role="region")


def facts(pairs: Iterable[tuple[str, str]]) -> Element:
    """List names and what they stand for."""
    items = [item for name, text in pairs for item in (tag("dt", name), tag("dd", text))]
    return tag("dl", *items)
