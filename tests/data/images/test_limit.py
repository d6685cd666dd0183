"""How large pictures may be is the user's to say."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from luthier.core.errors import BadInput
from luthier.data.images.decode import MOST, largest


@pytest.mark.parametrize(("given", "pixels"), [(None, 50), ("", 50), ("1", 1), ("120", 120), (str(MOST), MOST)])
def test_the_limit(monkeypatch, given, pixels):
    monkeypatch.setenv("LUTHIER_MEGAPIXELS", given or "")
    if given is None:
        monkeypatch.delenv("LUTHIER_MEGAPIXELS")
    assert largest() == pixels * 1_000_000


@pytest.mark.parametrize("given", ["0", "-1", "1e3", "2.5", "many", "179"])
def test_what_is_no_limit(monkeypatch, given):
    monkeypatch.setenv("LUTHIER_MEGAPIXELS", given)
    with pytest.raises(BadInput) as caught:
        largest()
    assert (
        str(caught.value)
        == f"LUTHIER_MEGAPIXELS must be a whole number from 1 to 178, but got {given!r}; set it to one"
    )


def test_pillow_refuses_beyond_the_largest():
    assert Image.MAX_IMAGE_PIXELS is not None and 0 <= 2 * Image.MAX_IMAGE_PIXELS - MOST * 1_000_000 < 1_000_000


@pytest.mark.parametrize(("given", "read"), [("1", False), ("2", True)])
def test_pictures_are_measured_by_it(tmp_path, given, read):
    Image.new("1", (1100, 1000)).save(tmp_path / "one.png")
    code = (
        "import sys; from luthier.data.images.decode import measure_size\n"
        "print(measure_size(open(sys.argv[1], 'rb').read()))"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, tmp_path / "one.png"]
    environ = {**os.environ, "LUTHIER_MEGAPIXELS": given}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    refusal = "at most 1000000 pixels, but has 1100x1000; scale it down, or allow more with LUTHIER_MEGAPIXELS"
    assert (done.stdout, refusal in done.stderr) == (("(1100, 1000)\n", False) if read else ("", True))
