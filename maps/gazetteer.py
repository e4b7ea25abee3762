"""
Names and what they stand for: places, roads, and which names do not exist.

A name without a match here is invented: hallucination is graded exactly, without a model.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, TypeVar

from guiderail.maps.network import Link, LinkId, Place, RoadNetwork

_Thing = TypeVar("_Thing")

_UNSPLIT: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take apart into a base and an accent."""
_LEAST_LIKENESS: Final = 0.5
"""Below this two names have nothing to do with each other."""
_LONGEST: Final = 100
"""Letters compared: a guide may say anything, of any length."""


class Gazetteer:
    """
    Index over the names of the drivable world.

    Parameters
    ----------
    network
        The map; names of links outside the drivable world are left out.

    Notes
    -----
    Names are compared after case folding and without accents, blanks or punctuation.
    """

    def __init__(self, network: RoadNetwork) -> None:
        """Fold every name once."""
        links = [link for link in network.all_links if link.in_world]
        places = network.all_places
        self._places = _index((place.name, place) for place in places)
        self._roads = _index((name, link.id) for link in links for name in _names_of(link))
        names = {place.name for place in places} | {n for link in links for n in _names_of(link)}
        # Backwards, so that of two spellings the first in order is the one that stays.
        self._spelling = {fold(name): name for name in sorted(names, reverse=True)}
        # All arms of a trip hear the same wrong names; a search takes milliseconds.
        self._nearest = lru_cache(maxsize=4_096)(self._search)
        self._nearest_place = lru_cache(maxsize=4_096)(self._search_place)

    def find_places(self, name: str) -> tuple[Place, ...]:
        """Places of that name, by id; more than one means it is ambiguous, none that it is not."""
        return self._places.get(fold(name), ())

    def find_roads(self, name: str) -> tuple[LinkId, ...]:
        """Links with that name, number or signed destination, by id."""
        return self._roads.get(fold(name), ())

    def exists(self, name: str) -> bool:
        """Whether the name stands for anything here."""
        return fold(name) in self._places or fold(name) in self._roads

    def nearest_name(self, name: str) -> str:
        """
        Closest name that does exist, for a counter-offer; empty if none comes near.

        >>> from guiderail.maps.synthetic.networks import crossing
        >>> Gazetteer(crossing()).nearest_name("Est Road")
        'East Road'
        """
        return self._nearest(fold(name))

    def nearest_place(self, name: str) -> Place | None:
        """Place with the closest name; the one with the lowest id if several share it."""
        return self._nearest_place(fold(name))

    def _search_place(self, folded: str) -> Place | None:
        best = _closest(folded, self._places)
        return self._places[best][0] if best else None

    def _search(self, folded: str) -> str:
        best = _closest(folded, self._spelling)
        return self._spelling[best] if best else ""


def fold(name: str) -> str:
    """
    Name as it is compared.

    >>> fold("Rue de l'Église 7")
    'ruedeleglise7'
    """
    parts = unicodedata.normalize("NFKD", name.casefold().translate(_UNSPLIT))
    return "".join(letter for letter in parts if letter.isalnum())


def _names_of(link: Link) -> tuple[str, ...]:
    several = [*link.ref.split(";"), *link.destination.split(";")]
    return tuple(dict.fromkeys(name.strip() for name in (link.name, *several) if name.strip()))


def _index(named: Iterable[tuple[str, _Thing]]) -> dict[str, tuple[_Thing, ...]]:
    index: defaultdict[str, list[_Thing]] = defaultdict(list)
    for name, thing in named:
        if folded := fold(name):
            index[folded].append(thing)
    return {name: tuple(things) for name, things in index.items()}


def _closest(folded: str, names: Iterable[str]) -> str:
    matcher = SequenceMatcher(b=folded[:_LONGEST], autojunk=False)
    best, best_ratio = "", _LEAST_LIKENESS
    for name in sorted(names):
        matcher.set_seq1(name)
        # The two bounds are cheap and spare most full comparisons.
        if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
            continue
        if (ratio := matcher.ratio()) > best_ratio:
            best, best_ratio = name, ratio
    return best
