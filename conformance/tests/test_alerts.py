"""Alerts, what makes and ends them, and the events by which clients wait."""

from __future__ import annotations

import asyncio
import threading

import httpx
from conftest import API_KEY, API_URL, items, ok, unique
from test_webhooks import eventually

raw = httpx.Client(base_url=API_URL, headers={"Authorization": f"Bearer {API_KEY}"}, timeout=30)


async def alert_of(client, resource: str, **wanted):
    async def found():
        listed = await ok(client.alerts.list(resource_id=resource, **wanted))
        return bool(listed["data"])

    await eventually(f"an alert of {resource}", found)
    return (await ok(client.alerts.list(resource_id=resource, **wanted)))["data"][0]


async def test_a_sick_address_is_an_alert_until_its_check_is_gone(client):
    made: list[str] = []

    def make() -> None:
        body = {"name": unique("sick"), "url": "https://127.0.0.1/", "interval_sec": 5}
        answer = raw.post("/health-checks", json=body)
        made.append(answer.json()["id"])

    threading.Timer(0.5, make).start()
    seen = await asyncio.wait_for(
        items(client.notifications.stream(), until=lambda one: one["resource_id"] in made), 20
    )
    assert seen[-1]["type"] == "health_check.unhealthy" and seen[-1]["severity"] == "critical"
    alert = await alert_of(client, made[0], resolved="false", severity="critical")
    assert alert["status"] == "open" and alert["message"] and alert["data"]["url"]
    await ok(client.health_checks.delete(made[0]))
    ended = await alert_of(client, made[0], resolved="true")
    assert ended["id"] == alert["id"] and ended["note"] == "health_check.deleted"
    assert ended["resolved_at"] and ended["resolved_by"] is None
    assert (await ok(client.alerts.list(resource_id=made[0], resolved="false")))["data"] == []


async def test_a_budget_warns_in_words_and_recovers(client):
    user = unique("user")
    sandbox = await ok(client.sandboxes.create(name=unique("conf"), external_user_id=user))
    wish = {"scope": "external_user", "scope_id": user, "cap_cents": 0, "at_cap": "refuse", "thresholds": [90]}
    budget = raw.post("/budgets", json=wish).json()["id"]
    await ok(sandbox.exec.run("sleep 1"))
    raw.get(f"/budgets/{budget}").raise_for_status()  # which writes down what was used
    alert = await alert_of(client, budget, type="budget.threshold_reached", external_user_id=user)
    assert alert["message"].startswith(f"The budget of external user {user} has reached 90 %")
    assert alert["severity"] == "warning" and alert["external_user_id"] == user
    capped = await alert_of(client, budget, type="budget.cap_reached", severity="critical")
    assert "new work is refused" in capped["message"] and capped["status"] == "open"
    resolved = await ok(client.alerts.resolve(capped["id"], note="more is coming"))
    assert resolved["resolved"] is True and resolved["note"] == "more is coming"
    raw.patch(f"/budgets/{budget}", json={"cap_cents": 100_000}).raise_for_status()
    ended = await alert_of(client, budget, type="budget.threshold_reached", resolved="true")
    assert ended["note"] == "budget.recovered"
    raw.delete(f"/budgets/{budget}").raise_for_status()
    await ok(client.sandboxes.delete(sandbox.id))


async def test_a_sandbox_is_told_created_started_ready_and_running(client, sandbox):
    async def told():
        seen = await ok(client.activity.list(resource_id=sandbox.id))
        types = [event["type"] for event in reversed(seen["data"])]
        return types[:4] == ["sandbox.created", "sandbox.started", "sandbox.ready", "sandbox.running"]

    await eventually("the four events", told)


async def test_whatever_happens_is_in_the_catalogue(client):
    catalogue = set((await ok(client.event_subscriptions.webhook_events()))["events"])
    cursor, seen = None, set()
    for _ in range(10):
        page = await ok(client.activity.list(limit=100, cursor=cursor))
        seen |= {event["type"] for event in page["data"]}
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen and seen <= catalogue
