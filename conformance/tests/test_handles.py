"""The calls of a sandbox's handle that have another name elsewhere, and those of the collection."""

from __future__ import annotations

import pytest
from conftest import items, ok, unique
from miosa import MiosaError, NotFoundError


async def test_the_short_names_of_commands(sandbox):
    assert (await ok(sandbox.run("echo one"))).stdout == "one\n"
    assert (await ok(sandbox.commands.run("echo two", {"env": {"A": "1"}}))).exit_code == 0
    for stream in (sandbox.exec_stream("echo three; exit 3"), sandbox.commands.stream("echo three; exit 3")):
        frames = await items(stream)
        assert frames[0].data["line"].strip() == "three" and frames[-1].data["exit_code"] == 3, frames


async def test_a_command_in_the_background(sandbox):
    process = await ok(sandbox.commands.run("echo up; sleep 60", background=True))
    assert process.pid > 0 and (await ok(process.status()))["status"] == "running"
    await ok(process.kill())
    for _ in range(100):
        if (await ok(process.status()))["status"] == "stopped":
            return
        await ok(sandbox.run("sleep 0.1"))
    pytest.fail("the process goes on after kill")


async def test_the_short_names_of_files(sandbox, tmp_path):
    local = tmp_path / "local.bin"
    local.write_bytes(b"\x00\xff from a file")
    await ok(sandbox.write_file("/workspace/a.txt", "ü"))
    await ok(sandbox.upload("/workspace/b.bin", local))
    await ok(sandbox.files.upload("c.txt", b"c"))
    await ok(sandbox.files.write_files([{"path": "/workspace/d/1", "data": "1"}, {"path": "/workspace/d/2", "data": b"2"}]))
    assert await ok(sandbox.read_file("/workspace/a.txt")) == "ü"
    assert await ok(sandbox.read_file("/workspace/b.bin", text=False)) == local.read_bytes()
    assert await ok(sandbox.download("/workspace/b.bin")) == local.read_bytes()
    assert await ok(sandbox.files.download("/workspace/c.txt")) == b"c"
    assert [each["name"] for each in (await ok(sandbox.list_files("/workspace/d", depth=1)))["entries"]] == ["1", "2"]
    stat = await ok(sandbox.stat_file("/workspace/a.txt"))
    assert stat["size"] == 2 and stat["mode"] == "0644" and not stat["is_symlink"] and stat["modified_at"]


async def test_git_from_clone_to_push(sandbox):
    await ok(
        sandbox.run(
            "git config --global user.email a@b.c && git config --global user.name a && git init -q -b main --bare /srv/r"
        )
    )
    cloned = await ok(sandbox.git.clone("/srv/r", path="/workspace/app"))
    assert cloned.exit_code == 0 and cloned.path == "/workspace/app", cloned.stderr
    await ok(sandbox.write_file("/workspace/app/it's", "1"))
    assert (await ok(sandbox.git.commit("/workspace/app", message="it's the first"))).exit_code == 0
    pushed = await ok(sandbox.git.push("/workspace/app", branch="main"))
    assert pushed.exit_code == 0, pushed.stderr
    assert (await ok(sandbox.git.pull("/workspace/app", branch="main"))).exit_code == 0
    shallow = await ok(sandbox.git.clone("file:///srv/r", path="/workspace/b", branch="main", depth=1))
    assert shallow.exit_code == 0, shallow.stderr


async def test_shape_and_change_of_it(client, sandbox):
    shape = await ok(sandbox.resources())
    assert shape["id"] == sandbox.id and shape["resources"]["cpu"] == 2 and "live_cpu" in shape["capabilities"]
    assert (await ok(client.sandboxes.resources(sandbox.id)))["resources"]["memory_mb"] == 4096
    changed = await ok(sandbox.resize(cpu_count=1, memory_mb=2048))
    assert changed["applied_live"] is True and changed["requires_restart"] is False
    assert (changed["resources"]["cpu"], changed["resources"]["memory_mb"]) == (1, 2048)
    assert "billing" in changed and changed["changes"]
    again = await ok(client.sandboxes.resize(sandbox.id, cpu_count=2))
    assert again["resources"]["cpu"] == 2
    for wrong in ({"cpu_count": 0}, {"cpu_count": 10**9}, {"memory_mb": -1}, {"memory_mb": 2**63}):
        with pytest.raises(MiosaError) as refused:
            await ok(client.sandboxes.resize(sandbox.id, **wrong))
        assert 400 <= refused.value.status_code < 500, wrong
        assert next(iter(wrong)) in str(refused.value) + str(refused.value.details) or refused.value.code == "PLAN_CAP_EXCEEDED"


async def test_tags_are_replaced_and_filtered_by(client, sandbox):
    mark = unique("tag")
    answer = await ok(sandbox.tags.set([mark, "two"]))
    assert answer.get("data", answer)["tags"] == [mark, "two"]
    assert [each.id for each in await ok(client.sandboxes.list(tags=[mark]))] == [sandbox.id]
    assert [each.id for each in await ok(client.sandboxes.list(tags=[mark], state="running"))] == [sandbox.id]
    assert await ok(client.sandboxes.list(tags=[mark], state="paused")) == []
    assert await ok(client.sandboxes.list(tags=[mark + "x"])) == []


async def test_lists_by_the_ids_of_the_caller(client):
    person, place, thing = unique("u"), unique("w"), unique("p")
    made = await ok(
        client.sandboxes.create(external_user_id=person, external_workspace_id=place, external_project_id=thing)
    )
    try:
        for wish in (
            {"external_user_id": person},
            {"external_workspace_id": place},
            {"external_project_id": thing},
        ):
            assert [each.id for each in await ok(client.sandboxes.list(**wish))] == [made.id], wish
        assert await ok(client.sandboxes.list(external_user_id=place)) == []
    finally:
        await ok(made.destroy())


async def test_a_workspace_of_an_agent_is_made_once_and_resumed(client):
    name = unique("agent")
    first = await ok(client.sandboxes.create_agent_workspace(name, metadata={"k": "v"}))
    try:
        assert first.persistent and (first.timeout_sec, first.idle_timeout_sec) == (86400, 1800)
        assert first.metadata["miosa_workspace_kind"] == "agent_workspace" and first.metadata["k"] == "v"
        await ok(first.write_file("/workspace/kept", "1"))
        await ok(first.pause())
        assert await ok(first.wait_for_checkpoint(timeout=30)) is True
        again = await ok(client.sandboxes.create_agent_workspace(name))
        assert again.id == first.id and again.state == "running"
        assert await ok(again.read_file("/workspace/kept")) == "1"
        assert (await ok(client.sandboxes.connect(first.id))).state == "running"
    finally:
        await ok(first.destroy())
    with pytest.raises(NotFoundError):
        await ok(client.sandboxes.get_by_name(name))


async def test_urls_of_ports(sandbox):
    host = await ok(sandbox.get_host(8123))
    url = await ok(sandbox.get_url(8123, "/deep/path"))
    assert host.split(":")[0].startswith(f"8123-{sandbox.slug}.") and url.endswith("/deep/path") and host in url
    assert (await ok(sandbox.preview.expose(8123))).rstrip("/") in url
    made = await ok(sandbox.preview.create(port=8123, name="one", visibility="public", expires_in_sec=600))
    got = await ok(sandbox.preview.get(made["id"]))
    assert got["port"] == 8123 and got["state"] == "active" and got["expires_at"]
    await ok(sandbox.preview.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(sandbox.preview.get(made["id"]))


async def test_the_other_names_of_snapshots(sandbox):
    taken = await ok(sandbox.create_snapshot("by the handle"))
    assert [each["comment"] for each in await ok(sandbox.list_snapshots())] == ["by the handle"]
    restored = await ok(sandbox.restore_snapshot(taken["id"]))
    assert restored.state == "running" and restored.id != sandbox.id
    await ok(restored.destroy())
    await ok(sandbox.snapshots.delete(taken["id"]))


async def test_a_resume_gives_what_it_is_given(sandbox):
    await ok(sandbox.pause())
    key = unique("idem")
    await ok(sandbox.resume(env={"LATE": "yes"}, idempotency_key=key))
    assert (await ok(sandbox.run("echo $LATE"))).stdout == "yes\n"
    await ok(sandbox.resume(env={"LATE": "yes"}, idempotency_key=key))
    assert sandbox.state == "running"


async def test_backends_that_run_sandboxes(client):
    rows = await ok(client.runtimes.list())
    assert "auto" in [row["id"] for row in rows] and sum(row["default"] for row in rows) == 1
    for row in rows:
        assert row["available"] or row["unavailable_reason"]
        assert row["capabilities"]["max_shape"].keys() >= {"cpu_count", "memory_mb", "disk_size_mb"}


async def test_one_call_makes_a_sandbox_and_runs_a_command(client):
    answer = await ok(client.sandbox_batches.run(command="echo $A; exit 4", size="xs", env={"A": "ran"}))
    try:
        assert answer["exec"]["stdout"] == "ran\n" and answer["exec"]["exit_code"] == 4, answer
        assert answer["exec"]["duration_ms"] >= 0 and answer["state"] == "running"
    finally:
        await ok(client.sandboxes.delete(answer["id"]))


async def test_events_of_one_sandbox(client, sandbox):
    import asyncio

    seen = asyncio.create_task(items(sandbox.events.stream(), limit=1))
    for n in range(60):
        await ok(sandbox.update(metadata={"n": str(n)}))
        done, _ = await asyncio.wait([seen], timeout=0.5)
        if done:
            break
    event = (await asyncio.wait_for(seen, 10))[0]
    assert "sandbox" in str(event), event


async def test_steering_without_an_agent_says_so(client, sandbox):
    for call in (lambda: client.agent_steering.prompt(sandbox.id, "go on"), lambda: client.agent_steering.stop(sandbox.id)):
        with pytest.raises(MiosaError) as refused:
            await ok(call())
        assert (refused.value.status_code, refused.value.code) == (409, "NO_AGENT_RUN")


async def test_exports_and_a_watch_by_its_other_name(client, sandbox):
    import asyncio

    await ok(sandbox.write_file("/workspace/out/a.txt", "a"))
    made = await ok(sandbox.create_export("/workspace/out/a.txt", label="mine"))
    assert made["label"] == "mine" and made["status"] == "ready" and made["sandbox_id"] == sandbox.id
    assert made["files"][0]["filename"] == "a.txt" and made["archive_download_url"].startswith("http")
    seen = asyncio.create_task(items(sandbox.files.watch_dir("/workspace/out"), limit=1))
    for n in range(60):
        await ok(sandbox.write_file(f"/workspace/out/{n}", "x"))
        done, _ = await asyncio.wait([seen], timeout=0.5)
        if done:
            break
    event = (await asyncio.wait_for(seen, 10))[0]
    assert event.path.startswith("/workspace/out/") and not event.is_dir
    assert (await ok(client.ssh.info(sandbox.id)))["user"] == "root"
