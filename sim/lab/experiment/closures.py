"""Works and incidents of one scenario: what they close leaves every other link reachable."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

from guiderail.maps.network import LinkId, RoadClass, RoadNetwork, Turn, TurnKind
from guiderail.maps.routing import StretchFinder, is_harmless
from guiderail.maps.routing.overlays import (
    DAY_HOURS,
    HOUR_MS,
    Event,
    Overlay,
    capacity_left,
    incidents,
    planned_works,
)
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.trip import Bottleneck, Closing
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.experiment.seeding import generator
from guiderail.sim.world.background.capacity import CAPACITY_PER_HOUR
from guiderail.sim.world.background.flow import FLOW_PERMILLE

Closed = frozenset[LinkId]
NOTHING: Final[Closed] = frozenset()
LONGEST_QUEUE_MM: Final = 3_000_000
"""No queue is followed farther back than this."""


class Laid(NamedTuple):
    """What lies over one trip."""

    closed: Closed
    """All the time."""
    reported: Closed
    """All the time."""
    closings: tuple[Closing, ...] = ()
    """For a part of it."""
    bottlenecks: tuple[Bottleneck, ...] = ()
    """Incidents that leave a lane open."""


class Overlays:
    """
    Lays works over the map of a scenario, and over each trip the incidents of its moment.

    Works are the same for all trips. Every trip starts at a moment of a day of its own; incidents
    begin and end while it is under way. What would cut off a link, all at once, is left out.
    """

    def __init__(self, network: RoadNetwork, scenario: Scenario) -> None:
        self._network = network
        self._scenario = scenario
        self._wanted = scenario.closures

    def over(self, seed: TripSeed, kept_open: Closed) -> Laid:
        """
        Find what is closed and what is reported closed on one trip.

        Parameters
        ----------
        seed
            Of the trip.
        kept_open
            Links that nothing may close.
        """
        closed, reported = self._works(kept_open)
        if self._wanted.incidents == 0:
            return Laid(closed, reported)
        source = generator(seed.a, "incidents")
        moment_ms = int(source.integers(DAY_HOURS * HOUR_MS))
        events = self._events(seed, moment_ms)
        closings: list[Closing] = []
        every = closed
        for event in events:
            if not event.closes:
                continue
            for stretch in self._stretches(event.links, kept_open):
                harmless = self._harmless((stretch,), every)
                is_new = stretch.isdisjoint(every) and harmless != every
                is_false_now = event.end_ms <= moment_ms  # over, and the reports do not know yet
                if is_new or is_false_now:
                    closings.append(_closing(event, stretch, moment_ms))
                every = every if is_false_now else harmless
        return Laid(closed, reported, tuple(closings), self._bottlenecks(events, moment_ms))

    def _events(self, seed: TripSeed, moment_ms: int) -> list[Event]:
        """Incidents that matter, or are said to, at the start of a trip or in its hour."""
        hours = (moment_ms, moment_ms + HOUR_MS)
        drawn = (
            incidents(
                self._network,
                seed.a,
                at_ms,
                self._flows,
                factor=self._wanted.incidents,
                missing=self._wanted.stale,
            )
            for at_ms in hours
        )
        events = dict.fromkeys(one for overlay in drawn for one in overlay.events)
        return [one for one in events if max(one.end_ms, one.reported_until_ms) > moment_ms]

    def _bottlenecks(self, events: list[Event], moment_ms: int) -> tuple[Bottleneck, ...]:
        """Incidents that leave a lane open, if they are asked for."""
        if not self._wanted.queues:
            return ()
        return tuple(
            self._bottleneck(event, link, moment_ms)
            for event in events
            if not event.closes
            for link in sorted(event.links)
        )

    def _bottleneck(self, event: Event, link: LinkId, moment_ms: int) -> Bottleneck:
        lanes = self._network.link(link).lanes
        share = capacity_left(lanes, event.lanes_closed)
        # A road brings no more than it carries.
        hourly = self._scenario.conditions.hourly_flow()
        demand = hourly * FLOW_PERMILLE[self._network.link(link).road_class] // 1_000
        return Bottleneck(
            upstream=self._upstream(link),
            from_ms=event.start_ms - moment_ms,
            until_ms=event.end_ms - moment_ms,
            capacity_per_hour=round(share * CAPACITY_PER_HOUR * lanes),
            demand_per_hour=min(demand, CAPACITY_PER_HOUR) * lanes,
        )

    def _upstream(self, link: LinkId) -> tuple[LinkId, ...]:
        """Walk back along the straightest way that leads to a link, as far as queues can reach."""
        found = [link]
        road_mm = 0
        while road_mm < LONGEST_QUEUE_MM:
            before = self._straight_before.get(found[-1])
            if before is None or before in found:
                break
            found.append(before)
            road_mm += self._network.link(before).length_mm
        return tuple(found)

    def _works(self, kept_open: Closed) -> tuple[Closed, Closed]:
        events = self._all_works.events
        known = NOTHING.union(*(e.links for e in events if e.reported_until_ms > 0))
        stretches = [event.links for event in events if event.links.isdisjoint(kept_open)]
        whole = NOTHING.union(*stretches)
        # To open some of the works may harm others: then they are laid again, one by one.
        as_planned = len(stretches) == len(events) or is_harmless(self._network, whole)
        closed = whole if as_planned else self._harmless(stretches, NOTHING)
        return closed, closed & known

    def _harmless(self, stretches: Iterable[Closed], closed: Closed) -> Closed:
        for stretch in stretches:
            if is_harmless(self._network, closed | stretch):
                closed |= stretch
        return closed

    def _stretches(self, links: Closed, kept_open: Closed) -> tuple[Closed, ...]:
        found = dict.fromkeys(self._closable.around(link) for link in sorted(links))
        return tuple(each for each in found if each and each.isdisjoint(kept_open))

    @cached_property
    def _all_works(self) -> Overlay:
        return planned_works(
            self._network,
            self._scenario.seed,
            self._wanted.works_percent,
            missing=self._wanted.stale,
        )

    @cached_property
    def _straight_before(self) -> dict[LinkId, LinkId]:
        """From which link the straightest legal turn leads onto each."""
        turns = (turn for link in self._network.all_links for turn in self._turns_on(link.id))
        straight: dict[LinkId, tuple[int, LinkId]] = {}
        for turn in turns:
            this = (abs(turn.angle_cdeg), turn.from_link)
            straight[turn.to_link] = min(this, straight.get(turn.to_link, this))
        return {link: before for link, (_, before) in straight.items()}

    def _turns_on(self, link: LinkId) -> Iterable[Turn]:
        turns = self._network.turns_from(link)
        return (turn for turn in turns if turn.kind is not TurnKind.U_TURN)

    @cached_property
    def _flows(self) -> list[int]:
        """Vehicles per hour on each link, all its lanes together."""
        table, flow = self._network.links, self._scenario.conditions.flow_per_hour
        classes = zip(table.road_class.tolist(), table.lanes.tolist(), strict=True)
        return [flow * FLOW_PERMILLE[RoadClass(sort)] * lanes // 1_000 for sort, lanes in classes]

    @cached_property
    def _closable(self) -> StretchFinder:
        return StretchFinder(self._network)


def _closing(event: Event, stretch: Closed, moment_ms: int) -> Closing:
    return Closing(
        links=stretch,
        from_ms=event.start_ms - moment_ms,
        until_ms=event.end_ms - moment_ms,
        reported_from_ms=event.reported_from_ms - moment_ms,
        reported_until_ms=event.reported_until_ms - moment_ms,
    )
