"""A small name server: the one that the installation under test asks whose a domain is."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path

CNAME = 5


class NameServer:
    """Answers with these aliases, and with no other name."""

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}
        installation = json.loads((Path(os.environ["ATOLL_TEST_HOME"]) / "installation.json").read_text())
        host, port = installation["domain_resolver"].rsplit(":", 1)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.settimeout(0.2)
        self._socket.bind((host, int(port)))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                question, peer = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            self._socket.sendto(self._answer(question), peer)

    def _answer(self, question: bytes) -> bytes:
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        kind = int.from_bytes(question[at + 1 : at + 3], "big")
        target = self.aliases.get(".".join(labels).lower()) if kind == CNAME else None
        asked = question[12 : at + 5]
        if target is None:
            return question[:2] + b"\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00" + asked
        name = b"".join(bytes([len(label)]) + label.encode() for label in target.split(".")) + b"\x00"
        record = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x01" + len(name).to_bytes(2, "big") + name
        return question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + asked + record
