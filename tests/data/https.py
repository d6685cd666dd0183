"""A site on this machine that speaks https and misbehaves as it is told."""

import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Hands each request to what is next in the site's script; good service once the script is over."""

    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        act = self.server.script.pop(0) if self.server.script else give()
        act(self)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Site(ThreadingHTTPServer):
    """Files by their paths, a script of misbehaviours, and what was asked for: paths and Range headers."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.files: dict[str, bytes] = {}
        self.script: list[Callable[[Handler], None]] = []
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str) -> str:
        return f"https://localhost:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that hang up are what is tested


def give(
    *,
    cut: int | None = None,
    ranges: bool = True,
    length: int | None = None,
    kind: str = "application/octet-stream",
    shift: int = 0,
    pause: float = 0.0,
    drip: float | None = None,
    reset: bool = False,
) -> Callable[[Handler], None]:
    """Service with a fault: cut ends the file at that byte, ranges=False ignores Range, length is what is announced
    (0: nothing), shift starts a range elsewhere, pause waits at the end, drip waits after each byte."""

    def act(handler: Handler) -> None:
        content = handler.server.files[handler.path]
        asked = handler.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) + shift if asked and ranges else 0
        handler.send_response(206 if asked and ranges else 200)
        if asked and ranges:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Type", kind)
        if length != 0:
            handler.send_header("Content-Length", str(length or len(content) - start))
        handler.end_headers()
        body = content[start:cut]
        for piece in [body] if drip is None else [body[at : at + 1] for at in range(len(body))]:
            handler.wfile.write(piece)
            time.sleep(drip or 0)
        time.sleep(pause)
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return act


def refuse(status: int, headers: dict[str, str] | None = None) -> Callable[[Handler], None]:
    """An answer with a status, and a page as its body."""

    def act(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": "text/html", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(b"<html>Service unavailable</html>")

    return act


def certificate(folder: Path) -> Path:
    """A key and its own certificate for localhost in one file, made by openssl."""
    key, file = folder / "key.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(file.read_bytes() + key.read_bytes())
    return file


@contextmanager
def serving(certificate: Path) -> Iterator[Site]:
    """A site that is up within the block."""
    with Site(certificate) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            with suppress(OSError):
                site.shutdown()
            thread.join()
