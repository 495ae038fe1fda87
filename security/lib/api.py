"""The public API, and nothing else, is how an attacker gets in."""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass
class Reply:
    """An answer of the API."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def expect(self, *wanted: int) -> Any:
        assert self.status in wanted, f"{self.status} instead of {wanted}: {self.body[:600]!r}"
        return self.json() if self.body else None

    @property
    def code(self) -> str:
        try:
            return str(self.json().get("code"))
        except (ValueError, AttributeError):
            return ""


class Api:
    """Calls with one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self.key = key

    def call(self, method: str, path: str, body: Any = None, timeout: float = 90) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Reply(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            return Reply(refusal.code, refusal.read())

    def get(self, path: str, timeout: float = 90) -> Reply:
        return self.call("GET", path, None, timeout)

    def post(self, path: str, body: Any = None, timeout: float = 90) -> Reply:
        return self.call("POST", path, {} if body is None else body, timeout)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def drivers(self) -> list[str]:
        """Isolation drivers of this installation, as it says itself."""
        for row in self.get("/sandboxes/runtimes").expect(200)["data"]:
            words = re.fullmatch(r"Isolated by (.+)\.", str(row["description"]))
            if words:
                return words.group(1).split(", ")
        raise AssertionError("the installation does not say how it isolates")


@dataclass
class Result:
    """What a command said."""

    code: int
    out: str
    err: str


class Sandbox:
    """A sandbox that an attacker owns."""

    def __init__(self, api: Api, view: dict[str, Any]) -> None:
        self.api = api
        self.view = view
        self.id = str(view["id"])
        self.path = "/sandboxes/" + self.id

    def exec(self, command: str, seconds: int = 30) -> Result:
        body = {"command": command, "timeout": seconds}
        answer = self.api.post(self.path + "/exec", body, seconds + 45).expect(200)
        return Result(int(answer["exit_code"]), str(answer["stdout"]), str(answer["stderr"]))

    def run(self, command: str, seconds: int = 30) -> str:
        result = self.exec(command, seconds)
        assert result.code == 0, f"{command}: {result}"
        return result.out.rstrip("\n")

    def write(self, path: str, content: bytes) -> None:
        encoded = base64.b64encode(content).decode()
        body = {"path": path, "content_base64": encoded}
        self.api.post(self.path + "/fs/write", body).expect(200, 201)

    def background(self, command: str) -> None:
        self.api.post(self.path + "/processes", {"command": command}).expect(200, 201)

    def destroy(self) -> None:
        self.api.delete(self.path)
