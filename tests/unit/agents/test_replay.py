"""Transcripts as a guide."""

from pathlib import Path

from guiderail.agents.doors.replay import door
from guiderail.sim.lab.experiment.provenance import program


def test_other_transcripts_are_another_guide_in_the_name_of_a_run(tmp_path: Path) -> None:
    names = []
    for folder, said in (("a", "x"), ("b", "y"), ("c", "x")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "trip.jsonl").write_text(said)
        names.append(program([door({"record": folder}, tmp_path)]))
    assert names[0] == names[2] != names[1]
