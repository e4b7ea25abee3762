"""
What the car does after each word, worked out once wherever it must come out the same.

A driver is a function of what it remembers and of what it sees. While words are said to it, it
looks at part of what it sees; which part is taken down, and wherever those things are the same, so
is what the words do. Nothing is left out: each word counts in each state, answered or looked up.
"""

from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

from guiderail.sim.contract.messages import Command, Decision, Perception, Proposal, Reason
from guiderail.sim.contract.ports import Driver
from guiderail.sim.proof.search.memory import Memory, Mind
from guiderail.sim.proof.search.sites import Site


class Answer(NamedTuple):
    """One thing that the car does, and after which words."""

    said: Proposal | None
    """First of the words; None is silence."""
    words: int
    """How many they are."""
    command: Command
    memory: int
    """Number of what the driver remembers after the tick."""
    interferes: bool
    """Whether one of the words was refused and the car does all the same not as in silence."""


class Answers(NamedTuple):
    """What the car does after every word, silence first."""

    each: tuple[Answer, ...]
    reasons: tuple[str, ...]
    """Reason of each verdict."""
    failed_at: tuple[Proposal, ...]
    """Words at which the guard failed inside."""


class _Words(NamedTuple):
    """Words that leave the same in mind."""

    memory: int
    said: list[Proposal | None]
    refused: list[bool]


class _Hearing(NamedTuple):
    """What all the words do to a driver, wherever what it looked at is the same."""

    looks: "attrgetter[Any]"
    saw: object
    groups: tuple[_Words, ...]
    reasons: tuple[str, ...]
    failed_at: tuple[Proposal, ...]


FIELDS: Final = tuple(one.name for one in fields(Perception))
"""What a perception consists of."""


class Watched:
    """
    A perception that keeps which of its fields were looked at.

    It is no perception itself: who looks in another way than by name fails and is not overheard.
    """

    def __init__(self, seen: Perception) -> None:
        # What may be said depends on the link, whether the driver looks or not.
        self.__dict__.update(link=seen.link)
        self.__seen = seen

    def __getattr__(self, name: str) -> Any:
        """Look at a field for the first time."""
        if name not in FIELDS:
            raise AttributeError(f"only fields of a perception can be followed, not {name}")
        value = self.__dict__[name] = getattr(self.__seen, name)
        return value

    def looks(self) -> "attrgetter[Any]":
        """What takes the fields that were looked at out of another perception."""
        return attrgetter(*(name for name in FIELDS if name in self.__dict__))


class Listener:
    """
    One driver, put into any state of mind.

    Parameters
    ----------
    driver
        The shipped car.
    site
        Where it is, and what is said there.
    is_anew
        Whether every word is said anew in every state: slow, and the same.
    """

    def __init__(self, driver: Driver, site: Site, *, is_anew: bool = False) -> None:
        self._driver = driver
        self._site = site
        self._is_anew = is_anew
        self._mind = Mind(driver)
        self._memories: list[Memory] = []
        self._number: dict[Memory, int] = {}
        self._now = -1
        """Number of what the driver has in mind."""
        self._answers: dict[tuple[int, Perception], Answers] = {}
        self._hearings: dict[int, list[_Hearing]] = {}
        self.first = self._remember()
        """What it has in mind at the start."""

    def answers(self, memory: int, seen: Perception) -> Answers:
        """Say every word to the driver, each to one that remembers the same, and let it drive."""
        if self._is_anew:
            return self._drive(self._hear(memory, seen, seen), seen)
        found = self._answers.get((memory, seen))
        if found is None:
            found = self._drive(self._hearing(memory, seen), seen)
            self._answers[memory, seen] = found
        return found

    # -- words ------------------------------------------------------------------------------------

    def _hearing(self, memory: int, seen: Perception) -> _Hearing:
        known = self._hearings.setdefault(memory, [])
        for hearing in known:
            if hearing.looks(seen) == hearing.saw:
                return hearing
        watched = Watched(seen)
        hearing = self._hear(memory, cast("Perception", watched), seen)
        looks = watched.looks()
        known.append(hearing._replace(looks=looks, saw=looks(seen)))
        return known[-1]

    def _hear(self, memory: int, watched: Perception, seen: Perception) -> _Hearing:
        groups: dict[int, _Words] = {}
        reasons, failed_at = list[str](), list[Proposal]()
        for said in self._site.words(seen.link):
            self._recall(memory)
            is_refused = False
            if said is not None:
                verdict = self._driver.hear(said, watched)
                self._driver.news()
                is_refused = verdict.decision is Decision.REFUSE
                reasons.append(verdict.reason.value)
                if verdict.reason is Reason.GUARD_FAULT:
                    failed_at.append(said)
            after = memory if said is None else self._remember()
            words = groups.setdefault(after, _Words(after, [], []))
            words.said.append(said)
            words.refused.append(is_refused)
        nothing = attrgetter("link")
        return _Hearing(nothing, None, tuple(groups.values()), tuple(reasons), tuple(failed_at))

    # -- driving ----------------------------------------------------------------------------------

    def _drive(self, hearing: _Hearing, seen: Perception) -> Answers:
        each = tuple(self._driven(hearing.groups, seen))
        return Answers(each, hearing.reasons, hearing.failed_at)

    def _driven(self, groups: tuple[_Words, ...], seen: Perception) -> Iterator[Answer]:
        in_silence: tuple[Command, int] | None = None
        for memory, said, refused in groups:
            self._recall(memory)
            command = self._driver.command(seen)
            self._driver.news()
            driven = command, self._remember()
            in_silence = in_silence or driven
            interferes = driven != in_silence and any(refused)
            yield Answer(said[0], len(said), *driven, interferes)

    # -- states of mind ---------------------------------------------------------------------------

    def _remember(self) -> int:
        memory = self._mind.memory()
        self._now = self._number.setdefault(memory, len(self._memories))
        if self._now == len(self._memories):
            self._memories.append(memory)
        return self._now

    def _recall(self, memory: int) -> None:
        if memory != self._now:
            self._mind.recall(self._memories[memory])
            self._now = memory
