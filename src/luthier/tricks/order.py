"""The order in which tricks act, from their cards alone, so that the same set is always the same recipe."""

from collections import Counter
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from luthier.core.errors import BadInput
from luthier.tricks.trick import Trick


def sort_tricks(tricks: Iterable[Trick]) -> tuple[Trick, ...]:
    """Sort tricks so that each follows those that its card names, the rest by name.

    Raises BadInput where the cards name each other in a circle.
    """
    by_name = {trick.name: trick for trick in sorted(tricks, key=lambda trick: trick.name)}
    sorter = TopologicalSorter(
        {name: [n for n in sorted(one.card.after) if n in by_name] for name, one in by_name.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise BadInput(
            f"tricks must not wait for each other, but {' after '.join(error.args[1])}; mend the cards' `after`"
        ) from None
    result: list[Trick] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        name = ready.pop(0)
        result.append(by_name[name])
        sorter.done(name)
    return tuple(result)


def conflicts(tricks: Sequence[Trick]) -> list[str]:
    """One line for each trick that is given twice and each pair that exclude each other, with the reason."""
    counts = Counter(trick.name for trick in tricks)
    by_name = {trick.name: trick for trick in tricks}
    twice = [
        f"tricks.{name} must be given once, but is given {count} times; take one of them out"
        for name, count in counts.items()
        if count > 1
    ]
    return twice + [
        f"tricks.{one.name} cannot be used beside tricks.{other}: {why}; take one of them out"
        for one in by_name.values()
        for other, why in one.card.conflicts.items()
        if other in by_name
    ]
