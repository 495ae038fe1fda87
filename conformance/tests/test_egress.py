"""What a sandbox may call, what it called, and secrets for it."""

from __future__ import annotations

import asyncio

from conftest import ok


async def run(sandbox, command):
    return (await ok(sandbox.exec(command))).stdout.strip()


async def audited(sandbox, **filters):
    for _ in range(100):
        rows = await ok(sandbox.audit.list(**filters))
        if rows:
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was written down")


async def test_a_policy_is_made_changed_and_listed(client, sandbox):
    made = await ok(
        client.network.create_policy(
            name="locked", mode="audit_only", default_effect="deny", resource_type="sandbox", resource_id=sandbox.id
        )
    )
    assert (made["mode"], made["default_effect"], made["resource_id"]) == ("audit_only", "deny", sandbox.id)
    listed = await ok(sandbox.network.policies())
    assert [each["id"] for each in listed] == [made["id"]] and listed[0]["effective"]
    assert (await ok(sandbox.network.lockdown(policy_id=made["id"])))["mode"] == "enforce"
    assert (await ok(client.network.observe(policy_id=made["id"])))["mode"] == "audit_only"
    changed = await ok(client.network.update_policy(made["id"], name="other", description="why"))
    assert (changed["name"], changed["description"]) == ("other", "why")


async def test_rules_come_and_go(client, sandbox):
    allowed = await ok(sandbox.network.allow("*.example.com", methods=["GET"], path_glob="/v1/*", note="api"))
    denied = await ok(sandbox.network.deny("bad.example.com"))
    assert (allowed["effect"], denied["effect"]) == ("allow", "deny")
    rules = await ok(sandbox.network.rules())
    assert {each["id"] for each in rules} == {allowed["id"], denied["id"]}
    await ok(sandbox.network.remove_rule(allowed["id"]))
    assert [each["id"] for each in await ok(client.network.rules(resource_id=sandbox.id, resource_type="sandbox"))] == [
        denied["id"]
    ]


async def test_a_denied_call_is_explained_audited_and_suggested(client, sandbox):
    await ok(sandbox.network.deny("denied.example"))
    assert "EGRESS_HOST_NOT_ALLOWED" in await run(sandbox, "curl -s -m 8 http://denied.example/x")
    rows = await audited(sandbox, host="denied.example", action="deny")
    assert (rows[0]["effect"], rows[0]["resource_id"]) == ("deny", sandbox.id)
    assert (await ok(sandbox.audit.get(rows[0]["id"])))["host"] == "denied.example"
    assert (await ok(client.audit.list(resource_id=sandbox.id, limit=1)))[0]["host"] == "denied.example"
    suggested = await ok(sandbox.network.suggestions())
    assert suggested[0]["host"] == "denied.example" and suggested[0]["denied_count"] >= 1


async def test_a_secret_is_kept_rotated_and_exposed(client, sandbox):
    made = await ok(sandbox.secrets.set(name="token", value="first-value", expose_as_env="TOKEN"))
    assert "first-value" not in str(made) and made["masked_value"]
    assert await run(sandbox, "echo $TOKEN") == "first-value"
    assert made["id"] in [each["id"] for each in await ok(sandbox.secrets.list())]
    assert [each["secret_id"] for each in await ok(sandbox.secrets.list_bindings())] == [made["id"]]
    await ok(sandbox.secrets.rotate(made["id"], "second-value"))
    assert await run(sandbox, "echo $TOKEN") == "second-value"
    assert (await ok(client.secrets.get(made["id"])))["name"] == "token"
    await ok(sandbox.secrets.delete(made["id"]))
    assert await run(sandbox, "echo $TOKEN") == ""


async def test_a_binding_is_made_and_ended(client, sandbox):
    made = await ok(client.secrets.set(name="bound", value="value-of-it", scope="tenant"))
    binding = await ok(
        client.secrets.create_binding(
            secret_id=made["id"], resource_id=sandbox.id, resource_type="sandbox", expose_as_env="BOUND"
        )
    )
    assert await run(sandbox, "echo $BOUND") == "value-of-it"
    assert [each["id"] for each in await ok(client.secrets.list_bindings(secret_id=made["id"]))] == [binding["id"]]
    await ok(client.secrets.delete_binding(binding["id"]))
    assert await run(sandbox, "echo $BOUND") == ""
    await ok(client.secrets.delete(made["id"]))
