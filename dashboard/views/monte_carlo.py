"""The Monte Carlo page: start, watch, cancel, and open what went worst."""

from typing import Any

import streamlit as st

from guiderail.dashboard.model import monte_carlo, session
from guiderail.dashboard.model.campaign import Campaign, CampaignState
from guiderail.dashboard.model.interim import cells
from guiderail.dashboard.model.session import Choice
from guiderail.dashboard.words import Translator
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.results.batch import runs_per_trip

_LOOK_S = 1.5
"""Time between two looks at a running campaign [s]."""
_SIZE = "{runs:,} runs, in a process of its own; every figure may be watched while it grows."
_BOUNDS = (
    "Bounds hold at 95 % at every look, each by itself; the unit of chance is the trip. A hollow "
    "triangle marks none seen: it stands at the bound. Means leave out trips that did not arrive."
)


def show(choice: Choice, tr: Translator, *, is_dark: bool) -> None:
    """Show the page for the knobs that all pages share."""
    st.subheader(tr("Monte Carlo"))
    plan = _plan(tr)
    if not plan.arms or not plan.rates:
        st.info(tr("Choose at least one arm and one share."))
        return
    st.query_params.update(monte_carlo.address_of(plan))
    scenario = monte_carlo.scenario_of(choice, plan)
    st.caption(tr(_SIZE).format(runs=scenario.trips * runs_per_trip(scenario)))
    campaign = _buttons(scenario, tr)
    if campaign is None:
        return
    is_running = campaign.state is CampaignState.RUNNING
    look = st.fragment(_look, run_every=_LOOK_S if is_running else None)
    look(campaign, choice, tr, was_running=is_running, is_dark=is_dark)
    if not is_running:
        _downloads(campaign, tr)


def _plan(tr: Translator) -> monte_carlo.CampaignPlan:
    known = monte_carlo.plan_of(st.query_params.to_dict())
    with st.sidebar:
        arms = st.multiselect(
            tr("Arms"),
            session.ARMS,
            default=known.arms,
            format_func=lambda name: tr(name.replace("_", " ")),
        )
        rates = st.multiselect(
            tr("Shares of wrong advice"),
            monte_carlo.RATES,
            default=known.rates,
            format_func=lambda rate: f"{rate:.0%}",
        )
        trips = st.number_input(tr("Trips"), 1, monte_carlo.MOST_TRIPS, known.trips)
    return monte_carlo.CampaignPlan(
        arms=tuple(arm for arm in session.ARMS if arm in arms),
        rates=tuple(sorted(rates)),
        trips=int(trips),
    )


def _buttons(scenario: Scenario, tr: Translator) -> Campaign | None:
    """Offer what can be done now; the campaign of these knobs, if there is one."""
    known = monte_carlo.campaigns()
    mine, busy = known.find(scenario), known.running()
    if busy is not None and busy is not mine:
        st.warning(tr("Another campaign is under way; only one runs at a time."))
        if st.button(tr("Cancel the other one")):
            busy.cancel()
            st.rerun()
        return mine
    if mine is not None and mine.state is CampaignState.RUNNING:
        if st.button(tr("Cancel")):
            mine.cancel()
            st.rerun()
    elif (mine is None or mine.state is not CampaignState.FINISHED) and st.button(
        tr("Start" if mine is None else "Go on"), type="primary"
    ):
        known.start(scenario)
        st.rerun()
    return mine


def _look(
    campaign: Campaign, choice: Choice, tr: Translator, *, was_running: bool, is_dark: bool
) -> None:
    """Show how far a campaign is; the whole page again once it has ended."""
    state = campaign.state
    table = campaign.table()
    if was_running and state is not CampaignState.RUNNING:
        st.rerun()
    done, total = campaign.done(), campaign.scenario.trips
    words = tr("{done:,} of {all:,} trips").format(done=done, all=total)
    st.progress(done / total, f"{tr(state.value)}: {words}")
    if state is CampaignState.FAILED:
        st.error(session.as_text(campaign.error))
    if len(table) == 0:
        return
    found = monte_carlo.in_order(cells(table))
    st.vega_lite_chart(spec=monte_carlo.chart(found, tr, is_dark=is_dark), width="stretch")
    st.caption(tr(_BOUNDS))
    st.dataframe(monte_carlo.cell_rows(found, tr), hide_index=True)
    _worst(table, choice, tr)


def _worst(table: Any, choice: Choice, tr: Translator) -> None:
    shown, keys = monte_carlo.worst_rows(table, tr)
    st.markdown(f"**{tr('Trips, worst first')}**")
    st.caption(tr("Choose a row to open that trip."))
    chosen: Any = st.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="single-row", key="worst"
    )
    rows = chosen.selection.rows
    if not rows or rows[0] >= len(keys):
        return
    key = keys[rows[0]]
    arm = tr(key["arm"].replace("_", " "))
    if st.button(tr("Open trip {n}, {arm}").format(n=key["trip"], arm=arm), type="primary"):
        address = {"page": "Trip", "arm": key["arm"], "trip": str(key["trip"])}
        if key["arm"] != "no_guide":
            address["rate"] = f"{key['rate']:g}"
        st.query_params.update(session.address_of(choice) | address)
        st.query_params.pop("t", None)
        st.rerun(scope="app")


def _downloads(campaign: Campaign, tr: Translator) -> None:
    left, right, _ = st.columns([2, 2, 3])
    name = f"guiderail-{campaign.scenario.map}-s{campaign.scenario.seed}"
    left.download_button(
        tr("Results (zip)"), campaign.zipped, f"{name}.zip", "application/zip", on_click="ignore"
    )
    right.download_button(
        tr("Trips so far (CSV)"),
        lambda: monte_carlo.csv_of(campaign),
        f"{name}.csv",
        "text/csv",
        on_click="ignore",
    )
