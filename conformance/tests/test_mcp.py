"""The official MCP server, unmodified and over stdio: it asks the authority before every tool."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from conftest import API_KEY, API_URL, unique

EXPECTED_TOOLS = 242


@asynccontextmanager
async def tool_server(key: str = API_KEY) -> AsyncIterator[ClientSession]:
    environment = {
        "MIOSA_API_KEY": key,
        "MIOSA_BASE_URL": API_URL,
        "PATH": os.environ["PATH"],
    }
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "miosa_mcp"], env=environment
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def text(session: ClientSession, tool: str, **arguments: Any) -> str:
    result = await session.call_tool(tool, arguments)
    said = "\n".join(item.text for item in result.content)
    assert not result.isError, said
    return said


async def test_a_sandbox_lives_its_whole_life_through_tools() -> None:
    async with tool_server() as session:
        tools = await session.list_tools()
        assert len(tools.tools) == EXPECTED_TOOLS

        created = json.loads(await text(session, "sandbox_create", name=unique("mcp"), size="xs"))
        sandbox = created["sandbox"]["id"]
        try:
            said = await text(
                session, "sandbox_exec", sandbox_id=sandbox, command="echo $((6 * 7))"
            )
            assert "42" in said and "exit_code: 0" in said
            content = "written by a tool\n"
            await text(
                session,
                "sandbox_write_file",
                sandbox_id=sandbox,
                path="/workspace/tool.txt",
                content=content,
            )
            read = await text(
                session, "sandbox_read_file", sandbox_id=sandbox, path="/workspace/tool.txt"
            )
            assert read == content
            assert sandbox in await text(session, "sandbox_list")
        finally:
            await text(session, "sandbox_destroy", sandbox_id=sandbox)


async def test_every_tool_has_an_action_in_the_catalogue() -> None:
    from miosa_mcp.authority import MCP_TOOL_CAPABILITIES

    answer = httpx.get(
        f"{API_URL}/actions/catalog", headers={"Authorization": f"Bearer {API_KEY}"}
    )
    known = {entry["name"] for entry in answer.json()["data"]}
    assert set(MCP_TOOL_CAPABILITIES.values()) - known == set()


@pytest.fixture
def restricted() -> Any:
    """A key of a role for which destroying needs an approval, for the time of the test."""
    api = httpx.Client(base_url=API_URL, headers={"Authorization": f"Bearer {API_KEY}"})
    key = api.post("/api-keys", json={"name": unique("mcp"), "rate_limit_rpm": 600}).json()["data"]
    policy = {"decision": "approval", "roles": ["user"]}
    api.put("/actions/policies/sandbox.destroy", json=policy).raise_for_status()
    yield api, key
    api.delete("/actions/policies/sandbox.destroy").raise_for_status()
    api.delete(f"/api-keys/{key['id']}")
    api.close()


async def test_a_tool_waits_for_its_approval(restricted: Any) -> None:
    api, key = restricted
    async with tool_server(key["key"]) as session:
        created = json.loads(await text(session, "sandbox_create", name=unique("mcp"), size="xs"))
        sandbox = created["sandbox"]["id"]
        refused = await session.call_tool("sandbox_destroy", {"sandbox_id": sandbox})
        assert refused.isError
        assert "central approval required" in refused.content[0].text
        assert api.get(f"/sandboxes/{sandbox}").json()["state"] == "running"

        waiting = api.get("/actions/approvals", params={"status": "pending"}).json()["data"]
        mine = [a for a in waiting if a["principal_id"] == key["id"]]
        assert [a["capability"] for a in mine] == ["sandbox.destroy"]
        api.post(f"/actions/approvals/{mine[0]['id']}/approve", json={}).raise_for_status()

        await text(session, "sandbox_destroy", sandbox_id=sandbox)
        used = api.get(f"/actions/approvals/{mine[0]['id']}").json()
        assert used["status"] == "used"
