"""Commands: to completion, streamed, in the background."""

from __future__ import annotations

import asyncio

import pytest
from conftest import items, ok
from miosa import MiosaError


async def test_output_error_and_exit_code(sandbox):
    result = await ok(sandbox.exec.run("echo out; echo err >&2; exit 3"))
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n", "err\n", 3)
    assert result.duration_ms >= 0


async def test_options(sandbox):
    result = await ok(sandbox.exec.run("pwd; echo $A", {"cwd": "/tmp", "env": {"A": "1"}}))
    assert result.stdout.split() == ["/tmp", "1"]


async def test_a_timeout_is_exit_code_124(client, sandbox):
    answer = await ok(
        client._transport.request(
            "POST", f"/sandboxes/{sandbox.id}/exec", json_body={"command": "sleep 30", "timeout": 1}
        )
    )
    assert answer["exit_code"] == 124 and answer["timed_out"] is True
    assert answer["data"]["exit_code"] == 124


async def test_an_empty_command_is_refused(client, sandbox):
    with pytest.raises(MiosaError) as refused:
        await ok(client._transport.request("POST", f"/sandboxes/{sandbox.id}/exec", json_body={}))
    assert refused.value.status_code in (400, 422)
    assert "command" in str(refused.value) + str(refused.value.details)


async def test_a_stream_ends_with_its_exit(sandbox):
    events = await items(sandbox.exec.stream("for i in 1 2 3; do echo line$i; done; echo bad >&2; exit 5"))
    kinds = [event.type for event in events]
    assert kinds[-1] == "exit" and kinds.count("exit") == 1
    text = "".join(str(event.data) for event in events)
    assert "line1" in text and "line3" in text and "bad" in text
    assert "5" in str(events[-1].data)


async def test_two_megabytes_are_streamed_whole(sandbox):
    events = await items(sandbox.exec.stream("head -c 2000000 /dev/zero | tr '\\0' x | fold -w 1000"), limit=100_000)
    size = sum(len(event.data.get("line", "") or "") for event in events if event.type == "stdout")
    assert size >= 2_000_000
    assert events[-1].type == "exit"


async def test_background_processes(sandbox):
    process = await ok(sandbox.processes.start("echo started; sleep 60", name="sleeper"))
    pid = process["pid"]
    assert isinstance(pid, str) and pid.isdigit()
    assert pid in [str(each["pid"]) for each in await ok(sandbox.processes.list())]
    for _ in range(50):
        if "started" in str(await ok(sandbox.processes.logs(pid))):
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the log of the process stays empty")
    assert (await ok(sandbox.processes.get(pid)))["status"] == "running"
    await ok(sandbox.processes.stop(pid))
    for _ in range(100):
        if (await ok(sandbox.processes.get(pid)))["status"] == "stopped":
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the process goes on after stop")


async def test_a_process_can_be_followed(sandbox):
    process = await ok(sandbox.processes.start("for i in 1 2 3; do echo tick$i; sleep 0.1; done; exit 4"))
    frames = await items(sandbox.processes.stream(process["pid"]))
    assert "tick3" in str(frames)
    assert "exit" in str(frames[-1])


async def test_commands_with_a_gate(client, sandbox):
    answer = await ok(
        client._transport.request(
            "POST", f"/sandboxes/{sandbox.id}/commands", json_body={"command": "cat", "stdin": "typed"}
        )
    )
    assert answer["data"]["stdout"] == "typed" and answer["data"]["exit_code"] == 0
    with pytest.raises(MiosaError) as refused:
        await ok(
            client._transport.request(
                "POST", f"/sandboxes/{sandbox.id}/commands", json_body={"command": "true", "timeout_seconds": 601}
            )
        )
    assert refused.value.status_code == 422 and refused.value.code == "TIMEOUT_TOO_LONG"


async def test_git_is_there(sandbox):
    result = await ok(sandbox.exec.run("git init -q repo && cd repo && git status --short && echo fine"))
    assert result.stdout.strip() == "fine"
