"""Both flavors of the official client, one way to write a test for them."""

from __future__ import annotations

import asyncio
import inspect
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from miosa import AsyncMiosa, Miosa

API_URL = os.environ["ATOLL_TEST_API_URL"]
API_KEY = os.environ["ATOLL_TEST_API_KEY"]
SECOND_KEY = os.environ.get("ATOLL_TEST_API_KEY2")


async def ok(value: Any) -> Any:
    """The value of a sync call, or the awaited one of an async call."""
    return await value if inspect.isawaitable(value) else value


async def items(stream: Any, *, until: Any = None, limit: int = 10_000) -> list[Any]:
    """The items of a sync or async iterator, up to and with the first that `until` accepts."""
    taken: list[Any] = []
    if hasattr(stream, "__aiter__"):
        async for item in stream:
            taken.append(item)
            if (until and until(item)) or len(taken) >= limit:
                break
        return taken

    def drain() -> None:
        for item in stream:
            taken.append(item)
            if (until and until(item)) or len(taken) >= limit:
                return

    await asyncio.to_thread(drain)
    return taken


def client_for(flavor: str, key: str = API_KEY, **options: Any) -> Any:
    kind = Miosa if flavor == "sync" else AsyncMiosa
    return kind(api_key=key, base_url=API_URL, **options)


@pytest.fixture(params=["sync", "async"])
def flavor(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def client(flavor: str) -> AsyncIterator[Any]:
    client = client_for(flavor)
    yield client
    await ok(client.close())


@pytest.fixture
async def second_client(flavor: str) -> AsyncIterator[Any]:
    if SECOND_KEY is None:
        pytest.fail("ATOLL_TEST_API_KEY2 is not set: no second organization to test with")
    client = client_for(flavor, SECOND_KEY)
    yield client
    await ok(client.close())


@pytest.fixture
async def sandbox(client: Any) -> AsyncIterator[Any]:
    sandbox = await ok(client.sandboxes.create(name=unique("conf")))
    yield sandbox
    await ok(client.sandboxes.delete(sandbox.id))


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


@dataclass
class Page:
    status: int
    text: str
    headers: httpx.Headers


async def fetch(url: str, **options: Any) -> Page:
    """GETs a preview or deployment URL as a browser would, dialing the gateway of the API's host.

    Names below `.localhost` resolve in browsers and curl but not in Python.
    """
    target = urlsplit(url)
    door = urlsplit(API_URL)
    headers = {"Host": target.netloc, **options.pop("headers", {})}
    path = urlunsplit((door.scheme, door.netloc, target.path or "/", target.query, ""))
    async with httpx.AsyncClient(timeout=30, **options) as browser:
        answer = await browser.get(path, headers=headers)
        return Page(answer.status_code, answer.text, answer.headers)


SERVER = """
import http.server, sys
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (sys.argv[2] + " " + self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer((sys.argv[3] if len(sys.argv) > 3 else "0.0.0.0", int(sys.argv[1])), Hello).serve_forever()
"""


async def serve(sandbox: Any, port: int, word: str, host: str = "0.0.0.0") -> str:
    """Starts a small web server inside and answers its process id once it listens."""
    await ok(sandbox.files.write("/workspace/hello.py", SERVER))
    started = await ok(sandbox.processes.start(f"python3 /workspace/hello.py {port} {word} {host}"))
    waited = await ok(
        sandbox.exec.run(
            f"for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:{port} && exit 0; sleep 0.05; done; exit 1"
        )
    )
    assert waited.exit_code == 0, "the server inside does not listen"
    return str(started["pid"])
