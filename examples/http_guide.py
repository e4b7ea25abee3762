"""
A guide as a server: the observation is posted, the answer is one message. Needs Python alone.

    python examples/http_guide.py 8088 &
    guiderail run --guide http://127.0.0.1:8088/ --story
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(seen: dict) -> dict:
    """Warn of the next road that reports call closed; else stay silent."""
    closed = {one["link"]: one["road"] for one in seen["reported_closed"]}
    ahead = next((one for one in seen["route"][1:] if one["link"] in closed), None)
    if ahead is None:
        return {}
    return {
        "words": f"{ahead['road'] or 'A road ahead'} is said to be closed.",
        "proposal": {"ask": "avoid", "onto": ahead["link"]},
        "confidence": 0.6,
    }


class Guide(BaseHTTPRequestHandler):
    """Answers every POST."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read an observation, write a message."""
        seen = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(answer(seen)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Guide)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
