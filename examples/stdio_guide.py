"""
A guide as a program: one line of JSON in, one line of JSON out. Needs nothing but Python.

    guiderail run --guide "python examples/stdio_guide.py" --story
"""

import json
import sys


def answer(seen: dict) -> dict:
    """Name the planned turn at the end of this road; stay silent where there is none."""
    said = {"occasion": seen["occasion"]}
    turn = next((turn for turn in seen["turns"] if turn["is_planned"]), None)
    if turn is None or turn["direction"] == "straight":
        return said
    return said | {
        "words": f"Next {turn['direction']}, into {turn['road'] or 'the side road'}.",
        "proposal": {"ask": "turn", "direction": turn["direction"], "onto": turn["onto"]},
        "confidence": 0.9,
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
