"""
The car's side as a program: reads each case of the conformance suite, answers with a verdict.

This one asks guiderail itself; write yours in any language and compare:

    guiderail guide check --car "python examples/car_side.py"
"""

import base64
import json
import sys

from guiderail.sim.lab.conformance.suite import Sheet, Situation, answer_of

sheets: dict[str, Sheet] = {}
for line in sys.stdin:
    case = json.loads(line)
    key = json.dumps(case["map"])
    if key not in sheets:
        sheets[key] = Sheet(case["map"])
    message, before = base64.b64decode(case["message"]), map(base64.b64decode, case["before"])
    verdict, _ = Situation(case["situation"], sheets[key]).heard(message, before)
    decision, reason = answer_of(verdict)
    print(json.dumps({"decision": decision or None, "reason": reason or None}), flush=True)
