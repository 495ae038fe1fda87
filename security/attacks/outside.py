"""From the network: requests that two servers may read in two ways, paths and hosts that pretend, floods, and who holds connections."""

import socket
import struct
import time
from urllib.parse import urlsplit

from lib.api import Sandbox
from lib.world import World

ONCE = True

# A server that says what it was asked, one line for each request that it understood.
WITNESS = b"""import socket, threading
def serve(c):
    with c:
        data = b''
        c.settimeout(5)
        try:
            while True:
                part = c.recv(65536)
                if not part: return
                data += part
                with open('/tmp/seen', 'ab') as out: out.write(part)
                if b'\\r\\n\\r\\n' in data:
                    data = b''
                    c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
        except OSError: pass
s = socket.create_server(('0.0.0.0', 8000))
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
"""
STOLEN = b"GET /stolen HTTP/1.1\r\nHost: x\r\n\r\n"
TRICKS = (
    b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 0\r\nContent-Length: 36\r\n\r\n",
    b"Content-Length: 0, 36\r\n\r\n",
    b"Content-Length: +0\r\n\r\n",
    b"Content-Length: 0x0\r\n\r\n",
    b"Content-Length: -1\r\n\r\n",
    b"Content-Length: 99999999999999999999\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n0;a\n\r\n\r\n",
    b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Connection: Content-Length\r\nContent-Length: 0\r\n\r\n",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n\r\n",
    b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
)
TARGETS = (
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/.%2e/.%2e/etc/passwd", "/..;/..;/etc/passwd", "/..\\..\\etc\\passwd",
    "/%5c..%5c..%5cetc/passwd", "/%252e%252e/etc/passwd", "//etc/passwd", "/./../x", "/%00", "/a%0d%0aX-Injected:%201", "/%c0%ae%c0%ae/etc/passwd", "/e2b/host/x/../../metrics",
)
HOSTS = (
    "0-{}", "00008000-{}", "65536-{}", "99999999999999999999-{}", "8000--{}", "8000-{}.", "8000-{}.evil.example", "8000-{}%00", "٨٠٠٠-{}", "8000-{}:8000@127.0.0.1",
    "+8000-{}", "-8000-{}", "0x1f40-{}", "8000.0-{}", "8000-{}#", "[::1]", "127.0.0.1:22", "localhost:5432", "169.254.169.254", "8000-{}/x", "8000-{}, localhost",
)


def attack(world: World) -> None:
    sandbox = world.sandbox()
    sandbox.write("/tmp/witness.py", WITNESS)
    sandbox.background("exec python3 /tmp/witness.py")
    url = urlsplit(str(sandbox.view.get("preview_url") or world.api.get(f"{sandbox.path}").expect(200).get("preview_url")))
    name = (url.hostname or "").split("-", 1)[1]
    host = f"8000-{name}:{url.port or 80}"
    world.host.eventually(lambda: b" 200 " in ask(world, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()), "the witness answers")
    smuggled(world, sandbox, host)
    for target in TARGETS:
        for where in (host, "localhost"):
            answer = ask(world, f"GET {target} HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode())
            assert b"root:" not in answer and b"\r\nX-Injected" not in answer and b"atoll_http" not in answer, f"{where}{target}: {answer[:300]!r}"
            assert b" 500 " not in answer.split(b"\r\n", 1)[0], f"{where}{target}: {answer[:300]!r}"
    sandbox.run("rm -f /tmp/seen")
    for form in HOSTS:
        answer = ask(world, f"GET /by-host HTTP/1.1\r\nHost: {form.format(name)}\r\nConnection: close\r\n\r\n".encode())
        assert b" 500 " not in answer.split(b"\r\n", 1)[0] and b"SSH-" not in answer, f"{form}: {answer[:200]!r}"
    seen = sandbox.exec("cat /tmp/seen").out
    assert seen.count("/by-host") <= 1, f"hosts that are no hosts reached the sandbox: {seen[:1000]}"  # With a final dot it is the same name.
    floods(world)


def smuggled(world: World, sandbox: Sandbox, host: str) -> None:
    """What hides behind a request is never one of its own: no witness sees it as the beginning of a message."""
    for where in (host, "localhost"):
        for trick in TRICKS:
            answer = ask(world, b"POST /api/v1/health HTTP/1.1\r\nHost: " + where.encode() + b"\r\n" + trick + STOLEN, 3)
            first = answer.split(b"\r\n", 1)[0]
            assert not first or first.startswith(b"HTTP/1.1 "), f"{trick!r}: {answer[:200]!r}"
            assert b" 500 " not in first, f"{trick!r}: {answer[:300]!r}"
            assert not first.startswith(b"HTTP/1.1 101"), f"{trick!r}: {answer[:300]!r}"
    seen = sandbox.exec("cat /tmp/seen").out
    for message in seen.split("\r\n\r\n"):
        # A request of its own, on the same connection, is what the client asked for: its host is not the sandbox's.
        assert "/stolen" not in message, f"smuggled: {message}"


def floods(world: World) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"")
    headers = b"\x82\x86\x84\x41\x09localhost"
    rapid = b"".join(frame(1, 5, 2 * n + 1, headers) + frame(3, 0, 2 * n + 1, struct.pack(">I", 8)) for n in range(4000))
    endless = frame(1, 1, 1, headers) + b"".join(frame(9, 0, 1, b"\x00\x01a\x7f\xc9\x1f" + b"b" * 200) for _ in range(4000))
    pings = frame(6, 0, 0, b"12345678") * 20000
    settings = frame(4, 0, 0, b"\x00\x04\x00\x00\xff\xff") * 20000
    windows = frame(1, 5, 1, headers) + frame(8, 0, 1, struct.pack(">I", 0)) * 5000
    length = frame(0, 0, 1, b"x")[:0] + struct.pack(">I", (1 << 24) - 1)[1:] + b"\x00\x00" + struct.pack(">I", 1) + b"x" * 100_000
    for name, content in {"resets": rapid, "continuations": endless, "pings": pings, "settings": settings, "windows": windows, "length": length}.items():
        held = []
        for _ in range(4):
            try:
                one = connect(world)
                one.sendall(preface + content)
                held.append(one)
            except OSError:
                continue
        began = time.monotonic()
        world.api.get("/sandboxes?limit=1").expect(200)
        assert time.monotonic() - began < 5, f"{name}: the API took {time.monotonic() - began:.1f} s"
        for one in held:
            one.close()
    slow = [connect(world) for _ in range(400)]
    for one in slow:
        one.sendall(b"POST /api/v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{")
    began = time.monotonic()
    world.api.get("/sandboxes?limit=1").expect(200)
    assert time.monotonic() - began < 5, f"400 slow bodies: the API took {time.monotonic() - began:.1f} s"
    for one in slow:
        one.close()


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def connect(world: World) -> socket.socket:
    url = urlsplit(world.api.url)
    return socket.create_connection((url.hostname or "", url.port or 80), 10)


def ask(world: World, request: bytes, seconds: float = 10) -> bytes:
    """All that comes back for these bytes."""
    answer = b""
    with connect(world) as one:
        one.settimeout(seconds)
        try:
            one.sendall(request)
            while len(answer) < 1 << 20:
                part = one.recv(65536)
                if not part:
                    break
                answer += part
                if seconds < 5 and b"\r\n\r\n" in answer:
                    one.settimeout(0.3)
        except OSError:
            pass
    return answer
