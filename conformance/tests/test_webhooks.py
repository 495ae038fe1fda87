"""Webhooks, event subscriptions and the event stream: the calls of the client."""

from __future__ import annotations

import asyncio
import http.server
import threading
import time

import httpx
import pytest
from conftest import API_KEY, API_URL, items, ok, unique
from miosa import MiosaError, NotFoundError
from miosa.errors import ValidationError
from miosa.resources.webhooks import verify_signature


class Receiver(http.server.ThreadingHTTPServer):
    """A receiver on loopback that keeps what it got."""

    daemon_threads = True

    def __init__(self, status: int = 200) -> None:
        got: list[tuple[dict[str, str], bytes]] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.got = got
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


async def eventually(what, condition):
    deadline = time.monotonic() + 20
    while not await ok(condition()):
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


async def test_a_webhook_is_made_listed_changed_and_deleted(client):
    made = await ok(
        client.webhooks.create(
            url="https://hooks.example.com/a", events=["sandbox.*"], name=unique("hook"), metadata={"a": "b"}
        )
    )
    assert made["id"].startswith("wh_") and made["secret"] and made["active"] is True
    listed = {hook["id"]: hook for hook in await ok(client.webhooks.list(limit=100))}
    assert made["id"] in listed and made["secret"] not in str(listed)
    changed = await ok(client.webhooks.update(made["id"], active=False, events=["deployment.live"]))
    assert changed["active"] is False and changed["events"] == ["deployment.live"]
    read = await ok(client.webhooks.get(made["id"]))
    assert read["metadata"] == {"a": "b"} and read["secret_preview"] and "secret" not in read
    assert made["id"] not in [hook["id"] for hook in await ok(client.webhooks.list(active="true"))]
    await ok(client.webhooks.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.webhooks.get(made["id"]))


async def test_the_clients_helper_verifies_both_signatures(client, receiver):
    hook = await ok(client.webhooks.create(url=receiver.url, events=["sandbox.*"]))
    tested = await ok(client.webhooks.test(hook["id"]))
    assert tested["success"] is True and tested["status_code"] == 200
    headers, body = receiver.got[0]
    for name in ("miosa-signature", "x-miosa-signature"):
        assert verify_signature(body, headers[name], hook["secret"])
        assert not verify_signature(body + b" ", headers[name], hook["secret"])
    deliveries = await ok(client.webhooks.deliveries(hook["id"]))
    assert [delivery["id"] for delivery in deliveries] == [headers["x-miosa-delivery"]]
    await ok(client.webhooks.delete(hook["id"]))


async def test_a_delivery_is_replayed_once_for_each_wish(client, receiver):
    hook = await ok(client.webhooks.create(url=receiver.url, events=["sandbox.*"]))
    first = await ok(client.webhooks.test(hook["id"]))
    queued = await ok(
        client.event_subscriptions.replay_delivery(hook["id"], first["id"], replay_id="again")
    )
    assert queued["id"] and queued["state"] == "pending"
    with pytest.raises(MiosaError) as refused:
        await ok(
            client.event_subscriptions.replay_delivery(hook["id"], first["id"], replay_id="again")
        )
    assert refused.value.status_code == 409
    await eventually("the copy comes", lambda: len(receiver.got) == 2)
    assert receiver.got[0][1] == receiver.got[1][1]
    await ok(client.webhooks.delete(hook["id"]))


async def test_events_are_routed_by_subscriptions(client, receiver):
    hook = await ok(client.webhooks.create(url=receiver.url, events=["computer.created"]))
    made = await ok(
        client.event_subscriptions.create(
            consumer_kind="webhook", consumer_id=hook["id"], event_type="workspace.*"
        )
    )
    assert made["event_type"] == "workspace.*" and made["active"] is True
    listed = await ok(client.event_subscriptions.list(consumer_id=hook["id"]))
    assert listed["total"] == 1 and listed["data"][0]["id"] == made["id"]
    await ok(client.workspaces.create(name=unique("routed")))
    await eventually("it comes", lambda: len(receiver.got) == 1)
    deliveries = await ok(client.event_subscriptions.deliveries(made["id"]))
    assert len(deliveries["data"]) == 1 and deliveries["next_cursor"] is None
    with pytest.raises(MiosaError) as refused:
        await ok(client.event_subscriptions.redeliver("whd_00000000000000000000000000"))
    assert refused.value.status_code == 404 and refused.value.code == "DELIVERY_NOT_FOUND"
    paused = await ok(client.event_subscriptions.update(made["id"], active=False))
    assert paused["active"] is False
    assert (await ok(client.event_subscriptions.get(made["id"])))["id"] == made["id"]
    await ok(client.event_subscriptions.delete(made["id"]))
    with pytest.raises(NotFoundError):
        await ok(client.event_subscriptions.get(made["id"]))
    await ok(client.webhooks.delete(hook["id"]))


async def test_the_catalogue_names_types_and_headers(client):
    catalogue = await ok(client.event_subscriptions.webhook_events())
    assert "sandbox.created" in catalogue["data"]["sandbox"]
    assert "sandbox.created" in catalogue["events"]
    assert "Miosa-Signature" in catalogue["delivery_headers"] and catalogue["signing"]


async def test_wrong_wishes_are_refused(client):
    with pytest.raises(ValidationError):
        await ok(client.webhooks.create(url="https://127.0.0.1.nip.invalid#x", events=["sandbox.*"]))
    with pytest.raises(MiosaError) as unknown:
        await ok(
            client.event_subscriptions.create(
                consumer_kind="agent", consumer_id="agt_none", event_type="sandbox.*"
            )
        )
    assert unknown.value.status_code == 404 and unknown.value.code == "CONSUMER_NOT_FOUND"


async def test_the_event_stream_tells_what_happens(client):
    name = unique("told")

    def make() -> None:
        httpx.post(
            f"{API_URL}/workspaces", json={"name": name}, headers={"Authorization": f"Bearer {API_KEY}"}
        ).raise_for_status()

    threading.Timer(0.5, make).start()
    seen = await asyncio.wait_for(
        items(
            client.events.stream(types=["workspace.*"]),
            until=lambda event: event["type"] == "workspace.created" and event.get("name") == name,
        ),
        20,
    )
    assert seen[-1]["resource_type"] == "workspace" and seen[-1]["tenant_id"]
