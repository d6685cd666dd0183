"""The first layer of each form."""

import torch

from luthier.models.modules import blank, first_layer
from luthier.models.modules.standardise import FIRST

INPUTS = {
    "pictures": torch.rand(4, 3, 7, 5),
    "rows": torch.rand(4, 3),
    "sequences": torch.rand(4, 7, 3),
    "text": torch.rand(4, 3 + 7),
}


def test_every_form_has_one_that_can_be_loaded_again():
    assert FIRST.keys() == INPUTS.keys()
    for form, inputs in INPUTS.items():
        layer = first_layer(form, inputs.split(3), 3)
        other = blank(form, 3)
        assert type(layer) is type(other) is FIRST[form]
        other.load_state_dict(layer.state_dict())
        torch.testing.assert_close(layer(inputs), other(inputs), rtol=0, atol=0)
