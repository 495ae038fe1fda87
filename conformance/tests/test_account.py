"""Keys, the organization, credits, errors of authentication."""

from __future__ import annotations

import pytest
from conftest import client_for, ok, unique
from miosa import AuthenticationError, MiosaError, NotFoundError
from miosa.errors import PermissionError as Forbidden
from miosa.errors import RateLimitError, ValidationError


async def test_a_key_is_shown_once_works_and_stops_when_revoked(client, flavor):
    created = await ok(client.api_keys.create(name=unique("key")))
    secret = created.get("key") or created["token"]
    assert secret.startswith("msk_") and created["token"] == secret

    listed = {key["id"]: key for key in await ok(client.api_keys.list())}
    assert created["id"] in listed
    assert secret not in str(listed)

    holder = client_for(flavor, secret)
    await ok(holder.sandboxes.list())
    await ok(client.api_keys.delete(created["id"]))
    with pytest.raises(AuthenticationError) as refused:
        for _ in range(3):
            await ok(holder.sandboxes.list())
    assert refused.value.status_code == 401
    assert refused.value.code == "invalid_token"
    await ok(holder.close())


async def test_an_unknown_key_is_refused(flavor):
    stranger = client_for(flavor, "msk_live_" + "0" * 43, max_retries=0)
    with pytest.raises(AuthenticationError):
        await ok(stranger.sandboxes.list())
    await ok(stranger.close())


async def test_a_key_without_the_scope_is_forbidden(client, flavor):
    created = await ok(client.api_keys.create(name=unique("reader"), scopes=["sandboxes:read"]))
    reader = client_for(flavor, created["key"], max_retries=0)
    await ok(reader.sandboxes.list())
    with pytest.raises(Forbidden) as refused:
        await ok(reader.sandboxes.create())
    assert refused.value.status_code == 403
    assert refused.value.code == "insufficient_scope"
    await ok(reader.close())
    await ok(client.api_keys.delete(created["id"]))


async def test_a_key_beyond_its_rate_is_told_when_to_come_back(client, flavor):
    created = await ok(client.api_keys.create(name=unique("busy")))
    busy = client_for(flavor, created["key"], max_retries=0)
    with pytest.raises(RateLimitError) as refused:
        for _ in range(200):
            await ok(busy.sandboxes.list())
    assert refused.value.status_code == 429
    assert refused.value.retry_after and refused.value.retry_after > 0
    await ok(busy.close())
    await ok(client.api_keys.delete(created["id"]))


async def test_a_key_needs_a_name(client):
    with pytest.raises(ValidationError) as refused:
        await ok(client.api_keys.create(name=""))
    assert refused.value.status_code == 422
    assert refused.value.request_id


async def test_the_balance_is_a_number(client):
    balance = await ok(client.get_balance())
    assert balance is not None


async def test_the_current_organization_has_a_name_and_a_slug(client):
    tenant = await ok(client._transport.request("GET", "/platform/tenants/current"))
    assert tenant["data"]["name"] and tenant["data"]["slug"]
    assert tenant["id"] == tenant["data"]["id"]


async def test_the_doubled_prefix_of_older_tools_is_understood(client):
    answer = await ok(client._transport.request("GET", "/api/v1/sandboxes"))
    assert set(answer) == {"data", "meta"}


async def test_an_unknown_route_and_an_unknown_id_are_not_found(client):
    with pytest.raises(NotFoundError):
        await ok(client.sandboxes.get("sbx_doesnotexist000000000000"))
    with pytest.raises(MiosaError) as unknown:
        await ok(client._transport.request("GET", "/no-such-thing"))
    assert unknown.value.status_code == 404
    assert unknown.value.request_id
