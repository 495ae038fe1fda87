"""Points the unmodified SDKs of E2B at the Atoll under test, by nothing but their environment."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

HOME = Path(os.environ["ATOLL_TEST_HOME"])
INSTALLATION = json.loads((HOME / "installation.json").read_text())
BASE = os.environ["ATOLL_TEST_API_URL"].removesuffix("/api/v1")
KEY = os.environ["ATOLL_TEST_API_KEY"]
SECOND_KEY = os.environ["ATOLL_TEST_API_KEY2"]
PORT = urlsplit(BASE).port or 80
DOMAIN = f"sandbox.{INSTALLATION['domain']}:{INSTALLATION['tls_port']}"
CERTIFICATE = HOME / "edge" / "ca" / "ca.pem"

ENVIRONMENT = {
    "E2B_API_KEY": KEY,
    "E2B_API_URL": f"{BASE}/e2b",
    "E2B_SANDBOX_URL": f"{BASE}/e2b/sandbox",
    "E2B_DOMAIN": DOMAIN,
    # What a client needs to trust the certificates of this installation.
    "SSL_CERT_FILE": str(CERTIFICATE),
    "NODE_EXTRA_CA_CERTS": str(CERTIFICATE),
}
os.environ.update(ENVIRONMENT)


def wait_for(what: Callable[[], T | None], seconds: float = 20) -> T:
    """The first answer that is not None, nor empty."""
    end = monotonic() + seconds
    while monotonic() < end:
        answer = what()
        if answer:
            return answer
        sleep(0.05)
    raise AssertionError("it did not happen in time")


@contextmanager
def resolver() -> Iterator[str]:
    """An HTTP proxy to which every name is this machine: it stands for the DNS of a real domain."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_tunnel, args=(client,), daemon=True).start()


def _tunnel(client: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(4096)
        if not more:
            return
        head += more
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    assert method == "CONNECT", head
    server = socket.create_connection(("127.0.0.1", int(target.rsplit(":", 1)[1])))
    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
    threading.Thread(target=_copy, args=(client, server), daemon=True).start()
    _copy(server, client)


def _copy(source: socket.socket, to: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        to.close()
