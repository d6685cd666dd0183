"""The battery for tricks, over the catalogue and on broken ones, each of which breaks one promise of the contract."""

import copy
import random
from dataclasses import replace

import pytest
import torch
from pydantic import PrivateAttr
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.data.augment import Composer
from luthier.optim import ParameterGroup
from luthier.testing import check_trick
from luthier.testing.material import SmallNet
from luthier.training.trick import Outcome, Trick
from luthier.training.tricks import TRICKS, ProgressiveResizing


@pytest.mark.parametrize("member", list(TRICKS), ids=lambda member: member.name)
@pytest.mark.parametrize("recipe", [{}, {"model": "lenet5", "data": {"size": 14}}], ids=["own", "lenet5"])
def test_catalogue(member, recipe):
    scaled_back = member is ProgressiveResizing and "model" in recipe  # lenet5 takes pictures of one size alone
    check_trick(member(back=True) if scaled_back else member(), recipe=recipe)


class Plain(Trick):
    """Keeps every promise: it makes the loss a little larger."""

    name = "plain"
    card = TrickCard(summary="Plain.", source="tests")

    more: float = hyperparameter(0.1, description="how much larger; 0 changes nothing")

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses * (1 + self.more)


def test_a_good_one():
    check_trick(Plain(), off=Plain(more=0.0))
    check_trick(Plain(), module=nn.Sequential(nn.Flatten(), nn.Linear(144, 3)))


class Idle(Trick):
    """Has no hook."""

    name = "idle"
    card = TrickCard(summary="Idle.", source="tests")


class Misspelt(Plain):
    """Has a hook that is never called."""

    def edit_losses(self, losses, batch, logits, memory, at):
        return losses


class Public(Plain):
    """Draws from the generator of the forward pass."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(inputs=batch.inputs + torch.rand(()) / 100)


class Foreign(Plain):
    """Draws from Python's generator."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(inputs=batch.inputs + random.random() * 0)


class Counting(Plain):
    """Remembers what no checkpoint holds."""

    _steps: list = PrivateAttr(default_factory=list)

    def edit_loss(self, losses, batch, logits, trick_state, context):
        self._steps.append(1)
        return losses * len(self._steps)


class Keyed(Plain):
    """Remembers under a number, which comes back as a text."""

    def begin(self, network, context):
        return {"factor": {1: 1.0}}

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses * trick_state["factor"].get(1, 2.0)

    def after_step(self, trick_state, batch, outcome, context):
        return {"factor": {1: trick_state["factor"].get(1, 2.0)}}


CALLS: list[int] = []


class Global(Plain):
    """Remembers in a global list."""

    def edit_loss(self, losses, batch, logits, trick_state, context):
        CALLS.append(1)
        return losses * (1 + len(CALLS) / 10)


class Boasting(Plain):
    """Reports another loss each time."""

    def wrap_backward(self, backward, trick_state, context):
        def wrapped(batch, share):
            CALLS.append(1)
            outcome = backward(batch, share)
            return Outcome(outcome.losses, outcome.mean + len(CALLS))

        return wrapped


class Whimsical(Plain):
    """Keeps another network each time."""

    def eval_model(self, network, trick_state, context):
        if not context.final:
            return network
        CALLS.append(1)
        other = copy.deepcopy(network)
        other.body.full.bias.data += len(CALLS)
        return other


class Hazy(Keyed):
    """Reports a loss that depends on the number."""

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses

    def wrap_backward(self, backward, trick_state, context):
        def wrapped(batch, share):
            outcome = backward(batch, share)
            return Outcome(outcome.losses, outcome.mean * trick_state["factor"].get(1, 2.0))

        return wrapped

    def after_step(self, trick_state, batch, outcome, context):
        return trick_state


class Changed(Hazy):
    """Keeps a network that depends on the number."""

    def wrap_backward(self, backward, trick_state, context):
        return backward

    def eval_model(self, network, trick_state, context):
        if not context.final:
            return network
        other = copy.deepcopy(network)
        other.body.full.bias.data *= trick_state["factor"].get(1, 2.0)
        return other


class Unsavable(Plain):
    """Remembers a set."""

    def begin(self, network, context):
        return {"seen": {1, 2}}


class Infinite(Plain):
    """Remembers a number that JSON cannot hold."""

    def begin(self, network, context):
        return {"best": float("-inf")}


class Relabelling(Plain):
    """Changes the labels."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(label=batch.label.roll(1))


class Reordering(Plain):
    """Swaps whole examples, index and all."""

    def edit_batch(self, batch, trick_state, context):
        places = torch.arange(len(batch)).flip(0)
        names = ("inputs", "target", "label", "weight", "index")
        return batch.replace(**{name: getattr(batch, name)[places] for name in names})


class Hard(Plain):
    """Makes targets class numbers."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(target=batch.target.argmax(1))

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses


class Heavy(Plain):
    """Gives one weight to all."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(weight=batch.weight[:1])


class Mean(Plain):
    """Gives the mean loss."""

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses.mean()


class Lossless(Plain):
    """Forgets the losses of the examples."""

    def wrap_backward(self, backward, trick_state, context):
        return lambda batch, share: Outcome(backward(batch, share).losses[:1], torch.zeros(()))


class Attached(Plain):
    """Gives losses that hold on to the graph."""

    def wrap_backward(self, backward, trick_state, context):
        def wrapped(batch, share):
            outcome = backward(batch, share)
            return Outcome(outcome.losses.requires_grad_(), outcome.mean)

        return wrapped


class Stale(Plain):
    """Sets up groups of parameters that the network does not have."""

    def setup(self, value, context):
        return replace(value, groups=(*value.groups, ParameterGroup({"other": nn.Parameter(torch.ones(3))})))


class Reseeding(Plain):
    """Moves the seed before the training."""

    def setup(self, value, context):
        object.__setattr__(context.training, "seed", context.training.seed + 1)
        return value


class Shifting(Plain):
    """Moves the seed in a training."""

    def after_step(self, trick_state, batch, outcome, context):
        object.__setattr__(context.training, "seed", 10 + context.step)
        return trick_state


class Unaugmented(Plain):
    """Takes the augmentations out."""

    def after_step(self, trick_state, batch, outcome, context):
        object.__setattr__(context.training, "augment", Composer(()))
        return trick_state


class Ruining(Plain):
    """Changes the trained network when it is evaluated."""

    def eval_model(self, network, trick_state, context):
        with torch.no_grad():
            next(network.parameters()).mul_(1.01)
        return network


class Another(Plain):
    """Gives a network that the recipe does not describe."""

    def eval_model(self, network, trick_state, context):
        return nn.Sequential(network.standardise, SmallNet(maps=7)) if context.final else network


class Spread(Plain):
    """Divides by the spread of the batch, which one example does not have."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(inputs=batch.inputs / (batch.inputs.var(0, correction=0).mean() + 0.0))


class Frozen(Plain):
    """Freezes everything."""

    def edit_grads(self, grads, trick_state, context):
        return {}


MEMORY = (
    "plain, saved after step 2 and resumed, must remember only tensors, finite numbers, texts and None, "
    "in dicts and lists, but the checkpoint could not be written ("
)


class PublicLoss(Plain):
    """Draws from the global generator in the loss: in a second part of the batch the masks of dropout would move."""

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses + 0 * torch.rand(())


class PublicGrads(Plain):
    """Draws from the global generator beside the gradients."""

    def edit_grads(self, grads, trick_state, context):
        return {name: one + 0 * torch.rand(()) for name, one in grads.items()}


class PublicLater(Plain):
    """Draws from the global generator after the step."""

    def after_step(self, trick_state, batch, outcome, context):
        torch.rand(())
        return trick_state


class PublicPass(Plain):
    """Draws from the global generator before the forward pass."""

    def wrap_backward(self, backward, trick_state, context):
        def wrapped(batch, share):
            torch.rand(())
            return backward(batch, share)

        return wrapped


class Softening(Plain):
    """Spreads targets over classes and does not say so."""

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(target=batch.target * 0.9 + 0.1 / batch.target.shape[1])


RED = {
    Softening: "plain must say so, spreads_targets = True, where it spreads targets over classes",
    Idle: "idle must have a hook; they are streams, setup, begin, ",
    Misspelt: "plain must name its hooks as the contract does, but has edit_losses; is edit_loss meant?",
    Public: "edit_batch must not move the global generator; draw from context.rng() or within context.seed_draws()",
    PublicLoss: "edit_loss must not move the global generator; draw from context.rng() or within context.seed_draws()",
    PublicGrads: "edit_grads must not move the global generator; draw from context.rng() or within "
    "context.seed_draws()",
    PublicLater: "after_step must not move the global generator; draw from context.rng() or within "
    "context.seed_draws()",
    PublicPass: "plain must not move the masks of dropout, but did in step 0",
    Foreign: "training with plain must leave the global generators alone",
    Counting: "plain, saved after step 2 and resumed, must end with the bits of the uninterrupted training; ",
    Global: "two trainings with plain must end with equal bits; ",
    Boasting: "two trainings with plain must write equal history rows; ",
    Whimsical: "two trainings with plain must keep equal networks; ",
    Hazy: "plain, saved after step 2 and resumed, must write the rows of the uninterrupted training",
    Changed: "plain, saved after step 2 and resumed, must keep the network of the uninterrupted training; ",
    Keyed: "plain, saved after step 2 and resumed, must end with the bits of the uninterrupted training; ",
    Unsavable: MEMORY,
    Infinite: MEMORY,
    Relabelling: "labels must stay the true classes of the examples in index",
    Reordering: "plain must not move the order of the examples, but did in step 0",
    Heavy: "weights must stay one per example",
    Mean: "edit_loss must give one loss per example, but gave ()",
    Lossless: "wrap_backward must give losses and mean of shapes ((9,), ()), but gave ((1,), ())",
    Attached: "wrap_backward must give losses that are cut off from the graph",
    Hard: "targets must stay one row of classes per example",
    Stale: "setup must return groups of the network's own parameters, but ['other'] are not",
    Reseeding: "plain must not move what other tricks draw in setup",
    Shifting: "plain must not move what other tricks draw, but did in step 1",
    Unaugmented: "plain must not move the augmentations, but did in step 1",
    Ruining: "plain.eval_model after an epoch must leave the trained network as it is; ",
    Another: "plain.eval_model at the end must give a network with the tensors of the trained one",
    Spread: "plain must train on batches of one example, but failed: loss, gradients and weights must stay finite",
    Frozen: "plain, saved after step 2 and resumed, must still change a weight, or nothing is proved; train for longer",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_trick, broken()).startswith(RED[broken])


@pytest.mark.parametrize(
    ("off", "what"),
    [(Plain(more=0.001), "network"), (Ruining(more=0.0), "network")],
)
def test_an_off_value_that_is_not_off(off, what, red):
    message = f"{off!r} must train as without it, but the {what} differs; the first difference is in body."
    assert red(check_trick, Plain(), off=off).startswith(message)
