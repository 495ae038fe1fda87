"""Life of a sandbox: create, wait, run, pause, delete."""

from __future__ import annotations

import pytest
from conftest import items, ok, unique
from miosa import MiosaError, NotFoundError
from miosa.errors import ValidationError


async def test_a_new_sandbox_is_running_and_complete(client, sandbox):
    assert sandbox.state == "running" and sandbox.ready and sandbox.persistent
    assert sandbox.size == "small"
    assert (sandbox.cpu_count, sandbox.memory_mb, sandbox.disk_size_mb) == (2, 4096, 10240)
    assert sandbox.resource_contract["id"] == "sandbox/small@v1"
    assert sandbox.slug and sandbox.preview_domain and sandbox.tenant_id
    assert sandbox.created_at is not None and sandbox.boot_path
    for key in ("owner_id", "template_id", "timeout_sec", "total_runtime_sec", "metadata", "status"):
        assert key in sandbox.data, key
    await ok(sandbox.wait_until_ready(timeout=10))


async def test_it_is_found_by_id_by_name_by_slug_and_in_the_list(client, sandbox):
    assert (await ok(client.sandboxes.get(sandbox.id))).id == sandbox.id
    assert (await ok(client.sandboxes.get(sandbox.slug))).id == sandbox.id
    assert (await ok(client.sandboxes.get_by_name(sandbox.name))).id == sandbox.id
    assert sandbox.id in [each.id for each in await ok(client.sandboxes.list())]


async def test_get_or_create_finds_the_one_that_is_there(client, sandbox):
    again = await ok(client.sandboxes.get_or_create(name=sandbox.name))
    assert again.id == sandbox.id


async def test_the_fields_of_the_request_come_back(client):
    sandbox = await ok(
        client.sandboxes.create(
            name=unique("fields"),
            size="xs",
            env={"GREETING": "hello"},
            metadata={"ticket": "42"},
            tags=["one", "two"],
            timeout_sec=1234,
            idle_timeout_sec=567,
            external_user_id="user-7",
        )
    )
    try:
        assert (sandbox.cpu_count, sandbox.memory_mb) == (1, 2048)
        assert sandbox.metadata["ticket"] == "42"
        assert sandbox.data["tags"] == ["one", "two"]
        assert (sandbox.timeout_sec, sandbox.idle_timeout_sec) == (1234, 567)
        assert sandbox.external_user_id == "user-7"
        said = await ok(sandbox.exec.run("echo $GREETING; pwd; id -u"))
        assert said.stdout.split() == ["hello", "/workspace", "0"]
    finally:
        await ok(sandbox.destroy())


async def test_the_same_idempotency_key_makes_one_sandbox(client):
    key = unique("idem")
    first = await ok(client.sandboxes.create(idempotency_key=key))
    second = await ok(client.sandboxes.create(idempotency_key=key))
    assert first.id == second.id
    assert second.state == "running"
    await ok(client.sandboxes.delete(first.id))


async def test_a_size_that_contradicts_the_shape_is_refused(client):
    with pytest.raises(ValidationError):
        await ok(
            client._transport.request(
                "POST", "/sandboxes", json_body={"size": "xs", "cpu_count": 16, "memory_mb": 32768}
            )
        )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timeout_sec": "soon"}, "timeout_sec"),
        ({"name": 7}, "name"),
        ({"env": ["A"]}, "env"),
        ({"size": "gigantic"}, "size"),
        ({"tags": "one"}, "tags"),
    ],
)
async def test_a_wrong_type_is_named(client, body, field):
    with pytest.raises(MiosaError) as refused:
        await ok(client._transport.request("POST", "/sandboxes", json_body=body))
    assert refused.value.status_code == 422
    raw = str(refused.value) + str(refused.value.details)
    assert field in raw


async def test_an_unknown_template_is_not_found(client):
    with pytest.raises(MiosaError) as refused:
        await ok(client.sandboxes.create(template_id="no-such-template"))
    assert refused.value.status_code in (404, 422)


async def test_pause_keeps_the_files_and_work_wakes_it(sandbox):
    await ok(sandbox.files.write("/workspace/kept.txt", "kept"))
    await ok(sandbox.pause())
    assert sandbox.state == "paused"
    assert (await ok(sandbox.exec.run("cat /workspace/kept.txt"))).stdout == "kept"
    await ok(sandbox.refresh())
    assert sandbox.state == "running"
    await ok(sandbox.stop())
    assert sandbox.state in ("paused", "stopped")
    await ok(sandbox.resume())
    assert sandbox.state == "running"
    assert (await ok(sandbox.files.read_text("/workspace/kept.txt"))) == "kept"


async def test_extend_update_and_usage(sandbox):
    await ok(sandbox.extend(7200))
    await ok(sandbox.update(name=unique("renamed"), metadata={"a": "b"}))
    assert sandbox.metadata.get("a") == "b"
    usage = await ok(sandbox.usage())
    assert usage["sandbox_id"] == sandbox.id
    readiness = await ok(sandbox.readiness())
    assert readiness["ready"] is True


async def test_a_destroyed_sandbox_is_gone(client):
    sandbox = await ok(client.sandboxes.create())
    await ok(sandbox.destroy())
    with pytest.raises(MiosaError) as gone:
        await ok(client._transport.request("POST", f"/sandboxes/{sandbox.id}/exec", json_body={"command": "true"}))
    assert gone.value.status_code in (400, 404)
    assert sandbox.id not in [each.id for each in await ok(client.sandboxes.list())]


async def test_another_organization_sees_nothing(second_client, sandbox):
    with pytest.raises(NotFoundError):
        await ok(second_client.sandboxes.get(sandbox.id))
    with pytest.raises(NotFoundError):
        await ok(second_client.sandboxes.delete(sandbox.id))
    assert sandbox.id not in [each.id for each in await ok(second_client.sandboxes.list())]


async def test_templates_are_listed(client):
    templates = await ok(client.sandboxes.list_templates())
    assert "miosa-sandbox" in str(templates)


async def test_environment_variables_reach_new_commands(sandbox):
    await ok(sandbox.env.set([{"key": "COLOR", "value": "teal"}, {"key": "TOKEN", "value": "s3", "encrypted": True}]))
    assert (await ok(sandbox.exec.run("echo $COLOR $TOKEN"))).stdout.strip() == "teal s3"
    listed = await ok(sandbox.env.list())
    assert "COLOR" in str(listed) and "'s3'" not in str(listed)
    await ok(sandbox.env.delete("COLOR"))
    assert (await ok(sandbox.exec.run("echo [$COLOR]"))).stdout.strip() == "[]"


async def test_the_events_of_the_organization_tell_the_story(client, flavor):
    import asyncio

    seen = asyncio.create_task(
        items(client.events.stream(), until=lambda event: event["type"].endswith("destroyed"), limit=200)
    )
    sandbox = await ok(client.sandboxes.create())
    # The stream starts somewhere between two requests: sandboxes come and go until it saw one end.
    for _ in range(30):
        await ok(sandbox.destroy())
        done, _ = await asyncio.wait([seen], timeout=1)
        if done:
            break
        sandbox = await ok(client.sandboxes.create())
    events = await asyncio.wait_for(seen, 10)
    assert any(event["type"].startswith("sandbox.") for event in events)
    assert all(event["event_id"] and event["tenant_id"] for event in events)


async def test_an_option_that_changes_leaves_metadata_alone(client):
    sandbox = await ok(client.sandboxes.create(persistent=False, metadata={"customer": "42", "snapshot_expiration_sec": 86400}))
    await ok(sandbox.update(persistent=True))
    assert sandbox.persistent and sandbox.metadata["customer"] == "42", sandbox.metadata
    await ok(sandbox.update(keep_last_snapshots=3))
    assert sandbox.persistent and sandbox.metadata["customer"] == "42", sandbox.metadata
    assert sandbox.metadata["snapshot_expiration_sec"] == 86400
    await ok(sandbox.update(persistent=False))
    assert not sandbox.persistent
    await ok(sandbox.destroy())


async def test_a_batch_creates_what_was_asked_for(client):
    batch = await ok(client.sandbox_batches.create(count=2, concurrency=2, size="xs"))
    assert batch["requested"] == 2 and batch["concurrency"] == 2
    events = await items(client.sandbox_batches.events(batch["id"]))
    assert events[-1]["status"] == "completed"
    done = await ok(client.sandbox_batches.get(batch["id"]))
    assert done["completed"] == 2 and done["failed"] == 0
    made = (await ok(client.sandbox_batches.items(batch["id"])))["data"]
    assert len(made) == 2
    for item in made:
        await ok(client.sandboxes.delete(item["sandbox_id"]))
    assert (await ok(client.sandbox_batches.cancel(batch["id"])))["status"] == "completed"
