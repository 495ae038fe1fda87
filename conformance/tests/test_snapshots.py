"""Snapshots: of a sandbox, of the organization, by name."""

from __future__ import annotations

import io
import tarfile

import pytest
from conftest import fetch, ok, unique
from miosa import MiosaError, NotFoundError
from test_deployments import settled


async def test_a_snapshot_is_taken_listed_restored_and_deleted(client, sandbox):
    await ok(sandbox.files.write("/workspace/state", "before"))
    taken = await ok(sandbox.snapshots.create("the first"))
    assert taken["status"] == "ready" and taken["comment"] == "the first"
    assert taken["sandbox_id"] == sandbox.id and taken["id"] and taken["created_at"]
    await ok(sandbox.files.write("/workspace/state", "after"))
    listed = await ok(sandbox.snapshots.list())
    assert [each["id"] for each in listed] == [taken["id"]]
    restored = await ok(sandbox.snapshots.restore(taken["id"]))
    try:
        assert restored.id != sandbox.id and restored.state == "running"
        said = await ok(restored.exec.run("cat /workspace/state"))
        assert said.stdout == "before"
    finally:
        await ok(restored.destroy())
    await ok(sandbox.snapshots.delete(taken["id"]))
    assert await ok(sandbox.snapshots.list()) == []


async def test_the_old_call_answers_an_id(client, sandbox):
    snapshot = await ok(sandbox.snapshot())
    assert isinstance(snapshot, str) and snapshot
    await ok(sandbox.delete_snapshot(snapshot))


async def test_a_fork_begins_with_a_snapshot(client, sandbox):
    await ok(sandbox.files.write("/workspace/state", "then"))
    taken = await ok(sandbox.create_snapshot())
    await ok(sandbox.files.write("/workspace/state", "now"))
    fork = await ok(sandbox.fork(snapshot_id=taken["id"], name=unique("fork")))
    try:
        said = await ok(fork.exec.run("cat /workspace/state"))
        assert said.stdout == "then"
    finally:
        await ok(fork.destroy())
        await ok(sandbox.delete_snapshot(taken["id"]))


async def test_the_history_of_the_organization(client, sandbox):
    history = client.snapshot_history
    first = await ok(sandbox.create_snapshot())
    second = await ok(sandbox.create_snapshot())
    page = await ok(history.list(resource_id=sandbox.id, limit=1))
    assert [each["id"] for each in page["data"]] == [second["id"]]
    assert page["meta"]["total"] == 2
    groups = await ok(history.groups(q=sandbox.id))
    assert groups["data"][0]["resource_id"] == sandbox.id and groups["data"][0]["count"] == 2
    one = await ok(history.get(first["id"]))
    assert one["data"]["status"] == "ready" and one["dependents"] == []
    done = await ok(history.bulk_delete(ids=[first["id"], "snap_none"]))
    assert done["deleted"] == [first["id"]] and done["blocked"][0]["id"] == "snap_none"
    await ok(history.delete(second["id"]))
    with pytest.raises(NotFoundError):
        await ok(history.get(second["id"]))


async def test_files_are_read_without_a_sandbox(client, sandbox):
    history = client.snapshot_history
    await ok(sandbox.exec.run("mkdir -p /workspace/d/e && echo one > /workspace/d/e/f"))
    snapshot = (await ok(sandbox.create_snapshot()))["id"]
    tree = await ok(history.tree(snapshot, path="/workspace/d"))
    assert tree["path"] == "/workspace/d"
    assert [(each["name"], each["type"]) for each in tree["entries"]] == [("e", "dir")]
    assert await ok(history.file(snapshot, path="/workspace/d/e/f")) == b"one\n"
    packed = await ok(history.file(snapshot, path="/workspace/d"))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.extractfile("d/e/f").read() == b"one\n"
    fork = await ok(history.fork(snapshot, idempotency_key=unique("key")))
    assert fork["state"] == "running"
    await ok(client.sandboxes.delete(fork["id"]))
    await ok(history.delete(snapshot))


async def test_a_name_pins_a_snapshot(client, sandbox):
    names = client.named_snapshots
    name = unique("pin")
    made = await ok(names.create(name, sandbox_id=sandbox.id))
    assert made["data"]["name"] == name and made["data"]["status"] == "ready"
    with pytest.raises(MiosaError) as taken:
        await ok(names.create(name, sandbox_id=sandbox.id))
    assert taken.value.code == "NAME_TAKEN"
    listed = await ok(names.list())
    assert name in [each["name"] for each in listed["data"]] and "allowance" in listed
    assert (await ok(names.get(name)))["data"]["snapshot_id"] == made["data"]["snapshot_id"]
    with pytest.raises(MiosaError) as used:
        await ok(client.snapshot_history.delete(made["data"]["snapshot_id"]))
    assert used.value.code == "SNAPSHOT_IN_USE"
    machine = await ok(names.deploy(name))
    assert machine["state"] == "running"
    await ok(client.sandboxes.delete(machine["id"]))
    assert (await ok(names.delete(name)))["outcome"] == "deleted"


async def test_the_index_of_administrators(client, sandbox):
    snapshot = (await ok(sandbox.create_snapshot()))["id"]
    listed = await ok(client.snapshots.list(limit=1000))
    assert snapshot in [each["id"] for each in listed]
    assert (await ok(client.snapshots.get(snapshot)))["id"] == snapshot
    await ok(sandbox.delete_snapshot(snapshot))


async def test_another_organization_sees_none(client, second_client, sandbox):
    snapshot = (await ok(sandbox.create_snapshot()))["id"]
    for call in (
        second_client.snapshot_history.get,
        second_client.snapshot_history.fork,
        second_client.snapshot_history.delete,
        second_client.snapshot_history.tree,
    ):
        with pytest.raises(NotFoundError):
            await ok(call(snapshot))
    assert snapshot not in str(await ok(second_client.snapshot_history.list(limit=200)))
    await ok(sandbox.delete_snapshot(snapshot))


async def test_a_snapshot_is_deployed(client, sandbox):
    await ok(sandbox.files.write("/workspace/dist/index.html", "kept"))
    snapshot = (await ok(sandbox.create_snapshot()))["id"]
    await ok(sandbox.files.write("/workspace/dist/index.html", "later"))
    result = await ok(sandbox.deploy_snapshot(snapshot, name=unique("kept"), path="/workspace/dist"))
    try:
        assert result["source_snapshot_id"] == snapshot
        assert result["release_sandbox_id"] != sandbox.id
        deployment = await settled(client, result["deployment_id"])
        assert (await fetch(deployment.public_url)).text == "kept"
    finally:
        await ok(client.deployments.delete(result["deployment_id"]))
        await ok(sandbox.delete_snapshot(snapshot))
