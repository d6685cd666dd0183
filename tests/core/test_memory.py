"""How much memory is free, by trees of the system's files made for it; what has no room is refused by its header."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from luthier.core import memory
from luthier.core.errors import BadInput
from luthier.core.memory import VARIABLE, check_room, find_free_memory

GIB = 1 << 30


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Make a machine with 8 GiB available; write further files of it."""
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def write(**files: str) -> Path:
        for name, content in {"proc/meminfo": f"MemTotal: 9 kB\nMemAvailable:  {8 << 20} kB\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return write


@pytest.fixture
def free(monkeypatch):
    """Let 8 GiB be free, whatever the machine has."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(memory, "find_free_memory", lambda: 8 * GIB)


def test_the_machine_says_what_is_available(system):
    assert find_free_memory(system()) == 8 * GIB


def test_a_system_without_such_files_has_its_whole_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 3 << 18, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert find_free_memory(tmp_path) == 3 * GIB


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"a/b/memory.max": 3 * GIB, "a/b/memory.current": GIB}, 2),
        ({"a/b/memory.max": "max", "a/b/memory.current": GIB, "a/memory.max": 7 * GIB, "a/memory.current": GIB}, 6),
        ({"a/b/memory.max": GIB, "a/b/memory.current": 2 * GIB}, 0),
        ({"a/b/memory.max": 5 * GIB, "a/b/memory.current": 4 * GIB, "a/b/memory.stat": f"inactive_file {2 * GIB}"}, 3),
        ({"memory.max": 4 * GIB, "memory.current": GIB}, 3),
        ({}, 8),
    ],
    ids=["own", "the one above", "more than all", "files in memory", "a container", "none"],
)
def test_a_control_group_may_leave_less(system, files, left):
    groups = {f"sys/fs/cgroup/{name}": str(value) for name, value in files.items()}
    assert find_free_memory(system(**{"proc/self/cgroup": "0::/a/b\n"}, **groups)) == left * GIB


def test_the_first_version_of_control_groups(system):
    root = system(**{
        "proc/self/cgroup": "5:cpu:/x\n4:blkio,memory:/a\n",
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes": str(2 * GIB),
        "sys/fs/cgroup/memory/a/memory.usage_in_bytes": str(GIB),
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": str(3 * GIB),
    })  # fmt: skip
    assert find_free_memory(root) == GIB


@pytest.mark.parametrize(("kind", "left"), [(resource.RLIMIT_AS, 3), (resource.RLIMIT_DATA, 2)], ids=["AS", "DATA"])
def test_a_limit_of_the_process_may_leave_less(system, monkeypatch, kind, left):
    root = system(**{"proc/self/statm": f"{(2 * GIB) >> 12} 1 1 1 0 {(3 * GIB) >> 12} 0"})
    monkeypatch.setattr(resource, "getrlimit", lambda one: (5 * GIB if one == kind else resource.RLIM_INFINITY, -1))
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096}.__getitem__)
    assert find_free_memory(root) == left * GIB


@pytest.mark.skipif(sys.platform != "linux", reason="reads the system's files")
def test_a_real_limit_is_found():
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from luthier.core.memory import find_free_memory; print(find_free_memory())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(found.stdout) < GIB


@pytest.mark.usefixtures("free")
def test_half_of_what_is_free_may_be_taken():
    check_room(Path("a.parquet"), 4 * GIB)
    with pytest.raises(BadInput) as caught:
        check_room(Path("a.parquet"), 4 * GIB + 1)
    assert str(caught.value) == (
        "a.parquet must take at most 4,295 MB of memory (half of what is free), but by its header takes 4,295 MB; "
        "split it, or allow more with LUTHIER_MEGABYTES=4295"
    )


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize(("packed", "most"), [(100, GIB), (GIB // 50, 2 * (GIB // 50) * 50), (GIB, 4 * GIB)], ids=str)
def test_what_is_packed_may_unpack_to_a_hundred_times_its_size(packed, most):
    check_room(Path("a.gz"), most, packed)
    with pytest.raises(BadInput, match=r"a\.gz must take at most"):
        check_room(Path("a.gz"), most + 1, packed)


@pytest.mark.usefixtures("free")
def test_the_variable_allows_more_or_less(monkeypatch):
    monkeypatch.setenv(VARIABLE, "9000")
    check_room(Path("a.gz"), 9_000_000_000, packed=1)
    with pytest.raises(BadInput, match=r"at most 9,000 MB of memory \(as LUTHIER_MEGABYTES says\), but by its header"):
        check_room(Path("a.gz"), 9_000_000_001)


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "lots", "9" * 5000, "\u00b2"], ids=lambda text: text[:9])
def test_the_variable_must_be_a_number_of_megabytes(monkeypatch, given):
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(BadInput, match=f"^{VARIABLE} must be a whole number from 1 to 1000000000, but got '"):
        check_room(Path("a.gz"), 1)
