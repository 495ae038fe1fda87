"""Log drains and templates of projects, tool servers and their catalogue."""

from __future__ import annotations

import json

import pytest
from conftest import ok, unique
from miosa import MiosaError, NotFoundError
from test_webhooks import Receiver, eventually


@pytest.fixture
async def project(client):
    project = await ok(client.projects.create(unique("drained")))
    yield project["id"]


async def test_logs_are_drained(client, project):
    receiver = Receiver()
    environment = (await ok(client.projects.environments(project)))[0]["id"]
    drains = client.services
    made = await ok(
        drains.create_log_drain(project, environment, name="out", url=receiver.url, sources=["sandbox"])
    )
    assert made["secret"].startswith("whsec_") and made["state"] == "active"
    tested = await ok(drains.test_log_drain(project, environment, made["id"]))
    assert tested["delivered"] is True
    sandbox = await ok(client.sandboxes.create(name=unique("conf"), project_id=project))
    await ok(sandbox.processes.start("echo drained"))
    await eventually("the line arrives", lambda: any(b"drained" in body for _, body in receiver.got[1:]))
    assert json.loads(receiver.got[-1][1].splitlines()[0])["sandbox_id"] == sandbox.id
    await ok(client.sandboxes.delete(sandbox.id))
    paused = await ok(drains.update_log_drain(project, environment, made["id"], state="paused"))
    assert paused["state"] == "paused" and "secret" not in paused
    listed = await ok(drains.log_drains(project, environment))
    assert [one["id"] for one in listed] == [made["id"]]
    await ok(drains.delete_log_drain(project, environment, made["id"]))
    assert await ok(drains.log_drains(project, environment)) == []
    with pytest.raises(MiosaError):
        await ok(drains.create_log_drain(project, environment, name="in", url="https://10.0.0.1/"))
    receiver.shutdown()
    receiver.server_close()


async def test_a_template_fills_a_project(client, project):
    templates = await ok(client.projects.templates())
    assert "agent-workspace" in [one["slug"] for one in templates]
    assert (await ok(client.projects.template("python-web")))["deployments"]
    with pytest.raises(NotFoundError):
        await ok(client.projects.template("nothing"))
    made = await ok(client.projects.apply_template(project, "python-web", deploy=False))
    again = await ok(client.projects.apply_template(project, "python-web", deploy=False))
    assert {one["change"] for one in made["changes"]} == {"created"}
    assert {one["change"] for one in again["changes"]} == {"kept"}
    for one in made["changes"]:
        if one["kind"] == "sandbox":
            await ok(client.sandboxes.delete(one["id"]))


async def test_tool_servers_are_kept_and_tried(client, second_client):
    name = unique("tools")
    # A program that the sandboxes' image has, and that speaks no protocol.
    made = await ok(
        client.mcp_servers.create(
            name=name, transport="stdio", command="true", secrets={"KEY": "sesame"}, secret_env=["KEY"]
        )
    )
    assert made["secret_names"] == ["KEY"] and "sesame" not in str(made)
    assert name in [one["name"] for one in await ok(client.mcp_servers.list(status="untested"))]
    tried = await ok(client.mcp_servers.test(made["id"]))
    assert tried["ok"] is False and tried["error"]
    shown = await ok(client.mcp_servers.get(made["id"]))
    assert shown["status"] == "error" and "sesame" not in str(shown)
    changed = await ok(client.mcp_servers.update(made["id"], metadata={"team": "red"}))
    assert changed["metadata"] == {"team": "red"} and changed["status"] == "untested"
    with pytest.raises(NotFoundError):
        await ok(second_client.mcp_servers.get(made["id"]))
    await ok(client.mcp_servers.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.mcp_servers.get(made["id"]))


async def test_the_catalogue_is_installed_from(client):
    catalogue = await ok(client.mcp_catalog.list())
    assert catalogue["total"] == len(catalogue["data"]) and catalogue["categories"]
    with pytest.raises(MiosaError):
        await ok(client.mcp_catalog.test("github"))
    made = await ok(client.mcp_catalog.install("github", values={"token": "sesame"}, name=unique("hub")))
    assert made["secrets"] == ["token"] and "sesame" not in str(made)
    entry = next(
        one for one in (await ok(client.mcp_catalog.list()))["data"] if one["slug"] == "github"
    )
    assert made["data"]["id"] in [one["id"] for one in entry["added"]]
    await ok(client.mcp_servers.delete(made["data"]["id"]))
