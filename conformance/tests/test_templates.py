"""Templates: the catalogue, specifications, builds, and sandboxes that start from one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from conftest import ok, unique
from miosa import MiosaError

SPEC = {"from": "blank", "size": "xs", "steps": [{"run": "echo made > /made"}]}


async def built(client: Any, template_id: str) -> dict[str, Any]:
    """The newest build of a template, once it is over."""
    end = time.monotonic() + 180
    while True:
        build = (await ok(client.sandbox_templates.list_builds(template_id)))[0]
        if build["state"] in ("ready", "failed", "cancelled"):
            return await ok(client.sandboxes.get_template_build(build["id"]))
        assert time.monotonic() < end, build
        await asyncio.sleep(0.3)


@pytest.fixture
async def template(client):
    template = await ok(
        client.sandbox_templates.create(name=unique("tpl"), build_spec=SPEC, description="one file", metadata={"a": "b"})
    )
    yield template


async def test_the_catalogue(client):
    catalogue = await ok(client.templates.catalog())
    assert {"templates", "products", "sizes", "shape_contracts"} <= set(catalogue)
    assert (await ok(client.templates.get("vite-react", product="sandbox")))["start_command"]
    assert await ok(client.templates.readiness("miosa-sandbox"))


async def test_built_in_templates(client):
    rows = await ok(client.sandbox_templates.list(include_aliases=True))
    assert {"miosa-sandbox", "blank", "static", "fastapi"} <= {row["id"] for row in rows}
    row = await ok(client.sandbox_templates.get("fastapi"))
    assert row["built_in"] and row["status"] == "active" and row["preview_port"] == 8000
    assert (await ok(client.sandboxes.get_template("fastapi")))["id"] == "fastapi"


async def test_specifications(client):
    schema = await ok(client.sandbox_templates.build_spec_schema())
    assert schema["schema"]["required"] == ["from"]
    assert (await ok(client.sandboxes.get_build_spec_schema()))["schema"] == schema["schema"]
    checked = await ok(client.sandbox_templates.validate(SPEC))
    assert checked["valid"] is True and checked["build_spec"]["vcpu"] == 1 and checked["errors"] == []
    assert (await ok(client.sandboxes.validate_build_spec(SPEC)))["valid"] is True
    with pytest.raises(MiosaError) as refused:
        await ok(client.sandbox_templates.validate({"steps": [{"run": "true"}], "previewPort": 0}))
    assert refused.value.code == "INVALID_BUILDSPEC"


async def test_a_template_is_built_and_used(client, template):
    assert template["status"] == "draft" and template["metadata"] == {"a": "b"}
    build = await built(client, template["id"])
    assert build["state"] == "ready", build
    assert build["sandbox_template_id"] == template["id"] and build["source_type"] == "build_spec"
    assert (await ok(client.sandbox_templates.get(template["id"])))["status"] == "ready"
    sandbox = await ok(client.sandboxes.create(template_id=template["id"]))
    assert (await ok(sandbox.exec("cat /made"))).stdout == "made\n"
    await ok(client.sandboxes.delete(sandbox.id))
    again = await ok(client.sandbox_templates.create_build(template["id"], metadata={"why": "again"}))
    assert again["metadata"]["why"] == "again"
    assert (await built(client, template["id"]))["id"] == again["id"]
    assert len(await ok(client.sandboxes.list_template_builds(template["id"]))) == 2


async def test_the_other_names_of_the_calls(client):
    made = await ok(client.sandboxes.create_template(name=unique("tpl"), build_spec=SPEC))
    assert (await built(client, made["id"]))["state"] == "ready"
    build = await ok(client.sandboxes.create_template_build(made["id"], build_spec={**SPEC, "env": {"A": "b"}}))
    assert build["build_spec"]["env"] == {"A": "b"}
    assert len(await ok(client.templates.list_builds(made["id"]))) == 2


async def test_nobody_else_sees_a_template(client, second_client, template):
    assert template["id"] not in [row["id"] for row in await ok(second_client.sandbox_templates.list())]
    with pytest.raises(MiosaError) as refused:
        await ok(second_client.sandbox_templates.get(template["id"]))
    assert refused.value.code == "TEMPLATE_NOT_FOUND"
