"""No lane of the drivable world leads out of it only: a car there must be able to loop back."""

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.maps.synthetic.networks import town


@pytest.mark.parametrize("network", [load_map("helsinki"), town()], ids=["helsinki", "town"])
def test_every_lane_of_the_world_has_a_legal_turn_that_stays_in_it(network: RoadNetwork) -> None:
    for link in network.all_links:
        turns = [
            turn for turn in network.turns_from(link.id) if network.link(turn.to_link).in_world
        ]
        lanes = {lane for turn in turns for lane in range(turn.first_lane, turn.last_lane + 1)}
        assert not link.in_world or lanes == set(range(link.lanes))
