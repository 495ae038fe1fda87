"""Credentials that are to do less: keys with few scopes, their children, tokens of sandboxes past an organization's policies."""

import json
import urllib.error
import urllib.request
from typing import Any

from lib.api import Api
from lib.world import World

ONCE = True
# What a person or a credential does for itself, and what asks others on in its name.
OWN = ("/auth/", "/invites/", "/workspace-invites/", "/sse/ticket", "/mcp", "/tokens/", "/actions/", "/platform/tenants/", "/notifications/")


def attack(world: World) -> None:
    few = key(world, {"name": "attack few", "rate_limit_rpm": 6000, "scopes": ["sandboxes:read"]})
    walk(world, few)
    managing = key(world, {"name": "attack managing", "rate_limit_rpm": 6000, "key_type": "admin", "scopes": ["sandboxes:read"]}, (201, 403, 422))
    if managing:
        walk(world, managing)
    more = few.post("/api-keys", {"name": "more", "scopes": ["*"]})
    assert more.status == 403, f"a key with few scopes made one with all: {more.body[:300]!r}"
    policies(world)


def key(world: World, wish: dict[str, Any], wanted: tuple[int, ...] = (201,)) -> Api | None:
    answer = world.api.post("/api-keys", wish)
    made = answer.expect(*wanted)
    if answer.status != 201:
        return None
    world.later(lambda: world.api.delete("/api-keys/" + made["data"]["id"]))
    return Api(world.api.url, made["data"]["key"])


def walk(world: World, weak: Api) -> None:
    """Each operation that changes something, with nothing in its body: whether it may be asked comes before what it asks."""
    document = world.api.get("/openapi.json").expect(200)
    walked, allowed = 0, []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            short = path.removeprefix("/api/v1")
            anybody = operation.get("security") == []
            if method not in ("post", "put", "patch", "delete") or anybody or short.startswith(OWN):
                continue
            answer = weak.call(method.upper(), short.replace("{", "").replace("}", ""), {})
            walked += 1
            if answer.status not in (401, 403, 429, 501) and operation.get("x-scope") != "sandboxes:read":
                allowed.append(f"{method} {short}: {answer.status} {answer.code}")
            if answer.status == 429:
                return  # As often as it may ask: the others are asked by the key of the next run.
    assert walked > 20, walked
    assert not allowed, f"a key with the scope sandboxes:read alone may: {allowed}"


def policies(world: World) -> None:
    """A policy that users run no commands holds for the token that E2B's wire gives a user, too."""
    user = key(world, {"name": "attack user"})
    assert user
    sandbox = world.sandbox()
    view = request(world, user, "GET", f"/e2b/sandboxes/{sandbox.id}")
    token = view.get("envdAccessToken") or request(world, user, "POST", f"/e2b/sandboxes/{sandbox.id}/connect", {"timeout": 600}).get("envdAccessToken")
    assert token, view
    headers = {"X-Access-Token": str(token), "E2b-Sandbox-Id": str(view["sandboxID"])}
    assert listed(world, headers) == 200
    for action in ("sandbox.exec", "sandbox.list.files", "sandbox.read.file"):
        world.api.call("PUT", "/actions/verdicts/" + action, {"decision": "deny"}).expect(200)
        world.later(lambda action=action: world.api.delete("/actions/verdicts/" + action).expect(204))
    world.host.eventually(lambda: listed(world, headers) == 403, "the policy holds for the token")
    read = raw(world, "GET", f"/e2b/sandbox/files?path=/etc/passwd", None, headers)
    assert read[0] == 403 and b"root:" not in read[1], read


def listed(world: World, headers: dict[str, str]) -> int:
    return raw(world, "POST", "/e2b/sandbox/process.Process/List", {}, headers)[0]


def request(world: World, api: Api, method: str, path: str, body: object = None) -> dict[str, Any]:
    status, content = raw(world, method, path, body, {"X-API-Key": api.key})
    assert status < 300, f"{method} {path}: {status} {content[:300]!r}"
    return dict(json.loads(content))


def raw(world: World, method: str, path: str, body: object, headers: dict[str, str]) -> tuple[int, bytes]:
    """Asks outside of /api/v1."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(
        world.api.url.removesuffix("/api/v1") + path, data=data, method=method, headers={"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()
