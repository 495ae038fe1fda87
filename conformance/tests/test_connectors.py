"""Connectors of a sandbox: secrets by the names of their providers."""

from __future__ import annotations

import uuid

from conftest import ok


async def test_a_connector_is_attached_looked_at_and_detached(client, sandbox):
    name = f"connector-{uuid.uuid4().hex[:8]}"
    secret = await ok(client.secrets.set(name=name, value="the value of it"))
    try:
        assert (await ok(sandbox.connectors.preflight(connector=name)))["ready"] is True
        assert (await ok(sandbox.connectors.preflight(connector="none")))["ready"] is False
        made = await ok(sandbox.connectors.attach(name, env="CONNECTED"))
        assert (made["connector"], made["mode"], made["env_name"]) == (name, "brokered_env", "CONNECTED")
        assert [each["id"] for each in await ok(sandbox.connectors.list())] == [made["id"]]
        assert (await ok(sandbox.exec("echo $CONNECTED"))).stdout.strip() == "the value of it"
        assert (await ok(sandbox.connectors.sync()))["synced"] == 1
        await ok(sandbox.connectors.detach(name))
        assert await ok(sandbox.connectors.list()) == []
        assert (await ok(sandbox.exec("echo $CONNECTED"))).stdout.strip() == ""
    finally:
        await ok(client.secrets.delete(secret["id"]))
