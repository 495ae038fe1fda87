"""One request for many: sandboxes that are paused, resumed and destroyed, policies that are set."""

from __future__ import annotations

import asyncio

import pytest
from conftest import ok, unique
from miosa import MiosaError, NotFoundError


async def ended(client, begun):
    """The job of an answer, once each of its items was tried."""
    while True:
        job = await ok(client.bulk.jobs.get(begun["job_id"]))
        if job["status"] in ("completed", "failed"):
            return job
        await asyncio.sleep(0.05)


async def test_many_sandboxes_are_paused_resumed_and_destroyed(client):
    tag = unique("bulk")
    ids = [(await ok(client.sandboxes.create(size="xs", tags=[tag]))).id for _ in range(2)]
    begun = await ok(client.bulk.sandboxes.pause(ids=[*ids, "sbx_none"]))
    assert begun["queued"] == 3
    job = await ended(client, begun)
    assert job["status"] == "completed" and job["processed"] == 3
    assert [error["id"] for error in job["errors"]] == ["sbx_none"]
    for each in ids:
        assert (await ok(client.sandboxes.get(each))).state == "paused"
    job = await ended(client, await ok(client.bulk.sandboxes.resume(filter={"tags": [tag]})))
    assert job["processed"] == 2 and job["errors"] == []
    job = await ended(client, await ok(client.bulk.sandboxes.destroy(filter={"tags": [tag]})))
    assert job["processed"] == 2 and job["errors"] == []
    for each in ids:
        assert (await ok(client.sandboxes.get(each))).state == "destroyed"


async def test_what_means_nothing_or_everything_is_refused(client):
    for wrong in ({"ids": []}, {"filter": {}}, {"filter": {"everything": True}}):
        with pytest.raises(MiosaError) as refused:
            await ok(client.bulk.sandboxes.destroy(**wrong))
        assert refused.value.status_code == 422


async def test_a_policy_is_applied_to_many_users(client):
    users = [unique("user") for _ in range(3)]
    policy = {"lifecycle": {"max_timeout_sec": 120}}
    begun = await ok(client.bulk.policy.apply(tier="user", ids_or_filter=users, policy=policy))
    assert begun["queued"] == 3
    job = await ended(client, begun)
    assert job["status"] == "completed" and job["errors"] == []
    for user in users:
        governed = client.external_users(user).policy
        assert (await ok(governed.get()))["lifecycle"]["max_timeout_sec"] == 120
        await ok(governed.delete())


async def test_a_job_of_another_organization_is_not_found(client, second_client):
    begun = await ok(client.bulk.sandboxes.pause(ids=["sbx_none"]))
    with pytest.raises(NotFoundError):
        await ok(second_client.bulk.jobs.get(begun["job_id"]))
