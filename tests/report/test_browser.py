"""The page in a real browser: no complaint, curves and pictures seen, hovering, light and dark, hostile names."""

import json
import re
import shutil
from pathlib import Path

import pytest

from luthier.reporting import report
from luthier.run import Run

THEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}


@pytest.fixture(scope="module")
def page(run, data, tmp_path_factory) -> Path:
    """The page of the run, its history telling of health and phases, alone in another folder."""
    copy = tmp_path_factory.mktemp("elsewhere") / "run"
    shutil.copytree(run, copy)
    told = {"health": {"a": {"gradient": 0.1, "dead": 0.5}}, "seconds_by_phase": {"data": 1.0, "forward": 3.0}}
    rows = [json.dumps({**row, **told}) for row in Run(copy).history]
    (copy / "history.jsonl").write_text("\n".join(rows) + "\n")
    made = report(copy, data=data)
    shutil.copy(made, made.parent.parent / "page.html")
    shutil.rmtree(copy)
    return made.parent.parent / "page.html"


@pytest.mark.parametrize("theme", THEMES)
def test_it_opens_without_a_complaint_in_the_readers_colours(browser, page, theme):
    browser.open(page, theme=theme)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == THEMES[theme]
    inks = browser.ask("[...document.querySelectorAll('polyline')].map(one => getComputedStyle(one).stroke)")
    assert len(inks) == 10 and "none" not in inks and THEMES[theme] not in inks
    assert browser.complaints == []


def test_every_curve_and_picture_is_seen(browser, page):
    browser.open(page)
    boxes = "[...document.querySelectorAll('polyline')].map(one => one.getBoundingClientRect())"
    assert min(browser.ask(f"{boxes}.map(box => box.width + box.height)")) > 20
    widths = browser.ask("[...document.images].map(one => one.complete ? one.naturalWidth : 0)")
    assert len(widths) > 30 and min(widths) >= 5
    assert page.stat().st_size < 1_000_000


def test_hovering_tells_the_values_there(browser, page, run):
    browser.open(page)
    box = browser.ask(
        "(b => [b.left, b.top, b.width, b.height])(document.querySelector('svg').getBoundingClientRect())"
    )
    left, top, width, height = box
    browser.point(left + width - 3, top + height / 2)
    said = browser.ask("document.querySelector('.tip').innerText")
    last = [row for row in Run(run).history if row["kind"] == "validation"][-1]
    assert re.fullmatch(rf"training: [\d.]+ at 2\nvalidation: {last['loss']:.4g} at 2", said)
    assert browser.ask("document.querySelector('.tip').hidden") is False
    assert browser.ask("document.querySelectorAll('.marks circle').length") == 2
    browser.point(left + 70, top + height / 2)
    assert browser.ask("document.querySelector('.tip').innerText") != said
    browser.point(1, 1)
    assert browser.ask("document.querySelector('.tip').hidden") is True
    assert browser.complaints == []


def test_hostile_names_are_text(browser, page):
    browser.open(page)
    said = browser.ask("document.body.innerText")
    for name in ("<script>document.title='hit'</script>", "\"quotes\" & 'more'", "עברית \\u202eabc"):
        assert name in said
    assert browser.ask("document.title").startswith("lenet5 on ") and browser.ask("document.scripts.length") == 1
    assert "\u202e" not in browser.ask("document.documentElement.outerHTML")


def test_no_script_but_its_own_would_run(browser, page):
    browser.open(page)
    browser.ask(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.hit = 1'}))"
    )
    assert browser.ask("window.hit") is None
    assert "Content Security Policy" in "".join(browser.complaints)


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_window(browser, page, width):
    browser.open(page, width=width)
    assert browser.ask("document.documentElement.scrollWidth") == width
