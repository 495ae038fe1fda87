"""Usage, credits, quotas, limits, who pays, the catalogue, health checks, the dashboard."""

from __future__ import annotations

import pytest
from conftest import ok, unique
from miosa import MiosaError, NotFoundError


async def test_usage_says_what_a_sandbox_of_a_user_used(client):
    user = unique("user")
    sandbox = await ok(client.sandboxes.create(name=unique("conf"), external_user_id=user))
    await ok(sandbox.exec.run("sleep 1"))
    await ok(client.sandboxes.delete(sandbox.id))
    rows = await ok(client.usage.get(external_user_id=user, period="7d"))
    assert [row["external_user_id"] for row in rows] == [user]
    assert rows[0]["sandbox_seconds"] >= 1
    assert {"sandbox_vcpu_seconds", "sandbox_memory_gb_seconds"} <= {
        item["dimension"] for item in rows[0]["line_items"]
    }
    assert rows[0]["total_usd"] > 0
    by_workspace = await ok(client.usage.get(group_by="workspace_id", period="month-to-date"))
    assert all(row["workspace_id"] for row in by_workspace)
    sessions = await ok(client.usage.sessions(sandbox_id=sandbox.id))
    assert [session["sandbox_id"] for session in sessions] == [sandbox.id]
    assert sessions[0]["duration_sec"] >= 1


async def test_the_summary_of_a_period(client):
    summary = await ok(client.usage.current())
    assert summary["compute_hours"] >= 0 and isinstance(summary["total_credits"], int)
    report = await ok(client.usage.report(period_start="2026-01-01", period_end="2026-01-31"))
    assert report["period_start"].startswith("2026-01-01")


async def test_credits_are_numbers_and_movements_a_list(client):
    balance = await ok(client.get_balance())
    assert isinstance(balance.balance, int) and balance.lifetime_spent >= 0
    moves = await ok(client.get_transactions())
    assert isinstance(moves.data, list)
    usage = await ok(client.get_usage())
    assert usage.total >= 0 and usage.period_start is not None


async def test_a_quota_of_a_user_holds_at_once(client):
    user = unique("user")
    quota = await ok(client.quotas.set(user, max_sandboxes=1, max_concurrent=1, max_credit_cents=500))
    assert quota["max_sandboxes"] == 1 and quota["max_credit_cents"] == 500
    sandbox = await ok(client.sandboxes.create(name=unique("conf"), external_user_id=user))
    with pytest.raises(MiosaError) as refused:
        await ok(client.sandboxes.create(name=unique("conf"), external_user_id=user))
    assert refused.value.status_code == 422 and refused.value.code == "QUOTA_EXCEEDED"
    now = await ok(client.quotas.get(user))
    assert now["current_sandboxes"] == 1
    await ok(client.quotas.delete(user))
    assert (await ok(client.quotas.get(user)))["max_sandboxes"] is None
    await ok(client.sandboxes.delete(sandbox.id))


async def test_who_pays_and_the_limits(client):
    payer = await ok(client.bill_to.show())
    own = payer["organization"]
    assert own["id"] in [choice["id"] for choice in payer["choices"]]
    set_to = await ok(client.bill_to.update(own["slug"]))
    assert set_to["organization"]["id"] == own["id"]
    await ok(client.bill_to.clear())
    limits = await ok(client.bill_to.limits())
    assert "usage" in limits
    with pytest.raises(NotFoundError) as unknown:
        await ok(client.bill_to.limits(bill_to="nobody"))
    assert unknown.value.code == "ORG_NOT_FOUND"


async def test_the_catalogue(client):
    regions = await ok(client.regions.list_regions())
    assert regions and regions[0]["available"] in (True, False)
    sizes = {size["slug"]: size for size in await ok(client.regions.list_sizes())}
    assert sizes["small"]["vcpus"] == 2 and sizes["small"]["price_hour"] > 0
    assert await ok(client.regions.pricing())
    catalog = await ok(client.regions.catalog())
    assert catalog["products"][0]["default_size"] == "small"
    templates = await ok(client.regions.list_templates())
    one = await ok(client.regions.get_template(templates[0]["id"]))
    assert one["id"] == templates[0]["id"]
    assert await ok(client.settings.regions())
    assert await ok(client.settings.compute_pricing())
    assert await ok(client.settings.gpu_pricing()) == []
    assert await ok(client.settings.available_models()) == []
    assert await ok(client.cli_tools.list()) is not None


async def test_health_checks(client):
    check = await ok(
        client.health_checks.create(name=unique("check"), url="https://example.com", interval_sec=60)
    )
    assert check["status"] in ("unknown", "unhealthy", "healthy") and check["interval_seconds"] == 60
    changed = await ok(client.health_checks.update(check["id"], status="paused", timeout_seconds=5))
    assert changed["status"] == "paused" and changed["timeout_sec"] == 5
    assert check["id"] in [c["id"] for c in await ok(client.health_checks.list())]
    assert (await ok(client.health_checks.get(check["id"])))["name"] == check["name"]
    await ok(client.health_checks.delete(check["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.health_checks.get(check["id"]))


async def test_the_dashboard(client):
    assert await ok(client.dashboard.summary()) is not None
    overview = await ok(client.dashboard.overview())
    assert overview["status"] in ("ok", "degraded", "down")
