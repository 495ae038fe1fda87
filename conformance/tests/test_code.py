"""Cells of code, the log of a sandbox, and what it uses."""

from __future__ import annotations

import asyncio

from conftest import items, ok


async def test_a_cell_sees_what_the_last_one_left(sandbox):
    first = await ok(sandbox.run_code("x = [1, 2]\nprint('hello')\nx + [3]"))
    assert first.ok and first.output == "hello\n" and first.result == [1, 2, 3] and first.language == "python"
    again = await ok(sandbox.run_code("len(x)", context="default"))
    assert again.result == 2
    other = await ok(sandbox.run_code("x", context="other"))
    assert not other.ok
    script = await ok(sandbox.run_code("const y = {a: 1}; y", language="javascript", timeout=20))
    assert script.ok and script.result == {"a": 1} and script.language == "javascript"


async def test_contexts_are_listed_and_reset(sandbox):
    for context in ("default", "second"):
        await ok(sandbox.run_code("x = 1", context=context))
    assert sorted(await ok(sandbox.code_contexts(language="python"))) == ["default", "second"]
    await ok(sandbox.reset_code(context="second"))
    assert await ok(sandbox.code_contexts()) == ["default"]
    await ok(sandbox.reset_code(language="python"))
    assert await ok(sandbox.code_contexts()) == []
    assert not (await ok(sandbox.run_code("x"))).ok


async def test_a_cell_that_takes_too_long_is_interrupted(sandbox):
    await ok(sandbox.run_code("x = 5"))
    slow = await ok(sandbox.run_code("import time; time.sleep(60)", timeout=1))
    assert not slow.ok
    assert (await ok(sandbox.run_code("x"))).result == 5


async def test_the_log_shows_what_processes_write(sandbox):
    await ok(sandbox.processes.start("for i in 1 2 3; do echo line$i; done; sleep 60"))
    for _ in range(50):
        log = await ok(sandbox.get_logs(lines=10))
        if "line3" in log["logs"]:
            break
        await asyncio.sleep(0.1)
    assert log["lines"][-3:] == ["line1", "line2", "line3"]
    assert (await ok(sandbox.logs.get(lines=1)))["lines"] == ["line3"]
    frames = await items(sandbox.stream_logs(), limit=3)
    assert [frame.data["line"] for frame in frames] == ["line1", "line2", "line3"], frames
    assert "line2" in str(await items(sandbox.logs.stream(), limit=2))


async def test_use_is_measured(sandbox):
    await ok(sandbox.exec.run("timeout 1 sh -c 'while :; do :; done'"))
    usage = await ok(sandbox.usage())
    assert usage["active_cpu_ms"] > 100 and usage["measurement_status"]["active_cpu"] == "measured"
    series = await ok(sandbox.metrics(window="1h"))
    assert series["window"] == "1h" and series["points"][-1]["memory_mb"] > 0
    assert (await ok(sandbox.get_metrics()))["points"]


async def test_the_app_is_started_and_its_artifacts_are_listed(sandbox):
    await ok(sandbox.files.write("/workspace/index.html", "hello"))
    await ok(sandbox.files.write("/workspace/dist/made.txt", "made"))
    app = await ok(sandbox.start_template({"port": 4000}))
    assert app.data["status"] == "running" and app.data["port"] == 4000 and app.preview_url
    made = await ok(sandbox.get_artifacts())
    assert "/workspace/dist/made.txt" in str(made.artifacts) and made.preview["url"]
    assert await ok(sandbox.artifacts.list())
