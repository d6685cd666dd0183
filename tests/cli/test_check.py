"""luthier check: words, one JSON object, the page, the status; and the same check before a training."""

import re
import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier import api
from luthier.core.errors import LuthierWarning
from luthier.study.verify import fsck
from luthier.testing.material import rows

HOSTILE = "<script>alert('\u202e&\")"


@pytest.fixture
def leaky(here) -> str:
    """rows.npz with an official test part, two of whose examples are training examples too, one under another class."""
    data = rows(53)
    X, y = data.inputs, data.labels
    test, truth = X[:11].copy(), y[:11].copy()
    test[2:] += 9
    truth[1] = (y[1] + 1) % 3
    np.savez("leaky.npz", X=X, y=y, X_test=test, y_test=truth)
    return "leaky.npz"


@pytest.fixture
def hostile(here) -> Path:
    """A folder whose class and file names would be markup."""
    rng = np.random.default_rng(0)
    for name in (HOSTILE.replace("/", ""), "שלום", "plain"):
        folder = Path("hostile") / name
        folder.mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(0, 256, (9, 9, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}\"><img src=x onerror='alert(1)'>.png")
    (folder / "bad<b>.png").write_text("no")
    return Path("hostile")


class Tags(HTMLParser):
    """The tags, the addresses and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.said: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.said.append(data)


def read_page(path: str) -> Tags:
    tags = Tags()
    tags.feed(Path(path).read_text(encoding="utf-8"))
    return tags


def test_nothing_wrong_leaves_with_0(luthier):
    done = luthier("check", "digits")
    assert done.status == 0 and done.err == ""
    assert done.out.splitlines()[-1].startswith(
        "digits: 1,797 examples, 10 classes; nothing stops a training: 0 to mend,"
    )
    assert re.search(r"^ 3 +183 *$", done.out, re.MULTILINE)


def test_json_is_one_object_with_all_keys(luthier, leaky):
    done = luthier("check", leaky, "--json")
    assert done.status == 1 and done.err == f"luthier: a training on {leaky} would stop; mend what is reported first\n"
    found = done.json
    assert found.keys() == {"name", "ok", "problems", "examples", "classes", "counts"}
    assert (found["ok"], found["examples"], found["classes"]) == (False, 64, ["0", "1", "2"])
    assert sum(row["n"] for row in found["counts"]) == 64 and sum(row["test"] for row in found["counts"]) == 11
    leak = found["problems"][0]
    assert leak.keys() == {"kind", "severity", "what", "remedy", "count", "examples", "files"}
    assert (leak["kind"], leak["severity"], leak["count"], leak["examples"]) == ("leak", "stop", 2, [0, 53, 1, 54])


def test_people_read_what_is_wrong_and_what_to_do(luthier, leaky):
    done = luthier("check", leaky)
    assert done.status == 1
    assert done.out.startswith("stop  leak: no test example may be a training example too, but 2 are: ")
    assert "a training would stop: 1 to mend" in done.out


@pytest.mark.parametrize("data", ["", "digts", "no/where.zip"])
def test_what_is_not_there_leaves_with_2(luthier, data):
    assert "must be a known name or an existing path" in luthier("check", data).problems[0]


def test_tables_are_read_as_the_settings_say(luthier, here):
    rows = [f"{k},{k % 7 + 0.5},same,," for k in range(40)]
    (here / "houses.csv").write_text("\n".join(["area,price,kind,nothing,late", *rows]))
    assert "name it with --set data.target=COLUMN" in luthier("check", "houses.csv").out
    done = luthier("check", "houses.csv", "--set", "data.target=price")
    assert done.status == 0
    for column, reason in {"kind": "constant", "nothing": "empty", "late": "empty"}.items():
        assert f"note  reading: houses.csv: column {column} is left out: it is {reason}" in done.out


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("training.epochs=3", "check takes settings of the data alone, but got 'training.epochs=3'; write --set data."),
        ("data.traget=price", "data.traget is not a setting that exists"),
    ],
)
def test_settings_that_are_not_the_datas_leave_with_2(luthier, setting, said):
    assert luthier("check", "digits", "--set", setting).problems[0].startswith(said)


@pytest.mark.parametrize("out", [".", "no/where/page.html"])
def test_a_page_that_cannot_be_written_is_refused_at_once(luthier, out):
    assert luthier("check", "digits", "--out", out).problems[0].startswith("--out must be a file in an existing folder")


def test_the_page_needs_nothing_else(luthier):
    assert luthier("check", "digits", "--out", "page.html", "--json").json["page"] == "page.html"
    page = read_page("page.html")
    assert page.tags.count("img") >= 10 and "meter" in page.tags
    assert {"script", "link", "iframe"}.isdisjoint(page.tags)
    assert all(one.startswith("data:image/png;base64,") for one in page.addresses)
    assert Path("page.html").stat().st_size < 200_000 and "prefers-color-scheme: dark" in Path("page.html").read_text()


def test_hostile_names_are_text(luthier, hostile):
    done = luthier("check", hostile, "--out", "page.html", "--quiet")
    assert done.status == 1 and "\u202e" not in done.out
    page, text = read_page("page.html"), Path("page.html").read_text(encoding="utf-8")
    assert {"script", "b"}.isdisjoint(page.tags) and page.handlers == [] and "\u202e" not in text
    assert all(one.startswith("data:") for one in page.addresses)
    said = "".join(page.said)
    assert HOSTILE.replace("\u202e", "\\u202e") in said and "bad<b>.png" in said and "שלום" in said


def test_a_name_that_is_no_unicode_is_shown(luthier, hostile):
    (hostile / "plain" / "caf\udce9.png").write_bytes(b"")
    done = luthier("check", hostile, "--out", "page.html", "--json", "--quiet")
    assert done.status == 1 and "plain/caf\udce9.png" in done.json["problems"][0]["files"]
    assert "caf\\udce9.png" in Path("page.html").read_text(encoding="utf-8")


def test_training_stops_at_leaks_before_anything_is_written(luthier, leaky, here):
    for more in ([], ["--seeds", 2]):
        (problem,) = luthier("train", leaky, "--out", "run", *more).problems
        assert problem == (
            "no test example may be a training example too, but 2 are: example 0 and example 53, example 1 and example "
            "54; take them out of one part, or go on with --allow-leaks (from Python allow_leaks=True), and the result "
            "says so"
        )
    assert not Path("run").exists()


def test_allowed_leaks_are_warned_of_and_stand_in_the_result(luthier, leaky):
    done = luthier("train", leaky, "--epochs", 1, "--allow-leaks", "--out", "run", "--quiet", "--json")
    assert done.json["leaks"] == {"training and test": 2} and fsck(Path("run")) == []
    leak, label = done.err.splitlines()
    assert leak.startswith("luthier: warning: no test example may be a training example too, but 2 are")
    assert label.startswith("luthier: warning: equal examples must have one class, but 1 are there under several")


def test_a_study_with_allowed_leaks_goes_on_without_being_told_again(luthier, leaky):
    study = ["train", leaky, "--epochs", 1, "--seeds", 2, "--allow-leaks", "--out", "study", "--quiet"]
    assert luthier(*study).status == 0
    (Path("study/seed-1/result.json")).unlink()
    assert luthier("resume", "study", "--quiet").status == 0
    assert luthier("resume", "study/seed-0", "--quiet").status == 0


def test_a_run_without_leaks_says_so(luthier):
    assert luthier("train", "rows.npz", "--epochs", 1, "--quiet", "--json").json["leaks"] == {}


def test_named_sets_are_as_they_were_published(luthier, leaky, monkeypatch):
    """A benchmark with leaks stays the benchmark: told, not stopped."""
    monkeypatch.setattr("luthier.recipe.resolve.SOURCES", {"leaky": None})
    monkeypatch.setattr("luthier.data.loading.SOURCES", {"leaky": None})
    from dataclasses import replace

    from luthier.data import load

    dataset = replace(load(leaky), name="leaky")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", LuthierWarning)
        run = api.train(dataset, epochs=1, out="run", quiet=True)
    assert run.result["leaks"] == {"training and test": 2} and "too good by as much" in str(told[0].message)
