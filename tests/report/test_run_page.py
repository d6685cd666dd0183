"""The page of a run on pictures, beside what an evaluation finds."""

import re

from luthier.api import evaluate
from luthier.reporting import report


def test_the_counts_are_those_of_an_evaluation(run, data):
    found = evaluate(run, data=data)
    matrix = re.search(r'<table class="matrix">.*?</table>', report(run, data=data).read_text(), re.DOTALL)[0]
    counts = [int(one) for one in re.findall(r"<td[^>]*>(\d+)</td>", matrix)]
    assert counts == [n for row in found["confusion"] for n in row]


def test_there_is_a_picture_of_every_case_sample_and_filter(run, data):
    found, page = evaluate(run, data=data), report(run, data=data).read_text()
    wrong = sum(n for i, row in enumerate(found["confusion"]) for j, n in enumerate(row) if i != j)
    assert page.count("<img ") == min(wrong, 16) + min(found["n"], 16) + 3 * (1 + 3) + 6
    assert "What the network sees" in page and "Filters of the first convolution" in page
    assert page.count('src="data:image/png;base64,') == page.count("<img ")
