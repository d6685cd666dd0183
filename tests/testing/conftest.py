"""What the tests of the batteries share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower with several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def red() -> Callable[..., str]:
    """Run a battery that must fail, and give what it says."""

    def failed(battery: Callable[..., None], part: Any, **values: Any) -> str:
        with pytest.raises(AssertionError) as caught:
            battery(part, **values)
        return str(caught.value)

    return failed
