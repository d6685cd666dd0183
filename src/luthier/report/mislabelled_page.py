"""A page of the examples whose labels are most likely wrong, each with its picture where it is one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from luthier.data import Dataset
from luthier.report.templates import render, thumbnail

TEMPLATE = Path(__file__).parent / "mislabelled.html"


JUDGES = {True: "networks that never saw it", False: "a network trained on it"}


def write_page(dataset: Dataset, summary: str, rows: Sequence[dict[str, Any]]) -> str:
    """Write the page, which needs nothing else; rows: as `LabelIssues.rows` gives them."""
    shown = [{**one, "picture": _picture(dataset, one["example"]), "judge": JUDGES[one["fresh"]]} for one in rows]
    return render(TEMPLATE, title=f"Doubtful labels of {dataset.name}", summary=summary, rows=shown)


def _picture(dataset: Dataset, example: int) -> str | None:
    return thumbnail(dataset.inputs[example]) if dataset.is_picture else None
