"""The report as one page that needs nothing else: no script, no network, light and dark as the reader has it."""

from collections.abc import Iterable
from html import escape
from string import Template

import numpy as np

from luthier.core.errors import shown
from luthier.data.check.finding import Finding, title
from luthier.data.check.report import Report
from luthier.data.check.style import STYLE
from luthier.data.check.thumbnail import thumbnail
from luthier.data.dataset import Dataset

MOST_CLASSES, MOST_PICTURES, MOST_FILES = 200, 8, 20
"""What is shown of many classes, of a finding's pictures, and of its files."""
PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Check of $name</title>
<style>$style</style>
</head>
<body>
<main>
<h1>Check of <bdi>$name</bdi></h1>
<p class="verdict $verdict">$summary</p>
$findings
$classes
</main>
</body>
</html>
""")
FINDING = Template("""<article class="$severity">
<h3><span class="badge">$severity</span> $kind</h3>
<p>$what.</p>
<p class="remedy">$remedy.</p>
$pictures$files</article>""")
ROW = Template(
    '<tr><th scope="row">$picture<bdi>$name</bdi></th><td class="n">$n</td>'
    '<td class="bar"><meter min="0" max="$most" value="$n" aria-label="$n examples"></meter></td>$parts</tr>'
)


def page(report: Report) -> str:
    """Write the page; every name is text in it, whatever it holds."""
    return PAGE.substitute(
        name=text(report.name),
        style=STYLE,
        verdict="stop" if report.stops else "good",
        summary=text(summary(report)),
        findings=_section("What was found", (_finding(one, report.dataset) for one in report.findings)),
        classes=_classes(report),
    )


def summary(report: Report) -> str:
    """Say in one line what the data are and whether they stop a training."""
    counts = {kind: sum(one.severity == kind for one in report.findings) for kind in ("stop", "warn", "note")}
    verdict = "a training would stop" if report.stops else "nothing stops a training"
    size = "" if report.dataset is None else f"{len(report.dataset):,} examples, {_outputs(report.dataset)}; "
    return f"{size}{verdict}: {counts['stop']} to mend, {counts['warn']} to look at, {counts['note']} to know"


def _outputs(dataset: Dataset) -> str:
    return f"{len(dataset.classes)} classes" if dataset.classes else f"{dataset.outputs} values to predict"


def text(name: str) -> str:
    """Write a name as text of the page.

    >>> text("<script>")
    '&lt;script&gt;'
    """
    return escape(shown(name))


def _section(heading: str, parts: Iterable[str]) -> str:
    content = "\n".join(parts)
    return f"<section>\n<h2>{heading}</h2>\n{content}\n</section>" if content else ""


def _finding(one: Finding, dataset: Dataset | None) -> str:
    return FINDING.substitute(
        severity=one.severity,
        kind=text(one.kind),
        what=text(one.what),
        remedy=text(one.remedy),
        pictures=_pictures(one, dataset),
        files=_files(one),
    )


def _pictures(one: Finding, dataset: Dataset | None) -> str:
    if dataset is None or not dataset.is_picture or not one.examples:
        return ""
    figures = (_figure(dataset, example) for example in one.examples[:MOST_PICTURES])
    return f'<div class="pictures">{"".join(figures)}</div>\n'


def _figure(dataset: Dataset, example: int) -> str:
    name, label = text(title(dataset, example)), text(_label(dataset, example))
    return (
        f'<figure><img src="{thumbnail(dataset.inputs[example])}" alt="{name}">'
        f"<figcaption><bdi>{name}</bdi><br><bdi>{label}</bdi></figcaption></figure>"
    )


def _label(dataset: Dataset, example: int) -> str:
    label = dataset.labels[example]
    if not dataset.classes:
        return ", ".join(f"{value:.4g}" for value in label)
    return dataset.classes[label] if 0 <= label < len(dataset.classes) else f"label {label}"


def _files(one: Finding) -> str:
    if not one.files:
        return ""
    items = "".join(f"<li><bdi>{text(name)}</bdi></li>" for name in dict.fromkeys(one.files[:MOST_FILES]))
    return f"<details><summary>files</summary><ul>{items}</ul></details>\n"


def _classes(report: Report) -> str:
    rows = report.counts[:MOST_CLASSES]
    if report.dataset is None or not rows:
        return ""
    most, parts = max(row["n"] for row in report.counts), [key for key in rows[0] if key not in ("class", "n")]
    firsts = _firsts(report.dataset)
    head = "".join(f'<th scope="col" class="n">{part}</th>' for part in parts)
    body = "\n".join(
        ROW.substitute(
            picture=firsts.get(k, ""),
            name=text(row["class"]),
            n=row["n"],
            most=most,
            parts="".join(f'<td class="n">{row[part]}</td>' for part in parts),
        )
        for k, row in enumerate(rows)
    )
    more = len(report.counts) - len(rows)
    note = f"<p>{more:,} more classes are not shown.</p>" if more else ""
    columns = f'<tr><th scope="col">class</th><th scope="col" class="n">n</th><th></th>{head}</tr>'
    return _section("Classes", [f'<div class="wide"><table>\n{columns}\n{body}\n</table></div>{note}'])


def _firsts(dataset: Dataset) -> dict[int, str]:
    """A picture of each class, by its number."""
    if not dataset.is_picture:
        return {}
    numbers, first = np.unique(dataset.labels, return_index=True)
    shown_ones = list(zip(numbers.tolist(), first.tolist(), strict=True))[:MOST_CLASSES]
    return {k: f'<img src="{thumbnail(dataset.inputs[example])}" alt="">' for k, example in shown_ones}
