"""People of an organization and of its workspaces, as the official client manages them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from conftest import API_URL, client_for, ok, unique
from miosa import MiosaError, NotFoundError
from miosa.errors import ValidationError

PASSWORD = "correct horse battery"


def address() -> str:
    return unique("person") + "@example.test"


@pytest.fixture
async def person(client: Any) -> AsyncIterator[dict[str, Any]]:
    """Somebody who took an invitation, with the session of that person."""
    email = address()
    invited = await ok(client.tenant.members.invite(email, role="member"))
    joined = httpx.post(
        f"{API_URL}/auth/register", json={"token": invited["token"], "password": PASSWORD}
    )
    joined.raise_for_status()
    yield {"id": joined.json()["user"]["id"], "email": email, "token": joined.json()["token"]}


async def test_members_have_roles_and_leave(client, person):
    members = {member["user_id"]: member for member in await ok(client.tenant.members.list())}
    assert {"id", "email", "name", "role", "joined_at"} <= set(members[person["id"]])
    changed = await ok(client.tenant.members.update_role(person["id"], "admin"))
    assert changed["role"] == "admin"
    with pytest.raises(ValidationError) as refused:
        await ok(client.tenant.members.update_role(person["id"], "emperor"))
    assert "role" in str(refused.value)
    await ok(client.tenant.members.remove(person["id"]))
    assert person["id"] not in {each["user_id"] for each in await ok(client.tenant.members.list())}
    with pytest.raises(NotFoundError):
        await ok(client.tenant.members.update_role(person["id"], "member"))


async def test_invitations_are_made_listed_and_revoked(client, second_client):
    organization = (await ok(client.organizations.current()))["id"]
    email = address()
    made = await ok(client.org_invites.create(organization, email=email, role="admin"))
    assert made["email"] == email and made["role"] == "admin" and made["invite_url"]
    invites = {invite["email"]: invite for invite in await ok(client.org_invites.list(organization))}
    assert {"tenant_id", "invited_by", "expires_at", "accepted_at"} <= set(invites[email])
    with pytest.raises(MiosaError) as foreign:
        await ok(second_client.org_invites.list(organization))
    assert foreign.value.status_code in (403, 404)
    revoked = await ok(client.org_invites.revoke(organization, made["invite_id"]))
    assert revoked == {"invite_id": made["invite_id"], "revoked": True}


async def test_a_person_switches_organizations(person, flavor, client):
    current = await ok(client.organizations.current())
    session = client_for(flavor, person["token"])
    switched = await ok(session.organizations.switch(current["slug"]))
    told = switched.get("data", switched)
    assert told["tenant"]["id"] == current["id"]
    with pytest.raises(MiosaError) as unknown:
        await ok(session.organizations.switch("ten_nowhere"))
    assert unknown.value.status_code in (403, 404, 422)
    await ok(session.close())


async def test_a_workspace_has_members(client, person):
    workspace = (await ok(client.workspaces.create(name=unique("team")))).id
    members = client.workspace_members
    added = await ok(members.add(workspace, user_id=person["id"], role="viewer"))
    assert added["user_id"] == person["id"] and added["role"] == "viewer" and added["joined_at"]
    listed = await ok(members.list(workspace))
    assert [each["email"] for each in listed] == [person["email"]]
    changed = await ok(members.update_role(workspace, person["id"], role="member"))
    assert changed["role"] == "member"
    through = client.workspaces(workspace).members
    assert (await ok(through.update_role(person["id"], "admin")))["role"] == "admin"
    await ok(members.remove(workspace, person["id"]))
    assert await ok(members.list(workspace)) == []
    again = await ok(through.invite(person["email"], "member"))
    assert again["user_id"] == person["id"]
    await ok(through.remove(person["id"]))
    with pytest.raises(NotFoundError):
        await ok(members.remove(workspace, "usr_nobody"))
    await ok(client.workspaces.delete(workspace))


async def test_an_invitation_to_a_workspace_is_revoked(client):
    workspace = (await ok(client.workspaces.create(name=unique("team")))).id
    invited = await ok(client.workspace_invites.create(workspace, email=address(), role="viewer"))
    assert invited["type"] == "invited"
    (invite,) = await ok(client.workspace_invites.list(workspace))
    assert {"workspace_id", "tenant_id", "role", "invited_by", "inserted_at"} <= set(invite)
    revoked = await ok(client.workspace_invites.revoke(workspace, invite["id"]))
    assert revoked == {"invite_id": invite["id"], "revoked": True}
    assert await ok(client.workspace_invites.list(workspace)) == []
    await ok(client.workspaces.delete(workspace))


async def test_workspaces_are_listed_changed_and_told_apart_by_their_owner(client):
    user, place = unique("user"), unique("place")
    made = await ok(
        client.workspaces.create(
            name=unique("space"), external_workspace_id=place, external_user_id=user, metadata={"a": "b"}
        )
    )
    again = await ok(client.workspaces.create(name=unique("other"), external_workspace_id=place))
    assert again.id == made.id and again.model_dump().get("reused") is True
    changed = await ok(client.workspaces.update(made.id, description="ours"))
    assert changed.description == "ours" and changed.name == made.name
    assert made.id in {each.id for each in await ok(client.workspaces.list())}
    if hasattr(client.workspaces, "list_computers"):  # the sync client has it
        assert client.workspaces.list_computers(made.id) == []
        with pytest.raises(NotFoundError):
            client.workspaces.list_computers("wsp_nowhere")
    for path in ("computers", "databases", "sandboxes", "deployments", "projects"):
        answer = await ok(client._transport.request("GET", f"/workspaces/{made.id}/{path}"))
        assert len(answer["data"]) == answer["meta"]["total"] == (1 if path == "projects" else 0)
    stats = await ok(client._transport.request("GET", f"/workspaces/{made.id}/stats"))
    usage = await ok(client._transport.request("GET", f"/workspaces/{made.id}/usage"))
    assert stats["projects"] == 1 and usage["data"] == []
    await ok(client.workspaces.delete(made.id))


async def test_a_workspace_saves_set_ups_of_machines(client):
    workspace = (await ok(client.workspaces.create(name=unique("space")))).id
    at, name = f"/workspaces/{workspace}/computer-templates", unique("desk")
    saved = await ok(
        client._transport.request(
            "POST", at, json_body={"name": name, "size": "small", "selected_apps": ["editor"]}
        )
    )
    assert saved["data"]["name"] == name and saved["selected_apps"] == ["editor"]
    listed = await ok(client._transport.request("GET", at))
    assert [each["name"] for each in listed["data"]] == [name]
    await ok(client.workspaces.delete(workspace))
