"""A search as one writes it with plain Optuna and PyTorch; prints what it found as JSON.

    python benchmarks/plain_tuning.py FILE.npz SEED TRIALS EPOCHS [GIVEN]

FILE holds X_train, y_train, X_valid, y_valid: pictures (N, 28, 28) of bytes and class numbers. GIVEN holds the values
of trials, as JSON, to be tried in place of what the sampler would propose; by default the recipe's own are the first.
The network, the space, the optimizer and the schedule are those of Luthier's default search, but for augmentation;
weights start as PyTorch starts them. PyTorch chooses its threads.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import optuna
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CLASSES = 10
SPACE = {
    "optimizer.learning_rate": (1e-4, 1e-1),
    "optimizer.weight_decay": (1e-4, 1.0),
    "training.batch_size": (16, 512),
    "model.dropout": (0.0, 0.7),
    "model.width": (0.25, 2.0),
}
DEFAULT = {
    "optimizer.learning_rate": 0.004,
    "optimizer.weight_decay": 0.01,
    "training.batch_size": 64,
    "model.dropout": 0.0,
    "model.width": 1.0,
}


def lenet(width: float, dropout: float) -> nn.Module:
    a, b, c, d = (max(1, round(one * width)) for one in (6, 16, 120, 84))
    return nn.Sequential(
        nn.Conv2d(1, a, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(a, b, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(25 * b, c), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(c, d), nn.ReLU(), nn.Dropout(dropout), nn.Linear(d, CLASSES),
    )  # fmt: skip


def standardised(pictures: np.ndarray, like: np.ndarray) -> torch.Tensor:
    values = torch.from_numpy(pictures).float().div(255).unsqueeze(1)
    reference = torch.from_numpy(like).float().div(255)
    return (values - reference.mean()) / reference.std()


def main() -> None:
    file, seed, trials, epochs = sys.argv[1], *map(int, sys.argv[2:5])
    data = np.load(file)
    train_x = standardised(data["X_train"], data["X_train"])
    valid_x = standardised(data["X_valid"], data["X_train"])
    train_y, valid_y = (torch.from_numpy(data[name]) for name in ("y_train", "y_valid"))
    trained = 0

    def objective(trial: optuna.Trial) -> float:
        nonlocal trained
        rate = trial.suggest_float("optimizer.learning_rate", *SPACE["optimizer.learning_rate"], log=True)
        decay = trial.suggest_float("optimizer.weight_decay", *SPACE["optimizer.weight_decay"], log=True)
        size = trial.suggest_int("training.batch_size", *map(int, SPACE["training.batch_size"]), log=True)
        dropout = trial.suggest_float("model.dropout", *SPACE["model.dropout"])
        width = trial.suggest_float("model.width", *SPACE["model.width"], log=True)
        torch.manual_seed(seed * 1000 + trial.number)
        model = lenet(width, dropout)
        loader = DataLoader(TensorDataset(train_x, train_y), size, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * len(loader))
        for epoch in range(epochs):
            model.train()
            for inputs, labels in loader:
                loss = F.cross_entropy(model(inputs), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
            trained += len(train_x)
            model.eval()
            with torch.no_grad():
                score = (model(valid_x).argmax(1) == valid_y).double().mean().item()
            trial.report(score, epoch)
        return score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for params in json.loads(Path(sys.argv[5]).read_text()) if len(sys.argv) > 5 else [DEFAULT]:
        study.enqueue_trial(params)
    study.optimize(objective, n_trials=trials)
    ended = time.monotonic()
    print(json.dumps({"ended": ended, "images": trained, "score": study.best_value, "params": study.best_params}))


if __name__ == "__main__":
    main()
