"""What an attack has: sandboxes of its own, a neighbor that must not notice, and the host, which is looked at afterwards."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lib.api import Api, Sandbox
from lib.host import Host
from lib.targets import Target

INSIDE = Path(__file__).resolve().parent.parent / "inside"


class World:
    """One target under attack."""

    INSIDE = INSIDE

    def __init__(self, api: Api, target: Target, long: bool, seed: int = 0) -> None:
        self.api = api
        self.driver = target.driver
        self.docker = target.option == "docker"
        self.kvm = target.option == "nested_virtualization"
        self.long = long
        self.seed = seed
        self.fields = target.fields
        self.host = Host()
        self._mine: list[Sandbox] = []
        self._undo: list[Any] = []
        self.neighbor = self._create({})
        self.neighbor.write("/workspace/canary", b"alive")
        self._before = self.host.state()

    def _create(self, fields: dict[str, Any]) -> Sandbox:
        body: dict[str, Any] = {"size": "xs", **self.fields, **fields}
        body["isolation"] = self.driver
        # A template that is built on demand is built by the first who asks.
        until = time.monotonic() + 600
        reply = self.api.post("/sandboxes", body)
        while reply.status == 503 and reply.code == "TEMPLATE_BUILDING" and time.monotonic() < until:
            time.sleep(2)
            reply = self.api.post("/sandboxes", body)
        view = reply.expect(201)
        got = view.get("isolation")
        assert got in (None, self.driver), f"asked for {self.driver}, got {got}"
        return Sandbox(self.api, view)

    def sandbox(self, **fields: Any) -> Sandbox:
        """A sandbox of the attacker's, gone after the attack."""
        made = self._create(fields)
        self._mine.append(made)
        return made

    def inside(self, name: str, sandbox: Sandbox | None = None, arguments: str = "", seconds: int = 60) -> str:
        """Runs a program of `inside/` as root of a sandbox, to its end; what it printed."""
        place = sandbox or self.sandbox()
        place.write("/tmp/" + name, (INSIDE / name).read_bytes())
        return place.run(f"python3 -u /tmp/{name} {arguments} 2>&1", seconds)

    def served(self, deployment: dict[str, Any], path: str) -> str:
        """What the gateway serves to the world of a deployment, for a path that no client would tidy up."""
        url = urlsplit(str(deployment.get("public_url") or ""))
        if not url.hostname:
            return ""
        connection = http.client.HTTPConnection("127.0.0.1", url.port or 80, timeout=10)
        try:
            connection.putrequest("GET", path, skip_host=True)
            connection.putheader("Host", url.netloc)
            connection.endheaders()
            return connection.getresponse().read(1 << 20).decode(errors="replace")
        finally:
            connection.close()

    def later(self, undo: Any) -> None:
        """Something to be done when the attack is over."""
        self._undo.append(undo)

    def unharmed(self) -> None:
        """The neighbor works as before, and so does the host."""
        began = time.monotonic()
        assert self.neighbor.run("cat /workspace/canary; echo; id -u") == "alive\n0"
        assert time.monotonic() - began < 10, "the neighbor had to wait"
        self.host.require_same(self._before)

    def clear(self) -> None:
        for undo in reversed(self._undo):
            try:
                undo()
            except Exception as problem:  # noqa: BLE001
                print("    not undone:", problem)
        self._undo.clear()
        for each in self._mine:
            each.destroy()
        self._mine.clear()

    def close(self) -> None:
        self.clear()
        self.neighbor.destroy()
