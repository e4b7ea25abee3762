"""Guides are found by name; whatever goes wrong names what exists."""

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.lab.experiment import registry
from guiderail.sim.lab.experiment.provenance import program
from guiderail.sim.lab.experiment.registry import find_guide, installed

Points = tuple[EntryPoint, ...]
Plug = Callable[..., None]


def points(*pairs: tuple[str, str]) -> Points:
    return tuple(EntryPoint(name, value, registry.GROUP) for name, value in pairs)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install other guides than the real ones."""

    def install(*pairs: tuple[str, str]) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda **_: points(*pairs))
        monkeypatch.setattr(registry, "_registered", {})  # other tests register guides

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


def _made(name: str) -> Any:
    maker = find_guide(name)
    return maker(load_map("town"), TripSeed(1, 2), closed=frozenset(), rate=0.25)


WAYS = """
class Bare:
    name = "bare"
    def advise(self, seen): return None

class Picky(Bare):
    def __init__(self, seed, rate): self.got = (seed, rate)

def every(network, seed, *, closed, rate):
    guide = Bare()
    guide.got = (network.name, seed, closed, rate)
    return guide
"""


def test_a_class_in_a_file_is_given_what_it_asks_for(tmp_path: Path) -> None:
    file = tmp_path / "ways.py"
    file.write_text(WAYS)
    assert _made(f"{file}:Bare").name == "bare"
    assert _made(f"{file}:Picky").got == (TripSeed(1, 2), 0.25)
    assert _made(f"{file}:every").got == ("town", TripSeed(1, 2), frozenset(), 0.25)


def test_a_module_beside_the_user_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beside_me.py").write_text(WAYS)
    monkeypatch.chdir(tmp_path)
    assert _made("beside_me:Bare").name == "bare"


def test_the_source_of_a_class_in_a_file_counts_in_the_name_of_a_run(tmp_path: Path) -> None:
    file = tmp_path / "counted.py"
    file.write_text(WAYS)
    first = program([find_guide(f"{file}:Bare")])
    file.write_text(WAYS + "EDITED = True\n")
    assert program([find_guide(f"{file}:Bare")]) != first


def test_the_settings_of_a_program_count_in_the_name_of_a_run(tmp_path: Path) -> None:
    names = set()
    for deadline in (1.0, 2.0):
        file = tmp_path / "guide.toml"
        file.write_text(f'door = "process"\ncommand = ["true"]\ndeadline_s = {deadline}\n')
        names.add(program([find_guide(str(file))]))
    assert len(names) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.toml", None, "no file .*none.toml' with the settings of a guide"),
        ("a.toml", "door = ", "cannot read the guide settings"),
        ("a.toml", "deadline_s = 1", "needs a key 'door', one of: http, llm, process, replay"),
        ("a.toml", 'door = "window"', "no door named 'window'; installed: http, llm"),
        ("a.toml", 'door = "process"', "process guide: command: Field required"),
        ("a.toml", 'door = "replay"\nrecord = "x"', "replay guide: there is no folder 'x'"),
        ("a.toml", 'door = "replay"', "offline needs record"),
        ("none.py:Guide", None, "no Python file"),
        ("a.py:Guide", "x = 1", "cannot be loaded: AttributeError"),
        ("a.py:Guide", "1 / 0", "cannot be loaded: ZeroDivisionError"),
    ],
)
def test_whatever_is_wrong_with_a_file_is_one_sentence(
    tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name.partition(":")[0]).write_text(content)
    with pytest.raises(PluginError, match=message):
        find_guide(str(tmp_path / name))


def test_a_command_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(PluginError, match="cannot read the command"):
        find_guide("python 'guide.py")
