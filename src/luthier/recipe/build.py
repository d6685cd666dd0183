"""From a recipe and a data set to a trainer that the engine can train."""

import copy
import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from luthier.core.batch import Batch, Text
from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.core.rng import fork_rng, generator, seed_global
from luthier.data import SOURCES, Dataset, Split
from luthier.data.augment import Composer
from luthier.data.loader import DeviceDataset, batch_count, resize_pictures, to_device
from luthier.data.split import split
from luthier.data.unlabelled import SEQUENCES, STREAM, exclude_overlap
from luthier.models import Network, OwnModule, assemble
from luthier.models.architecture import Shape, lone_group, lone_norm, probe
from luthier.models.initialisers import scale_output_, start_at_frequencies_
from luthier.models.losses import Loss, Standardised
from luthier.models.modules import blank, check_tokens, first_layer
from luthier.models.modules.standardise import Rescale, Standardise, fit_rescale
from luthier.optim import parameter_groups
from luthier.recipe.compatibility import check_monitor_defined
from luthier.recipe.read import parts_needing_validation
from luthier.recipe.recipe import Recipe
from luthier.training import Stream, Trainer
from luthier.training.trick import Setup, StepContext, TrainingContext

SAMPLE = 1000


LEAST_SAMPLE, SAMPLE_VALUES = 64, 4_000_000
"""Initialisers see at least so many examples, more while they hold no more values: whole maps must fit in memory."""


@dataclass(frozen=True)
class Prepared:
    """A resolved recipe with everything made that it asks for. test: read once, at the end."""

    recipe: Recipe
    dataset: Dataset
    parts: Split
    trainer: Trainer
    test: DeviceDataset
    shape: Shape


def prepare(
    recipe: Recipe,
    dataset: Dataset,
    device: torch.device,
    module: nn.Module | None = None,
    extra: Mapping[str, np.ndarray] | None = None,
    *,
    parts: Split | None = None,
) -> Prepared:
    """Make the network, the optimizer and all parts of a resolved recipe.

    module: the user's own network, where the recipe's model is `own-module`; it is copied, never changed.
    extra: inputs of further streams by name, for tricks that want them.
    parts: which examples are trained on and which are not; by default the data and the recipe's split decide.
    Raises BadInput with what does not fit together.
    """
    if recipe.augment and not dataset.is_picture:
        raise BadInput(
            f"augmentations change pictures, but the data are {dataset.form}; take [augment] out of the recipe"
        )
    if device.type == "mps" and dataset.labels.dtype == np.float64:
        raise BadInput(
            "values with a large offset or a tiny size need double precision, but mps has none; "
            "standardise y, or use device cpu"
        )
    warn_of_label_changes(recipe, dataset)
    parts = parts or split(dataset, recipe.seed, recipe.split)
    _check_parts(recipe, dataset, parts)
    inputs = _resize_inputs(recipe, dataset.inputs)
    everything = to_device(inputs, dataset.labels, len(dataset.classes), device, dataset.weights)
    train, validation, test = (everything.part(part) for part in (parts.train, parts.validation, parts.test))
    text = dataset.table.layout if dataset.table else None
    standardise = _standardise(recipe, dataset, train, text)
    rescale = fit_rescale(train.own_labels().cpu()) if dataset.task == "regression" else None
    shape = network_shape(recipe, dataset.shape)
    network = make_network(recipe, standardise, shape, dataset.outputs, module, rescale=rescale, text=text).to(device)
    _start_from_data(recipe, network, train)
    if dataset.is_picture:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    streams = _streams(recipe, _further_inputs(recipe, dataset, parts, extra or {}), everything)
    trainer = _assemble(recipe, network, train, validation, streams)
    _check_norms(trainer, shape)
    return Prepared(recipe, dataset, parts, trainer, test, shape)


def warn_of_label_changes(recipe: Recipe, dataset: Dataset) -> None:
    """Warn where an augmentation may make another digit or letter of one and keep its label.

    Known of data sets whose card says that they hold signs; of other data nobody can know.
    """
    if dataset.name in SOURCES and SOURCES[dataset.name].signs:
        for one in recipe.augment:
            if one.label_changing:
                message = (
                    f"augment.{one.name} may make another sign of one in {dataset.name}, as a turned 6 is a 9, "
                    "and keep its label; take it out unless it is meant"
                )
                warnings.warn(message, LuthierWarning, stacklevel=3)


def _standardise(recipe: Recipe, dataset: Dataset, train: DeviceDataset, text: Text | None) -> Standardise:
    """The first layer, its constants from the training part; one that changes nothing where rows hold tokens."""
    vocabulary = recipe.model.vocabulary
    if vocabulary is not None and dataset.form == "rows":
        check_tokens(torch.from_numpy(dataset.inputs), vocabulary)
        return blank(dataset.form, dataset.shape[0])
    chunks = (batch.inputs.cpu() for batch in train.in_order())  # type: ignore[union-attr]  # inputs are one tensor
    return first_layer(dataset.form, chunks, text.columns if text else 0)


def _check_parts(recipe: Recipe, dataset: Dataset, parts: Split) -> None:
    """Refuse data that leave nothing to validate on where a part must, or where nothing would decide."""
    missing = [
        f"{name} needs a validation part, but {dataset.name} leaves none of its {len(dataset)} examples; "
        f"raise split.validation, add examples or {remedy}"
        for name, remedy in parts_needing_validation(recipe.tricks, recipe.schedule, recipe.training)
        if not len(parts.validation)
    ]
    raise_all([*missing, *check_monitor_defined(recipe.training, dataset, parts)])


def network_shape(recipe: Recipe, shape: Shape) -> Shape:
    """Shape of one example when it reaches the network."""
    return (shape[0], recipe.data.size, recipe.data.size) if recipe.data.size else shape


def make_network(
    recipe: Recipe,
    standardise: Standardise,
    shape: Shape,
    outputs: int,
    module: nn.Module | None,
    *,
    rescale: Rescale | None = None,
    text: Text | None = None,
) -> Network:
    """Build the recipe's network, or put the user's own behind the standardisation; rescale ends one for regression.

    text: how an example holds a text, None where there is none.
    """
    if not isinstance(recipe.model, OwnModule):
        return assemble(
            recipe.model, recipe.initialiser, standardise, shape, outputs, seed=recipe.seed, rescale=rescale, text=text
        )
    if module is None or describe_module(module) != recipe.model:
        got = "none was passed" if module is None else f"got {describe_module(module)!r}"
        raise BadInput(
            f"the recipe needs the user's own module {recipe.model!r}, but {got}; pass it from Python as model="
        )
    body = _copy(module)
    probe(Network(standardise, body), shape, outputs)  # without the units, which would spread one answer over several
    return Network(standardise, body, rescale)


def _copy(module: nn.Module) -> nn.Module:
    try:
        copied = copy.deepcopy(module)
    except Exception as error:  # whatever a module of the user's own holds
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise BadInput(f"the network must be one that can be copied, but is not ({reason}); mend it") from None
    if not all(one.is_leaf for one in copied.parameters()):
        raise BadInput("the network's parameters must be trainable after a copy, but are not; pass it before scripting")
    return copied


def make_criterion(loss: Loss, network: Network) -> Loss:
    """The loss as training takes it: of values in standard deviations, whatever the user's units."""
    return Standardised(loss=loss, rescale=network.rescale) if hasattr(network, "rescale") else loss


def _start_from_data(recipe: Recipe, network: Network, train: DeviceDataset) -> None:
    """Let the initialiser look at training examples; the user's own module keeps its weights."""
    initialiser, own = recipe.initialiser, isinstance(recipe.model, OwnModule)
    if initialiser.class_frequencies and own:
        raise BadInput(
            "initialiser.class_frequencies needs an architecture of the catalogue, but the network is the user's own; "
            "set its biases before, or take it out of the recipe"
        )
    if initialiser.class_frequencies and not train.classes:
        raise BadInput(
            "initialiser.class_frequencies needs classes, but the data hold values; take it out of the recipe"
        )
    if own:
        return
    count = max(LEAST_SAMPLE, SAMPLE_VALUES // train.store[0].numel())
    with fork_rng(train.device):
        seed_global(recipe.seed, "adapt", 0, train.device)
        inputs: torch.Tensor = _sample(recipe, train, count).inputs  # type: ignore[assignment]  # one tensor, as above
        initialiser.adapt(network, inputs, generator(recipe.seed, "adapt"))
        scale_output_(network, inputs, initialiser.output)
    if initialiser.class_frequencies:
        start_at_frequencies_(network.body, train.own_labels(), train.classes)


def _sample(recipe: Recipe, train: DeviceDataset, count: int = SAMPLE) -> Batch:
    """Some training examples, unaugmented, the same at every call: at most count, and no more than SAMPLE."""
    chosen = torch.randperm(len(train), generator=generator(recipe.seed, "sample"))[: min(count, SAMPLE)]
    return train.batch(chosen.to(train.device))


def describe_module(module: nn.Module) -> OwnModule:
    """Describe a module so that it is recognised again: its class, its parameters' names and shapes.

    Raises BadInput where it has none yet to train.
    """
    if any(nn.parameter.is_lazy(one) for one in (*module.parameters(), *module.buffers())):
        raise BadInput(
            "the network must be whole, but has lazy layers; call it once on an example, network(torch.zeros(1, ...))"
        )
    if not any(one.requires_grad for one in module.parameters()):
        raise BadInput(
            f"the network must have parameters to train, but {type(module).__name__} has none; "
            "add a layer that has, or leave requires_grad on"
        )
    layout = ";".join(f"{name}{tuple(one.shape)}" for name, one in module.state_dict().items())
    return OwnModule(
        type=f"{type(module).__module__}.{type(module).__qualname__}",
        layout=hashlib.sha256(layout.encode()).hexdigest()[:16],
    )


def _resize_inputs(recipe: Recipe, inputs: np.ndarray) -> np.ndarray:
    return resize_pictures(inputs, recipe.data.size, recipe.data.fit) if recipe.data.size else inputs


def _further_inputs(
    recipe: Recipe, dataset: Dataset, parts: Split, extra: Mapping[str, np.ndarray]
) -> Mapping[str, np.ndarray]:
    """The inputs of further streams by name; unlabelled ones that equal a held-out example are none."""
    if dataset.unlabelled is None or STREAM in extra or STREAM not in _wanted_streams(recipe):
        return extra
    return {**extra, STREAM: exclude_overlap(dataset, np.concatenate((parts.validation, parts.test)))}


def _streams(recipe: Recipe, extra: Mapping[str, np.ndarray], like: DeviceDataset) -> dict[str, Stream]:
    """Bring the extra inputs that tricks want to the device, in the form of the training inputs."""
    wanted = _wanted_streams(recipe)
    missing = sorted(wanted.keys() - extra.keys())
    if STREAM in missing:
        needy = next(one.name for one in recipe.tricks if STREAM in one.streams())
        raise BadInput(
            f"tricks.{needy} learns from examples without labels, but there are none; "
            "give them with --unlabelled, or unlabelled= in Python"
        )
    if missing:
        raise BadInput(
            f"the recipe's tricks need extra streams, but {', '.join(missing)} is not given; "
            f"pass extra={{{missing[0]!r}: inputs}}"
        )
    streams = {}
    for name, ratio in wanted.items():
        given = np.asarray(extra[name])
        inputs = _resize_inputs(recipe, given) if given.ndim == like.store.ndim else given
        residents = to_device(inputs, np.zeros(len(inputs), np.int64), 1, like.device)
        form, got = ((_shape(one), str(one.store.dtype)) for one in (like, residents))
        if form != got or not len(inputs):
            raise BadInput(
                f"extra stream {name} must hold inputs like those of training, {form[0]} {form[1]}, "
                f"but got {len(inputs)} of {got[0]} {got[1]}; bring them to that form"
            )
        streams[name] = Stream(residents, ratio)
    return streams


def _shape(one: DeviceDataset) -> tuple[int, ...]:
    """Shape of an example; sequences may differ in length."""
    return tuple(one.store.shape[2 if one.store.ndim == SEQUENCES else 1 :])


def _wanted_streams(recipe: Recipe) -> dict[str, int]:
    """Extra streams by name, each with its number of examples per example of the batch."""
    wanted: dict[str, int] = {}
    for trick in recipe.tricks:
        for name, ratio in trick.streams().items():
            if wanted.setdefault(name, ratio) != ratio:
                raise BadInput(
                    f"tricks that share an extra stream must want as much of it, but tricks.{trick.name} wants {ratio} "
                    f"examples of {name} per example and another trick {wanted[name]}; give them the same ratio"
                )
    return wanted


def _check_norms(trainer: Trainer, shape: Shape) -> None:
    """Refuse norms that would find no variance: of a group with one value, or of a batch with one example."""
    training = trainer.training
    name = lone_group(training.network, shape)
    if name is not None:
        raise BadInput(
            f"a group norm needs two values in each group of an example, but {name} gets one, which leaves nothing of "
            "it; set fewer groups, a larger data.size or model.width, or take another norm"
        )
    count = trainer.sampler.length(len(training.examples))
    if count // trainer.steps_per_epoch > 1:  # the smallest batch
        return
    name = lone_norm(training.network, shape)
    if name is not None:
        raise BadInput(
            f"a batch norm needs two values of each channel, but {name} gets one where a batch is one example, "
            f"as training.batch_size = {training.batch_size} makes of {count} examples; "
            "give two examples or more and set training.batch_size = 3 or more, or take another norm"
        )


def _assemble(
    recipe: Recipe, network: Network, train: DeviceDataset, validation: DeviceDataset, streams: dict[str, Stream]
) -> Trainer:
    fitting = recipe.training
    total = fitting.epochs * batch_count(recipe.sampling.length(len(train)), fitting.batch_size)
    training = TrainingContext(
        recipe.seed, network, train, Composer(recipe.augment), fitting.batch_size, fitting.epochs, total
    )
    setup = _set_up(recipe, training)
    optimizer = recipe.optimizer.build(setup.groups)
    rates = tuple(group["lr"] for group in optimizer.param_groups)
    return Trainer(
        training,
        make_criterion(recipe.loss, network),
        optimizer,
        rates,
        recipe.schedule,
        recipe.sampling,
        recipe.tricks,
        validation,
        fitting.monitor,
        streams,
        balance_classes(train) if fitting.class_weights == "balanced" else None,
    )


def balance_classes(train: DeviceDataset) -> torch.Tensor:
    """Weight of each class by which all classes count alike in the loss (K,); its mean over the examples is 1.

    Source: King and Zeng, Logistic regression in rare events data, 2001.
    """
    counts = torch.bincount(train.own_labels(), minlength=train.classes)
    return (len(train) / (train.classes * counts)).float()


def _set_up(recipe: Recipe, training: TrainingContext) -> Setup:
    """Let each trick change the network and the groups before the first step."""
    groups = parameter_groups(training.network, recipe.optimizer.layer_decay)
    value = Setup(training.network, groups, _sample(recipe, training.examples))
    now = StepContext(training, 0, 0)
    for trick in recipe.tricks:
        with fork_rng(training.device):
            seed_global(recipe.seed, f"{trick.name}/setup", 0, training.device)
            value = trick.setup(value, now.of(f"{trick.name}/setup"))
        if value.network is not training.network:
            raise BadInput(
                f"a trick must change the network in place, but tricks.{trick.name} gave another from its `setup`; "
                "mend it, or pass a network of your own as model="
            )
    return value
