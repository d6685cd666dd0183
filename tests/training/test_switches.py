"""PyTorch's global switches neither disturb nor are disturbed."""

import pytest
import torch

from luthier.training.device import plain_torch

SWITCHED = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "device": lambda: torch.device("meta"),
}


def switches():
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_default_device().type,
    )


PLAIN = (torch.float32, True, False, False, "cpu")


@pytest.mark.parametrize("name", SWITCHED)
def test_a_switch_is_off_inside_and_back_afterwards(name):
    with SWITCHED[name]():
        before = switches()
        assert before != PLAIN
        with plain_torch():
            assert switches() == PLAIN
        assert switches() == before
    assert switches() == PLAIN


def test_the_default_type_comes_back_whatever_happens():
    torch.set_default_dtype(torch.float64)
    try:
        with pytest.raises(ZeroDivisionError), plain_torch():
            assert switches() == PLAIN
            raise ZeroDivisionError
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
