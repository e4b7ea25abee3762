"""The page: it chooses a view by the address and draws it; nothing is worked out here."""

import streamlit as st

from guiderail.dashboard.model import session
from guiderail.dashboard.model.session import Drives
from guiderail.dashboard.views import guide_pages, monte_carlo, shared
from guiderail.dashboard.words import Translator, languages, translator
from guiderail.sim.contract.errors import GuiderailError
from guiderail.sim.lab.experiment.scenes import scenes


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="guiderail", layout="wide")
    st.html("<style>.block-container{padding:3.2rem 1.5rem 2rem;max-width:1500px}</style>")
    pages = {
        "Trip": _trip,
        "Arms side by side": _arms,
        "Scenes": _scenes,
        "Be the guide": guide_pages.play_guide,
        "Monte Carlo": _monte_carlo,
        "Language model": guide_pages.drive_with_model,
    }
    with st.sidebar:
        st.title("guiderail")
        tr = _language()
        names = tuple(pages)
        asked = shared.at(names, st.query_params.get("page", "Trip"))
        page = st.radio(tr("Page"), names, index=asked, format_func=tr)
    st.query_params["page"] = page
    try:
        pages[page](tr)
    except GuiderailError as error:
        st.error(session.as_text(str(error)))


def _language() -> Translator:
    known = st.query_params.get("lang") or (st.context.locale or "en")[:2]
    codes = tuple(languages())
    language = st.segmented_control(
        "Language / 语言",
        codes,
        default=codes[shared.at(codes, known)],
        format_func=languages().__getitem__,
        label_visibility="collapsed",
    )
    st.query_params["lang"] = language or codes[shared.at(codes, known)]
    return translator(st.query_params["lang"])


def _trip(tr: Translator) -> None:
    choice = shared.choose(tr)
    with st.spinner(tr("Driving ...")):
        drives = session.drive(choice, (choice.arm,))
    goal = session.as_text(drives.trips[0]["goal_name"])
    st.subheader(tr("Trip {n} to {goal}").format(n=choice.trip, goal=goal))
    shared.play(drives, "trip")
    shared.downloads(drives, tr)


def _arms(tr: Translator) -> None:
    choice = shared.choose(tr, arm=False)
    with st.spinner(tr("Driving ...")):
        drives = session.drive(choice, session.ARMS)
    st.subheader(tr("Trip {n}: four arms, the same words").format(n=choice.trip))
    _parting(drives, tr)
    shared.play(drives, "arms")
    _costs(drives, tr)
    shared.downloads(drives, tr)


def _parting(drives: Drives, tr: Translator) -> None:
    apart_s = drives.parting_s
    if apart_s is None:
        st.write(tr("The arms drive alike, tick for tick, until the first of them ends."))
        return
    words = "They part {s:.0f} s after the start; the table below has what it cost each of them."
    st.write(tr(words).format(s=apart_s))


def _costs(drives: Drives, tr: Translator) -> None:
    rows = [
        {tr(name): tr(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in drives.costs
    ]
    st.dataframe(rows, hide_index=True)


def _scenes(tr: Translator) -> None:
    known = scenes()
    names = tuple(known)
    with st.sidebar:
        name = st.radio(
            tr("Scene"),
            names,
            index=shared.at(names, st.query_params.get("scene", "")),
            format_func=lambda n: tr(known[n].title),
        )
    if st.query_params.get("scene", name) != name:
        st.query_params.pop("t", None)  # of another scene
    st.query_params["scene"] = name
    scene = known[name]
    st.subheader(tr(scene.title))
    st.write(tr(scene.about))
    with st.spinner(tr("Driving ...")):
        drives = session.drive_scene(name)
    if len(drives.trips) > 1:
        _parting(drives, tr)
    shared.play(drives, "scene", opening_s=drives.opening_s)
    if len(drives.trips) > 1:
        _costs(drives, tr)
    st.text(f"guiderail run --scene {name} --story")
    shared.downloads(drives, tr)


def _monte_carlo(tr: Translator) -> None:
    is_dark = st.context.theme.type == "dark"
    monte_carlo.show(shared.choose(tr, arm=False, trip=False), tr, is_dark=is_dark)


main()
