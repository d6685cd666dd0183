"""Options that are declared: what is refused and how, and what a file can hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.core.options import Options, PoolOptions, declared_options, option


@dataclass(frozen=True)
class Cooking(Options):
    eggs: int = option(2, at_least=1, description="how many")
    max_minutes: float | None = option(None, above=0, description="how long they boil; by default until they are hard")
    pan: Literal["copper", "iron"] | None = option(None, description="what of")
    salted: bool = option(False, description="whether there is salt")
    people: int = option(2, at_least=1, at_most=12, description="how many eat")
    book: Path | str | Mapping[str, Any] | None = option(None, description="a cookbook")
    cook: str = "me"

    def conflicts(self):
        if self.salted and self.pan == "iron":
            yield "--salted rusts --pan iron"


def problems(**settings):
    with pytest.raises(BadInput) as caught:
        Cooking(**settings).check()
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"eggs": 0}, "--eggs must be a whole number at least 1, but got 0; how many (default 2)"),
        ({"eggs": 2.5}, "--eggs must be a whole number at least 1, but got 2.5; how many (default 2)"),
        ({"eggs": True}, "--eggs must be a whole number at least 1, but got True; how many (default 2)"),
        ({"eggs": None}, "--eggs must be a whole number at least 1, but got None; how many (default 2)"),
        ({"max_minutes": 0}, "--max-minutes must be a number above 0, but got 0; how long they boil; by default until "
                             "they are hard"),
        ({"max_minutes": float("inf")}, "--max-minutes must be a number above 0, but got inf; how long they boil; by "
                                        "default until they are hard"),
        ({"people": 13}, "--people must be a whole number at least 1 and at most 12, but got 13; how many eat "
                         "(default 2)"),
        ({"eggs": 10**5000}, "--eggs must be a whole number at least 1 and at most 1,000,000,000, but got a "
                             "whole number "
                             "of 5,001 digits; how many (default 2)"),
        ({"pan": "coper"}, "--pan must be one of copper, iron, but got 'coper'; did you mean 'copper'? what of"),
        ({"pan": ["iron"]}, "--pan must be one of copper, iron, but got ['iron']; what of"),
        ({"salted": 1}, "--salted must be true or false, but got 1; whether there is salt (default False)"),
        ({"book": [1]}, "--book must be a path, but got [1]; a cookbook"),
    ],
)  # fmt: skip
def test_message_has_rule_value_and_meaning(settings, line):
    assert problems(**settings) == [line]


def test_all_that_is_wrong_is_told_at_once():
    assert [one.split(" ")[0] for one in problems(eggs=0, max_minutes=-1, salted=True, pan="iron")] == [
        "--eggs", "--max-minutes", "--salted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "settings", [{}, {"max_minutes": 3}, {"pan": "iron"}, {"book": "a.toml"}, {"book": Path("a")}, {"book": {"a": {}}}]
)
def test_legal_values_pass_as_they_are(settings):
    options = Cooking(**settings)
    options.check()
    assert {name: getattr(options, name) for name in settings} == settings


def test_numbers_of_numpy_become_plain():
    options = Cooking(eggs=np.int64(3), max_minutes=np.float32(1.5), salted=np.bool_(True))
    options.check()
    assert options == Cooking(3, 1.5, salted=True)
    assert json.loads(json.dumps(vars(options)))["eggs"] == 3 and type(options.salted) is bool


def test_fields_that_are_no_options_are_not_declared():
    assert list(declared_options(Cooking)) == ["eggs", "max_minutes", "pan", "salted", "people", "book"]


@pytest.mark.parametrize("count", [0, 1025, 10**5000], ids=["none", "many", "vast"])
def test_a_pool_has_a_worker_and_a_thread_at_least_and_no_end_of_them(count):
    PoolOptions(workers=1, threads=1024).check()
    with pytest.raises(BadInput) as caught:
        PoolOptions(workers=count, threads=count).check()
    assert [line.partition(", but")[0] for line in caught.value.problems] == [
        f"--{name} must be a whole number at least 1 and at most 1024" for name in ("workers", "threads")
    ]
