"""A map that is out of date: some turn bans that the road has are missing in it."""

from dataclasses import replace
from typing import Final

import numpy as np

from guiderail.maps.network import Ban, RoadNetwork
from guiderail.maps.tables import TURN_COLUMNS, TurnTable
from guiderail.sim.lab.seeding import generator

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
    links = network.links
    sources = np.repeat(np.arange(network.link_count), np.diff(illegal.start))
    within = (links.in_world[sources] == 1) & (links.in_world[illegal.to_link] == 1)
    forgotten = np.isin(illegal.ban, SIGNS) & (chance < share) & within
    return replace(
        network,
        turns=_joined(network.turns, illegal, forgotten, network.link_count),
        illegal_turns=_kept(illegal, ~forgotten, network.link_count),
    )


def _rows(table: TurnTable, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Link that each turn leads from."""
    return np.repeat(np.arange(count), np.diff(table.start))


def _start(
    sources: np.ndarray[tuple[int], np.dtype[np.int64]], count: int
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.searchsorted(sources, np.arange(count + 1)).astype(np.int32)


def _kept(table: TurnTable, flags: np.ndarray, count: int) -> TurnTable:
    columns = {name: getattr(table, name)[flags] for name in TURN_COLUMNS}
    return TurnTable(start=_start(_rows(table, count)[flags], count), **columns)


def _joined(
    legal: TurnTable,
    illegal: TurnTable,
    flags: np.ndarray,
    count: int,
) -> TurnTable:
    """Legal turns and the forgotten ones, by link and target; a forgotten ban is no ban."""
    sources = np.concatenate((_rows(legal, count), _rows(illegal, count)[flags]))
    columns = {
        name: np.concatenate((getattr(legal, name), getattr(illegal, name)[flags]))
        for name in TURN_COLUMNS
    }
    columns["ban"][len(legal.ban) :] = 0
    order = np.lexsort((columns["to_link"], sources))
    return TurnTable(
        start=_start(sources[order], count),
        **{name: values[order] for name, values in columns.items()},
    )
