"""Volumes: the calls of the client, and a sandbox that has one from the start."""

from __future__ import annotations

import httpx
import pytest
from conftest import API_KEY, API_URL, SECOND_KEY, ok, unique
from miosa import MiosaError, NotFoundError


async def test_a_volume_is_created_listed_read_and_deleted(client):
    name = unique("vol")
    made = await ok(client.volumes.create(name=name, size_gb=1, external_user_id="u-1"))
    assert made["name"] == name and made["size_gb"] == 1
    assert made["status"] == "available"
    assert made["external_user_id"] == "u-1" and made["tenant_id"]

    assert (await ok(client.volumes.get(made["id"])))["id"] == made["id"]
    listed = await ok(client.volumes.list(limit=100))
    assert made["id"] in [volume["id"] for volume in listed]
    assert await ok(client.volumes.list(name=unique("none"))) == []

    await ok(client.volumes.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.volumes.get(made["id"]))


def sandbox_with(volumes, key=API_KEY):
    """The client has no argument for volumes."""
    return httpx.post(
        f"{API_URL}/sandboxes",
        json={"volumes": volumes},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )


async def test_a_volume_outlives_the_sandbox_and_is_kept_while_attached(client):
    volume = await ok(client.volumes.create(name=unique("vol"), size_gb=1))
    wish = [{"volume_id": volume["id"], "mount_path": "/data"}]
    first = await ok(client.sandboxes.get(sandbox_with(wish).json()["id"]))
    await ok(first.exec("echo kept > /data/file"))
    with pytest.raises(MiosaError) as refused:
        await ok(client.volumes.delete(volume["id"]))
    assert refused.value.status_code == 409
    await ok(client.sandboxes.delete(first.id))

    second = await ok(client.sandboxes.get(sandbox_with(wish).json()["id"]))
    assert (await ok(second.exec("cat /data/file"))).stdout == "kept\n"
    await ok(client.sandboxes.delete(second.id))
    await ok(client.volumes.delete(volume["id"]))


async def test_a_volume_of_another_organization_is_not_seen(client, second_client):
    volume = await ok(client.volumes.create(name=unique("vol"), size_gb=1))
    with pytest.raises(NotFoundError):
        await ok(second_client.volumes.get(volume["id"]))
    with pytest.raises(NotFoundError):
        await ok(second_client.volumes.delete(volume["id"]))
    assert sandbox_with([{"volume_id": volume["id"]}], SECOND_KEY).status_code == 422
    await ok(client.volumes.delete(volume["id"]))
