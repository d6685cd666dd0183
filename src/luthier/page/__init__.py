"""What all pages share: one look, pictures inside the page, names as text, templates that escape."""

from luthier.page.templates import escape_text, render
from luthier.page.thumbnail import thumbnail

__all__ = ["escape_text", "render", "thumbnail"]
