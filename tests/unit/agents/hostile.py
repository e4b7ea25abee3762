"""A program that rides along as a guide and misbehaves as it is told: one mode, one fault."""

import json
import os
import subprocess
import sys
import time

MODE = sys.argv[1]
VALID = {"words": "Hello.", "proposal": {"ask": "cancel"}}


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def valid(seen: dict, **more: object) -> str:
    """Make a sound answer."""
    return json.dumps({"occasion": seen["occasion"], **VALID, **more})


def misbehave(seen: dict) -> None:  # noqa: C901, PLR0912, PLR0915  one case per fault
    """Answer one question, wrongly."""
    match MODE:
        case "good":
            say(valid(seen))
        case "silent":
            say(json.dumps({"occasion": seen["occasion"]}))
        case "hang":
            time.sleep(60)
        case "late":
            time.sleep(0.4)
            say(valid(seen))
        case "partial":
            sys.stdout.write(valid(seen)[:20])
            sys.stdout.flush()
            time.sleep(60)
        case "stderr":
            sys.stderr.write("noise " * 200_000)
            say(valid(seen))
        case "exit":
            sys.exit(3)
        case "blab":
            raise RuntimeError(os.environ["GIVEN_KEY"])
        case "crash":
            raise RuntimeError(seen["goal_name"])
        case "once":
            say(valid(seen))
            os._exit(7)
        case "memory":
            bytearray(2_000_000_000)
            say(valid(seen))
        case "endless":
            while True:
                sys.stdout.write("x" * 65_536)
        case "flood":
            while True:
                say(json.dumps({"occasion": 10**6, **VALID}))
        case "chatter":
            for _ in range(200):
                say(valid(seen))
        case "unnumbered":
            say(json.dumps(VALID))
        case "bytes":
            sys.stdout.buffer.write(b'{"words": "\xff"}\n')
            sys.stdout.flush()
        case "environment":
            say(valid(seen, words=f"environment: {sorted(os.environ)}"))
        case "file":
            try:
                with open("hostile.out", "w") as file:  # noqa: PTH123  needs nothing but Python
                    file.write("x" * 10)
            except OSError as error:
                say(valid(seen, words=f"cannot write: {error.strerror}"))
        case "child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            say(valid(seen, words=f"child {child.pid}"))
        case "closed":
            os.close(1)
            time.sleep(60)
        case "prophet":
            say(valid(seen))
            say(valid(seen | {"occasion": seen["occasion"] + 1}, words="Sent before it was asked."))
        case _:
            raise ValueError(MODE)


if MODE == "deaf":
    time.sleep(60)
for line in sys.stdin:
    misbehave(json.loads(line))
