"""What all pages share: one look, pictures inside the page, names as text, templates that escape."""

from luthier.page.templates import rendered, text
from luthier.page.thumbnail import thumbnail

__all__ = ["rendered", "text", "thumbnail"]
