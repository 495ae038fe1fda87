"""Keys of every kind, as the official client makes them."""

from __future__ import annotations

import pytest
from conftest import client_for, ok, unique
from miosa import MiosaError, NotFoundError
from miosa.errors import PermissionError as Forbidden
from miosa.errors import ValidationError


async def test_one_key_is_read_without_its_secret(client, second_client):
    made = await ok(client.api_keys.create(name=unique("key"), metadata={"team": "red"}))
    read = await ok(client.api_keys.get(made["id"]))
    assert read["prefix"] == read["key_prefix"] == made["key"][: len(read["prefix"])]
    assert read["metadata"] == {"team": "red"} and read["rate_limit_rpm"] == 60
    assert not read.get("key") and not read.get("token")
    with pytest.raises(NotFoundError):
        await ok(second_client.api_keys.get(made["id"]))
    await ok(client.api_keys.delete(made["id"]))


async def test_presets_are_kept_beside_those_that_everybody_has(client):
    name = unique("preset")
    made = await ok(
        client.api_keys.create_preset(name=name, scopes=["sandboxes:read"], description="looks")
    )
    assert made["scopes"] == ["sandboxes:read"]
    listed = {preset["name"]: preset for preset in await ok(client.api_keys.presets())}
    assert listed[name]["description"] == "looks" and listed["read-only"]["built_in"] is True
    for taken in (name, "read-only"):
        with pytest.raises(MiosaError) as refused:
            await ok(client.api_keys.create_preset(name=taken, scopes=["sandboxes:read"]))
        assert refused.value.status_code == 409
    await ok(client.api_keys.delete_preset(name))
    with pytest.raises(NotFoundError):
        await ok(client.api_keys.delete_preset(name))
    with pytest.raises(Forbidden):
        await ok(client.api_keys.delete_preset("read-only"))
    from_preset = await ok(client.api_keys.create(name=unique("key"), scopes=listed["developer"]["scopes"]))
    await ok(client.api_keys.delete(from_preset["id"]))


async def test_what_a_test_key_makes_is_read_as_anything_else(client, flavor):
    made = await ok(client.api_keys.create(name=unique("key"), mode="test", key_type="admin"))
    assert made["key"].startswith("msk_test_")
    tester = client_for(flavor, made["key"], max_retries=0)
    box = await ok(tester.sandboxes.create(name=unique("conf")))
    assert (await ok(tester.sandboxes.get(box.id))).id == box.id
    assert box.id in [each.id for each in await ok(tester.sandboxes.list())]
    volume = await ok(tester.volumes.create(name=unique("conf"), size_gb=1))
    assert volume["id"] in [each["id"] for each in await ok(tester.volumes.list())]
    with pytest.raises(NotFoundError):
        await ok(client.sandboxes.get(box.id))
    await ok(tester.volumes.delete(volume["id"]))
    await ok(tester.sandboxes.delete(box.id))
    await ok(client.api_keys.delete(made["id"]))


async def test_a_key_for_an_end_user_sees_only_what_is_the_users(client, flavor):
    user = unique("user")
    other = await ok(client.sandboxes.create(name=unique("conf"), external_user_id=unique("other")))
    made = await ok(
        client.api_keys.create_scoped(
            external_user_id=user, scopes=["sandboxes:read", "sandboxes:create", "sandboxes:write"]
        )
    )
    assert made["external_user_id"] == user and made["key"] == made["token"]
    holder = client_for(flavor, made["key"], max_retries=0)
    own = await ok(holder.sandboxes.create(name=unique("conf")))
    assert [each.id for each in await ok(holder.sandboxes.list())] == [own.id]
    with pytest.raises(NotFoundError):
        await ok(holder.sandboxes.get(other.id))
    with pytest.raises(ValidationError) as past:
        await ok(
            client.api_keys.create_scoped(
                external_user_id=user, scopes=["sandboxes:read"], expires_at="2001-01-01T00:00:00Z"
            )
        )
    assert "expires_at" in str(past.value)
    await ok(holder.close())
    for sandbox in (own.id, other.id):
        await ok(client.sandboxes.delete(sandbox))
    await ok(client.api_keys.delete(made["id"]))


async def test_a_key_of_a_service_account_may_reach_one_workspace(client, flavor):
    account = await ok(client.service_accounts.create(name=unique("ci")))
    renamed = await ok(client.service_accounts.update(account["id"], description="builds"))
    assert renamed["description"] == "builds" and renamed["name"] == account["name"]
    inside = (await ok(client.workspaces.create(name=unique("in")))).id
    outside = await ok(client.sandboxes.create(name=unique("conf")))
    scopes = ["sandboxes:read", "sandboxes:create", "sandboxes:write"]
    made = await ok(client.service_accounts.create_key(account["id"], scopes=scopes, workspace_id=inside))
    assert made["workspace_id"] == inside
    holder = client_for(flavor, made["key"], max_retries=0)
    own = await ok(holder.sandboxes.create(name=unique("conf")))
    assert own.data["workspace_id"] == inside
    assert [each.id for each in await ok(holder.sandboxes.list())] == [own.id]
    with pytest.raises(NotFoundError):
        await ok(holder.sandboxes.get(outside.id))
    with pytest.raises(Forbidden):
        await ok(holder.webhooks.list())
    for wish in ({"scopes": ["keys:write"]}, {"scopes": scopes, "workspace_id": "wsp_nowhere"}):
        with pytest.raises(ValidationError):
            await ok(client.service_accounts.create_key(account["id"], **{"workspace_id": inside, **wish}))
    await ok(holder.close())
    for sandbox in (own.id, outside.id):
        await ok(client.sandboxes.delete(sandbox))
    await ok(client.service_accounts.delete(account["id"]))
