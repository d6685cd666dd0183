"""The page in a real browser: no complaint, curves and pictures seen, hovering, light and dark, hostile names."""

import re
import shutil
from pathlib import Path

import pytest

from luthier.report.report import report
from luthier.run import Run

THEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}


@pytest.fixture(scope="module")
def page(run, data, rewrite_history, tmp_path_factory) -> Path:
    """The page of the run, its history telling of health and phases, alone in another folder."""
    copy = tmp_path_factory.mktemp("elsewhere") / "run"
    shutil.copytree(run, copy)
    told = {"health": {"a": {"gradient": 0.1, "dead": 0.5}}, "seconds_by_phase": {"data": 1.0, "forward": 3.0}}
    rewrite_history(copy, lambda row: {**row, **told})
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


SHEET = 739
"""Pixels across the printed part of a sheet: US letter less the browser's margins, at 96 to the inch."""


@pytest.mark.parametrize("theme", THEMES)
def test_a_print_has_every_curve_on_several_sheets_in_ink_on_white(browser, page, theme):
    browser.open(page, theme=theme)
    sheets, drawn = browser.printed()
    assert sheets > 2
    inks = {"c0": "31, 95, 168", "c1": "194, 65, 12"}
    for colour, ink in inks.items():
        wanted = browser.ask(f"document.querySelectorAll('polyline.{colour}').length")
        assert wanted > 0 and strokes(drawn, ink) >= wanted


def strokes(drawn: str, ink: str) -> int:
    """How often a pen of a colour is taken up."""
    wanted = [int(one) for one in ink.split(",")]
    pens = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) RG", drawn)
    return sum([round(float(one) * 255) for one in pen] == wanted for pen in pens)


def test_a_print_cuts_nothing_off_and_opens_what_is_folded(browser, page):
    browser.open(page, width=SHEET, media="print")
    assert browser.ask(
        "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
        ".map(one => one.outerHTML.slice(0, 80))"
    ) == []  # fmt: skip
    hidden = "[...document.querySelectorAll('details > *')].filter(one => !one.checkVisibility()).length"
    assert browser.ask(hidden) == 0
    breaks = "new Set([...document.querySelectorAll('figure, tr')].map(one => getComputedStyle(one).breakInside))"
    assert browser.ask(f"[...{breaks}]") == ["avoid"]
    assert browser.ask("getComputedStyle(document.querySelector('section')).breakInside") == "auto"


def test_long_names_leave_room_for_the_counts(browser, page):
    """The counts of the matrix are seen without a look to the side."""
    browser.open(page)
    browser.ask("document.querySelectorAll('.matrix th bdi').forEach(one => one.textContent = 'long'.repeat(50))")
    cells = "[...document.querySelectorAll('.matrix td')].map(one => one.getBoundingClientRect().right)"
    assert max(browser.ask(cells)) <= 1000


def test_a_lone_chart_is_no_larger_than_one_of_two(browser, page):
    browser.open(page)
    widths = browser.ask(
        "[...document.querySelectorAll('.charts')].map(one => one.querySelector('svg').getBoundingClientRect().width)"
    )
    assert len(widths) > 2 and max(widths) - min(widths) < 2
    browser.ask("document.querySelectorAll('.charts figure ~ *').forEach(one => one.remove())")
    assert browser.ask("document.querySelector('.charts svg').getBoundingClientRect().width") == widths[0]
