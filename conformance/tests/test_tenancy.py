"""Organizations, people, workspaces, projects, policies, settings, service accounts."""

from __future__ import annotations

import pytest
from conftest import API_KEY, client_for, ok, unique
from miosa import AuthenticationError, MiosaError, NotFoundError
from miosa.errors import PermissionError as Forbidden


def address() -> str:
    return unique("person") + "@example.test"


async def test_who_and_where_the_key_is(client):
    who = await ok(client.account.whoami())
    assert who["credential"]["type"] == "api_key" and API_KEY not in str(who)
    current = await ok(client.organizations.current())
    assert current["slug"] and current["mode"] == "live"
    assert current["id"] in str(await ok(client.organizations.list()))


async def test_members_are_invited_and_invitations_taken_back(client):
    organization = (await ok(client.organizations.current()))["id"]
    email = address()
    invited = await ok(client.tenant.members.invite(email, role="viewer"))
    assert invited["email"] == email and invited["role"] == "viewer"
    invites = await ok(client.org_invites.list(organization))
    mine = next(invite for invite in invites if invite["email"] == email)
    shown = await ok(client.org_invites.preview(invited["token"]))
    assert shown["email"] == email and not shown["accepted"]
    with pytest.raises(Forbidden):
        await ok(client.org_invites.accept(invited["token"]))
    revoked = await ok(client.org_invites.revoke(organization, mine["id"]))
    assert revoked["revoked"] is True
    assert isinstance(await ok(client.tenant.members.list()), list)
    with pytest.raises(NotFoundError):
        await ok(client.tenant.members.remove("usr_nobody"))


async def test_workspaces_have_policies_and_invitations(client):
    workspace = await ok(client.workspaces.create(name=unique("space")))
    with pytest.raises(MiosaError):
        await ok(client.workspaces.create(name=workspace.name))
    governed = client.workspaces(workspace.id)
    await ok(governed.policy.set({"quotas": {"requests_per_minute": 900}}))
    assert (await ok(governed.policy.get()))["quotas"]["requests_per_minute"] == 900
    await ok(governed.policy.delete())
    assert await ok(governed.members.list()) == []
    invited = await ok(client.workspace_invites.create(workspace.id, email=address()))
    assert invited["type"] == "invited"
    assert len(await ok(client.workspace_invites.list(workspace.id))) == 1
    await ok(client.workspaces.delete(workspace.id))


async def test_resources_are_transferred_to_another_workspace(client):
    here = await ok(client.workspaces.create(name=unique("here")))
    there = await ok(client.workspaces.create(name=unique("there")))
    volume = await ok(client.volumes.create(name=unique("data"), size_gb=1, workspace_id=here.id))
    summary = await ok(
        client.workspaces(here.id).transfer(resource_ids=[volume["id"]], target_workspace_id=there.id)
    )
    assert summary["total"] == 1 and summary["target_workspace_id"] == there.id
    await ok(client.volumes.delete(volume["id"]))
    await ok(client.workspaces.delete(here.id))
    await ok(client.workspaces.delete(there.id))


async def test_policies_are_set_and_resolved(client):
    user = unique("user")
    governed = client.external_users(user)
    await ok(governed.policy.set({"lifecycle": {"max_timeout_sec": 120}}))
    assert (await ok(governed.policy.get()))["lifecycle"]["max_timeout_sec"] == 120
    effective = await ok(governed.policy.effective())
    assert effective.lifecycle.max_timeout_sec.value == 120
    assert effective.lifecycle.max_timeout_sec.source == "user"
    await ok(governed.policy.delete())


async def test_branding_and_settings_are_kept(client):
    name = unique("brand")
    branded = await ok(client.settings.update_branding(app_name=name))
    assert branded["app_name"] == name
    assert (await ok(client.settings.get_branding()))["app_name"] == name
    await ok(client.settings.update(**{name.replace("-", "_"): True}))
    settings = await ok(client.settings.get())
    assert name.replace("-", "_") in str(settings)


async def test_projects_have_environments_and_variables(client):
    project = await ok(client.projects.create(unique("shop"), description="sells"))
    found = await ok(client.projects.get(project["id"]))
    assert found["description"] == "sells"
    assert project["id"] in str(await ok(client.projects.list()))
    renamed = await ok(client.projects.update(project["id"], description="sells more"))
    assert renamed["description"] == "sells more"
    staging = await ok(client.projects.create_environment(project["id"], name="Staging"))
    environments = await ok(client.projects.environments(project["id"]))
    assert {"production", staging["slug"]} <= {one["slug"] for one in environments}
    listed = await ok(client.projects.set_shared_variables(project["id"], {"TOKEN": "0123456789abcdef"}))
    assert listed[0]["name"] == "TOKEN" and "0123" not in str(listed)
    assert (await ok(client.projects.summary(project["id"])))["variables"] == 1
    assert (await ok(client.projects.capabilities()))["environments"] is True
    await ok(client.projects.delete_shared_variable(project["id"], "TOKEN"))
    await ok(client.projects.delete(project["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.projects.get(project["id"]))


async def test_a_service_account_has_keys_of_its_own(client, flavor):
    account = await ok(client.service_accounts.create(name=unique("ci")))
    made = await ok(client.service_accounts.create_key(account["id"], scopes=["sandboxes:read"]))
    holder = client_for(flavor, made["key"], max_retries=0)
    await ok(holder.sandboxes.list())
    with pytest.raises(Forbidden):
        await ok(holder.sandboxes.create())
    listed = await ok(client.service_accounts.list())
    assert next(a for a in listed if a["id"] == account["id"])["active_key_count"] == 1
    assert made["key"] not in str(await ok(client.service_accounts.list_keys(account["id"])))
    await ok(client.service_accounts.delete(account["id"]))
    with pytest.raises(AuthenticationError):
        await ok(holder.sandboxes.list())
    await ok(holder.close())


async def test_a_key_is_changed_and_rotated(client, flavor):
    made = await ok(client.api_keys.create(name=unique("key")))
    renamed = await ok(client.api_keys.update(made["id"], name="other"))
    assert renamed["name"] == "other"
    rotated = await ok(client.api_keys.rotate(made["id"]))
    assert rotated["key"] != made["key"]
    events = await ok(client.api_keys.events(made["id"]))
    assert "key.rotated" in str(events)
    await ok(client.api_keys.delete(made["id"]))


async def test_a_test_key_lives_in_a_world_of_its_own(client, flavor):
    made = await ok(client.api_keys.create(name=unique("test"), key_type="test"))
    assert made["key"].startswith("msk_test_")
    test = client_for(flavor, made["key"], max_retries=0)
    live = await ok(client.workspaces.create(name=unique("live")))
    with pytest.raises(MiosaError):
        await ok(test.workspaces.get(live.id))
    assert (await ok(test.organizations.current()))["mode"] == "test"
    await ok(test.close())
    await ok(client.workspaces.delete(live.id))
    await ok(client.api_keys.delete(made["id"]))


async def test_members_have_caps(client):
    organization = (await ok(client.organizations.current()))["id"]
    caps = await ok(client.member_caps.list(organization))
    assert isinstance(caps["members"], list)
    for member in caps["members"][:1]:
        changed = await ok(client.member_caps.update(organization, member["user_id"], usage_cap_cents=500_000))
        assert changed["usage_cap_cents"] == 500_000
        cleared = await ok(client.member_caps.update(organization, member["user_id"], usage_cap_cents=None))
        assert cleared["usage_cap_cents"] is None
        await ok(client.member_caps.delete(organization, member["user_id"]))
    with pytest.raises(NotFoundError):
        await ok(client.member_caps.update(organization, "usr_nobody", max_concurrent_sandboxes=1))


async def test_previews_can_have_a_domain_of_ones_own(client):
    domain = unique("previews") + ".example.test"
    try:
        set_to = await ok(client.tenant.preview_domain.set(domain))
        assert set_to["domain"] == domain and set_to["cname_target"]
        assert {each["type"] for each in set_to["records"]} == {"TXT", "CNAME"}
        assert (await ok(client.tenant.preview_domain.get()))["verified"] is False
        checked = await ok(client.tenant.preview_domain.verify())
        assert checked["verified"] is False and checked["records"] == set_to["records"]
    finally:
        await ok(client.tenant.preview_domain.delete())
    assert (await ok(client.tenant.preview_domain.get()))["domain"] is None
