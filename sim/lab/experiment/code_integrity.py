"""
A seal on the driver's code: a guide in this process that patches it is found out.

No protection against code that wants to hide, for it could patch the seal as well: a guide that is
not trusted belongs in a process of its own.
"""

import sys
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Final, NamedTuple

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.driver.guard import rules

_PACKAGE: Final = "guiderail.sim.driver."


class Sealed(NamedTuple):
    """One thing that must stay what it was."""

    name: str
    place: Mapping[str, object]
    """Where it lies: the live names of its module or class."""
    key: str
    kept: object
    """Code of a function; anything else is kept itself."""


def sealed() -> tuple[Sealed, ...]:
    """Everything the driver is made of, and the list of its rules."""
    return (*_all_code(), Sealed("rules.RULES", vars(rules), "RULES", rules.RULES))


def check(seal: tuple[Sealed, ...]) -> None:
    """
    Compare with an earlier seal.

    Raises
    ------
    KernelError
        When anything is another object than it was; what was loaded since then is no matter.
    """
    altered = [one.name for one in seal if _kept(one.place.get(one.key)) is not one.kept]
    if altered:
        raise KernelError(f"a guide altered the driver's code: {', '.join(sorted(altered)[:5])}")


def _kept(value: object) -> object:
    return value.__code__ if isinstance(value, FunctionType) else value


def _all_code() -> Iterator[Sealed]:
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(_PACKAGE):
            continue
        for key, value in vars(module).items():
            if isinstance(value, FunctionType):
                yield Sealed(f"{name}.{key}", vars(module), key, value.__code__)
            elif isinstance(value, type) and value.__module__ == name:
                yield Sealed(f"{name}.{key}", vars(module), key, value)
                for method, function in vars(value).items():
                    if isinstance(function, FunctionType):
                        where = f"{name}.{key}.{method}"
                        yield Sealed(where, vars(value), method, function.__code__)
