"""The search space, as a table and as the file from which it is read again."""

from typing import Any

import tomli_w

from luthier.report.tuning.tuning import Dimension, Tuning, value_text

KEYS = ("low", "high", "log", "step", "choices", "only")


def space(tuning: Tuning) -> list[dict[str, str]]:
    """The searched settings and their ranges, as a table has them."""
    return [
        {"path": one["path"], "range": _range(one), "only": _only(one), "says": one["says"]} for one in tuning.space
    ]


def _range(one: Dimension) -> str:
    if one.get("choices"):
        return ", ".join(map(value_text, one["choices"]))
    step = f", in steps of {one['step']}" if one.get("step") else ""
    return f"{value_text(one['low'])} to {value_text(one['high'])}{', logarithmic' if one['log'] else ''}{step}"


def _only(one: Dimension) -> str:
    """Where the setting is there at all; empty where it always is."""
    return "; ".join(
        f"{path} is {' or '.join(map(value_text, values))}" for path, values in (one.get("only") or {}).items()
    )


def space_file(tuning: Tuning) -> list[str]:
    """The space as TOML, line by line; none where a setting stands for several, as only the default space has it."""
    if any(one.get("scales") for one in tuning.space):
        return []
    tables: dict[str, Any] = {}
    for one in sorted(tuning.space, key=_is_member):  # as a reader puts them first, and the order must stay
        *sections, name = one["path"].split(".")
        below = tables
        for section in sections:
            below = below.setdefault(section, {})
        below[name] = {key: one[key] for key in KEYS if one.get(key) not in (None, [], {})}
    return tomli_w.dumps(tables).splitlines()


def _is_member(one: Dimension) -> bool:
    """Whether a setting chooses a part, such as optimizer.name."""
    return str(one["path"]).endswith(".name")
