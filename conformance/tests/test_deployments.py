"""From a sandbox to a public URL, and back to the version before."""

from __future__ import annotations

import asyncio

import pytest
from conftest import fetch, ok, serve, unique
from miosa import MiosaError, NotFoundError
from names import NameServer


async def settled(client, deployment_id):
    """The deployment once no publish is under way."""
    for _ in range(240):
        deployment = await ok(client.deployments.get(deployment_id))
        if deployment.state not in ("pending", "building"):
            return deployment
        await asyncio.sleep(0.5)
    pytest.fail(f"{deployment_id} is still {deployment.state}")


async def test_static_publish_versions_and_rollback(client, sandbox):
    deployment = await ok(client.deployments.create(name=unique("site")))
    assert deployment.state == "pending" and deployment.slug
    try:
        await ok(sandbox.files.write("/workspace/dist/index.html", "<h1>one</h1>"))
        first = await ok(
            client.deployments.publish(deployment.id, source_sandbox_id=sandbox.id, output_path="/workspace/dist")
        )
        assert first.version.version_number == 1
        now = await settled(client, deployment.id)
        assert now.state == "running" and now.public_url
        page = await fetch(now.public_url)
        assert page.text == "<h1>one</h1>" and page.headers["content-type"].startswith("text/html")
        assert page.headers.get("etag")

        await ok(sandbox.files.write("/workspace/dist/index.html", "<h1>two</h1>"))
        await ok(client.deployments.publish(deployment.id, source_sandbox_id=sandbox.id, output_path="/workspace/dist"))
        await settled(client, deployment.id)
        assert (await fetch(now.public_url)).text == "<h1>two</h1>"

        versions = await ok(client.deployments.versions(deployment.id).list())
        assert [each.version_number for each in versions] == [2, 1]
        await ok(client.deployments.rollback(deployment.id))
        await settled(client, deployment.id)
        assert (await fetch(now.public_url)).text == "<h1>one</h1>"
        await ok(client.deployments.versions(deployment.id).promote(versions[0].id))
        await settled(client, deployment.id)
        assert (await fetch(now.public_url)).text == "<h1>two</h1>"
        releases = await ok(client.deployments.releases(deployment.id).list())
        assert len(releases) == 2
    finally:
        await ok(client.deployments.delete(deployment.id))
    assert (await fetch(now.public_url)).status == 404


async def test_a_dynamic_app_is_inferred_and_served(client, sandbox):
    await serve(sandbox, 8080, "dynamic")
    result = await ok(client.deployments.publish_from_sandbox(sandbox.id, name=unique("app")))
    deployment = await settled(client, result["deployment_id"])
    try:
        assert deployment.state == "running"
        assert (await fetch(deployment.public_url)).text == "dynamic /"
        instances = await ok(client.deployments.runtime_instances(deployment.id).list())
        assert instances and instances[0].state == "healthy"
        logs = await ok(client.deployments.get_logs(deployment.id))
        assert logs is not None
        await ok(client.deployments.stop(deployment.id))
        assert (await fetch(deployment.public_url)).status == 503
    finally:
        await ok(client.deployments.delete(deployment.id))


async def test_domains_are_routed_once_they_are_proved(client, sandbox):
    await ok(sandbox.files.write("/workspace/dist/index.html", "domain"))
    result = await ok(
        client.deployments.publish_from_sandbox(sandbox.id, name=unique("dom"), output_path="/workspace/dist")
    )
    deployment = await settled(client, result["deployment_id"])
    name = unique("shop") + ".example.test"
    domains = client.deployments.domains(deployment.id)
    added = await ok(domains.add(name))
    assert added["domain"] == name and added["fqdn"] == name and added["status"] == "pending"
    assert added["dns_instructions"]["value"] == added["verification_target"]
    assert name in [each["fqdn"] for each in await ok(domains.list())]
    with NameServer() as names:
        early = await ok(domains.verify(added["id"]))
        assert early["status"] == "failed" and early["error"] and early["verified_at"] is None
        assert (await fetch(f"http://{name}/")).status == 404
        names.aliases[name] = added["verification_target"]
        proved = await ok(domains.verify(added["id"]))
        assert proved["status"] == "active" and proved["verified_at"]
    assert (await fetch(f"http://{name}/")).text == "domain"
    with pytest.raises(MiosaError) as taken:
        await ok(domains.add(name))
    assert taken.value.status_code == 409
    await ok(domains.delete(added["id"]))
    assert (await fetch(f"http://{name}/")).status == 404
    await ok(client.deployments.delete(deployment.id))


async def test_traffic_is_seen_by_its_owner(client, sandbox):
    await ok(sandbox.files.write("/workspace/dist/index.html", "seen"))
    result = await ok(
        client.deployments.publish_from_sandbox(sandbox.id, name=unique("seen"), output_path="/workspace/dist")
    )
    deployment = await settled(client, result["deployment_id"])
    page = await fetch(deployment.public_url)
    rows = []
    for _ in range(80):
        rows = await ok(client.deployments.request_logs(deployment.id, status="2xx"))
        if rows:
            break
        await asyncio.sleep(0.25)
    assert [each["request_id"] for each in rows] == [page.headers["x-request-id"]]
    assert rows[0]["path"] == "/" and rows[0]["status"] == 200 and rows[0]["bytes_sent"] == 4
    sums = await ok(client.deployments.observability(deployment.id, period="1h"))
    assert sums["requests"] == 1 and sums["error_rate"] == 0 and sums["p99_ms"] > 0
    routes = await ok(client.deployments.routes(deployment.id, period="1h"))
    assert [(each["method"], each["route"], each["requests"]) for each in routes] == [("GET", "/", 1)]
    await ok(client.deployments.delete(deployment.id))


async def test_bad_publishes_are_refused(client, sandbox, second_client):
    deployment = await ok(client.deployments.create(name=unique("bad")))
    try:
        with pytest.raises(MiosaError) as unknown:
            await ok(client.deployments.publish(deployment.id, source_sandbox_id="sbx_unknown0000000000000000"))
        assert unknown.value.status_code in (404, 409, 422)
        with pytest.raises(MiosaError) as missing:
            await ok(client._transport.request("POST", f"/deployments/{deployment.id}/publish", json_body={}))
        assert missing.value.status_code in (400, 422)
        with pytest.raises(NotFoundError):
            await ok(second_client.deployments.get(deployment.id))
        with pytest.raises(MiosaError) as nothing_before:
            await ok(client.deployments.rollback(deployment.id))
        assert nothing_before.value.status_code in (404, 409, 422)
    finally:
        await ok(client.deployments.delete(deployment.id))


async def test_environment_is_masked_and_reaches_the_app(client, sandbox):
    await ok(
        sandbox.files.write(
            "/workspace/app.py",
            "import http.server, os\n"
            "class H(http.server.BaseHTTPRequestHandler):\n"
            "    def do_GET(self):\n"
            "        b = os.environ.get('COLOR', 'none').encode()\n"
            "        self.send_response(200); self.send_header('Content-Length', str(len(b))); self.end_headers()\n"
            "        self.wfile.write(b)\n"
            "http.server.ThreadingHTTPServer(('0.0.0.0', int(os.environ['PORT'])), H).serve_forever()\n",
        )
    )
    deployment = await ok(client.deployments.create(name=unique("env"), run_command="python3 app.py"))
    try:
        await ok(client.deployments.set_env(deployment.id, {"COLOR": "very-teal"}))
        listed = await ok(client.deployments.list_env(deployment.id))
        assert listed[0]["key"] == "COLOR" and "very-teal" not in str(listed)
        await ok(client.deployments.publish(deployment.id, source_sandbox_id=sandbox.id))
        now = await settled(client, deployment.id)
        assert now.state == "running"
        assert (await fetch(now.public_url)).text == "very-teal"
    finally:
        await ok(client.deployments.delete(deployment.id))
