"""A made study of a search: what its ledger says follows from the arguments, nothing is trained."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from luthier.core.files import write_sealed
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe

HOSTILE = "<script>document.title='hit'</script>"
EPOCHS = 9
SPACE = [
    {"path": "optimizer.learning_rate", "low": 0.0001, "high": 0.1, "log": True, "says": "how far a step goes"},
    {"path": "training.batch_size", "low": 16, "high": 128, "log": True, "says": "examples per step"},
    {"path": "model.activation", "choices": ["relu", "tanh", HOSTILE], "says": "what bends"},
    {"path": "optimizer.momentum", "low": 0.0, "high": 0.99, "log": False, "says": "what is kept",
     "only": {"optimizer.name": ["sgd", "momentum"]}},
]  # fmt: skip
WHOLE = {"low": None, "high": None, "log": False, "step": None, "choices": [], "only": {}, "scales": {}}
Ledger = dict[str, Any]


class Study:
    """A directory with a ledger and what it was made from."""

    def __init__(self, root: Path, recipe: Recipe, ledger: Ledger) -> None:
        self.root, self.recipe, self.ledger = root, recipe, ledger

    def sealed(self) -> Path:
        """Write the ledger as a study does."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_sealed(self.root / "study.json", self.ledger)
        if "best" in self.ledger:
            (self.root / "best.toml").write_text(tomli_w.dumps(self.ledger["best"]["recipe"]))
        return self.root


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Study]:
    """Make a study: `finished` in answers too, of so many `trials` over the four settings and `more` plain ones."""

    def made(trials: int = 24, more: int = 0, finished: bool = True, epochs: int = EPOCHS) -> Study:
        recipe = read_recipe({"model": "mlp", "training": {"epochs": epochs}})
        plain = [{"path": f"tricks.trick-{k}.weight", "low": 0, "high": 1, "says": "one more"} for k in range(more)]
        space = [{**WHOLE, **one} for one in (*SPACE, *plain)]
        ledger = {**_plan(recipe, space), "trials": trials, "trial_list": _trials(trials, space, epochs)}
        answer = _answer(recipe, ledger) if finished else {}
        return Study(tmp_path_factory.mktemp("tuning") / "study", recipe, {**ledger, **answer})

    return made


def _plan(recipe: Recipe, space: list[Ledger]) -> Ledger:
    asked = {"minutes": None, "sampler": "tpe", "pruner": "none", "ahead": 4, "threads": 1, "seed": recipe.seed,
             "finder": None, "epochs": recipe.training.epochs, "top": 5, "race_seeds": 3, "fresh_seeds": 6}  # fmt: skip
    told = {"metric": "accuracy", "higher": True, "space": space, "objectives": ["accuracy", "parameters"]}
    budget = {"search_epochs": 130, "race_epochs": 135, "fresh_epochs": 108, "final_epochs": 9}
    return {"kind": "tune", "recipe": recipe.dump(), "recipe_hash": recipe.hash(), **asked, **told, "budget": budget}


def _trials(count: int, space: list[Ledger], epochs: int) -> list[Ledger]:
    rng = np.random.default_rng(5)
    return [_trial(number, count, space, epochs, rng) for number in range(count)]


def _trial(number: int, count: int, space: list[Ledger], epochs: int, rng: np.random.Generator) -> Ledger:
    params = {one["path"]: _drawn(one, rng) for one in space if not one["only"] or number % 2}
    rate = params["optimizer.learning_rate"]
    state = (
        "diverged" if number in (5, 11) else "failed" if number == 17 else "stopped" if number % 3 == 2 else "finished"
    )
    done = {"finished": epochs, "stopped": epochs // 3}.get(state, 1)
    ceiling = 0.97 - 0.03 * abs(math.log10(rate / 0.09)) + 0.004 * rng.normal()
    scores = {str(k): ceiling - 0.6 * math.exp(-k) for k in range(1, done + 1)} if done > 1 else {}
    score = scores[str(done)] if scores else None
    how = "default" if number == 0 else "quasi-random" if number < count // 3 else "tpe"
    return {
        "number": number, "how": how, "params": params, "seed": 1000 + number, "state": state,
        "why": f"the loss at {HOSTILE} was not finite" if state == "diverged" else None,
        "scores": scores, "score": 0.3 if number == 3 else score, "epochs": done, "seconds": 1.5 * done,
        "examples": 1000 * done, "threads": 1, "directory": f"trial-{number:04d}",
        "values": [int(1000 * rng.integers(2, 90))],
    }  # fmt: skip


def _drawn(one: Ledger, rng: np.random.Generator) -> Any:
    if one["choices"]:
        return one["choices"][rng.integers(len(one["choices"]))]
    if one["log"]:
        value = math.exp(rng.uniform(math.log(one["low"]), math.log(one["high"])))
    else:
        value = rng.uniform(one["low"], one["high"])
    return round(value) if isinstance(one["low"], int) and one["high"] > 1 else value


def _answer(recipe: Recipe, ledger: Ledger) -> Ledger:
    trials = ledger["trial_list"]
    order = sorted((one for one in trials if one["state"] == "finished"), key=lambda one: -one["score"])
    first = order[0]
    found = {**recipe.dump(), "seed": 1}
    found["optimizer"] = {**found["optimizer"], "learning_rate": first["params"]["optimizer.learning_rate"]}
    default, best = [0.930, 0.936, 0.928, 0.941, 0.933, 0.935], [0.948, 0.951, 0.939, 0.950, 0.956, 0.947]
    states = {
        name: sum(one["state"] == name for one in trials) for name in ("finished", "stopped", "diverged", "failed")
    }
    race = [
        {"trial": one["number"], "scores": [one["score"] - 0.01 * k for k in range(3)], "mean": one["score"] - 0.01}
        for one in order[:5]
    ]
    return {
        "search": {"seconds": 83.0, "examples": 190_000, "examples_per_second": 2289.2, "trials": len(trials),
                   **states},
        "best": {"trial": first["number"], "recipe": found, "file": "best.toml", "search_score": first["score"],
                 "optimistic": True},
        "race": {"seeds": [101, 102, 103], "entries": race},
        "fresh": {"seeds": [201, 202, 203, 204, 205, 206], "default": {"mean": 0.934, "scores": default},
                  "best": {"mean": 0.949, "scores": best}, "difference": 0.015, "interval": [0.009, 0.021], "n": 6,
                  "delta": 0.001, "further_pairs": None, "verdict": "better"},
        "shipped": "best",
        "expected_best": [{"n": k, "mean": first["score"] - 0.05 / k} for k in range(1, len(trials) + 1)],
        "boundary": [{"path": "optimizer.learning_rate", "value": 0.0973, "end": "high"}],
        "importance": [
            {"path": one["path"], "share": 0.6 / (k + 1), "interval": [0.3 / (k + 1), 0.9 / (k + 1)]}
            for k, one in enumerate(ledger["space"])
        ],
        "front": [{"trial": one["number"], "values": [one["score"], *one["values"]]} for one in order[:3]],
        "run": "study/run", "runs": ["study/run"],
        "test": {"accuracy": 0.944, "interval": [0.915, 0.964], "loss": 0.21, "n": 360},
    }  # fmt: skip
