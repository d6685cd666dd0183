"""A real browser without a window, spoken to over a pipe: what it shows, and what it complains of."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luthier
from luthier.core.errors import LuthierWarning
from luthier.testing.material import pictures

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--hide-scrollbars", "--disable-background-networking", "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One tab; it speaks the DevTools protocol, JSON objects with a zero byte behind each."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._number, self._rest, self._session = 0, b"", {}
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **self._session}
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def open(self, path: Path, width: int = 1000, height: int = 900, theme: str = "light", media: str = "") -> None:
        """Show a file in a window of a size, for a reader who likes it light or dark; media: screen or print."""
        self.complaints.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": theme}]
        )
        self.call("Page.navigate", url=path.resolve().as_uri())
        while self._read_and_note().get("method") != "Page.loadEventFired":
            pass

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def point(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def shot(self, path: Path, whole: bool = False) -> None:
        """Keep what the window shows, or the whole page, as a PNG file."""
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(taken["data"]))

    def printed(self) -> tuple[int, str]:
        """Print the page: how many sheets it takes, and what is drawn on them, in the operators of PDF."""
        made = base64.b64decode(self.call("Page.printToPDF")["data"])
        streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
        drawn = [zlib.decompress(one) for one in streams if one[:1] == b"\x78"]
        return len(re.findall(rb"/Type\s*/Page\b", made)), b"\n".join(drawn).decode("latin-1")

    def _read_and_note(self) -> dict[str, Any]:
        message = self._read()
        self._note(message)
        return message

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._receive, 1 << 16)
            assert part, "the browser is gone"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)

    def _note(self, message: dict[str, Any]) -> None:
        """Keep errors, warnings, and requests for anything but the page and what is inside it."""
        method, params = message.get("method"), message.get("params", {})
        if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            self.complaints.append(json.dumps(params))
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("file:", "data:")):
            self.complaints.append(f"a request for {params['request']['url']}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests, ended with all that it left; without one they are skipped."""
    if PROGRAM is None:
        pytest.skip("needs Chromium, which is Debian's package chromium")
    (its_input, to_it), (from_it, its_output) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The protocol's places are descriptors 3 and 4, whatever the pipes were given here.
        command = ["bash", "-c", f'exec "$@" 3<&{its_input} 4>&{its_output}', "bash", PROGRAM, *FLAGS]
        process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"], pass_fds=(its_input, its_output),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(its_input)
        os.close(its_output)
        try:
            yield Browser(to_it, from_it)
        finally:
            os.close(to_it)
            os.close(from_it)
            process.terminate()
            process.wait(timeout=20)


HOSTILE = ("<script>document.title='hit'</script>", "\"quotes\" & 'more'", "עברית \u202eabc")


@pytest.fixture(scope="session")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Pictures of three classes whose names would break a careless page."""
    made = pictures(97, side=9)
    return made.inputs, np.asarray(HOSTILE)[made.labels]


@pytest.fixture(scope="session")
def run(data: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on them, augmented."""
    path = tmp_path_factory.mktemp("report") / "run"
    augment = {"rotation": {"degrees": 20}}
    with warnings.catch_warnings(action="ignore", category=LuthierWarning):
        luthier.train(data, "lenet5", epochs=2, batch_size=16, augment=augment, out=path, quiet=True)
    return path
