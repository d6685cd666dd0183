"""The journal of a study: cut, killed, shared, flipped; read whole or refused."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState

from luthier.core.errors import DamagedFile, LostDirectory
from luthier.core.lock import hold_lock
from luthier.study.tune import storage as journal
from luthier.study.tune.storage import GuardedJournal

RECORDS = [{"op_code": 4, "trial": 0, "value": 0.93}, {"op_code": 5}, {"name": "größer", "path": "a.b", "none": None}]
NEW = [{"op_code": 6}, {"op_code": 7, "value": float("inf")}]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trials.journal"


@pytest.fixture
def written(path):
    """A journal of three records, and where each of them ends."""
    journal, ends = GuardedJournal(path), []
    for record in RECORDS:
        journal.append_logs([record])
        ends.append(path.stat().st_size)
    return path.read_bytes(), ends


def read(path):
    return GuardedJournal(path).read_logs(0)


def append_twice(backend):
    for record in NEW:
        backend(record)


def cut_at_every_byte(path, content, ends, append):
    """Cut the file anywhere, let others append twice, and compare with the records that were whole, and the new."""
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        append_twice(append)
        whole = sum(end <= cut for end in ends)
        assert read(path) == RECORDS[:whole] + NEW, cut


def by_another(path):
    return lambda record: GuardedJournal(path).append_logs([record])


def test_a_cut_at_any_byte_costs_the_torn_record_alone(path, written):
    cut_at_every_byte(path, *written, by_another(path))


def test_optunas_own_backend_would_not_survive_it(path, written):
    def own(record):
        JournalFileBackend(str(path), JournalFileOpenLock(str(path))).append_logs([record])

    content, ends = written
    with pytest.raises((AssertionError, DamagedFile)):
        cut_at_every_byte(path, content, ends, own)
    for cut in range(ends[1] + 1, ends[2]):
        path.write_bytes(content[:cut])
        append_twice(own)
        with pytest.raises(json.JSONDecodeError):
            list(JournalFileBackend(str(path)).read_logs(0))


def test_what_was_torn_is_kept_beside(path, written):
    content, ends = written
    torn = path.with_name("trials.journal.torn")
    for cut in (ends[2] - 3, ends[0] + 4):
        path.write_bytes(content[:cut])
        append_twice(by_another(path))
    assert torn.read_bytes() == content[ends[1] : ends[2] - 3] + b"\n" + content[ends[0] : ends[0] + 4] + b"\n"


def test_a_whole_journal_has_nothing_beside_it(path, written):
    append_twice(by_another(path))
    assert [one.name for one in path.parent.iterdir()] == ["trials.journal"]


def test_a_torn_tail_is_passed_over_until_someone_appends(path, written):
    content, _ = written
    path.write_bytes(content[:-5])
    assert read(path) == RECORDS[:2]
    assert path.read_bytes() == content[:-5]


@pytest.mark.parametrize("zeros", [b"\0" * 9, b"\0" * 9 + b"\n", b'{"op_code":6,"crc32":1}\n', b"[1]\n"])
def test_a_last_line_that_a_loss_of_power_left_is_cut_off_too(path, written, zeros):
    path.write_bytes(written[0] + zeros)
    assert read(path) == RECORDS
    append_twice(by_another(path))
    assert read(path) == RECORDS + NEW


def test_a_journal_that_goes_on_sees_what_others_appended_and_cut(path, written):
    first = GuardedJournal(path)
    assert first.read_logs(0) == RECORDS
    path.write_bytes(path.read_bytes() + b'{"op_code":9,')
    assert first.read_logs(3) == []
    append_twice(by_another(path))
    assert first.read_logs(3) == NEW
    first.append_logs([{"op_code": 8}])
    assert first.read_logs(4) == [NEW[1], {"op_code": 8}]
    assert first.read_logs(6) == [] and first.read_logs(0) == [*RECORDS, *NEW, {"op_code": 8}]
    assert GuardedJournal(path).read_logs(4) == [NEW[1], {"op_code": 8}]


def test_several_records_may_be_appended_at_once(path):
    journal = GuardedJournal(path)
    journal.append_logs(RECORDS)
    journal.append_logs([])
    assert journal.read_logs(1) == RECORDS[1:]


def flipped(content, place, bit):
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


def test_any_flipped_bit_before_the_last_record_is_refused(path, written):
    """A bit in the word crc32 leaves a record without a checksum, whose values are the right ones."""
    content, ends = written
    harmless = 0
    for place in range(ends[0], ends[1] - 1):
        for bit in range(8):
            path.write_bytes(flipped(content, place, bit))
            try:
                found = read(path)
            except DamagedFile as error:
                line = f"{path}, line 2 is not the record that was written there; "
                assert str(error).startswith(line) or flipped(content, place, bit)[place] == ord("\n")
                with pytest.raises(DamagedFile):
                    append_twice(by_another(path))
                assert path.read_bytes() == flipped(content, place, bit)
            else:
                harmless += 1
                assert found[1].items() >= RECORDS[1].items()
    assert harmless <= 8 * len("crc32")


def test_two_lines_made_one_are_refused(path, written):
    content, ends = written
    path.write_bytes(flipped(content, ends[0] - 1, 3))
    with pytest.raises(DamagedFile, match="line 1 is not the record"):
        read(path)


def test_damage_is_named_by_its_line_for_one_who_read_before(path, written):
    journal = GuardedJournal(path)
    assert journal.read_logs(2) == RECORDS[2:]
    path.write_bytes(path.read_bytes() + b"?\n" + b"{}\n")
    with pytest.raises(DamagedFile, match=r"trials\.journal, line 4 is not the record"):
        journal.read_logs(3)


# Optuna beside it


def trained(study, scores):
    for score in scores:
        trial = study.ask()
        trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        trial.report(score / 2, 1)
        study.tell(trial, score)


def test_optunas_own_backend_reads_it_and_may_write_to_it(path):
    study = optuna.create_study(study_name="digits", storage=JournalStorage(GuardedJournal(path)))
    trained(study, [0.5, 0.25])
    own = JournalStorage(JournalFileBackend(str(path)))
    other = optuna.load_study(study_name="digits", storage=own)
    assert [one.values for one in other.trials] == [[0.5], [0.25]]
    trained(other, [0.125])
    assert [one.values for one in study.trials] == [[0.5], [0.25], [0.125]]
    assert optuna.load_study(study_name="digits", storage=JournalStorage(GuardedJournal(path))).best_value == 0.125


def test_a_study_cut_anywhere_goes_on_in_another_process(path):
    """The trials told before the cut are all there, each once. Here at some bytes, above at every one."""
    trained(optuna.create_study(study_name="digits", storage=JournalStorage(GuardedJournal(path))), [0.5, 0.25])
    content = path.read_bytes()
    ends = [one + content[one:].index(b"\n") for one in _places(content, b'"state":1')]
    for cut in range(content.index(b"\n") + 1, len(content), 23):
        path.write_bytes(content[:cut])
        study = optuna.load_study(study_name="digits", storage=JournalStorage(GuardedJournal(path)))
        trained(study, [0.125])
        again = optuna.load_study(study_name="digits", storage=JournalStorage(GuardedJournal(path)))
        finished = [one.value for one in again.trials if one.state == TrialState.COMPLETE]
        assert finished[:-1] == [0.5, 0.25][: sum(cut > one for one in ends)] and finished[-1] == 0.125, cut


def _places(content, text):
    return [place for place in range(len(content)) if content.startswith(text, place)]


# Several processes

APPENDING = """
import runpy, sys

GuardedJournal = runpy.run_path(sys.argv[4])["GuardedJournal"]  # without the rest of its room, which loads torch
journal, who = GuardedJournal(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    journal.append_logs([{"who": who, "number": number, "filling": "x" * 9000}])
    print(number, flush=True)
"""


def ready(path, who, times):
    """A process that appends once it is told to."""
    command = [sys.executable, "-c", APPENDING, str(path), who, str(times), journal.__file__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def told(process):
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def numbers(path, who):
    return [one["number"] for one in read(path) if one.get("who") == who]


def test_two_processes_at_once_lose_nothing(path):
    processes = [ready(path, who, 150) for who in "ab"]
    for process in [told(one) for one in processes]:
        process.communicate()
        assert process.returncode == 0
    assert numbers(path, "a") == numbers(path, "b") == list(range(150))
    turns = [first["who"] != then["who"] for first, then in pairwise(read(path))]
    assert sum(turns) > 1, "they never ran at once"


def test_killed_while_it_appends_it_loses_nothing_that_it_reported(path):
    """Whatever number was printed is there, and nothing twice; the next process is not kept waiting."""
    for turn in range(4):
        process = told(ready(path, str(turn), 100_000))
        time.sleep(0.02 * (turn + 1))
        process.send_signal(signal.SIGKILL)
        printed = process.communicate()[0].split()
        found = numbers(path, str(turn))
        assert found == list(range(len(found))) and len(found) >= len(printed) > 0
        append_twice(by_another(path))
    assert [one for one in read(path) if "who" not in one] == NEW * 4


HOLDING = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_dies_with_its_process(path, written):
    """While it lives, nobody appends or reads half; once it is killed, nobody waits."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    waiting = told(ready(path, "a", 1))
    time.sleep(0.3)
    assert path.read_bytes() == written[0]
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert waiting.communicate()[0] == "0\n"
    assert numbers(path, "a") == [0]


# Safe on the disk


def test_a_record_is_safe_before_the_append_returns(path, monkeypatch):
    torn, synced = path.with_name("trials.journal.torn"), []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor)))

    def names():
        known = {os.stat(one).st_ino: one.name for one in (path, path.parent, torn) if one.exists()}
        return [known[one.st_ino] for one in synced]

    GuardedJournal(path).append_logs(RECORDS)
    assert names() == [path.parent.name, path.name]
    path.write_bytes(path.read_bytes()[:-1])
    GuardedJournal(path).append_logs(NEW)
    assert names()[2:] == [torn.name, path.parent.name, path.name]


def test_a_full_disk_is_named_and_leaves_what_was_there(path, written, monkeypatch):
    write = os.write

    def half(descriptor, content):
        write(descriptor, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space left") as caught:
            GuardedJournal(path).append_logs(NEW[:1])
    assert caught.value.filename == str(path)
    append_twice(by_another(path))
    assert read(path) == RECORDS + NEW


def test_a_journal_in_a_directory_that_was_lost_is_left_alone(tmp_path):
    """Another study may have begun under the same name."""
    with hold_lock(tmp_path):
        guarded = GuardedJournal(tmp_path / "trials.journal")
        guarded.append_logs(RECORDS)
        before = (tmp_path / "trials.journal").read_bytes()
        (tmp_path / ".lock").unlink()
        (tmp_path / ".lock").touch()
        with pytest.raises(LostDirectory):
            guarded.append_logs(NEW)
    assert (tmp_path / "trials.journal").read_bytes() == before
