"""The page; the only file that calls streamlit. What it shows is worked out in ``session``."""

from typing import Any

import streamlit as st

from guiderail.dashboard import session
from guiderail.dashboard.session import Choice
from guiderail.maps.errors import MapError
from guiderail.sim.contract.errors import GuiderailError
from guiderail.sim.lab.player import player_script

_PLAYER = st.components.v2.component(
    "guiderail_player",
    js=player_script()
    + """
export default function({data, parentElement, setStateValue}) {
  const key = data.key;
  if (parentElement.grKey === key) return;
  if (parentElement.grStop) parentElement.grStop();
  parentElement.grKey = key;
  let root = parentElement.querySelector(".gr-root");
  if (!root) { root = document.createElement("div"); root.className = "gr-root";
    parentElement.append(root); }
  parentElement.grStop = guiderailPlayer(root, data, (t, playing) => {
    if (!playing) setStateValue("t", t);
  });
}
""",
)

_laboratory = st.cache_resource(max_entries=4, show_spinner=False)(session.laboratory)


@st.cache_resource(max_entries=32, show_spinner="Driving the trip ...")
def _drive(choice: Choice, arms: tuple[str, ...]) -> session.Drives:
    return session.drive(_laboratory(choice), choice, arms)


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="guiderail", layout="wide")
    st.html("<style>.block-container{padding:2.5rem 1.5rem 2rem;max-width:1500px}</style>")
    pages = {"Trip": _trip, "Arms side by side": _arms, "Scenes": _scenes, "Be the guide": _game}
    asked = st.query_params.get("page", "Trip")
    with st.sidebar:
        st.title("guiderail")
        names = list(pages)
        page = st.radio("Page", names, index=names.index(asked) if asked in names else 0)
    st.query_params["page"] = page
    try:
        pages[page]()
    except (GuiderailError, MapError) as error:
        st.error(session.as_text(str(error)))


def _choose(*, arm: bool = True, guide: bool = True) -> Choice:
    """Let the person choose what to run; the address of the page says it, too."""
    known = session.choice_of(st.query_params.to_dict())
    with st.sidebar:
        maps, guides = session.MAPS, session.guides()
        map_name = st.selectbox("Map", maps, index=_at(maps, known.map))
        speaker = (
            st.selectbox("Guide", guides, index=_at(guides, known.guide)) if guide else known.guide
        )
        rate = st.slider("Share of wrong advice", 0.0, 1.0, known.rate, 0.05) if guide else 0.0
        driver = (
            st.selectbox("Who drives", session.ARMS, index=_at(session.ARMS, known.arm))
            if arm
            else known.arm
        )
        weather = st.selectbox("Road", session.ROADS, index=_at(session.ROADS, known.road))
        seed = st.number_input("Seed", 0, 2**31, known.seed)
        trip = st.number_input("Trip", 0, 9_999, known.trip)
    choice = Choice(
        map=map_name,
        guide=speaker,
        rate=rate,
        arm=driver,
        road=weather,
        seed=int(seed),
        trip=int(trip),
    )
    st.query_params.update(session.address_of(choice))
    return choice


def _at(values: tuple[str, ...], value: str) -> int:
    return values.index(value) if value in values else 0


def _play(
    drives: session.Drives, key: str, *, start: float = 0.0, is_playing: bool = False
) -> float:
    is_dark = st.context.theme.type == "dark"
    data: dict[str, Any] = {
        "key": f"{drives.key}-{is_dark}",
        "map": drives.map,
        "trips": drives.trips,
        "dark": is_dark,
        "start": start,
        "play": is_playing,
    }
    result = _PLAYER(
        data=data, key=key, default={"t": start}, on_t_change=lambda: None, height="content"
    )
    return float(result.t or 0.0)


def _trip() -> None:
    choice = _choose()
    drives = _drive(choice, (choice.arm,))
    st.subheader(f"Trip {choice.trip} to {session.as_text(drives.trips[0]['goal_name'])}")
    _play(drives, "trip")
    _downloads(drives)


def _arms() -> None:
    choice = _choose(arm=False)
    drives = _drive(choice, session.ARMS)
    st.subheader(f"Trip {choice.trip}: four arms, the same words")
    st.write(drives.parting)
    _play(drives, "arms")
    st.dataframe(drives.costs, hide_index=True)
    _downloads(drives)


def _downloads(drives: session.Drives) -> None:
    with st.expander("Story, and this trip as a file"):
        left, right, _ = st.columns([1, 1, 3])
        left.download_button("Player (HTML)", drives.page, f"{drives.name}.html", "text/html")
        right.download_button(
            "GeoJSON", drives.geojson, f"{drives.name}.geojson", "application/geo+json"
        )
        st.code(drives.story, language=None, wrap_lines=True)


def _scenes() -> None:
    scenes = session.scenes()
    names = tuple(scenes)
    with st.sidebar:
        name = st.radio(
            "Scene",
            names,
            index=_at(names, st.query_params.get("scene", "")),
            format_func=lambda n: scenes[n].title,
        )
    st.query_params["scene"] = name
    scene = scenes[name]
    st.subheader(scene.title)
    st.write(scene.about)
    drives = _scene(name)
    _play(drives, "scene")
    st.code(f"guiderail run --scene {name} --story", language="bash")
    _downloads(drives)


@st.cache_resource(max_entries=16, show_spinner="Driving the scene ...")
def _scene(name: str) -> session.Drives:
    return session.drive_scene(name)


def _game() -> None:
    choice = _choose(arm=False, guide=False)
    said = session.lines_of(st.query_params.get("said", ""))
    drives = _game_drive(choice, said)
    st.subheader("You are the guide")
    st.write(session.GAME_HELP)
    columns = st.columns(4)
    for column, (label, value) in zip(columns, drives.score, strict=True):
        column.metric(label, value)
    place = st.container()
    start = said[-1].time_ms / 1_000 if said else 0.0
    now = _play(drives, "game", start=start, is_playing=bool(said))
    with place, st.form("say", clear_on_submit=True, border=False):
        text = st.text_input(
            "Say", placeholder="turn left, take Mannerheimintie, go to Kiasma", max_chars=120
        )
        buttons = st.columns([1, 1, 1, 1, 4])
        pressed = {
            word: column.form_submit_button(word)
            for word, column in zip(
                ("Say it", "turn left", "turn right", "turn back"), buttons, strict=False
            )
        }
    words = next(
        (text if word == "Say it" else word for word, is_pressed in pressed.items() if is_pressed),
        "",
    )
    if words:
        st.query_params["said"] = session.text_of(
            session.say(_game_lab(choice), choice, said, words, now)
        )
        st.rerun()
    if said and st.button("Start again"):
        del st.query_params["said"]
        st.rerun()


@st.cache_resource(max_entries=32, show_spinner="Driving on ...")
def _game_drive(choice: Choice, said: tuple[session.Said, ...]) -> session.Drives:
    return session.drive_game(_game_lab(choice), choice, said)


def _game_lab(choice: Choice) -> session.Bench:
    return _bench(choice.map, choice.road, choice.seed)


@st.cache_resource(max_entries=4, show_spinner=False)
def _bench(map_name: str, road: str, seed: int) -> session.Bench:
    return session.bench(map_name, road, seed)


main()
