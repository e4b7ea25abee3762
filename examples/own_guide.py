"""
A guide of one's own, registered under a name and swept over a few trips.

    python examples/own_guide.py
"""

import guiderail


class Rightist:
    """Ask for the next turn to the right, whatever there is."""

    name = "rightist"

    def advise(self, seen: guiderail.Observation) -> guiderail.Advice | None:
        """Say the same at every junction."""
        del seen
        turn = guiderail.Proposal(ask=guiderail.Ask.TURN, direction=guiderail.Direction.RIGHT)
        return guiderail.Advice(words="Turn right, always right!", proposal=turn)


if __name__ == "__main__":  # worker processes import this file
    guiderail.register_guide("rightist", Rightist)
    scenario = {"map": "town", "guide": "rightist", "trips": 2, "rates": [1.0]}
    arms = {"arms": ["guarded", "obeying_machine"], "od": {"min_s": 30, "max_s": 60}}
    results = guiderail.sweep(scenario | arms, workers=1)
    for arm, cell in results.summary["arms"].items():
        print(arm, cell["trips"], "trips,", cell["serious"], "serious infractions")
