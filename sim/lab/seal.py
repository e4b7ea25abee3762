"""
A seal on the driver's code: a guide in this process that patches it is found out.

No protection against code that wants to hide, for it could patch the seal as well: a guide that is
not trusted belongs in a process of its own.
"""

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Final

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.driver import rules

_PACKAGE: Final = "guiderail.sim.driver."


def sealed() -> dict[str, object]:
    """Code of everything the driver is made of, by name, and the list of its rules."""
    code: dict[str, object] = dict(_all_code())
    return code | {"rules.RULES": rules.RULES}


def check(seal: dict[str, object]) -> None:
    """
    Compare with an earlier seal.

    Raises
    ------
    KernelError
        When anything is another object than it was; what was loaded since then is no matter.
    """
    now = sealed()
    altered = sorted(name for name, code in seal.items() if now.get(name) is not code)
    if altered:
        raise KernelError(f"a guide altered the driver's code: {', '.join(altered[:5])}")


def _all_code() -> Iterator[tuple[str, CodeType]]:
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(_PACKAGE):
            continue
        for key, value in vars(module).items():
            if isinstance(value, FunctionType):
                yield f"{name}.{key}", value.__code__
            elif isinstance(value, type) and value.__module__ == name:
                for method, function in vars(value).items():
                    if isinstance(function, FunctionType):
                        yield f"{name}.{key}.{method}", function.__code__
