"""The contract of a declared layer, and what layers ask of the shape that reaches them."""

from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput

Shape = tuple[int, ...]


class Layer(Part):
    """Declares one layer of a network that a recipe lists layer by layer."""

    def build(self, shape: Shape) -> nn.Module:
        """Make the layer for examples of a shape, (C, H, W), (T, F) or (F,).

        Raises BadInput where the shape cannot be used.
        """
        raise NotImplementedError

    @property
    def vocabulary(self) -> int | None:
        """Size of the vocabulary, where the layer reads numbers of tokens."""
        return None


def check_picture(name: str, shape: Shape) -> tuple[int, int, int]:
    """Return the shape if it is a picture's; raise BadInput otherwise."""
    if len(shape) != 3:
        raise BadInput(
            f"{name} needs pictures (C, H, W), but gets shape {shape}; "
            "take it out, or put it before flatten, global-average-pool and rows"
        )
    return shape


def check_sequence(name: str, shape: Shape) -> tuple[int, int]:
    """Return the shape if it is a sequence's; raise BadInput otherwise."""
    if len(shape) != 2:
        raise BadInput(f"{name} needs sequences (T, F), but gets shape {shape}; put rows before it to read pictures")
    return shape


def check_fits(name: str, shape: Shape, span: int, padding: int = 0) -> None:
    """Raise BadInput where a window of span pixels a side does not fit into a padded picture (C, H, W)."""
    if min(shape[1:]) + 2 * padding < span:
        raise BadInput(
            f"{name} looks at {span}x{span} pixels, but gets {shape[1]}x{shape[2]} with padding {padding}; "
            f"set a smaller kernel, padding of {-(-(span - min(shape[1:])) // 2)} or more, or a larger data.size"
        )


def check_padding(name: str, kernel: int, padding: int) -> None:
    """Raise BadInput where a pooling window could lie in the padding alone."""
    if 2 * padding > kernel:
        raise BadInput(
            f"{name}.padding must be at most half the kernel of {kernel}, but got {padding}; set {kernel // 2} or less"
        )
