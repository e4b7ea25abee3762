"""What several pages show: the knobs, the player, the files of a trip and the form of a model."""

from functools import partial
from typing import Any, Final

import streamlit as st

from guiderail.dashboard.model import session
from guiderail.dashboard.model.language_model import OUTPUTS, PROVIDERS, Model, model_of
from guiderail.dashboard.model.session import Choice, Drives
from guiderail.dashboard.words import Translator, labels
from guiderail.sim.lab.report.player.page import player_script

# The roads travel once, in a component of their own: what does not change is not sent again.
_ROADS_JS: Final = """
export default function({data}) {
  const maps = window.guiderailMaps = window.guiderailMaps || {};
  maps[data.name] = data.map;
  window.dispatchEvent(new Event("guiderail-map"));
}
"""
_PLAYER_JS: Final = """
export default function({data, parentElement, setStateValue, setTriggerValue}) {
  if (parentElement.grKey === data.key) return;
  parentElement.grKey = data.key;
  if (parentElement.grStop) parentElement.grStop();
  let root = parentElement.querySelector(".gr-root");
  if (!root) { root = document.createElement("div"); root.className = "gr-root";
    root.style.minHeight = "400px"; parentElement.append(root); }
  const start = () => {
    const map = (window.guiderailMaps || {})[data.map];
    if (!map) return;
    window.removeEventListener("guiderail-map", start);
    root.style.minHeight = "";
    parentElement.grStop = guiderailPlayer(root, {...data, map},
      (t) => setStateValue("t", t), (said) => setTriggerValue("say", said));
  };
  parentElement.grStop = () => window.removeEventListener("guiderail-map", start);
  window.addEventListener("guiderail-map", start);
  start();
}
"""


def choose(tr: Translator, *, arm: bool = True, guide: bool = True, trip: bool = True) -> Choice:
    """Let the person choose what to run; the address of the page says it, too."""
    known = session.choice_of(st.query_params.to_dict())
    pick = partial(_pick, tr)
    with st.sidebar:
        map_name = pick(st, "Map", session.maps(), known.map)
        speaker = pick(st, "Guide", session.guides(), known.guide) if guide else known.guide
        share = rate(tr, known.rate) if guide and trip else known.rate
        driver = pick(st, "Who drives", session.ARMS, known.arm) if arm else known.arm
        first, second = st.columns(2) if trip else (st, st)
        left, right = st.columns(2)
        choice = Choice(
            map=map_name,
            guide=speaker,
            rate=share,
            arm=driver,
            seed=_number(first, tr("Seed"), session.LARGEST_SEED, known.seed),
            trip=_number(second, tr("Trip"), session.LAST_TRIP, known.trip) if trip else known.trip,
            road=pick(left, "Road", session.ROADS, known.road),
            sight=pick(right, "Sight", session.SIGHTS, known.sight),
            hour=_hour(left, known.hour, tr),
            walkers=_walkers(right, known.walkers, tr),
        )
    if (choice.map, choice.seed, choice.trip) != (known.map, known.seed, known.trip):
        st.query_params.pop("t", None)  # of another trip
    st.query_params.update(session.address_of(choice))
    return choice


def _pick(tr: Translator, place: Any, label: str, values: tuple[str, ...], value: str) -> str:
    chosen: str = place.selectbox(
        tr(label),
        values,
        index=at(values, value),
        format_func=lambda name: tr(name.replace("_", " ")),
    )
    return chosen


def _walkers(place: Any, value: int, tr: Translator) -> int:
    help_ = tr("People on foot who cross at each arm of a junction, per hour")
    most = session.MOST_WALKERS
    return int(place.number_input(tr("On foot"), 0, most, value, step=20, help=help_))


def _hour(place: Any, value: int, tr: Translator) -> int:
    chosen: int = place.selectbox(
        tr("Hour"),
        session.HOURS,
        index=session.HOURS.index(value),
        format_func=lambda hour: tr("all day") if hour < 0 else f"{hour}:00",
        help=tr("Traffic of this hour of a weekday, or the mean of the day"),
    )
    return chosen


def _number(place: Any, label: str, most: int, value: int) -> int:
    return int(place.number_input(label, 0, most, value))


def rate(tr: Translator, value: float) -> float:
    """Let the person choose the share of wrong advice."""
    return st.slider(tr("Share of wrong advice"), 0.0, 1.0, value, 0.05)


def at(values: tuple[str, ...], value: str) -> int:
    """Place of a value in a list of choices; the first for one that is not there."""
    return values.index(value) if value in values else 0


def play(
    drives: Drives, key: str, seat: dict[str, Any] | None = None, opening_s: float = 0.0
) -> Any:
    """Show the player; a game begins at its last words, everything else where the address says."""
    is_dark = st.context.theme.type == "dark"
    kept = st.session_state.setdefault("starts", {})
    asked = st.query_params.get("t")
    start = kept.setdefault(drives.key, opening_s if asked is None else session.time_of(asked))
    start = seat["start"] if seat and seat["start"] else start
    language = st.query_params["lang"]
    data = {
        "key": f"{drives.key}-{is_dark}-{language}",
        "map": drives.network.name,
        "trips": drives.trips,
        "dark": is_dark,
        "start": start,
        "play": bool(seat and seat["start"]),
        "words": labels(language),
        "game": seat and {"places": seat["places"]},
    }
    # Declared in every run: a registry forgets what was declared before its server started.
    player = st.components.v2.component("guiderail_player", js=player_script() + _PLAYER_JS)
    roads = st.components.v2.component("guiderail_roads", js=_ROADS_JS)
    result = player(
        data=data,
        key=key,
        default={"t": start},
        on_t_change=lambda: None,
        on_say_change=lambda: None,
        height="content",
    )
    drawing = session.drawing(drives.network.name)
    roads(data={"name": drives.network.name, "map": drawing}, key="roads", height="content")
    # A time belongs to the trip that it was reported of.
    if st.session_state.get("shown") == drives.key:
        st.query_params["t"] = f"{float(result.t or 0.0):g}"
    st.session_state["shown"] = drives.key
    return result


def downloads(drives: Drives, tr: Translator) -> None:
    """Offer the story of the trips, and the files that they can be taken along as."""
    with st.expander(tr("Story, and this trip as a file")):
        left, middle, right, _ = st.columns([2, 2, 2, 3])
        left.download_button(
            tr("Player (HTML)"), drives.page, f"{drives.name}.html", "text/html", on_click="ignore"
        )
        middle.download_button(
            tr("Film (GIF)"), drives.film, f"{drives.name}.gif", "image/gif", on_click="ignore"
        )
        right.download_button(
            "GeoJSON",
            drives.geojson,
            f"{drives.name}.geojson",
            "application/geo+json",
            on_click="ignore",
        )
        st.text(drives.story)


def model_form(tr: Translator, label: str) -> Model | None:
    """Let the person name a model; it, once the button was pressed, and None before."""
    known = model_of(st.query_params.to_dict())
    with st.form("model"):
        # One row after the other: a phone shows them in the same order.
        first, second = st.columns(2)
        provider = first.selectbox(
            tr("Provider"),
            PROVIDERS,
            index=at(PROVIDERS, known.provider),
        )
        model = second.text_input(tr("Model"), known.model, max_chars=200)
        first, second = st.columns(2)
        endpoint = first.text_input(tr("Endpoint"), known.endpoint, max_chars=300)
        output = second.selectbox(
            tr("Form of the answer"),
            OUTPUTS,
            index=at(OUTPUTS, known.output),
        )
        is_asked = st.form_submit_button(tr(label), type="primary")
    wanted = Model(provider=provider, model=model, endpoint=endpoint, output=output)
    st.query_params.update(wanted.address())
    return wanted if is_asked else None
