"""Templates: everything from outside is text, in the page and in its attributes."""

import json
import re
from html import unescape

import pytest
from jinja2 import UndefinedError

from luthier.charts.chart import Chart, Line
from luthier.report.templates import render

HOSTILE = "</script><script>alert(1)</script>\"'&\u202e\n\0"
SHOWN = "</script><script>alert(1)</script>\"'&\\u202e\\n\\x00"


@pytest.fixture
def filled(tmp_path):
    """Fill a template with a title."""

    def fill(body, **values):
        path = tmp_path / "some.html"
        head = '{% extends "base.html" %}{% import "parts.html" as look %}{% block main %}'
        path.write_text(f"{head}{body}{{% endblock %}}")
        return render(path, title="t", **values)

    return fill


def test_a_string_is_text_with_its_signs_spelled_out(filled):
    page = filled("[{{ name }}]", name=HOSTILE)
    inside = page[page.index("<main>") : page.index("</main>")]
    assert unescape(inside[inside.index("[") + 1 : inside.index("]")]) == SHOWN
    assert "<script" not in inside and "'" not in inside.replace("&#39;", "")


def test_a_chart_keeps_hostile_words_in_its_attributes(filled):
    page = filled("{{ look.chart(chart) }}", chart=Chart(HOSTILE, HOSTILE, [Line(HOSTILE, [(1, 2.0), (2, 3.0)])]))
    inside = page[page.index("<main>") : page.index("</main>")]
    assert "<script" not in inside
    name, labels = re.search(r'data-name="([^"]*)".*data-labels="([^"]*)"', inside).groups()
    assert unescape(name) == SHOWN and json.loads(unescape(labels)) == ["2 at 1", "3 at 2"]


def test_a_name_that_nobody_gave_is_an_error(filled):
    with pytest.raises(UndefinedError):
        filled("{{ missing }}")


def test_the_page_lets_no_other_script_run(filled):
    assert re.search(r"default-src 'none'; img-src data:; .*script-src 'sha256-[A-Za-z0-9+/]{43}='", filled(""))
