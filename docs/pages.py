"""Writes docs/tricks: a page for each trick and each augmentation, from its declaration and its card.

    python docs/pages.py

A test says when a page is stale.
"""

import inspect
from pathlib import Path
from typing import Any

import tomli_w

from luthier.core.declare import Part
from luthier.data.augment import AUGMENTATIONS
from luthier.recipe.catalogue import items
from luthier.training.trick import Trick
from luthier.training.tricks import TRICKS

FOLDER = Path(__file__).parent / "tricks"
SECTIONS = {"tricks": TRICKS, "augment": AUGMENTATIONS}
INDEX = """# Tricks and augmentations

Written by `python docs/pages.py` from the declarations; a test says when a page is stale, and runs each example.
`luthier list tricks` shows the same.

| name | in a recipe | does |
| --- | --- | --- |
"""


def pages() -> dict[str, str]:
    """The content of each file by its name."""
    found = items("tricks")
    rows = "".join(f"| {_link(one)} | `{one['where']}` | {one['summary']} |\n" for one in found)
    return {"README.md": INDEX + rows, **{f"{one['name']}.md": page(one) for one in found if _has_page(one)}}


def page(item: dict[str, Any]) -> str:
    """The page of one part: what it does, its card, its settings, and examples."""
    section, name = item["where"].split(".")
    part: type[Part] = SECTIONS[section].members[name]
    facts = {
        "source": item["source"],
        "claimed elsewhere": item["claim"],
        "cost": item["cost"],
        "acts after": ", ".join(getattr(part.card, "after", ())),
        "not beside": "; ".join(f"{other}: {why}" for other, why in item.get("conflicts", {}).items()),
    }
    told = "".join(f"| {key} | {value} |\n" for key, value in facts.items() if value)
    return (
        f"# {name}\n\n{item['summary']}\n\n{inspect.cleandoc(part.__doc__ or '')}\n\n| | |\n| --- | --- |\n{told}\n"
        f"{_settings(item['hyperparameters'])}{_examples(section, part)}"
    )


def _settings(found: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"| `{one['name']}` | {_value(one['default'])} | {one['rule']} | {_search(one['search'])} | {one['says']} |\n"
        for one in found
    )
    head = "## Settings\n\n| name | default | legal | searched | meaning |\n| --- | --- | --- | --- | --- |\n"
    return f"{head}{rows}\n" if found else "It has no settings.\n\n"


def _examples(section: str, part: type[Part]) -> str:
    values = {key: value for key, value in part(**part.card.example).dump().items() if key != "name"}  # type: ignore[attr-defined]  # tips have one
    recipe = tomli_w.dumps({section: {part.name: values}})
    settings = repr(values).replace("'", '"')  # plain values and no texts with quotes
    beside = '    unlabelled="digits",\n' if issubclass(part, Trick) and part().streams() else ""
    return (
        f"## Examples\n\nIn a recipe:\n\n```toml\n{recipe}```\n\nFrom Python:\n\n```python\nimport luthier\n\n"
        f'run = luthier.train(\n    "digits",\n    "mlp",\n    epochs=1,\n{beside}'
        f'    {section}={{"{part.name}": {settings}}},\n    out="runs/{part.name}",\n)\n'
        'print(run.result["test"]["accuracy"])\n```\n'
    )


def _has_page(item: dict[str, Any]) -> bool:
    return item["where"].partition(".")[0] in SECTIONS


def _link(item: dict[str, Any]) -> str:
    return f"[{item['name']}]({item['name']}.md)" if _has_page(item) else item["name"]


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _search(found: dict[str, Any] | None) -> str:
    if found is None:
        return "-"
    return f"{found['low']:g} to {found['high']:g}{', by orders of magnitude' if found['log'] else ''}"


def write() -> None:
    """Write all pages and remove those of parts that are no more."""
    FOLDER.mkdir(exist_ok=True)
    content = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in content:
            path.unlink()
    for name, text in content.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    write()
