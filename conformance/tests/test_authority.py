"""Actions, the audit log, delegation tokens and tools over HTTP, as the official client uses them."""

from __future__ import annotations

import httpx
import pytest
from conftest import API_KEY, API_URL, client_for, ok, unique
from miosa import AuthenticationError, MiosaError
from miosa.errors import PermissionError as Forbidden


async def test_the_catalogue_names_actions_and_a_decision_has_a_receipt(client):
    catalog = {entry["name"]: entry for entry in await ok(client.authority.catalog())}
    assert catalog["sandbox.exec"]["fingerprint"].startswith("sha256:")
    decision = await ok(client.authority.authorize({"name": "sandbox.exec"}, surface="cli"))
    assert decision["decision"] == "allow"
    receipts = await ok(client.authority.receipts(limit=50))
    assert decision["receipt_id"] in {receipt["id"] for receipt in receipts}


async def test_grants_and_approvals_are_listed_made_and_taken_back(client, flavor):
    key = await ok(client.api_keys.create(name=unique("agent")))
    admin = httpx.Client(base_url=API_URL, headers={"Authorization": f"Bearer {API_KEY}"})
    holder = client_for(flavor, key["key"], max_retries=0)
    policy = {"decision": "approval"}
    admin.put("/actions/policies/volume.create", json=policy).raise_for_status()
    try:
        asked = await ok(holder.authority.authorize({"name": "volume.create"}, surface="agent_run"))
        assert asked["decision"] == "pending_approval"
        with pytest.raises(Forbidden) as refused:
            await ok(holder.volumes.create(name=unique("v"), size_gb=1))
        assert refused.value.code == "APPROVAL_REQUIRED"

        pending = await ok(client.authority.approvals(status="pending"))
        assert asked["approval_request_id"] in {approval["id"] for approval in pending}
        denied = await ok(client.authority.deny(asked["approval_request_id"], reason="not now"))
        assert denied["status"] == "denied"

        grant = await ok(
            client.authority.create_grant(
                capability="volume.create", principal_type="api_key", principal_id=key["id"]
            )
        )
        volume = await ok(holder.volumes.create(name=unique("v"), size_gb=1))
        await ok(client.volumes.delete(volume["id"]))
        assert grant["id"] in {g["id"] for g in await ok(client.authority.grants(status="active"))}
        await ok(client.authority.revoke_grant(grant["id"]))
        with pytest.raises(Forbidden):
            await ok(holder.volumes.create(name=unique("v"), size_gb=1))
    finally:
        admin.delete("/actions/policies/volume.create").raise_for_status()
        await ok(client.api_keys.delete(key["id"]))
        await ok(holder.close())
        admin.close()


async def test_the_audit_log_tells_what_was_done_to_a_sandbox(client, sandbox):
    await ok(sandbox.exec("true"))
    entries = await ok(client.audit_log.list(resource_type="sandbox", resource_id=sandbox.id))
    types = [entry["type"] for entry in entries]
    assert types[-1] == "sandbox.created" and "sandbox.exec" in types
    assert all(entry["actor_type"] == "api_key" for entry in entries if entry["actor_id"])


async def test_a_delegation_token_is_made_used_listed_and_revoked(client, flavor, sandbox):
    workspace = sandbox.data["workspace_id"]
    made = await ok(
        client.tokens.create_scoped(
            user_id=unique("user"), workspace_id=workspace, scopes=["sandboxes:read"]
        )
    )
    assert made["scopes"] == ["sandboxes:read"]
    holder = client_for(flavor, made["token"], max_retries=0)
    assert await ok(holder.sandboxes.list()) == []
    with pytest.raises(Forbidden):
        await ok(holder.sandboxes.create(name=unique("no")))
    with pytest.raises(MiosaError) as more:
        await ok(
            holder.tokens.create_scoped(
                user_id=made["user_id"], workspace_id=workspace, scopes=["sandboxes:create"]
            )
        )
    assert more.value.status_code == 403
    assert made["id"] in {token["id"] for token in await ok(client.tokens.list_scoped())}
    await ok(client.tokens.delete_scoped(made["id"]))
    with pytest.raises(AuthenticationError):
        await ok(holder.sandboxes.list())
    await ok(holder.close())


async def test_a_ticket_is_made(client):
    ticket = await ok(client.sse_ticket.create())
    assert ticket["ticket"].startswith("sset_") and ticket["expires_in"] == 60


async def test_tools_are_listed_and_called_over_http(client):
    hello = await ok(client.mcp.dispatch("initialize", {"protocolVersion": "2025-06-18"}))
    assert hello["protocolVersion"] == "2025-06-18" and hello["instructions"]
    tools = {tool["name"]: tool for tool in (await ok(client.mcp.dispatch("tools/list")))["tools"]}
    assert "size" in tools["sandbox_create"]["inputSchema"]["properties"]
    created = await ok(
        client.mcp.dispatch("tools/call", {"name": "sandbox_create", "arguments": {"size": "xs"}})
    )
    assert not created["isError"], created
    sandbox = created["structuredContent"]["id"]
    ran = await ok(
        client.mcp.dispatch(
            "tools/call",
            {"name": "sandbox_exec", "arguments": {"id": sandbox, "command": "echo $((6*7))"}},
        )
    )
    assert "42" in ran["content"][0]["text"]
    gone = await ok(
        client.mcp.dispatch(
            "tools/call", {"name": "sandbox_destroy", "arguments": {"id": sandbox}}
        )
    )
    assert not gone["isError"]
    assert (await ok(client.mcp.listen()))["tools"] == len(tools)
    await ok(client.mcp.close())
