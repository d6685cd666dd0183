"""Estimators that follow scikit-learn: everything trained in memory, on all the examples that they are given."""

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Self, get_args

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from luthier.core.errors import raise_all
from luthier.data import DataArguments, Dataset
from luthier.data.dataset import check_weights, with_weights
from luthier.data.sources.arrays import find_unwritable
from luthier.data.targets import describe_indistinct, to_single_or_double
from luthier.data.units import Units, decide_units, measure_range, read_further, read_units, scale_pictures
from luthier.recipe.read import read_draft
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import Model, decide, merge_values, resolve
from luthier.recipe.values import RecipeLike, recipe_values
from luthier.sklearn.fitting import FitResult, another_epoch, fit, predict
from luthier.training.device import choose

SEEDS = 2**31 - 1


SECTIONS = ("optimizer", "schedule", "loss", "initialiser", "augment", "tricks")


NUMBERS = ("epochs", "batch_size", "learning_rate", "weight_decay")


OF_THE_DATA = ("source", "fingerprint", "columns", "task")
"""What a recipe says of its data that X and y say themselves."""


def all_or_nothing(method: Callable[..., Any]) -> Callable[..., Any]:
    """Leave the estimator as it was where fitting fails: never an old network with new classes."""

    @wraps(method)
    def guarded(self: Any, *arguments: Any, **named: Any) -> Any:
        before = dict(vars(self))
        try:
            return method(self, *arguments, **named)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return guarded


class LuthierEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """What the classifier and the regressor share.

    Equal examples are merged into one that weighs as much as all of them, and examples of weight 0 are left out: a
    weight of 3 is to the bit what the example given three times is, and the order of the examples does not matter.

    What the numbers of pictures mean is decided when it is fitted, as the recipe's data.units says, and kept in
    `units_`; later pictures are read in the same units whatever their type.
    """

    def __init__(
        self,
        model: Model | None = None,
        *,
        recipe: RecipeLike = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        optimizer: Any = None,
        schedule: Any = None,
        loss: Any = None,
        initialiser: Any = None,
        augment: Any = None,
        tricks: Any = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.optimizer = optimizer
        self.schedule = schedule
        self.loss = loss
        self.initialiser = initialiser
        self.augment = augment
        self.tricks = tricks
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @property
    def network_(self) -> Any:
        """The trained `nn.Module`, on the CPU; inputs are floats, pictures (B, C, H, W) in [0, 1]."""
        return self.fitted_.network

    @property
    def history_(self) -> list[dict[str, Any]]:
        """What training told, a row for every fifty steps at most, and one for each evaluation."""
        return list(self.fitted_.history)

    @property
    def n_iter_(self) -> int:
        """Epochs that were done."""
        return self.fitted_.epochs

    @property
    def recipe_(self) -> Recipe:
        """The recipe that was followed, with all that was filled in."""
        return self.fitted_.recipe

    def _fit(self, X: Any, y: np.ndarray, classes: tuple[str, ...], weights: np.ndarray) -> Self:
        raise_all(find_unwritable(classes))
        dataset = _dataset(X, y, classes, weights, self.units_)
        recipe = self._make_recipe(dataset, self._seed())
        self.fitted_ = fit(recipe, dataset, choose(self.device), self._module(), quiet=not self.verbose)
        return self

    def _go_on(self, X: Any, y: np.ndarray, classes: tuple[str, ...], weights: np.ndarray) -> Self:
        before: FitResult | None = getattr(self, "fitted_", None)
        raise_all(find_unwritable(classes))
        dataset = _dataset(X, y, classes, weights, self.units_)
        recipe = self._make_recipe(dataset, before.recipe.seed if before else self._seed())
        place, quiet = choose(self.device), not self.verbose
        self.fitted_ = another_epoch(recipe, dataset, place, self._module(), before, quiet=quiet)
        return self

    def _make_recipe(self, dataset: Dataset, seed: Any) -> Recipe:
        """What is given to the constructor over the recipe, as `luthier.train` lays it."""
        given = recipe_values(self.recipe)
        section = given.get("data", {})
        if isinstance(section, Mapping):
            given["data"] = {key: value for key, value in section.items() if key not in OF_THE_DATA}
        chosen = {name: getattr(self, name) for name in (*SECTIONS, *NUMBERS)}
        overrides = {name: value for name, value in chosen.items() if value is not None}
        values = merge_values(DataArguments(dataset), self.model, given, {**overrides, "seed": seed})
        return resolve(decide(read_draft(*values), dataset), dataset)

    def _seed(self) -> Any:
        given = recipe_values(self.recipe)
        if self.random_state is None and "seed" in given:
            return given["seed"]
        return int(check_random_state(self.random_state).randint(SEEDS))

    def _module(self) -> Any:
        from torch import nn

        return self.model if isinstance(self.model, nn.Module) else None

    def _answers(self, X: Any) -> Any:
        check_is_fitted(self, "fitted_")
        inputs = _inputs(validate_data(self, X, reset=False, **FORM))
        self._check_shape(inputs)
        return predict(self.fitted_, self._read_units(inputs), self.units_)

    def _decide_units(self, inputs: np.ndarray) -> Units:
        """Decide what pictures to learn from mean: what the recipe states, or what they look like."""
        section = recipe_values(self.recipe).get("data", {})
        stated = section.get("units") if isinstance(section, Mapping) else None
        if inputs.ndim != PICTURES:
            return "plain"
        return read_units(str(stated)) if stated in get_args(Units) else decide_units(inputs)

    def _read_units(self, inputs: np.ndarray) -> np.ndarray:
        """Bring checked inputs to the form of `Dataset.inputs`, later pictures in the units of the first."""
        return read_further(inputs, self.units_, self.range_) if inputs.ndim == PICTURES else inputs

    def _check_shape(self, inputs: np.ndarray) -> None:
        if inputs.shape[1:] != self.shape_in_:
            name = type(self).__name__
            raise ValueError(f"X has examples of shape {inputs.shape[1:]}, but {name} was fitted on {self.shape_in_}")

    @property
    def _is_new(self) -> bool:
        return not hasattr(self, "fitted_")

    def _check(self, X: Any, y: Any, weights: Any, anew: bool, **how: Any) -> tuple[np.ndarray, ...]:
        """Inputs, targets and weights as scikit-learn wants them checked, without the examples that weigh nothing.

        anew: whether these examples decide what later ones must look like.
        """
        X, y = validate_data(self, X, y, reset=anew, **FORM, **how)
        inputs = _inputs(X)
        if anew:
            self.units_ = self._decide_units(inputs)
        if anew and self.units_ != "bytes":
            raise_all(describe_indistinct(X.reshape(-1, X.shape[-1] if X.ndim in (2, 4) else 1)))
        weights = _check_sample_weight(weights, X, dtype=np.float64, ensure_non_negative=True)
        if not weights.any():
            raise ValueError("sample weights must not all be zero; leave sample_weight out to count all examples alike")
        raise_all(check_weights(weights))
        if anew:
            self.shape_in_ = inputs.shape[1:]
            inputs = scale_pictures(inputs, self.units_)
            self.range_ = measure_range(inputs, self.units_)
        else:
            self._check_shape(inputs)
            inputs = self._read_units(inputs)
        counts = weights > 0
        return inputs[counts], y[counts], weights[counts]


WHOLE = [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.uint64, np.int64]


FORM: dict[str, Any] = {"dtype": [np.float64, np.float32, *WHOLE], "allow_nd": True}
"""How scikit-learn is asked to check inputs: rows or pictures, floats and whole numbers as they are, else float64."""


PICTURES = 4
"""Dimensions of checked pictures."""


VALUES = {"multi_output": True, "y_numeric": True}


def _inputs(X: np.ndarray) -> np.ndarray:
    """Bring checked inputs to rows (N, F) as float32, or pictures (N, H, W, C) in their own type."""
    if X.ndim not in (2, 3, 4):
        raise ValueError(f"X must be rows (N, F) or pictures (N, H, W) or (N, H, W, C), but got shape {X.shape}")
    with np.errstate(over="ignore", under="ignore"):
        single = X if X.dtype.kind in "ui" and X.ndim > 2 else X.astype(np.float32, copy=False)
    if single.dtype == np.float32 and not np.isfinite(single).all():
        raise ValueError("Input X contains infinity or a value too large for dtype('float32').")
    return single[..., None] if X.ndim == 3 else single


def _dataset(inputs: np.ndarray, y: np.ndarray, classes: tuple[str, ...], weights: np.ndarray, units: Units) -> Dataset:
    """Merge equal examples, in an order of their content; none of them is a test example."""
    keys = np.array([hashlib.blake2b(x.tobytes() + t.tobytes(), digest_size=16).hexdigest()
                     for x, t in zip(inputs, y, strict=True)])  # fmt: skip
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    weights = np.ldexp(weights, -np.frexp(weights.max())[1])  # a power of two: no sum overflows, no bit is lost
    merged = Dataset("X", np.ascontiguousarray(inputs[first]), y[first], classes, np.zeros(len(first), bool),
                     meaning=units)  # fmt: skip
    return with_weights(merged, np.bincount(group, weights))


class LuthierClassifier(ClassifierMixin, LuthierEstimator):  # type: ignore[misc]
    """A network that tells classes apart.

    model: name of an architecture, a declared one, or your own `nn.Module`, whose weights are the starting point; by
        default mlp for rows (N, F) and lenet5 for pictures (N, H, W) or (N, H, W, C).
    recipe: nested values, a `Recipe` or a TOML file with what has no argument here, such as data.units of pictures;
        arguments win. Its data and its seed count only where nothing here says otherwise.
    epochs, batch_size, learning_rate, weight_decay: numbers of the recipe; None leaves them to it, and where it is
        silent to its defaults: 20 epochs, batches of 64, and what the optimizer has.
    optimizer, schedule, loss, initialiser: names of parts, or tables with a name and settings. augment, tricks: tables
        or sequences of parts. A validation part is drawn from X only for a trick that needs one.
    device: auto, cpu, cuda or mps, to train on. random_state: as everywhere in scikit-learn. verbose: progress on
        stderr.

    >>> X, y = [[0.0], [0.2], [1.0], [1.2]] * 5, ["low", "low", "high", "high"] * 5
    >>> LuthierClassifier(random_state=0).fit(X, y).predict([[0.1], [1.1]]).tolist()
    ['low', 'high']
    """

    @all_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train anew. sample_weight: how much each example counts, at least 0; integers are repetitions."""
        inputs, labels, weights = self._check(X, y, sample_weight, anew=True)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(column_or_1d(labels, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes, but y holds 1 class of positive weight")
        return self._fit(inputs, numbers.astype(np.int64), self._names(), weights)

    @all_or_nothing
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one epoch more, at a constant learning rate; classes: all there will be, needed at the first call."""
        inputs, labels, weights = self._check(X, y, sample_weight, anew=self._is_new)
        check_classification_targets(labels)
        _check_partial_fit_first_call(self, classes)
        labels = column_or_1d(labels, warn=True)
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            raise ValueError(f"y must hold only the classes {self.classes_}, but got {unknown}; name all in classes")
        return self._go_on(inputs, np.searchsorted(self.classes_, labels), self._names(), weights)

    def _names(self) -> tuple[str, ...]:
        return tuple(map(str, self.classes_.tolist()))

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each example (N,)."""
        numbers = np.asarray(self._answers(X).argmax(1))
        return np.asarray(self.classes_[numbers])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class (N, K), in the order of `classes_`."""
        logits = self._answers(X)
        return np.asarray(self.recipe_.loss.probabilities(logits))

    def decision_function(self, X: Any) -> np.ndarray:
        """Logits (N, K); for two classes that of the second minus that of the first (N,)."""
        logits = np.asarray(self._answers(X))
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits


class LuthierRegressor(RegressorMixin, LuthierEstimator):  # type: ignore[misc]
    """A network that predicts values, one (N,) or several (N, D), in their own units.

    The arguments are those of `LuthierClassifier`.

    >>> X = [[k / 20] for k in range(20)]
    >>> model = LuthierRegressor(epochs=50, random_state=0).fit(X, [1000 + 3 * x[0] for x in X])
    >>> model.score(X, [1000 + 3 * x[0] for x in X]) > 0.9
    True
    """

    @all_or_nothing
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train anew. sample_weight: how much each example counts, at least 0; integers are repetitions."""
        inputs, values, weights = self._check(X, y, sample_weight, anew=True, **VALUES)
        columns = _columns(values)
        self.n_outputs_ = columns.shape[1]
        return self._fit(inputs, columns, (), weights)

    @all_or_nothing
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one epoch more, at a constant learning rate; the units are those of the first call's values."""
        inputs, values, weights = self._check(X, y, sample_weight, anew=self._is_new, **VALUES)
        columns = _columns(values)
        if self._is_new:
            self.n_outputs_ = columns.shape[1]
        if columns.shape[1] != self.n_outputs_:
            raise ValueError(f"y must have {self.n_outputs_} columns as at the first call, but got {columns.shape[1]}")
        return self._go_on(inputs, columns, (), weights)

    def predict(self, X: Any) -> np.ndarray:
        """The value of each example (N,), or its values (N, D)."""
        values = np.asarray(self._answers(X))
        return values[:, 0] if self.n_outputs_ == 1 else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _columns(y: np.ndarray) -> np.ndarray:
    """Bring checked values to (N, D), float32, or float64 where that would lose them."""
    values = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
    columns = to_single_or_double(values.reshape(len(values), -1))
    if not np.isfinite(columns).all():
        raise ValueError("Input y contains infinity or a value too large for dtype('float32').")
    return columns
