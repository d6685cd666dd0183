"""The page of a tuning study in a real browser: seen, hovered over, hostile words kept as text."""

import pytest

from luthier.report.report import report

HOSTILE = "<script>document.title='hit'</script>"
THEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}
BOX = "(b => [b.left, b.top, b.width, b.height])(document.querySelectorAll('{}')[{}].getBoundingClientRect())"


@pytest.fixture(scope="module")
def study(make):
    return make()


@pytest.fixture(scope="module")
def page(study):
    return report(study.sealed())


@pytest.mark.parametrize("theme", THEMES)
def test_it_opens_without_a_complaint_in_the_readers_colours(browser, page, theme):
    browser.open(page, theme=theme)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == THEMES[theme]
    inks = browser.ask(
        "[...document.querySelectorAll('.dot circle')].map(one => getComputedStyle(one).fill)"
        ".concat([...document.querySelectorAll('.ring circle, .cross path')].map(one => getComputedStyle(one).stroke))"
    )
    assert len(inks) > 100 and "none" not in inks and THEMES[theme] not in inks
    assert browser.ask("getComputedStyle(document.querySelector('.unjoined')).stroke") == "none"
    assert browser.complaints == []


def test_every_trial_is_seen_in_the_history(browser, page):
    browser.open(page)
    figure = "[...document.querySelectorAll('figure.chart')].find(one => one.innerText.includes('best so far'))"
    shapes = f"[...{figure}.querySelectorAll('g:not(.marks) > *')].map(one => one.getBoundingClientRect())"
    assert browser.ask(f"{shapes}.length") == 24 and browser.ask(f"Math.min(...{shapes}.map(box => box.height))") > 3


def test_an_edge_that_was_hit_stands_out(browser, page):
    browser.open(page)
    inks = browser.ask("[...document.querySelectorAll('.edge')].map(one => getComputedStyle(one).stroke)")
    assert len(inks) == 6 and inks[1] not in (inks[0], *inks[2:]) and len(set(inks)) == 2


def test_hovering_tells_of_the_nearest_trial_alone(browser, page, study):
    browser.open(page)
    chart = "[...document.querySelectorAll('figure.chart')].find(one => one.innerText.includes('best so far'))"
    browser.ask(f"{chart}.scrollIntoView()")
    middle = "(b => [b.left + b.width / 2, b.top + b.height / 2])"
    x, y = browser.ask(f"{middle}({chart}.querySelector('g.ring circle').getBoundingClientRect())")
    browser.point(x + 1, y + 1)
    first = next(one for one in study.ledger["trial_list"] if one["state"] == "stopped")
    words = f"{first['how']}, stopped: trial {first['number']}, {first['score']:.2%}"
    assert browser.ask(f"{chart}.querySelector('.tip').innerText") == words
    assert browser.ask(f"{chart}.querySelectorAll('.marks circle').length") == 1
    browser.ask("document.querySelector('figure.chart').scrollIntoView()")  # where all of a recipe have one x
    x, y = browser.ask(f"{middle}(document.querySelectorAll('g.c1.dot circle')[3].getBoundingClientRect())")
    browser.point(x, y + 1)
    assert browser.ask("document.querySelector('.tip').innerText") == "seed 204: 94.1% at default"
    assert browser.complaints == []


def test_hostile_words_are_text(browser, page):
    browser.open(page)
    assert HOSTILE in browser.ask("document.body.innerText") and browser.ask("document.scripts.length") == 1
    assert browser.ask("document.title").startswith("mlp on digits")


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_window(browser, page, width):
    browser.open(page, width=width)
    assert browser.ask("document.documentElement.scrollWidth") == width


def test_a_printed_table_of_trials_fits_the_paper(browser, page):
    browser.open(page, width=720)
    browser.call("Emulation.setEmulatedMedia", media="print")
    wide = browser.ask("document.querySelector('.dense').getBoundingClientRect().right")
    browser.call("Emulation.setEmulatedMedia", media="")
    assert wide <= 720
