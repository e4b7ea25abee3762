"""Guides are found by name; whatever goes wrong names what exists."""

from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

from guiderail.sim.contract.errors import PluginError
from guiderail.sim.lab import registry
from guiderail.sim.lab.registry import find_guide, installed

Points = tuple[EntryPoint, ...]
Plug = Callable[..., None]


def points(*pairs: tuple[str, str]) -> Points:
    return tuple(EntryPoint(name, value, registry.GROUP) for name, value in pairs)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install other guides than the real ones."""

    def install(*pairs: tuple[str, str]) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda **_: points(*pairs))

    return install


def test_the_built_in_guides_come_through_the_same_door_as_strangers() -> None:
    assert {"silent", "oracle", "scripted", "noisy"} <= set(installed())
    assert callable(find_guide("silent"))


def test_an_unknown_guide_is_told_which_are_installed() -> None:
    with pytest.raises(PluginError, match=r"no guide named 'hal9000'; installed: .*silent"):
        find_guide("hal9000")


def test_without_any_guide_the_message_says_none(plug: Plug) -> None:
    plug()
    with pytest.raises(PluginError, match="installed: none"):
        find_guide("silent")


def test_two_packages_with_one_name_are_a_conflict(plug: Plug) -> None:
    plug(("twin", "builtins:dict"), ("twin", "builtins:list"))
    with pytest.raises(PluginError, match="two guides are named 'twin': builtins:dict, builtins:"):
        find_guide("twin")


def test_one_guide_listed_twice_is_no_conflict(plug: Plug) -> None:
    plug(("same", "builtins:dict"), ("same", "builtins:dict"))
    assert find_guide("same") is dict


def test_a_guide_that_cannot_be_loaded_says_why(plug: Plug) -> None:
    plug(("broken", "no_such_module:Guide"))
    with pytest.raises(PluginError, match="'broken' cannot be loaded: ModuleNotFoundError"):
        find_guide("broken")


def test_a_guide_may_be_named_by_its_import_path() -> None:
    assert find_guide("builtins:dict") is dict


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("builtins:nothing", "cannot be loaded: AttributeError"),
        ("no_such_module:x", "cannot be loaded: ModuleNotFoundError"),
        (":x", "cannot be loaded: ValueError"),
        ("math:pi", "is a float, which makes no guides"),
    ],
)
def test_a_wrong_import_path_says_why(path: str, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        find_guide(path)
