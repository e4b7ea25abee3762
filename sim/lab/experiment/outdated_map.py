"""A map that is out of date: some turn bans that the road has are missing in it."""

from dataclasses import replace
from typing import Final

import numpy as np

from guiderail.maps.network import Ban, RoadNetwork
from guiderail.maps.tables import TURN_COLUMNS, Flags, TurnTable, row_starts
from guiderail.sim.lab.experiment.seeding import generator

SIGNS: Final = (Ban.RESTRICTION, Ban.ONLY, Ban.U_TURN, Ban.CONDITIONAL)
"""Bans that a sign makes, and that a map can therefore lack."""


def stale_network(network: RoadNetwork, share: float, seed: int) -> RoadNetwork:
    """
    Make the map of a driver who does not know of some bans; the network itself stays as it is.

    Parameters
    ----------
    network
        What is true.
    share
        Share of the bans by sign that are missing [1]; nested: more is a superset.
    seed
        Which ones.
    """
    illegal = network.illegal_turns
    chance = generator(seed, "stale_map").random(len(illegal.to_link))
    is_inside = network.links.in_world == 1
    within = is_inside[illegal.from_link()] & is_inside[illegal.to_link]
    forgotten = np.isin(illegal.ban, SIGNS) & (chance < share) & within
    return replace(
        network,
        turns=_joined(network.turns, illegal, forgotten, network.link_count),
        illegal_turns=_kept(illegal, ~forgotten, network.link_count),
    )


def _kept(table: TurnTable, flags: Flags, count: int) -> TurnTable:
    columns = {name: getattr(table, name)[flags] for name in TURN_COLUMNS}
    return TurnTable(start=row_starts(table.from_link()[flags], count), **columns)


def _joined(legal: TurnTable, illegal: TurnTable, flags: Flags, count: int) -> TurnTable:
    """Legal turns and the forgotten ones, by link and target; a forgotten ban is no ban."""
    sources = np.concatenate((legal.from_link(), illegal.from_link()[flags]))
    columns = {
        name: np.concatenate((getattr(legal, name), getattr(illegal, name)[flags]))
        for name in TURN_COLUMNS
    }
    columns["ban"][len(legal.ban) :] = 0
    order = np.lexsort((columns["to_link"], sources))
    return TurnTable(
        start=row_starts(sources, count),
        **{name: values[order] for name, values in columns.items()},
    )
