"""The two pages with a person or a model as the guide: the game, and a ride of a model."""

from typing import Any, Final

import streamlit as st

from guiderail.dashboard.model import game, model_trip, session
from guiderail.dashboard.model.interpreter import Interpreter
from guiderail.dashboard.model.language_model import Model
from guiderail.dashboard.model.session import Choice
from guiderail.dashboard.views import shared
from guiderail.dashboard.words import Translator

_RIDE_HELP: Final = (
    "A model rides along on one trip: the guarded car asks it, and the world does not wait. Keys "
    "come from the environment of the server, never from this page, and nothing is asked before "
    "you press the button. At most 60 requests a ride."
)
_READER_HELP: Final = (
    "A model turns what you type, in any language, into a request, or says that it holds none; the "
    "car drives on while it thinks. Buttons and the map need no model. Keys come from the "
    "environment of the server, never from this page; a link plays a game again without asking. At "
    "most 60 requests a game. Until you press the button a fixed grammar reads."
)
_READERS: Final = {"grammar": "a fixed grammar", "model": "a language model"}


def play_guide(tr: Translator) -> None:
    """Let a person be the guide."""
    choice = shared.choose(tr, arm=False, guide=False)
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
    spoken = shared.play(drives, "game", seat).say
    reader = _reader(choice, tr)
    if spoken:
        _say(choice, said, spoken, reader if spoken.get("typed") else None, tr)
    readings = game.readings(said)
    if readings:
        st.dataframe(_translated(readings, tr), hide_index=True)
    if said and st.button(tr("Start again")):
        del st.query_params["said"]
        st.query_params.pop("t", None)
        _let_go()
        st.rerun()
    shared.downloads(drives, tr)


def _say(
    choice: Choice,
    said: tuple[game.Said, ...],
    spoken: Any,
    reader: Interpreter | None,
    tr: Translator,
) -> None:
    words, now_s = str(spoken["text"]), session.time_of(f"{spoken['t']:.1f}")
    with st.spinner(tr("The model reads your words ...")) if reader else st.empty():
        said = game.say(choice, said, words, now_s, reader)
    st.query_params["said"] = game.text_of(said)
    st.rerun()


def _reader(choice: Choice, tr: Translator) -> Interpreter | None:
    """Let the person choose who reads what is typed; the model only once its button was pressed."""
    names = tuple(_READERS)
    known = shared.at(names, st.query_params.get("reader", ""))
    with st.expander(tr("Who reads what you type"), expanded=known > 0):
        who = st.radio(
            tr("Who reads what you type"),
            names,
            index=known,
            format_func=lambda name: tr(_READERS[name]),
            horizontal=True,
            label_visibility="collapsed",
        )
        st.query_params["reader"] = who
        if who != "model":
            _let_go()
            return None
        st.write(tr(_READER_HELP))
        wanted = shared.model_form(tr, "Let it read")
        return _hired(choice, wanted, tr)


def _hired(choice: Choice, wanted: Model | None, tr: Translator) -> Interpreter | None:
    """Keep the model that was named in this visit; a link names none."""
    reader: Interpreter | None = st.session_state.get("reader")
    roads = session.network(choice.map)
    model = wanted or (reader and reader.model)
    if model and (reader is None or reader.model != model or reader.roads is not roads):
        _let_go()
        reader = st.session_state["reader"] = Interpreter(model, roads)
    if reader is not None:
        st.caption(
            session.as_text(tr("{name} reads what you type.").format(name=reader.model.model))
        )
    return reader


def _let_go() -> None:
    reader: Interpreter | None = st.session_state.pop("reader", None)
    if reader is not None:
        reader.close()


def drive_with_model(tr: Translator) -> None:
    """Let a model be the guide of one trip."""
    choice = shared.choose(tr, arm=False, guide=False)
    st.subheader(tr("Language model"))
    st.write(tr(_RIDE_HELP))
    wanted = shared.model_form(tr, "Drive with it")
    if wanted is not None:
        model_trip.seat().start(choice, wanted)
    ride = model_trip.seat().ride
    if ride is None:
        return
    look = st.fragment(_ride, run_every=1.0 if ride.is_running else None)
    look(ride, tr, was_running=ride.is_running)
    if ride.drives is not None and not ride.is_running:
        shared.play(ride.drives, "model")
        shared.downloads(ride.drives, tr)


def _ride(ride: model_trip.ModelTrip, tr: Translator, *, was_running: bool) -> None:
    """Show the transcript as it grows; the whole page again once the ride is over."""
    if was_running and not ride.is_running:
        st.rerun()
    if ride.error:
        st.error(session.as_text(ride.error))
    if ride.is_cancelled:
        st.info(tr("Cancelled: the car drives on without the model."))
    elif ride.is_running:
        st.caption(tr("Driving ..."))
        if st.button(tr("Cancel")):
            ride.cancel()
            st.rerun(scope="fragment")
    rows = ride.transcript()
    if rows:
        st.dataframe(_translated(rows, tr))


def _translated(rows: list[dict[str, Any]], tr: Translator) -> list[dict[str, Any]]:
    return [{tr(key): value for key, value in row.items()} for row in rows]
