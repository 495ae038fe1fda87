"""Commands as a resource of their own, and terminals."""

from __future__ import annotations

import asyncio
import json

import pytest
from conftest import SERVER, ok
from miosa import MiosaError, NotFoundError


async def test_a_command_to_its_end(client, sandbox):
    await ok(sandbox.run("mkdir -p /workspace/deep"))
    done = await ok(client.commands.run(sandbox.id, "cat; pwd", cwd="deep", stdin="typed\n", timeout_seconds=20))
    assert done["stdout"] == "typed\n/workspace/deep\n" == done["output"] and done["exit_code"] == 0
    other = await ok(client.commands.run(sandbox.id, "id -un; exit 2", user="nobody"))
    assert other["stdout"] == "nobody\n" and other["exit_code"] == 2
    assert (await ok(client.commands.run(sandbox.id, "id -un", sudo=True)))["stdout"] == "root\n"
    with_terminal = await ok(client.commands.run(sandbox.id, "test -t 1 && echo a terminal", tty=True))
    assert "a terminal" in with_terminal["stdout"], with_terminal


async def test_a_detached_command(client, sandbox):
    started = await ok(client.commands.run(sandbox.id, "echo out; echo err >&2; sleep 60", detached=True, name="job"))
    pid = str(started["pid"])
    assert started["status"] == "running" and started["name"] == "job" and started["started_at"]
    assert pid in [str(each["pid"]) for each in await ok(client.commands.list(sandbox.id))]
    for _ in range(100):
        logs = await ok(client.commands.logs(sandbox.id, pid))
        if "out" in logs["stdout"] and "err" in logs["stderr"]:
            break
        await asyncio.sleep(0.1)
    assert "out" in logs["logs"] and "err" in logs["logs"], logs
    killed = await ok(client.commands.kill(sandbox.id, pid))
    assert str(killed["pid"]) == pid and killed["status"]
    for _ in range(100):
        if (await ok(client.commands.get(sandbox.id, pid)))["status"] == "stopped":
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the command goes on after kill")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"command": "true", "timeout_seconds": "x"}, "timeout_seconds"),
        ({"command": "true", "timeout_seconds": -1}, "timeout_seconds"),
        ({"command": ["true", 1, {}]}, "command"),
        ({"command": "a\x00b"}, "command"),
        ({"command": "true", "cwd": 7}, "cwd"),
        ({"command": "true", "cwd": "/a\x00"}, "cwd"),
        ({"command": "true", "cwd": "/nowhere/at/all"}, "cwd"),
        ({"command": "true", "user": "no-such-user"}, "user"),
        ({"command": "x" * (2 << 20)}, "command"),
    ],
)
async def test_a_bad_command_is_refused(client, sandbox, body, field):
    with pytest.raises(MiosaError) as refused:
        await ok(client._transport.request("POST", f"/sandboxes/{sandbox.id}/commands", json_body=body))
    assert refused.value.status_code in (400, 404, 413, 422), refused.value
    if refused.value.status_code != 413:
        assert field in str(refused.value) + str(refused.value.details), refused.value


async def test_what_is_no_process_is_not_found(client, sandbox):
    for pid in ("999999", "0", "-1", "x", "9" * 40, "%00"):
        for call in (client.commands.get, client.commands.logs, client.commands.kill):
            with pytest.raises(MiosaError) as refused:
                await ok(call(sandbox.id, pid))
            assert refused.value.status_code in (400, 404, 422), (pid, refused.value)


async def until(socket, text: bytes) -> bytes:
    seen = b""
    while text not in seen:
        frame = await asyncio.wait_for(socket.recv(), 20)
        seen += frame if isinstance(frame, bytes) else b""
    return seen


async def test_a_terminal_without_a_session(client, sandbox):
    async with await client.ws.connect_terminal(sandbox.id) as socket:
        await socket.send(b"stty size; pwd; echo m''ark\n")
        seen = await until(socket, b"mark")
        assert b"24 80" in seen and b"/workspace" in seen
        await socket.send(json.dumps({"type": "resize", "cols": 100, "rows": 40}))
        await socket.send(b"stty size; echo m''ore\n")
        assert b"40 100" in await until(socket, b"more")
        await socket.send(b"exit 3\n")
        while True:
            frame = await asyncio.wait_for(socket.recv(), 20)
            if isinstance(frame, str) and json.loads(frame)["type"] == "exit":
                assert json.loads(frame)["code"] == 3
                break


async def test_a_terminal_with_a_session(client, sandbox):
    import websockets

    made = await ok(sandbox.terminal.create(cols=90, rows=30, cwd="/tmp", shell="/bin/sh", env={"WORD": "given"}))
    assert made["session_id"] == made["id"] and (made["cols"], made["rows"]) == (90, 30)
    headers = {"Authorization": f"Bearer {client._transport._api_key}"}
    first = await websockets.connect(made["ws_url"], additional_headers=headers)
    second = await websockets.connect(made["ws_url"], additional_headers=headers)
    await first.send(b"stty size; pwd; echo $WORD-$WORD\n")
    for viewer in (first, second):
        seen = await until(viewer, b"given-given")
        assert b"30 90" in seen and b"/tmp" in seen
    await first.close()
    await second.send(b"echo st''ill\n")
    await until(second, b"still")
    await ok(sandbox.terminal.delete(made["session_id"]))
    with pytest.raises(websockets.ConnectionClosed):
        while True:
            await asyncio.wait_for(second.recv(), 20)
    with pytest.raises(NotFoundError):
        await ok(sandbox.terminal.delete(made["session_id"] + "9"))


async def test_a_tunnel_to_a_port(client, sandbox):
    await ok(sandbox.write_file("/workspace/hello.py", SERVER))
    await ok(sandbox.processes.start("python3 /workspace/hello.py 8500 tunneled 127.0.0.1"))
    await ok(sandbox.run("for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:8500 && exit; sleep 0.05; done"))
    async with await client.ws.connect_tunnel("sandbox", sandbox.id, 8500) as socket:
        await socket.send(b"GET /x HTTP/1.0\r\n\r\n")
        assert b"tunneled /x" in await until(socket, b"tunneled /x")


async def test_the_ssh_tunnel_greets(client, sandbox):
    async with await client.ws.connect_ssh_tunnel(sandbox.id) as socket:
        assert b"SSH-2.0-" in await until(socket, b"SSH-2.0-")
