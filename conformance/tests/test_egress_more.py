"""Egress calls of the organization itself, tails, and what asks for consent."""

from __future__ import annotations

import asyncio

import pytest
from conftest import items, ok, unique
from miosa import MiosaError, NotFoundError


def bound_to(sandbox):
    """A policy goes with what it holds for: one of the organization would hold for every later test."""
    return {"resource_type": "sandbox", "resource_id": sandbox.id}


async def test_policies_by_the_network_of_the_organization(client, sandbox):
    name = unique("policy")
    made = await ok(
        client.network.create_policy(
            name=name, mode="audit_only", default_effect="allow", description="d", **bound_to(sandbox)
        )
    )
    assert made["id"] in [each["id"] for each in await ok(client.network.policies())]
    assert (await ok(client.network.lockdown(policy_id=made["id"])))["mode"] == "enforce"
    assert (await ok(client.network.observe(policy_id=made["id"])))["mode"] == "audit_only"
    changed = await ok(client.network.update_policy(made["id"], name=name + "2", default_effect="allow"))
    assert changed["name"] == name + "2" and changed["default_effect"] == "allow"
    rule = await ok(client.network.allow("api.test", policy_id=made["id"], methods=["GET", "POST"], path_glob="/v1/**"))
    assert rule["host"] == "api.test" and rule["methods"] == ["GET", "POST"] and rule["policy_id"] == made["id"]
    refused = await ok(client.network.deny("*.ads.test", policy_id=made["id"], note="why"))
    listed = await ok(client.network.rules(policy_id=made["id"]))
    assert {each["id"] for each in listed} == {rule["id"], refused["id"]}
    for each in (rule, refused):
        await ok(client.network.remove_rule(each["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.network.remove_rule(rule["id"]))


async def test_suggestions_and_the_audit_of_the_organization(client, sandbox):
    await ok(sandbox.network.deny("asked.test", note="closed"))
    observed = await ok(sandbox.network.policies())
    if observed:
        await ok(sandbox.network.observe(policy_id=observed[0]["id"]))
        await ok(sandbox.network.lockdown(policy_id=observed[0]["id"]))
    await ok(sandbox.run("curl -s http://asked.test/a"))
    for _ in range(100):
        all_rows = await ok(client.audit.list(resource_id=sandbox.id, host="asked.test"))
        # The question for the name has a row of its own.
        rows = [each for each in all_rows if each["method"]]
        if rows:
            break
        await asyncio.sleep(0.1)
    one = await ok(client.audit.get(rows[0]["id"]))
    assert one["host"] == "asked.test" and one["method"] == "GET" and one["path"] == "/a" and one["inserted_at"]
    suggested = await ok(client.network.suggestions(resource_id=sandbox.id, resource_type="sandbox"))
    assert "asked.test" in [each["host"] for each in suggested]
    tailed = await items(client.audit.tail(resource_id=sandbox.id, poll_interval=0.1), limit=1)
    assert tailed[0]["host"] == "asked.test"


async def test_the_tail_of_one_sandbox(sandbox):
    seen = asyncio.create_task(items(sandbox.audit.tail(), limit=1))
    for n in range(60):
        await ok(sandbox.update(metadata={"n": str(n)}))
        done, _ = await asyncio.wait([seen], timeout=0.5)
        if done:
            break
    assert (await asyncio.wait_for(seen, 10))[0]["type"]


async def test_secrets_of_a_handle(client, sandbox):
    made = await ok(sandbox.secrets.set(name=unique("s"), value="hidden-value", type="bearer", metadata={"a": "b"}))
    got = await ok(sandbox.secrets.get(made["id"]))
    assert got["type"] == "bearer" and got["masked_value"] and "hidden-value" not in str(got)
    assert made["id"] in [each["id"] for each in await ok(client.secrets.list(scope=got["scope"], type="bearer"))]
    rotated = await ok(client.secrets.rotate(made["id"], "another-value"))
    assert rotated["id"] == made["id"] and "another-value" not in str(rotated)
    await ok(sandbox.secrets.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(sandbox.secrets.get(made["id"]))


async def test_consent_is_asked_of_a_known_provider_only(client, sandbox):
    providers = await ok(client.secrets.providers())
    assert all({"name", "display_name", "scopes"} <= set(each) for each in providers)
    for connect in (client.secrets.connect, sandbox.secrets.connect):
        with pytest.raises(MiosaError) as refused:
            await ok(connect("no-such-provider"))
        assert refused.value.status_code in (404, 422) and "provider" in str(refused.value)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("secrets", {"name": "x"}, "value"),
        ("secrets", {"value": "x"}, "name"),
        ("secrets", {"name": "x", "value": "y", "type": "magic"}, "type"),
        ("secrets", {"name": "x", "value": "y", "scope": 7}, "scope"),
        ("secrets", {"name": "x", "value": "y", "expires_at": "soon"}, "expires_at"),
        ("secrets", {"name": "x", "value": "y" * 200_000}, "value"),
        ("secrets", {"name": "x", "value": "y", "expose_as_env": "1 a"}, "expose_as_env"),
        ("bindings", {}, "secret_id"),
        ("allowlist", {}, "host"),
        ("allowlist", {"host": "a b"}, "host"),
        ("allowlist", {"host": "x" * 300}, "host"),
        ("allowlist", {"host": "a.test", "effect": "maybe"}, "effect"),
        ("allowlist", {"host": "a.test", "methods": "GET"}, "methods"),
        ("allowlist", {"host": "a.test", "path_glob": "a\x00"}, "path_glob"),
        ("policies", {"name": "x", "mode": "hard"}, "mode"),
        ("policies", {"name": "x", "default_effect": 1}, "default_effect"),
        ("policies", {"name": "x", "resource_id": "sbx_1", "resource_type": "toaster"}, "resource_type"),
    ],
)
async def test_a_wrong_field_is_named(client, path, body, field):
    with pytest.raises(MiosaError) as refused:
        await ok(client._transport.request("POST", f"/egress/{path}", json_body=body))
    assert refused.value.status_code == 422, refused.value
    assert field in str(refused.value) + str(refused.value.details), refused.value


async def test_another_organizations_rules_are_not_there(client, second_client, sandbox):
    policy = await ok(
        client.network.create_policy(
            name=unique("p"), mode="audit_only", default_effect="allow", **bound_to(sandbox)
        )
    )
    secret = await ok(client.secrets.set(name=unique("s"), value="v"))
    for call in (
        lambda: second_client.network.update_policy(policy["id"], name="mine"),
        lambda: second_client.network.observe(policy_id=policy["id"]),
        lambda: second_client.secrets.get(secret["id"]),
        lambda: second_client.secrets.rotate(secret["id"], "w"),
        lambda: second_client.secrets.delete(secret["id"]),
    ):
        with pytest.raises(NotFoundError):
            await ok(call())
    for call in (
        lambda: second_client.network.allow("x.test", policy_id=policy["id"]),
        lambda: second_client.network.allow("x.test", resource_id=sandbox.id, resource_type="sandbox"),
        lambda: second_client.secrets.create_binding(
            secret_id=secret["id"], resource_id=sandbox.id, resource_type="sandbox", expose_as_env="X"
        ),
    ):
        with pytest.raises(MiosaError) as refused:
            await ok(call())
        assert refused.value.status_code in (404, 422)
    await ok(client.secrets.delete(secret["id"]))
