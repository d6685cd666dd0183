"""A page of the examples whose labels are most likely wrong, each with its picture where it is one."""

from collections.abc import Sequence
from string import Template
from typing import Any

from luthier.data import Dataset
from luthier.data.check.page import text
from luthier.data.check.style import STYLE
from luthier.data.check.thumbnail import thumbnail

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Doubtful labels of $name</title>
<style>$style</style>
</head>
<body>
<main>
<h1>Doubtful labels of <bdi>$name</bdi></h1>
<p class="verdict">$summary</p>
<div class="wide"><table>
<tr><th scope="col">example</th><th scope="col">label</th><th class="n" scope="col">probability</th>
<th scope="col">likelier</th><th class="n" scope="col">probability</th><th scope="col">judged by</th></tr>
$rows
</table></div>
</main>
</body>
</html>
""")
ROW = Template(
    '<tr><th scope="row">$picture<bdi>$name</bdi></th><td><bdi>$label</bdi></td><td class="n">$label_probability</td>'
    '<td><bdi>$likelier</bdi></td><td class="n">$probability</td><td>$judge</td></tr>'
)
JUDGES = {True: "networks that never saw it", False: "a network trained on it"}


def page(dataset: Dataset, summary: str, rows: Sequence[dict[str, Any]]) -> str:
    """Write the page, which needs nothing else; rows: as `Doubts.rows` gives them."""
    return PAGE.substitute(
        name=text(dataset.name), style=STYLE, summary=text(summary), rows="\n".join(_row(dataset, one) for one in rows)
    )


def _row(dataset: Dataset, one: dict[str, Any]) -> str:
    return ROW.substitute(
        picture=f'<img src="{thumbnail(dataset.inputs[one["example"]])}" alt="">' if dataset.is_picture else "",
        name=text(one["name"]),
        label=text(one["label"]),
        label_probability=f"{one['label_probability']:.1%}",
        likelier=text(one["likelier"]),
        probability=f"{one['probability']:.1%}",
        judge=JUDGES[one["fresh"]],
    )
