"""
The player: one script that the dashboard shows inline and that a trip can be saved with.

A saved page asks for nothing: no library, font or map tile. Its policy forbids any request.
"""

import html
import json
from importlib.resources import files
from typing import Any

from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.experiment.run import RunResult
from guiderail.sim.lab.report.playback import map_drawing, trip_playback

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>html{{color-scheme:light dark}}body{{margin:16px auto;max-width:1280px;padding:0 12px;
font:14px system-ui,sans-serif}}body.dark{{background:#0e1117;color:#e8eaed}}
h1{{font-size:20px;margin:0 0 12px}}</style></head>
<body><h1>{title}</h1><div id="player"></div>
<script type="application/json" id="trips">{data}</script>
<script>{script}
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.body.classList.toggle("dark", dark);
const data = JSON.parse(document.getElementById("trips").textContent);
guiderailPlayer(document.getElementById("player"), {{...data, dark, play: true}});
</script></body></html>
"""


def player_script() -> str:
    """Source of the player: defines ``guiderailPlayer(root, data, onTime)``."""
    return files("guiderail.sim.lab.report.player").joinpath("player.js").read_text("utf-8")


def player_page(results: list[RunResult], network: RoadNetwork, run_name: str) -> str:
    """Make one self-contained HTML page of the runs of one trip, all text escaped."""
    trips = [trip_playback(result, network) for result in results]
    data = {"map": map_drawing(network), "trips": trips, "run": run_name}
    title = f"Trip {trips[0]['index']} to {trips[0]['goal_name']} ({run_name})"
    return _PAGE.format(title=html.escape(title), data=json_in_html(data), script=player_script())


def json_in_html(value: Any) -> str:
    """Write JSON that cannot close the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
