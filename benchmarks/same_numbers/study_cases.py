"""Cases of several runs: studies, searches, runs that go on after an end or an interruption, and the catalogue."""

from case import Case, Command
from picture_cases import TRAIN, train

SMALL = """
    data = {source = "digits"}
    split = {name = "stratified", validation = 0.2, examples = 200}
    training = {epochs = 3, batch_size = 32}
    model = {name = "mlp", width = 16, dropout = 0.1}
    optimizer = {name = "adamw", learning_rate = 0.004}
    """
LONG = """
    data = {source = "digits", size = 28}
    split = {name = "stratified", validation = 0.1}
    training = {epochs = 6, batch_size = 64}
    model = {name = "lenet5", dropout = 0.2}
    augment.rotation = {degrees = 10.0}
    tricks.ema = {decay = 0.95}
    """
STUDY = "train --recipe recipe.toml --out study --quiet --json"
TUNE = "tune --recipe recipe.toml --out study --workers 1 --threads 1 --quiet --json"
SPACE = """
[optimizer.name]
choices = ["adamw", "momentum"]
[optimizer.learning_rate]
[optimizer.momentum]
[model.width]
low = 8
high = 24
log = true
[tricks.mixup.alpha]
low = 0.1
high = 0.8
only = {"optimizer.name" = ["adamw"]}
"""


STUDIES = {
    "seeds": Case(SMALL, (Command(f"{STUDY} --seeds 3"), Command("fsck study --json"))),
    "folds": Case(
        """
        data = {source = "../../data/visits.csv", target = "outcome", group = "patient"}
        split = {name = "group", validation = 0.2}
        training = {epochs = 2, batch_size = 32}
        model = {name = "mlp", width = 12}
        """,
        (Command(f"{STUDY} --folds 3 --repeats 2"), Command("mislabelled study --json")),
    ),
    "learning-curve": Case(SMALL, (Command(f"{STUDY} --learning-curve 60,120 --seeds 2"),)),
    "pseudo-labels": Case(SMALL, (Command(f"{STUDY} --pseudo-labels 2 --unlabelled digits --seeds 2"),)),
    "study-goes-on": Case(
        SMALL,
        (
            Command(f"{STUDY} --seeds 4 --epochs 20", stop_at="study/seed-1/checkpoints/*.json"),
            Command("resume study --quiet --json"),
        ),
    ),
    "compare": train(
        SMALL,
        "train --recipe recipe.toml --set model.width=8 --out other --quiet --json",
        "compare run other --json",
        "find-lr --recipe recipe.toml --steps 40 --out rates.png --quiet --json",
    ),
    "more-epochs": train(SMALL, "resume run --epochs 5 --quiet --json", "evaluate run --json"),
    "run-goes-on": Case(LONG, (Command(TRAIN, stop_at="run/checkpoints/*.json"), Command("resume run --quiet --json"))),
    "tune": Case(SMALL, (Command(f"{TUNE} --trials 8 --race-seeds 2 --fresh-seeds 2"), Command("fsck study --json"))),
    "tune-space": Case(
        SMALL,
        (
            Command(
                f"{TUNE} --trials 8 --space space.toml --sampler random --pruner hyperband --race-seeds 1 "
                "--fresh-seeds 0 --monitor log-loss"
            ),
        ),
        {"space.toml": SPACE},
    ),
    "tune-two-objectives": Case(
        SMALL, (Command(f"{TUNE} --trials 5 --sampler gp --cost parameters --race-seeds 0 --fresh-seeds 0"),)
    ),
    "tune-rate": Case(SMALL, (Command(f"{TUNE} --lr-only --race-seeds 1 --fresh-seeds 2"),)),
    "tune-goes-on": Case(
        SMALL,
        (
            Command(f"{TUNE} --trials 6 --race-seeds 1 --fresh-seeds 2", stop_at="study/trial-0002/history.jsonl"),
            Command("resume study --quiet --json"),
        ),
    ),
}
