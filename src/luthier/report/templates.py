"""Fills templates so that text from outside stays text: a class named `<script>` is shown as one."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from PIL import Image

from luthier.core.errors import escape_name

HERE = Path(__file__).parent


def escape_text(name: str) -> Markup:
    """Escape a name for a page, and spell out signs that would turn or break the text around it.

    >>> print(escape_text("<script>"))
    &lt;script&gt;
    """
    return escape(escape_name(name))


def render(template: Path, **values: Any) -> str:
    """Fill a template, which may extend `base.html` and use `parts.html`.

    template: its file. values: what it names; every string among them is shown as text.
    """
    environment = Environment(
        loader=FileSystemLoader([template.parent, HERE], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_as_text,
    )
    environment.filters["json"] = _attribute
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("style.css", "hover.js"))
    shared = {"style": Markup(style), "script": Markup(script), "seal": _seal(script)}
    return environment.get_template(template.name).render(**shared, **values)


def _as_text(value: Any) -> Any:
    return escape_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _attribute(value: Any) -> Markup:
    """Write a value as JSON within an attribute."""
    return escape(json.dumps(value))


def _seal(script: str) -> str:
    """Hash the page's one script, so that the browser runs no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


SIDE = 64


GREY_AND_ALPHA, COLOURS = 2, 3


WHITE = 255


def thumbnail(picture: np.ndarray) -> str:
    """Write a picture (H, W, C), C up to 4, as the data URI of a PNG of at most 64 pixels a side.

    Floats are spread from their least to black and from their largest to white.

    >>> thumbnail(np.zeros((3, 5, 1), np.uint8))[:22]
    'data:image/png;base64,'
    """
    plain = picture if picture.dtype == np.uint8 else _spread(picture)
    shown = plain[..., 0] if plain.shape[2] <= GREY_AND_ALPHA else plain[..., :COLOURS]
    image = Image.fromarray(np.ascontiguousarray(shown))
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _spread(picture: np.ndarray) -> np.ndarray:
    values = np.nan_to_num(picture.astype(np.float64), posinf=0, neginf=0)
    least, most = values.min(), values.max()
    scale = WHITE / (most - least) if most > least else 0.0
    found: np.ndarray = np.rint((values - least) * scale).astype(np.uint8)
    return found


__all__ = ["escape_text", "render", "thumbnail"]
