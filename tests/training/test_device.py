"""Devices by name."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.training.device import choose


@pytest.fixture
def present(monkeypatch):
    """Pretend that some devices are there."""

    def pretend(*names):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)

    return pretend


@pytest.mark.parametrize(("names", "chosen"), [(("cuda", "mps"), "cuda"), (("mps",), "mps"), ((), "cpu")])
def test_auto_takes_the_fastest_that_is_there(present, names, chosen):
    present(*names)
    assert choose("auto") == torch.device(chosen)


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_missing_is_refused(present, name):
    present()
    with pytest.raises(BadInput) as caught:
        choose(name)
    assert str(caught.value) == (
        f"device {name} must be present on this machine, but PyTorch finds none; use --device cpu or auto"
    )


def test_an_unknown_name_is_refused():
    with pytest.raises(BadInput) as caught:
        choose("gpu")
    assert str(caught.value) == "device must be one of auto, cpu, cuda, mps, but got 'gpu'; choose one with --device"
