"""Ports of a sandbox, seen from outside."""

from __future__ import annotations

import pytest
from conftest import fetch, ok, serve
from miosa import MiosaError


async def test_a_port_answers_at_its_url(sandbox):
    await serve(sandbox, 8000, "first")
    url = await ok(sandbox.expose(8000))
    assert f"8000-{sandbox.slug}.sandbox." in url and "sandbox.sandbox." not in url
    page = await fetch(url.rstrip("/") + "/a?b=c")
    assert (page.status, page.text) == (200, "first /a?b=c")
    info = await ok(sandbox.expose_info(8000))
    assert info.url == url
    assert info.url_class in ("temporary_preview", "always_on_preview", "stable_sandbox_embed", "durable_deployment")


async def test_a_service_on_the_loopback_answers_once_exposed(sandbox):
    await serve(sandbox, 8001, "inner", "127.0.0.1")
    url = await ok(sandbox.expose(8001))
    assert (await fetch(url)).text == "inner /"


async def test_traffic_wakes_a_paused_sandbox(sandbox):
    await serve(sandbox, 8002, "awake")
    url = await ok(sandbox.expose(8002))
    await ok(sandbox.pause())
    assert (await fetch(url)).text == "awake /"


async def test_nothing_listens_is_explained(sandbox):
    page = await fetch(await ok(sandbox.expose(8003)))
    assert page.status == 502
    assert "8003" in page.text


async def test_a_private_preview_asks_for_its_token(client, sandbox):
    await serve(sandbox, 8004, "secret")
    preview = await ok(sandbox.previews.create(port=8004, visibility="private", name="inside"))
    assert (await fetch(preview["url"])).status == 401
    shared = await ok(sandbox.previews.share(preview["id"], ttl_seconds=600))
    assert shared["preview_token"].startswith("miosa_pv_")
    page = await fetch(shared["share_url"], follow_redirects=False)
    if page.status in (302, 303, 307):
        page = await fetch(preview["url"], headers={"Cookie": page.headers["set-cookie"].split(";")[0]})
    assert page.text.startswith("secret")
    await ok(sandbox.previews.revoke_share(preview["id"]))
    assert (await fetch(shared["share_url"])).status == 401
    assert preview["id"] in [each["id"] for each in await ok(sandbox.previews.list())]
    await ok(sandbox.previews.delete(preview["id"]))


async def test_a_preview_token_opens_the_preview(sandbox):
    token = await ok(sandbox.preview_token(expires_in=900))
    assert token["token"].startswith("mp_") and token["token"] in token["url"]
    assert token["scope"] == "read" and token["expires_at"]


async def test_shares_come_and_go(sandbox):
    share = await ok(sandbox.share.create())
    assert share["share_id"] and "ms=" in share["share_url"]
    assert share["share_id"] in [each.get("share_id") or each["id"] for each in await ok(sandbox.share.list())]
    await ok(sandbox.share.revoke(share["share_id"]))


async def test_a_grant_for_the_tools_of_a_browser(client, sandbox):
    grant = await ok(client.sandboxes.browser_cdp_url(sandbox.id))
    assert grant.state == "active" and grant.epoch == 1 and grant.cdp_token_id and grant.cdp_expires_at
    assert grant.cdp_host == f"9222-{sandbox.slug}.sandbox." + grant.cdp_host.split(".sandbox.")[1]
    assert grant.cdp_http_url.startswith(grant.cdp_host_http_url + "/cdp/")
    assert grant.cdp_ws_url.startswith(grant.cdp_host_ws_url + "/cdp/") and grant.cdp_url.startswith("ws")
    assert (await fetch(grant.cdp_host_http_url + "/json/version")).status == 401
    assert (await fetch(grant.cdp_http_url + "/json/version")).status == 502
    later = await ok(client.sandboxes.browser_cdp_url(sandbox.id, ttl_seconds=60))
    assert later.epoch == 2 and later.cdp_http_url != grant.cdp_http_url
    assert (await fetch(grant.cdp_http_url + "/json/version")).status == 401
    for seconds in (59, 604_801):
        with pytest.raises(MiosaError) as refused:
            await ok(client.sandboxes.browser_cdp_url(sandbox.id, ttl_seconds=seconds))
        assert refused.value.status_code == 422
