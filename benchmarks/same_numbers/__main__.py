"""Runs the same recipes in two checkouts and tells every number that differs: none may, where code is only moved.

    python benchmarks/same_numbers BEFORE AFTER [--work DIR] [--reuse] [--jobs N] [--only a,b]

Both run on this machine, by this interpreter and with one thread each, as bits differ between processors; no stored
figures are compared. The commands leave files, which are read as what they are, so that this survives every move. What
differs by nature stands in compare.py, with the reason; so do keys that were renamed on purpose.
"""

import argparse
import hashlib
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from case import Case
from checkout import CaseFailed, Checkout, describe_machine, find_commit, locked, start_forkserver
from compare import compare
from datasets import make_data
from picture_cases import PICTURES
from study_cases import STUDIES
from uncovered import CATALOGUE, find_uncovered
from vector_cases import VECTORS

CASES: dict[str, Case] = {"catalogue": CATALOGUE, **STUDIES, **PICTURES, **VECTORS}
"""The long ones first, so that several jobs end together."""


def main() -> None:
    asked = _parse()
    if asked.work:
        sys.exit(_run(asked, asked.work.resolve()))
    with tempfile.TemporaryDirectory() as folder:
        code = _run(asked, Path(folder).resolve())
    sys.exit(code)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="checkout that the numbers should be of")
    parser.add_argument("after", type=Path, help="checkout that is to give the same")
    parser.add_argument("--work", type=Path, help="directory that keeps what the runs leave; by default nothing does")
    parser.add_argument("--reuse", action="store_true", help="take what BEFORE's commit left in --work, if it is clean")
    parser.add_argument("--jobs", type=int, default=1, help="commands at once")
    parser.add_argument("--only", type=lambda names: names.split(","), help=f"some of {', '.join(CASES)}")
    asked = parser.parse_args()
    for checkout in (asked.before, asked.after):
        if not (checkout / "src" / "luthier" / "__main__.py").is_file():
            parser.error(f"a checkout holds src/luthier, but {checkout} does not; give the root of one")
    unknown = set(asked.only or ()) - set(CASES)
    if unknown:
        parser.error(f"--only takes names of cases, but there is no {', '.join(sorted(unknown))}")
    if asked.reuse and not asked.work:
        parser.error("--reuse takes results from --work, but no --work is given")
    return asked


def _run(asked: argparse.Namespace, work: Path) -> int:
    """Run the cases in both checkouts, print a row for each, and return the exit code."""
    start_forkserver()
    checkouts = _prepare(asked, work)
    cases = {name: case for name, case in CASES.items() if not asked.only or name in asked.only}
    print("| recipe | outcome |\n| --- | --- |", flush=True)
    unequal = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        runs = {name: [pool.submit(one.run, name, case) for one in checkouts] for name, case in cases.items()}
        for name, (before, after) in runs.items():
            outcome, equal = _judge(before, after)
            unequal += [] if equal else [name]
            print(f"| {name} | {outcome} |", flush=True)
    uncovered = []
    if "catalogue" in cases and "catalogue" not in unequal:
        uncovered = find_uncovered(runs["catalogue"][0].result(), CASES.values())
    print(f"\n{len(cases) - len(unequal)} of {len(cases)} recipes are equal")
    for one in uncovered:
        print(f"no recipe covers {one}; add it to a case, or to EXCEPTIONS in uncovered.py with the reason")
    return 1 if unequal or uncovered else 0


def _prepare(asked: argparse.Namespace, work: Path) -> tuple[Checkout, Checkout]:
    """Write the data, and say where either checkout leaves its results."""
    work.mkdir(parents=True, exist_ok=True)
    with locked(work / ".data.lock"):
        data = make_data(work / "data")
    before, after = asked.before.resolve(), asked.after.resolve()
    commit = find_commit(before)
    kept = work / (f"before-{commit[:12]}" if commit else "before-with-changes")
    fresh = work / f"after-{after.name}-{hashlib.sha256(str(after).encode()).hexdigest()[:8]}"
    key = f"{commit} {data} {describe_machine()}"
    return Checkout(before, kept, key, asked.reuse and commit is not None), Checkout(after, fresh, key, reuse=False)


def _judge(before: Future[Path], after: Future[Path]) -> tuple[str, bool]:
    """Wait for a case on both sides; return what to say about it, and whether it is equal."""
    for side, run in (("before", before), ("after", after)):
        try:
            run.result()
        except CaseFailed as error:
            return f"failed {side}: {error}", False
    compared, differences = compare(before.result(), after.result())
    if not differences:
        return f"equal: {compared:,} values", True
    more = f"; {len(differences) - 1:,} more of {compared:,} values" if len(differences) > 1 else ""
    return f"different: {differences[0]}{more}", False


if __name__ == "__main__":
    main()
