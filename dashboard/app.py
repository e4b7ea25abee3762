"""The page: it draws, and works nothing out; with ``monte_carlo`` all that calls streamlit."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from guiderail.dashboard import game, monte_carlo, rides, session
from guiderail.dashboard.session import Choice, Drives
from guiderail.dashboard.words import CHINESE, LANGUAGES, Translator, translator
from guiderail.maps.errors import MapError
from guiderail.sim.contract.errors import GuiderailError
from guiderail.sim.lab.player import player_script
from guiderail.sim.lab.scenes import scenes

# The roads travel once, in a component of their own: what does not change is not sent again.
_ROADS = st.components.v2.component(
    "guiderail_roads",
    js="""
export default function({data}) {
  const maps = window.guiderailMaps = window.guiderailMaps || {};
  maps[data.name] = data.map;
  window.dispatchEvent(new Event("guiderail-map"));
}
""",
)
_MODEL_HELP = (
    "A model rides along on one trip: the guarded car asks it, and the world does not wait. Keys "
    "come from the environment of the server, never from this page, and nothing is asked before "
    "you press the button. At most 60 requests a ride."
)
_PLAYER = st.components.v2.component(
    "guiderail_player",
    js=player_script()
    + """
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
""",
)


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="guiderail", layout="wide")
    st.html("<style>.block-container{padding:3.2rem 1.5rem 2rem;max-width:1500px}</style>")
    pages = {
        "Trip": _trip,
        "Arms side by side": _arms,
        "Scenes": _scenes,
        "Be the guide": _game,
        "Monte Carlo": _monte_carlo,
        "Language model": _model,
    }
    with st.sidebar:
        st.title("guiderail")
        tr = _language()
        names = tuple(pages)
        asked = _at(names, st.query_params.get("page", "Trip"))
        page = st.radio(tr("Page"), names, index=asked, format_func=tr)
    st.query_params["page"] = page
    try:
        pages[page](tr)
    except (GuiderailError, MapError) as error:
        st.error(session.as_text(str(error)))


def _language() -> Translator:
    known = st.query_params.get("lang") or (st.context.locale or "en")[:2]
    codes = tuple(LANGUAGES)
    language = st.segmented_control(
        "Language / 语言",
        codes,
        default=codes[_at(codes, known)],
        format_func=LANGUAGES.__getitem__,
        label_visibility="collapsed",
    )
    st.query_params["lang"] = language or codes[_at(codes, known)]
    return translator(st.query_params["lang"])


def _choose(tr: Translator, *, arm: bool = True, guide: bool = True, trip: bool = True) -> Choice:
    """Let the person choose what to run; the address of the page says it, too."""
    known = session.choice_of(st.query_params.to_dict())

    def pick(label: str, values: tuple[str, ...], value: str) -> str:
        return st.selectbox(
            tr(label),
            values,
            index=_at(values, value),
            format_func=lambda name: tr(name.replace("_", " ")),
        )

    with st.sidebar:
        choice = Choice(
            map=pick("Map", session.maps(), known.map),
            guide=pick("Guide", session.guides(), known.guide) if guide else known.guide,
            rate=_rate(tr, known.rate) if guide and trip else known.rate,
            arm=pick("Who drives", session.ARMS, known.arm) if arm else known.arm,
            road=pick("Road", session.ROADS, known.road),
            seed=int(st.number_input(tr("Seed"), 0, session.LARGEST_SEED, known.seed)),
            trip=int(st.number_input(tr("Trip"), 0, session.LAST_TRIP, known.trip))
            if trip
            else known.trip,
        )
    st.query_params.update(session.address_of(choice))
    return choice


def _rate(tr: Translator, value: float) -> float:
    return st.slider(tr("Share of wrong advice"), 0.0, 1.0, value, 0.05)


def _at(values: tuple[str, ...], value: str) -> int:
    return values.index(value) if value in values else 0


def _play(drives: Drives, key: str, seat: dict[str, Any] | None = None) -> Any:
    """Show the player; a game begins at its last words, everything else where the address says."""
    is_dark = st.context.theme.type == "dark"
    kept = st.session_state.setdefault("starts", {})
    start = kept.setdefault(drives.key, session.time_of(st.query_params.get("t", "")))
    start = seat["start"] if seat and seat["start"] else start
    language = st.query_params["lang"]
    data = {
        "key": f"{drives.key}-{is_dark}-{language}",
        "map": drives.network.name,
        "trips": drives.trips,
        "dark": is_dark,
        "start": start,
        "play": bool(seat and seat["start"]),
        "words": CHINESE if language == "zh" else {},
        "game": seat and {"places": seat["places"]},
    }
    result = _PLAYER(
        data=data,
        key=key,
        default={"t": start},
        on_t_change=lambda: None,
        on_say_change=lambda: None,
        height="content",
    )
    drawing = session.drawing(drives.network.name)
    _ROADS(data={"name": drives.network.name, "map": drawing}, key="roads", height="content")
    # A time belongs to the trip that it was reported of.
    if st.session_state.get("shown") == drives.key:
        st.query_params["t"] = f"{float(result.t or 0.0):g}"
    st.session_state["shown"] = drives.key
    return result


def _trip(tr: Translator) -> None:
    choice = _choose(tr)
    with st.spinner(tr("Driving ...")):
        drives = session.drive(choice, (choice.arm,))
    goal = session.as_text(drives.trips[0]["goal_name"])
    st.subheader(tr("Trip {n} to {goal}").format(n=choice.trip, goal=goal))
    _play(drives, "trip")
    _downloads(drives, tr)


def _arms(tr: Translator) -> None:
    choice = _choose(tr, arm=False)
    with st.spinner(tr("Driving ...")):
        drives = session.drive(choice, session.ARMS)
    st.subheader(tr("Trip {n}: four arms, the same words").format(n=choice.trip))
    _parting(drives, tr)
    _play(drives, "arms")
    _costs(drives, tr)
    _downloads(drives, tr)


def _parting(drives: Drives, tr: Translator) -> None:
    apart_s = drives.parting_s
    if apart_s is None:
        st.write(tr("The arms drive alike, tick for tick, until the first of them ends."))
        return
    words = "They part {s:.0f} s after the start. What that costs each of them:"
    st.write(tr(words).format(s=apart_s))


def _costs(drives: Drives, tr: Translator) -> None:
    rows = [
        {tr(name): tr(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in drives.costs
    ]
    st.dataframe(rows, hide_index=True)


def _downloads(drives: Drives, tr: Translator) -> None:
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


def _scenes(tr: Translator) -> None:
    known = scenes()
    names = tuple(known)
    with st.sidebar:
        name = st.radio(
            tr("Scene"),
            names,
            index=_at(names, st.query_params.get("scene", "")),
            format_func=lambda n: tr(known[n].title),
        )
    st.query_params["scene"] = name
    scene = known[name]
    st.subheader(tr(scene.title))
    st.write(tr(scene.about))
    with st.spinner(tr("Driving ...")):
        drives = session.drive_scene(name)
    if len(drives.trips) > 1:
        _parting(drives, tr)
    _play(drives, "scene")
    st.text(f"guiderail run --scene {name} --story")
    _downloads(drives, tr)


def _game(tr: Translator) -> None:
    choice = _choose(tr, arm=False, guide=False)
    said = game.lines_of(st.query_params.get("said", ""))
    with st.spinner(tr("Driving ...")):
        drives = game.drive(choice, said)
    st.subheader(tr("You are the guide"))
    st.write(tr(game.HELP))
    with st.container(horizontal=True):  # wraps on a phone
        for label, value in game.score(choice, drives):
            st.metric(tr(label), value, width="content")
    start = said[-1].time_ms / 1_000 if said else 0.0
    seat = {"start": start, "places": game.places(choice.map)}
    spoken = _play(drives, "game", seat).say
    if spoken:
        words, now_s = str(spoken["text"]), session.time_of(f"{spoken['t']:.1f}")
        st.query_params["said"] = game.text_of(game.say(choice, said, words, now_s))
        st.rerun()
    if said and st.button(tr("Start again")):
        del st.query_params["said"]
        st.query_params.pop("t", None)
        st.rerun()


def _model(tr: Translator) -> None:
    choice = _choose(tr, arm=False, guide=False)
    st.subheader(tr("Language model"))
    st.write(tr(_MODEL_HELP))
    known = rides.model_of(st.query_params.to_dict())
    with st.form("model"):
        left, right = st.columns(2)
        provider = left.selectbox(
            tr("Provider"), rides.PROVIDERS, index=_at(rides.PROVIDERS, known.provider)
        )
        model = right.text_input(tr("Model"), known.model, max_chars=200)
        endpoint = left.text_input(tr("Endpoint"), known.endpoint, max_chars=300)
        output = right.selectbox(
            tr("Form of the answer"), rides.OUTPUTS, index=_at(rides.OUTPUTS, known.output)
        )
        is_asked = st.form_submit_button(tr("Drive with it"), type="primary")
    wanted = rides.Model(provider=provider, model=model, endpoint=endpoint, output=output)
    st.query_params.update(asdict(wanted))
    if is_asked:
        rides.seat().start(choice, wanted)
    ride = rides.seat().ride
    if ride is None:
        return
    look = st.fragment(_ride, run_every=1.0 if ride.is_running else None)
    look(ride, tr, was_running=ride.is_running)
    if ride.drives is not None and not ride.is_running:
        _play(ride.drives, "model")
        _downloads(ride.drives, tr)


def _ride(ride: rides.Ride, tr: Translator, *, was_running: bool) -> None:
    """Show the transcript as it grows; the whole page again once the ride is over."""
    if was_running and not ride.is_running:
        st.rerun()
    if ride.error:
        st.error(session.as_text(ride.error))
    if ride.is_running:
        st.caption(tr("Driving ..."))
    rows = ride.transcript()
    if rows:
        st.dataframe([{tr(key): value for key, value in row.items()} for row in rows])


def _monte_carlo(tr: Translator) -> None:
    is_dark = st.context.theme.type == "dark"
    monte_carlo.show(_choose(tr, arm=False, trip=False), tr, is_dark=is_dark)


main()
