"""Notifications, alerts, activity and operations: the calls of the client."""

from __future__ import annotations

import asyncio

import pytest
from conftest import items, ok, unique
from miosa import MiosaError, NotFoundError
from test_webhooks import eventually


async def test_what_happened_is_listed(client):
    made = await ok(client.workspaces.create(name=unique("active")))
    workspace = made["id"] if isinstance(made, dict) else made.id
    seen = await ok(client.activity.list(resource_type="workspace", resource_id=workspace))
    assert [event["type"] for event in seen["data"]] == ["workspace.created"]
    first = await ok(client.activity.list(limit=1))
    assert len(first["data"]) == 1 and first["next_cursor"]


async def test_notifications_are_counted_and_read(client):
    listed = await ok(client.notifications.list(limit=5))
    assert isinstance(listed["data"], list) and "next_cursor" in listed
    assert (await ok(client.notifications.unread_count()))["count"] >= 0
    await ok(client.notifications.mark_all_read())
    assert (await ok(client.notifications.unread_count()))["count"] == 0
    with pytest.raises(NotFoundError):
        await ok(client.notifications.mark_read("evt_00000000000000000000000000"))


async def test_alerts_are_listed_and_an_unknown_one_is_not_found(client):
    listed = await ok(client.alerts.list(resolved="false", limit=5))
    assert isinstance(listed["data"], list)
    with pytest.raises(NotFoundError):
        await ok(client.alerts.resolve("evt_00000000000000000000000000"))


async def test_an_operation_is_read_followed_and_not_cancelled(client):
    sandbox = await ok(client.sandboxes.create(name=unique("oper")))
    operation = {}

    async def runs():
        operation.update(await ok(client.operations.get(f"op_{sandbox.id}")))
        return operation["current_step"] == "sandbox.running"

    # The answer to a create does not wait for the event that tells of it.
    await eventually("the sandbox is told to run", runs)
    assert operation["resource_id"] == sandbox.id and operation["status"] == "succeeded"
    followed = await asyncio.wait_for(items(client.operations.events(operation["id"])), 20)
    assert followed[-1]["type"] == operation["current_step"]
    with pytest.raises(MiosaError) as refused:
        await ok(client.operations.cancel(operation["id"]))
    assert refused.value.status_code == 409 and refused.value.code == "OPERATION_NOT_CANCELLABLE"
    await ok(client.sandboxes.delete(sandbox.id))
