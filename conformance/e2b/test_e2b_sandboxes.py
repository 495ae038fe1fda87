"""Sandboxes by the Python SDK of E2B: create, find, prolong, pause, fork, keep, kill."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from harness import BASE, DOMAIN, KEY, PORT, SECOND_KEY, wait_for

from e2b import (
    AsyncSandbox,
    AuthenticationException,
    NotFoundException,
    Sandbox,
    SandboxException,
    SandboxNotFoundException,
    SandboxNotRunningException,
    SandboxQuery,
    SandboxState,
    Volume,
)


@pytest.fixture(scope="module")
def sbx() -> Iterator[Sandbox]:
    sandbox = Sandbox.create(timeout=300, metadata={"suite": "e2b"}, envs={"GREETING": "hello"})
    yield sandbox
    sandbox.kill()


def test_create_shows_what_was_asked(sbx: Sandbox) -> None:
    info = sbx.get_info()
    assert info.sandbox_id == sbx.sandbox_id
    assert info.metadata == {"suite": "e2b"}
    assert info.state == SandboxState.RUNNING
    assert info.cpu_count >= 1 and info.memory_mb >= 128
    left = info.end_at - datetime.now(timezone.utc)
    assert timedelta(seconds=200) < left <= timedelta(seconds=301)
    assert sbx.is_running()
    assert sbx.commands.run("echo $GREETING").stdout == "hello\n"


def test_an_unknown_template_and_a_wrong_key_are_told() -> None:
    with pytest.raises(SandboxException, match="404"):
        Sandbox.create("there-is-no-such-template")
    with pytest.raises(AuthenticationException):
        Sandbox.create(api_key="e2b_0123456789abcdef")
    with pytest.raises(SandboxException) as wrong:
        Sandbox.create(metadata={"a": "b"}, envs={"no=name": "x"})
    assert wrong.value.status_code == 400


def test_a_create_with_the_same_idempotency_key_is_the_same_sandbox() -> None:
    key = str(uuid.uuid4())
    first = Sandbox.create(timeout=60, idempotency_key=key)
    again = Sandbox.create(timeout=60, idempotency_key=key)
    try:
        assert again.sandbox_id == first.sandbox_id
        assert again.commands.run("echo one").stdout == "one\n"
    finally:
        first.kill()


def test_lists_are_filtered_ordered_and_paged() -> None:
    mark = f"a b&c=é {uuid.uuid4()}"
    made = [Sandbox.create(timeout=120, metadata={"mark": mark, "n": str(n)}) for n in range(3)]
    try:
        made[2].pause()
        pages = Sandbox.list(query=SandboxQuery(metadata={"mark": mark}), limit=2)
        first = pages.next_items()
        assert pages.has_next
        rest = pages.next_items()
        assert not pages.has_next
        newest_first = [s.sandbox_id for s in reversed(made)]
        assert [s.sandbox_id for s in first + rest] == newest_first

        def listed(**query: object) -> list[str]:
            order = query.pop("order", None)
            wish = SandboxQuery(metadata={"mark": mark}, **query)  # type: ignore[arg-type]
            return [s.sandbox_id for s in Sandbox.list(query=wish, order=order).next_items()]

        assert listed(order="asc") == [s.sandbox_id for s in made]
        assert listed(state=[SandboxState.PAUSED]) == [made[2].sandbox_id]
        assert listed(state=[SandboxState.RUNNING]) == newest_first[1:]
        assert listed(template="base") == newest_first
        assert listed(started_after=datetime.now(timezone.utc) + timedelta(minutes=5)) == []
    finally:
        for sandbox in made:
            sandbox.kill()


def test_a_timeout_is_lengthened_and_shortened_and_kept_by_connect(sbx: Sandbox) -> None:
    def left() -> float:
        return (sbx.get_info().end_at - datetime.now(timezone.utc)).total_seconds()

    sbx.set_timeout(600)
    assert 550 < left() <= 601
    sbx.connect(timeout=100)
    assert left() > 500, "a connect shortens nothing"
    sbx.set_timeout(200)
    assert 150 < left() <= 201
    Sandbox.connect(sbx.sandbox_id, timeout=300)
    assert 250 < left() <= 301


def test_one_whose_time_is_over_is_gone() -> None:
    sandbox = Sandbox.create(timeout=300)
    sandbox.set_timeout(1)
    wait_for(lambda: not sandbox.is_running())
    with pytest.raises(SandboxNotRunningException):
        sandbox.commands.run("echo")
    with pytest.raises(SandboxNotFoundException):
        wait_for(lambda: sandbox.get_info().state == SandboxState.PAUSED)
    assert sandbox.kill() is False


@pytest.mark.parametrize("on_timeout", ["kill", "pause"])
def test_a_command_whose_sandbox_comes_to_its_timeout_says_that_it_does_not_run(on_timeout: str) -> None:
    sandbox = Sandbox.create(timeout=2, lifecycle={"on_timeout": on_timeout})
    try:
        with pytest.raises(SandboxNotRunningException):
            sandbox.commands.run("sleep 30")
        assert not sandbox.is_running()
    finally:
        sandbox.kill()


def test_one_that_pauses_at_its_timeout_keeps_files() -> None:
    sandbox = Sandbox.create(timeout=300, lifecycle={"on_timeout": "pause"})
    try:
        sandbox.files.write("kept", "still here")
        sandbox.set_timeout(1)
        wait_for(lambda: sandbox.get_info().state == SandboxState.PAUSED)
        sandbox.connect(timeout=60)
        assert sandbox.files.read("kept") == "still here"
        lifecycle = sandbox.get_info().lifecycle
        assert lifecycle is not None and lifecycle["on_timeout"] == "pause"
    finally:
        sandbox.kill()


def test_pause_and_connect_keep_files_and_processes() -> None:
    sandbox = Sandbox.create(timeout=300)
    try:
        process = sandbox.commands.run("sleep 600", background=True)
        sandbox.files.write("kept", "yes")
        assert sandbox.pause() is True
        assert sandbox.pause() is False
        assert sandbox.get_info().state == SandboxState.PAUSED
        assert sandbox.is_running() is False
        with pytest.raises(SandboxNotRunningException):
            sandbox.files.read("kept")
        same = Sandbox.connect(sandbox.sandbox_id, timeout=120)
        assert same.files.read("kept") == "yes"
        assert process.pid in [p.pid for p in same.commands.list()]
        assert same.pause(mode="filesystem") is True
        same.connect()
        assert same.files.read("kept") == "yes"
        assert same.commands.list() == []
    finally:
        sandbox.kill()


def test_what_is_paused_outlives_its_timeout_and_traffic_does_not_wake_it() -> None:
    sandbox = Sandbox.create(timeout=60)
    try:
        sandbox.files.write("kept", "yes")
        sandbox.commands.run("python3 -m http.server 8123", background=True, timeout=0)
        sandbox.set_timeout(2)
        sandbox.pause()
        clock = Sandbox.create(timeout=3)
        wait_for(lambda: not clock.is_running())
        answer = httpx.get(f"http://127.0.0.1:{PORT}/", headers={"Host": sandbox.get_host(8123)})
        assert answer.status_code >= 400
        assert sandbox.get_info().state == SandboxState.PAUSED
        sandbox.connect(timeout=60)
        assert sandbox.files.read("kept") == "yes"
    finally:
        sandbox.kill()


def test_a_repeated_create_changes_nothing_of_what_it_made() -> None:
    with Sandbox.create(timeout=60) as source:
        snapshot = source.create_snapshot()
    volume = Volume.create(f"py-again-{uuid.uuid4().hex[:12]}")
    url, headers = f"{BASE}/e2b/sandboxes", {"X-API-Key": KEY, "Idempotency-Key": uuid.uuid4().hex}
    body = {
        "templateID": snapshot.snapshot_id,
        "timeout": 60,
        "allow_internet_access": False,
        "volumeMounts": [{"name": volume.name, "path": "/data"}],
    }
    made = httpx.post(url, headers=headers, json=body)
    assert made.status_code == 201, made.text
    sandbox = Sandbox.connect(made.json()["sandboxID"])
    try:
        assert sandbox.get_info().allow_internet_access is False
        sandbox.files.write("/data/kept", "yes")
        sandbox.update_network({})
        sandbox.pause()
        again = httpx.post(url, headers=headers, json=body)
        assert (again.status_code, again.json()["sandboxID"]) == (201, sandbox.sandbox_id), again.text
        sandbox.connect()
        assert sandbox.get_info().allow_internet_access is True
        assert sandbox.files.read("/data/kept") == "yes"
    finally:
        sandbox.kill()
        Sandbox.delete_snapshot(snapshot.snapshot_id)
        Volume.destroy(volume.volume_id)


def test_a_network_that_is_not_understood_is_not_open() -> None:
    url, headers = f"{BASE}/e2b/sandboxes", {"X-API-Key": KEY}
    everything = "0.0.0.0/0"
    malformed: list[dict[str, object]] = [
        {"network": {"denyOut": everything}},
        {"network": {"allowOut": [1]}},
        {"network": ["x"]},
        {"allow_internet_access": "no"},
        {"envVars": [1]},
        {"metadata": "x"},
    ]
    for body in malformed:
        assert httpx.post(url, headers=headers, json={"templateID": "base", **body}).status_code == 400, body
    with Sandbox.create(timeout=60, allow_internet_access=False) as sandbox:
        one = f"{url}/{sandbox.sandbox_id}/network"
        assert httpx.put(one, headers=headers, json={"denyOut": everything}).status_code == 400
        assert sandbox.get_info().allow_internet_access is False
        snapshot = sandbox.create_snapshot()
    with Sandbox.create(snapshot.snapshot_id, timeout=60) as made:
        assert made.get_info().allow_internet_access is False
    Sandbox.delete_snapshot(snapshot.snapshot_id)


def test_traffic_wakes_one_that_asked_for_it() -> None:
    lifecycle = {"on_timeout": "pause", "auto_resume": True}
    sandbox = Sandbox.create(timeout=300, lifecycle=lifecycle)  # type: ignore[arg-type]
    try:
        sandbox.pause()
        assert sandbox.commands.run("echo awake").stdout == "awake\n"
        assert sandbox.get_info().state == SandboxState.RUNNING
    finally:
        sandbox.kill()


def test_one_that_traffic_woke_runs_for_five_minutes_at_least() -> None:
    lifecycle = {"on_timeout": "pause", "auto_resume": True}
    short = Sandbox.create(timeout=30, lifecycle=lifecycle)  # type: ignore[arg-type]
    long = Sandbox.create(timeout=1200, lifecycle=lifecycle)  # type: ignore[arg-type]

    def left(sandbox: Sandbox) -> float:
        return (sandbox.get_info().end_at - datetime.now(timezone.utc)).total_seconds()

    try:
        assert left(short) < 31
        short.pause()
        assert short.commands.run("echo awake").stdout == "awake\n"
        assert 290 < wait_for(lambda: left(short) > 31 and left(short)) <= 301
        # By a request to one of its ports, too.
        short.pause()
        httpx.get(f"http://127.0.0.1:{PORT}/", headers={"Host": short.get_host(8123)})
        assert short.get_info().state == SandboxState.RUNNING
        assert 290 < left(short) <= 301
        # Whoever asks for a time has that.
        short.pause()
        short.connect(timeout=60)
        assert left(short) < 61
        long.pause()
        assert long.commands.run("echo awake").stdout == "awake\n"
        assert 1100 < left(long) < 1201
    finally:
        short.kill()
        long.kill()


def test_forks_and_snapshots_begin_with_the_files() -> None:
    sandbox = Sandbox.create(timeout=300)
    born: list[Sandbox] = []
    name = f"snap-{uuid.uuid4().hex[:12]}"
    try:
        sandbox.files.write("seed", "1")
        for fork in sandbox.fork(count=2, timeout=120):
            assert isinstance(fork, Sandbox), fork
            born.append(fork)
        assert [f.files.read("seed") for f in born] == ["1", "1"]
        plain = sandbox.create_snapshot()
        named = sandbox.create_snapshot(name)
        sandbox.files.write("seed", "2")
        listed = {s.snapshot_id: s.names for s in sandbox.list_snapshots().next_items()}
        assert listed == {plain.snapshot_id: [], named.snapshot_id: [name]}
        for one in (name, f"{name}:default", named.snapshot_id):
            by_name = [Sandbox.list_snapshots(name=one), sandbox.list_snapshots(name=one)]
            assert [[s.names for s in pages.next_items()] for pages in by_name] == [[[name]], [[name]]]
            assert born[0].list_snapshots(name=one).next_items() == []
        assert Sandbox.list_snapshots(name="nothing").next_items() == []
        for template in (plain.snapshot_id, name):
            born.append(Sandbox.create(template, timeout=120, metadata={"of": template}))
            assert born[-1].files.read("seed") == "1"
            assert born[-1].get_info().metadata == {"of": template}
        for snapshot in (plain, named):
            assert Sandbox.delete_snapshot(snapshot.snapshot_id) is True
            assert Sandbox.delete_snapshot(snapshot.snapshot_id) is False
    finally:
        for each in [*born, sandbox]:
            each.kill()


def test_forks_that_are_asked_for_together_begin_with_one_moment() -> None:
    sandbox = Sandbox.create(timeout=300)
    born: list[Sandbox] = []
    try:
        sandbox.commands.run(
            "while :; do date +%s%N > /tmp/now.new && mv /tmp/now.new /tmp/now; done", background=True, timeout=0
        )
        wait_for(lambda: sandbox.files.exists("/tmp/now"))
        for fork in sandbox.fork(count=3, timeout=120):
            assert isinstance(fork, Sandbox), fork
            born.append(fork)
        assert len({fork.sandbox_id for fork in born}) == 3
        moments = {fork.files.read("/tmp/now") for fork in born}
        assert len(moments) == 1 and moments != {""}, moments
        # What they began with is not kept.
        assert sandbox.list_snapshots().next_items() == []
    finally:
        for each in [*born, sandbox]:
            each.kill()


def test_metrics(sbx: Sandbox) -> None:
    metrics = sbx.get_metrics()
    assert metrics
    assert metrics[-1].mem_total > metrics[-1].mem_used > 0
    assert metrics[-1].cpu_count >= 1
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    assert sbx.get_metrics(start=later) == []


def test_a_port_is_reached_at_its_host(sbx: Sandbox) -> None:
    sbx.files.write("/srv/www/index.html", "from inside")
    sbx.commands.run("python3 -m http.server 8123 -d /srv/www", background=True, timeout=0)
    host = sbx.get_host(8123)
    assert host == f"8123-{sbx.sandbox_id}.{DOMAIN}"

    def page() -> str | None:
        answer = httpx.get(f"http://127.0.0.1:{PORT}/", headers={"Host": host})
        return answer.text if answer.status_code == 200 else None

    assert wait_for(page) == "from inside"


def test_a_port_on_loopback_is_reached_too(sbx: Sandbox) -> None:
    sbx.files.write("/srv/inner/index.html", "on loopback")
    sbx.commands.run("python3 -m http.server 8124 --bind 127.0.0.1 -d /srv/inner", background=True, timeout=0)

    def page() -> str | None:
        answer = httpx.get(f"http://127.0.0.1:{PORT}/", headers={"Host": sbx.get_host(8124)})
        return answer.text if answer.status_code == 200 else None

    assert wait_for(page) == "on loopback"


def test_another_organization_sees_nothing(sbx: Sandbox) -> None:
    sandbox = sbx.sandbox_id
    with pytest.raises(NotFoundException):
        Sandbox.get_info(sandbox, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.connect(sandbox, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.set_timeout(sandbox, 1, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.pause(sandbox, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.fork(sandbox, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.create_snapshot(sandbox, api_key=SECOND_KEY)
    with pytest.raises(NotFoundException):
        Sandbox.get_metrics(sandbox, api_key=SECOND_KEY)
    assert Sandbox.kill(sandbox, api_key=SECOND_KEY) is False
    theirs = Sandbox.list(api_key=SECOND_KEY, limit=1000).next_items()
    assert sandbox not in [s.sandbox_id for s in theirs]


def test_the_token_of_one_sandbox_opens_no_other(sbx: Sandbox) -> None:
    other = Sandbox.create(timeout=60, api_key=SECOND_KEY)
    try:
        for token in (None, "ea_wrong", other._envd_access_token):
            headers = {"E2b-Sandbox-Id": sbx.sandbox_id}
            if token:
                headers["X-Access-Token"] = token
            answer = httpx.get(
                f"{sbx.envd_api_url}/files", params={"path": "/etc/passwd"}, headers=headers
            )
            assert answer.status_code == 401, answer.text
            assert answer.json()["code"] == 401
    finally:
        other.kill(api_key=SECOND_KEY)


def test_the_network_is_as_asked_for() -> None:
    def is_refused(sandbox: Sandbox, host: str) -> bool:
        code = "EGRESS_HOST_NOT_ALLOWED"
        said = sandbox.commands.run(f"curl -s -m 5 http://{host}/ || true").stdout
        assert code in said or "EGRESS_DENIED" not in said and "NOT_ALLOWED" not in said, said
        return code in said

    rules = {"allow_out": ["open.test"], "deny_out": ["0.0.0.0/0"]}
    sandbox = Sandbox.create(timeout=120, network=rules)  # type: ignore[arg-type]
    try:
        info = sandbox.get_info()
        assert info.network == rules and info.allow_internet_access is False
        assert info.metadata == {}
        assert is_refused(sandbox, "shut.test")
        assert not is_refused(sandbox, "open.test")
        fork = sandbox.fork()[0]
        assert isinstance(fork, Sandbox), fork
        assert is_refused(fork, "shut.test")
        fork.kill()
        sandbox.update_network({"allow_out": ["shut.test"], "deny_out": ["0.0.0.0/0"]})
        assert not is_refused(sandbox, "shut.test")
        assert is_refused(sandbox, "open.test")
        sandbox.update_network({"allow_internet_access": True})
        assert not is_refused(sandbox, "open.test")
        ranges = {"allow_out": ["open.test", "11.47.11.0/24", "1.1.1.1"], "deny_out": ["0.0.0.0/0", "11.47.0.0/16", "bad.test"]}
        sandbox.update_network(ranges)  # type: ignore[arg-type]
        shown = sandbox.get_info().network
        assert shown is not None and {key: set(value) for key, value in shown.items()} == {  # type: ignore[call-overload]
            key: set(value) for key, value in ranges.items()
        }
        assert is_refused(sandbox, "11.47.12.1") and not is_refused(sandbox, "11.47.11.9")
        sandbox.update_network({"deny_out": ["11.47.0.0/16", "bad.test"], "allow_out": ["11.47.11.0/24"]})
        assert is_refused(sandbox, "11.47.12.1") and is_refused(sandbox, "bad.test")
        assert not is_refused(sandbox, "11.47.11.9") and not is_refused(sandbox, "open.test")
        with pytest.raises(SandboxException) as answer:
            sandbox.update_network({"deny_out": ["10.0.0.0/33"]})
        assert answer.value.status_code == 400 or answer.value.status_code == 422
        with pytest.raises(SandboxException) as answer:
            sandbox.update_network({"deny_out": ["2001:db8::/32"]})
        assert answer.value.status_code == 501
    finally:
        sandbox.kill()
    alone = Sandbox.create(timeout=60, allow_internet_access=False)
    try:
        assert is_refused(alone, "open.test")
    finally:
        alone.kill()


def test_what_is_not_built_says_so() -> None:
    for refused in (
        {"mcp": {"github": {}}},
        {"network": {"allow_public_traffic": False}},
        {"network": {"mask_request_host": "a.example.com"}},
        {"iam": {"tokens": {"aws": {"token_type": "JWT-SVID", "audience": "x"}}}},
    ):
        with pytest.raises(SandboxException) as answer:
            Sandbox.create(**refused)  # type: ignore[arg-type]
        assert answer.value.status_code == 501, refused


async def test_the_async_client_does_the_same() -> None:
    sandbox = await AsyncSandbox.create(timeout=120, metadata={"flavor": "async"})
    try:
        assert (await sandbox.commands.run("echo async")).stdout == "async\n"
        await sandbox.files.write("a/b.txt", "content")
        assert await sandbox.files.read("a/b.txt") == "content"
        assert [e.name for e in await sandbox.files.list("a")] == ["b.txt"]
        assert (await sandbox.get_info()).metadata == {"flavor": "async"}
        await sandbox.set_timeout(60)
        assert await sandbox.pause() is True
        await sandbox.connect()
        forks = await sandbox.fork()
        assert isinstance(forks[0], AsyncSandbox), forks
        assert await forks[0].files.read("a/b.txt") == "content"
        await forks[0].kill()
    finally:
        assert await sandbox.kill() is True
