"""The rig sees everything that Luthier does to the disk, and the model of the disk is the disk."""

import json
import re
from pathlib import Path

from .rig.client import Server
from .rig.power import Power, all_of_it, counted, nothing_of_it, read_tree


def without_process(path: str) -> str:
    """A path without the number of the process in it."""
    return re.sub(r"-\d+\.tmp", "-N.tmp", path)


def test_no_change_to_the_disk_escapes_the_rig(server: Server, tmp_path: Path) -> None:
    """What Python's own audit says of opened, made, renamed and removed files is what the rig says."""
    audit = tmp_path / "audit.json"
    trace = server.traced(tmp_path / "home" / "run", audit=str(audit))
    changes = [trace[place] for place in counted(trace)]
    seen = {path for event in changes if event.kind != "fsync" for path in (event.path, event.target) if path}
    audited = set(json.loads(audit.read_text()))
    assert len(audited) > 20
    assert {without_process(path) for path in audited} == {without_process(path) for path in seen}


def test_without_power_loss_the_model_holds_what_the_disk_holds(server: Server, tmp_path: Path) -> None:
    trace = server.traced(tmp_path / "home" / "run")
    power = Power({})
    for event in trace:
        power.apply(event)
    real = read_tree(tmp_path / "home")
    assert len(real) > 10
    assert power.cut(all_of_it) == real
    # All of the run is synced in the end but the lock, whose content means nothing to a process that comes later.
    safe = power.cut(nothing_of_it)
    unsafe = {path for path in real if safe.get(path) != real[path]}
    assert {path for path in unsafe if path.startswith("run")} == {"run/.lock"}


def test_a_fault_counts_as_the_trace_does(server: Server, tmp_path: Path) -> None:
    trace = server.traced(tmp_path / "home" / "run")
    last = len(counted(trace)) - 1
    for at, status in ((last, -9), (last + 1, 0)):
        root = tmp_path / str(at) / "run"
        root.parent.mkdir()
        assert server.train(root, fault={"kind": "kill", "at": at}).status == status
