"""Templates: the catalogue's other calls, and what is refused."""

from __future__ import annotations

import pytest
from conftest import ok, unique
from miosa import MiosaError, NotFoundError

SPEC = {"from": "blank", "size": "xs"}


async def test_the_catalogue_is_listed_by_product(client):
    rows = await ok(client.templates.list(product="sandbox"))
    assert {"miosa-sandbox", "blank"} <= {row["id"] for row in rows}
    assert {row["product"] for row in rows} == {"sandbox"}
    for row in rows:
        assert row["default_size"] and row["readiness_contract"].keys() >= {"exec_ready", "preview_ready"}, row
        assert {each["state"] for each in row["sizes"]} <= {
            "fast_ready", "partial_fast_ready", "cold_boot_only", "missing", "unavailable",
        }  # fmt: skip


async def test_the_same_calls_by_the_catalogue(client):
    assert (await ok(client.templates.build_spec_schema()))["schema"]["required"] == ["from"]
    assert (await ok(client.templates.validate(SPEC)))["valid"] is True
    made = await ok(client.templates.create(name=unique("tpl"), build_spec=SPEC, slug=unique("slug")))
    assert (await ok(client.sandbox_templates.get(made["slug"])))["id"] == made["id"]
    build = await ok(client.templates.create_build(made["id"]))
    assert build["state"] in ("queued", "building", "certifying", "snapshotting", "ready")
    assert build["id"] in [each["id"] for each in await ok(client.templates.list_builds(made["id"]))]


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "from"),
        ({"from": 7}, "from"),
        ({"from": ""}, "from"),
        ({"from": "../../etc"}, "from"),
        ({"from": "blank", "size": "huge"}, "size"),
        ({"from": "blank", "vcpu": -1}, "vcpu"),
        ({"from": "blank", "memoryMib": 2**60}, "memoryMib"),
        ({"from": "blank", "steps": "apt"}, "steps"),
        ({"from": "blank", "steps": [{"run": ""}]}, "steps"),
        ({"from": "blank", "steps": [{"ran": "x"}]}, "steps"),
        ({"from": "blank", "env": ["A"]}, "env"),
        ({"from": "blank", "env": {"1 A": "x"}}, "env"),
        ({"from": "blank", "workdir": "relative"}, "workdir"),
        ({"from": "blank", "workdir": "/a/../b"}, "workdir"),
        ({"from": "blank", "user": "a b"}, "user"),
        ({"from": "blank", "previewPort": 65536}, "previewPort"),
        ({"from": "blank", "previewPort": "80"}, "previewPort"),
        ({"from": "blank", "artifactPaths": [1]}, "artifactPaths"),
        ({"from": "blank", "startCmd": "a\x00b"}, "build_spec"),
        ({"from": "blank", "readyCmd": 1}, "readyCmd"),
    ],
)
async def test_a_wrong_specification_names_its_field(client, spec, field):
    for call in (
        lambda: client.sandbox_templates.validate(spec),
        lambda: client.sandbox_templates.create(name=unique("tpl"), build_spec=spec),
    ):
        with pytest.raises(MiosaError) as refused:
            await ok(call())
        assert refused.value.status_code == 422, (spec, refused.value)
        assert field in str(refused.value) + str(refused.value.details) + str(refused.value.__dict__), refused.value


async def test_what_is_not_there_is_not_found(client, second_client):
    for call in (
        lambda: client.sandbox_templates.get("x" * 300),
        lambda: client.sandbox_templates.list_builds("nothing"),
        lambda: client.sandbox_templates.create_build("nothing"),
        lambda: client.sandboxes.get_template_build("bld_nothing"),
    ):
        with pytest.raises(NotFoundError):
            await ok(call())
    made = await ok(client.sandbox_templates.create(name=unique("tpl"), build_spec=SPEC))
    builds = await ok(client.sandbox_templates.list_builds(made["id"]))
    for call in (
        lambda: second_client.sandbox_templates.list_builds(made["id"]),
        lambda: second_client.sandbox_templates.create_build(made["id"]),
        lambda: second_client.sandboxes.get_template_build(builds[0]["id"]),
        lambda: second_client.sandboxes.create(template_id=made["id"]),
    ):
        with pytest.raises(MiosaError) as refused:
            await ok(call())
        assert refused.value.status_code in (404, 422)


async def test_a_name_is_taken_once(client):
    name = unique("once")
    await ok(client.sandbox_templates.create(name=name, build_spec=SPEC, slug=name))
    with pytest.raises(MiosaError) as refused:
        await ok(client.sandbox_templates.create(name=name, build_spec=SPEC, slug=name))
    assert refused.value.status_code == 422 and "slug" in str(refused.value) + str(refused.value.details)
