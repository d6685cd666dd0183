"""What came of a tuning study, in one sentence."""

import shlex

from luthier.report.figures import first
from luthier.report.tuning.tuning import Tuning

SHIPPED = {"best": "the recipe that was found", "default": "the default recipe"}


def verdict(tuning: Tuning) -> str:
    """The difference on fresh seeds, what is shipped, and the search score as what it is."""
    if not tuning.finished:
        done = f" after {len(tuning.trials)} trials" if tuning.trials else ""
        return f"The study is not finished{done}; go on with: luthier tune --resume {shlex.quote(str(tuning.root))}"
    found = tuning.ledger["best"]
    chosen = ", which is optimistic" if found["optimistic"] else ""
    search = f"trial {found['trial']} scored {tuning.words(found['search_score'])} in the search{chosen}"
    return f"{_fresh(tuning)}; shipped is {SHIPPED[tuning.ledger['shipped']]} ({search})."


def _fresh(tuning: Tuning) -> str:
    fresh = tuning.ledger["fresh"]
    words = str(fresh["verdict"]).rstrip(".")
    if fresh["difference"] is None:
        return words[:1].upper() + words[1:]
    low, high = map(tuning.gap, fresh["interval"])
    unit = f" {tuning.unit}" if tuning.unit else ""
    more = f", about {fresh['further_pairs']} more pairs would tell" if fresh.get("further_pairs") else ""
    return (
        f"On fresh seeds the recipe that was found differs from the default by {tuning.gap(fresh['difference'])}{unit} "
        f"of validation {tuning.metric} (95% interval {low} to {high}, n = {fresh['n']} pairs): {words}{more}"
    )


def final_words(tuning: Tuning) -> str:
    """What the shipped recipe came to on the test part; empty where it was not trained yet."""
    test = tuning.ledger.get("test")
    if not test:
        return ""
    name, words = first(test, tuning.metric)
    return f"The shipped recipe was then trained once: test {name} {words}, n = {test['n']:,}."
