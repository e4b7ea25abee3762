"""From raw ways to a road network: lanes, turns, controls, conflicts, places."""
