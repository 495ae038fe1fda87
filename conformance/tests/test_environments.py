"""Environments of projects and what they share; plan, branding, payment, decisions for apps."""

from __future__ import annotations

import pytest
from conftest import ok, unique
from miosa import MiosaError, NotFoundError
from miosa.errors import PermissionError as Forbidden
from miosa.errors import ValidationError


async def test_environments_are_copied_synced_renamed_and_removed(client):
    project = (await ok(client.projects.create(unique("shop"))))["id"]
    projects = client.projects
    live = (await ok(projects.environments(project)))[0]
    await ok(projects.set_shared_variables(project, [{"name": "COLOR", "value": "blue"}]))
    copy = await ok(projects.duplicate_environment(project, live["id"], "Copy"))
    assert copy["id"] != live["id"]
    shared = await ok(projects.shared_variables(project, environment=copy["slug"]))
    assert [each["name"] for each in shared] == ["COLOR"]
    await ok(projects.set_shared_variables(project, {"SIZE": "large"}, environment=live["slug"]))
    planned = await ok(projects.sync_environment(project, copy["id"], live["id"], apply=False))
    assert "SIZE" in str(planned)
    await ok(projects.sync_environment(project, copy["id"], live["id"], apply=True))
    names = {each["name"] for each in await ok(projects.shared_variables(project, environment=copy["slug"]))}
    assert names == {"COLOR", "SIZE"}
    await ok(projects.delete_shared_variable(project, "SIZE", environment=copy["slug"]))
    renamed = await ok(projects.update_environment(project, copy["id"], name="Other"))
    assert renamed["name"] == "Other"
    await ok(projects.delete_environment(project, copy["id"]))
    with pytest.raises(NotFoundError):
        await ok(projects.update_environment(project, copy["id"], name="Gone"))
    await ok(projects.delete(project))


async def test_a_project_moves_to_another_workspace(client, second_client):
    project = (await ok(client.projects.create(unique("shop"), metadata={"a": "b"})))["id"]
    there = (await ok(client.workspaces.create(name=unique("there")))).id
    assert (await ok(client.projects.move(project, there)))["workspace_id"] == there
    assert project in {each["id"] for each in await ok(client.projects.list(workspace_id=there))}
    with pytest.raises(MiosaError) as unknown:
        await ok(client.projects.move(project, "wsp_nowhere"))
    assert unknown.value.status_code in (404, 422)
    for call in (second_client.projects.get, second_client.projects.delete):
        with pytest.raises(NotFoundError):
            await ok(call(project))
    await ok(client.projects.delete(project))
    await ok(client.workspaces.delete(there))


async def test_the_plan_says_what_may_be_used_and_what_is(client):
    plan = await ok(client.tenant.current())
    assert plan["plan"] in ("free", "starter", "pro", "scale") and plan["status"] == "active"
    assert plan["limits"]["requests_per_minute"] >= 1 and "sandboxes" in plan["usage"]
    numbers = [*plan["limits"].values(), *plan["usage"].values()]
    assert all(type(number) is int for number in numbers)


async def test_branding_is_set_shown_and_removed(client):
    branding = client.tenant.branding
    try:
        name = unique("brand")
        assert (await ok(branding.set({"app_name": name, "primary_color": "#112233"})))["app_name"] == name
        assert (await ok(branding.get()))["primary_color"] == "#112233"
        more = {"product_name": name, "support_email": "help@example.test", "background_color": "#fff"}
        await ok(branding.set(more))
        assert more.items() <= (await ok(branding.get())).items()
    finally:
        await ok(branding.delete())
    assert (await ok(branding.get()))["app_name"] is None


async def test_topping_up_waits_for_a_payment_method(client):
    before = await ok(client.billing.auto_reload())
    assert before["enabled"] is False and before["card_ready"] is False and before["tenant_id"]
    changed = await ok(client.billing.set_auto_reload(threshold_credits=250, monthly_cap_credits=1000))
    assert changed["threshold_credits"] == 250 and changed["monthly_remaining_credits"] == 1000
    with pytest.raises(ValidationError) as refused:
        await ok(client.billing.set_auto_reload(enabled=True))
    assert "payment method" in str(refused.value)
    assert await ok(client.billing.payment_methods()) == []
    with pytest.raises(NotFoundError):
        await ok(client.billing.set_default_payment_method("pm_none"))
    await ok(client.billing.set_auto_reload(threshold_credits=0, monthly_cap_credits=0))
    for path in ("/billing/plan", "/billing/usage", "/billing/overview", "/regions"):
        assert (await ok(client._transport.request("GET", path)))["data"]


async def test_an_app_does_what_it_was_granted(client):
    app, wish = unique("app"), {"name": "sandbox.exec"}
    with pytest.raises(Forbidden) as refused:
        await ok(client.authority.authorize_app(app, wish, surface="app"))
    assert refused.value.body["decision"] == "deny" and refused.value.body["receipt_id"]
    grant = await ok(
        client.authority.create_grant(capability="sandbox.exec", principal_type="app", principal_id=app)
    )
    decided = await ok(client.authority.authorize_app(app, wish, surface="app"))
    assert decided["decision"] == "allow" and decided["receipt_id"]
    await ok(client.authority.revoke_grant(grant["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.authority.approve("apr_nothing", reason="why not"))


async def test_the_policy_of_the_organization(client, second_client):
    policy = second_client.tenant.policy
    try:
        await ok(policy.set({"lifecycle": {"max_timeout_sec": 7200}, "features": {"shiny": True}}))
        assert (await ok(policy.get()))["lifecycle"]["max_timeout_sec"] == 7200
        effective = await ok(second_client.external_users(unique("user")).policy.effective())
        assert effective.lifecycle.max_timeout_sec.source == "tenant"
        with pytest.raises(ValidationError) as refused:
            await ok(policy.set({"lifecycle": {"max_timeout_sec": -1}}))
        assert "max_timeout_sec" in str(refused.value)
    finally:
        await ok(policy.delete())
    assert not (await ok(policy.get())).get("lifecycle")
