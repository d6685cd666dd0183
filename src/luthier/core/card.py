"""The card of a part: what it does and where it comes from, in a form that a test can read."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a part does and who described it first.

    summary: one sentence, ending in a full stop.
    source: authors, title, year of the publication, or the project that defined the usual form.
    """

    summary: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ArchitectureCard(Card):
    """The card of an architecture.

    native_size: side in pixels that pictures are brought to unless the recipe says otherwise; None for rows, and for
        networks that take pictures as they are.
    paper_shape: (C, H, W) of one example in the publication, for networks without a native size.
    suggests: recipe settings that belong to this architecture, used where the recipe is silent.
    """

    native_size: int | None = None
    paper_shape: tuple[int, int, int] | None = None
    suggests: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DataCard(Card):
    """The card of a data set.

    signs: whether its pictures are digits or letters, whose mirror image may be another one or none.
    """

    signs: bool = False


@dataclass(frozen=True, kw_only=True)
class TipCard(Card):
    """The card of what everybody recommends: an augmentation or a trick.

    cost: what it costs in time and memory. claim: what was reported elsewhere, not measured here.
    example: settings of the example on its page, where the defaults do not suit every network.
    """

    cost: str = ""
    claim: str = ""
    example: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrickCard(TipCard):
    """The card of a trick.

    after: names of the tricks that must act before this one at every moment they share.
    conflicts: names of the tricks that cannot be used beside this one, each with the reason.
    """

    after: tuple[str, ...] = ()
    conflicts: Mapping[str, str] = field(default_factory=dict)
