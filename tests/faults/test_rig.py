"""The rig sees everything that Luthier does to the disk: what it does not see, it cannot break."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from .rig.client import Server
from .rig.power import Power, Trace, all_of_it, counted, read_tree

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.truncate", "os.link", "os.symlink", "os.rmdir", "shutil.move"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def test_no_change_to_the_disk_escapes_the_rig(server: Server, trace: Trace, tmp_path: Path) -> None:
    """Python's own audit of opened, renamed, removed and made files names the same paths."""
    audit = tmp_path / "audit.json"
    assert server.train(tmp_path / "home" / "run", audit=str(audit)).status == 0
    seen = {event.path for event in trace} | {event.target for event in trace if event.target}
    audited = {os.path.relpath(path, tmp_path / "home") for path in json.loads(audit.read_text())}
    assert {without_pid(path) for path in audited} == {without_pid(path) for path in seen if path}
