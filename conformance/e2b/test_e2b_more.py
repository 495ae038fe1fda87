"""What the other tests of E2B's Python SDK leave out: git, terminals met again, calls by id alone, the async twins."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from harness import DOMAIN

from e2b import (
    AsyncSandbox,
    FileType,
    FilesystemEventType,
    InvalidArgumentException,
    NotFoundException,
    PtySize,
    Sandbox,
    SandboxException,
    SandboxQuery,
    SandboxState,
)


@pytest.fixture(scope="module")
def sbx() -> Iterator[Sandbox]:
    sandbox = Sandbox.create(timeout=600, metadata={"suite": "more"})
    yield sandbox
    sandbox.kill()


def test_git(sbx: Sandbox) -> None:
    git = sbx.git
    git.configure_user("Ann", "ann@example.com")
    git.set_config("pull.rebase", "false")
    assert git.get_config("pull.rebase") == "false"
    git.init("/tmp/git/bare", bare=True, initial_branch="main")
    git.init("/tmp/git/a", initial_branch="main")
    git.remote_add("/tmp/git/a", "origin", "/tmp/git/bare")
    assert git.remote_get("/tmp/git/a", "origin") == "/tmp/git/bare"
    sbx.files.write("/tmp/git/a/f", "1")
    assert [s.name for s in git.status("/tmp/git/a").file_status] == ["f"]
    git.add("/tmp/git/a")
    git.commit("/tmp/git/a", "it's the first")
    git.push("/tmp/git/a", "origin", "main")
    git.clone("/tmp/git/bare", "/tmp/git/b", branch="main")
    assert sbx.files.read("/tmp/git/b/f") == "1"
    git.create_branch("/tmp/git/b", "side")
    assert git.branches("/tmp/git/b").current_branch == "side"
    git.checkout_branch("/tmp/git/b", "main")
    git.delete_branch("/tmp/git/b", "side")
    sbx.files.write("/tmp/git/b/f", "2")
    git.restore("/tmp/git/b", ["f"])
    assert sbx.files.read("/tmp/git/b/f") == "1"
    sbx.files.write("/tmp/git/b/f", "3")
    git.add("/tmp/git/b", ["f"])
    git.reset("/tmp/git/b", mode="hard")
    assert git.status("/tmp/git/b").is_clean
    sbx.files.write("/tmp/git/a/g", "4")
    git.add("/tmp/git/a")
    git.commit("/tmp/git/a", "second", author_name="Bo", author_email="bo@example.com")
    git.push("/tmp/git/a", "origin", "main")
    git.pull("/tmp/git/b", "origin", "main")
    assert sbx.files.read("/tmp/git/b/g") == "4"
    git.dangerously_authenticate("user", "word", host="git.test")
    assert "git.test" in sbx.commands.run("cat ~/.git-credentials").stdout


def test_a_terminal_is_met_again(sbx: Sandbox) -> None:
    first = sbx.pty.create(PtySize(rows=20, cols=60), envs={"WORD": "kept"}, timeout=0)
    first.disconnect()
    seen = bytearray()
    again = sbx.pty.connect(first.pid, timeout=60)
    sbx.pty.send_stdin(first.pid, b"echo $WORD-$WORD; stty size; exit 5\n")
    with pytest.raises(SandboxException):
        again.wait(on_pty=seen.extend)
    assert b"kept-kept" in seen and b"20 60" in seen
    with pytest.raises(NotFoundException):
        sbx.pty.connect(first.pid)


def test_several_look_at_one_command(sbx: Sandbox) -> None:
    command = sbx.commands.run("read x; echo got $x; sleep 0.2; echo end", background=True, stdin=True, timeout=0)
    viewers = [sbx.commands.connect(command.pid) for _ in range(3)]
    command.send_stdin("this\n")
    for viewer in [*viewers, command]:
        assert viewer.wait().stdout == "got this\nend\n"


def test_odd_names_of_files(sbx: Sandbox) -> None:
    for name in ("a b", "ü😀", "q'\"q", "%2e%2e", "a\\b", "-rf", "x" * 255, "new\nline"):
        path = f"/tmp/odd/{name}"
        sbx.files.write(path, name)
        assert sbx.files.read(path) == name
        assert sbx.files.get_info(path).name == name
        assert sbx.files.exists(path)
    assert len(sbx.files.list("/tmp/odd")) == 8
    for wrong in ("/tmp/nul\x00", "/tmp/" + "x" * 256, "/" + "y/" * 3000):
        with pytest.raises(InvalidArgumentException):
            sbx.files.write(wrong, "x")
        with pytest.raises(InvalidArgumentException):
            sbx.files.list(wrong)
        with pytest.raises(InvalidArgumentException):
            sbx.files.make_dir(wrong)
    with pytest.raises(InvalidArgumentException):
        sbx.files.list("/tmp", depth=0)


def test_calls_by_id_alone() -> None:
    mark = str(uuid.uuid4())
    made = Sandbox.create(timeout=120, metadata={"mark": mark})
    try:
        made.files.write("seed", "1")
        Sandbox.set_timeout(made.sandbox_id, 500)
        info = Sandbox.get_info(made.sandbox_id)
        assert info.metadata == {"mark": mark} and (info.end_at - info.started_at).total_seconds() > 400
        assert Sandbox.get_metrics(made.sandbox_id) is not None
        Sandbox.update_network(made.sandbox_id, {"allow_internet_access": False})
        snapshot = Sandbox.create_snapshot(made.sandbox_id)
        mine = Sandbox.list_snapshots(made.sandbox_id).next_items()
        assert [s.snapshot_id for s in mine] == [snapshot.snapshot_id]
        fork = Sandbox.fork(made.sandbox_id, timeout=60)[0]
        assert isinstance(fork, Sandbox) and fork.files.read("seed") == "1"
        fork.kill()
        assert Sandbox.beta_pause(made.sandbox_id)
        listed = Sandbox.list(query=SandboxQuery(metadata={"mark": mark}, state=[SandboxState.PAUSED]))
        assert [s.sandbox_id for s in listed.next_items()] == [made.sandbox_id]
        assert Sandbox.connect(made.sandbox_id, timeout=60).files.read("seed") == "1"
        assert Sandbox.pause(made.sandbox_id)
        assert Sandbox.connect(made.sandbox_id).files.read("seed") == "1", "a second pause lost the files"
        assert Sandbox.delete_snapshot(snapshot.snapshot_id)
    finally:
        assert Sandbox.kill(made.sandbox_id) is True
        assert Sandbox.kill(made.sandbox_id) is False


@pytest.mark.parametrize(
    "wish",
    [
        {"timeout": -1},
        {"timeout": 10**9},
        {"metadata": {"k": "v\x00"}},
        {"envs": {"A": "\x00"}},
        {"envs": {"A=B": "x"}},
        {"template": "a/../b"},
        {"template": "x" * 3000},
        {"volume_mounts": {"/data": "vol_nothing"}},
        {"volume_mounts": {"": "vol_nothing"}},
    ],
)
def test_a_bad_create_is_refused(wish: dict) -> None:
    with pytest.raises(SandboxException) as refused:
        Sandbox.create(**wish)
    assert 400 <= (refused.value.status_code or 0) < 500, refused.value


async def test_the_async_twins() -> None:
    sandbox = await AsyncSandbox.create(timeout=120)
    try:
        assert await sandbox.is_running()
        seen = bytearray()
        terminal = await sandbox.pty.create(PtySize(rows=24, cols=80), on_data=seen.extend)
        await sandbox.pty.resize(terminal.pid, PtySize(rows=33, cols=99))
        await sandbox.pty.send_stdin(terminal.pid, b"stty size; exit\n")
        await terminal.wait()
        assert b"33 99" in seen
        cat = await sandbox.commands.run("cat", background=True, stdin=True)
        assert cat.pid in [p.pid for p in await sandbox.commands.list()]
        other = await sandbox.commands.connect(cat.pid)
        await sandbox.commands.send_stdin(cat.pid, "typed\n")
        await sandbox.commands.close_stdin(cat.pid)
        assert (await cat.wait()).stdout == (await other.wait()).stdout == "typed\n"
        sleeper = await sandbox.commands.run("sleep 60", background=True)
        assert await sleeper.kill() and not await sandbox.commands.kill(sleeper.pid)
        await sandbox.files.write_files([{"path": "d/1", "data": "1"}, {"path": "d/2", "data": b"2"}])
        assert await sandbox.files.make_dir("d/e") and await sandbox.files.exists("d/1")
        assert (await sandbox.files.get_info("d")).type == FileType.DIR
        assert (await sandbox.files.rename("d/1", "d/e/1")).path == "/home/user/d/e/1"
        await sandbox.files.remove("d/e")
        stream = await sandbox.files.read("d/2", format="stream")
        assert b"".join([chunk async for chunk in stream]) == b"2"
        events = []
        watch = await sandbox.files.watch_dir("d", on_event=events.append, recursive=True)
        await sandbox.files.write("d/new", "x")
        wait = 0
        while FilesystemEventType.CREATE not in [e.type for e in events] and wait < 100:
            await sandbox.commands.run("sleep 0.05")
            wait += 1
        await watch.stop()
        assert ("new", FilesystemEventType.CREATE) in [(e.name, e.type) for e in events]
        await sandbox.update_network({"allow_internet_access": False})
        snapshot = await sandbox.create_snapshot()
        assert [s.snapshot_id for s in await sandbox.list_snapshots().next_items()] == [snapshot.snapshot_id]
        assert await AsyncSandbox.delete_snapshot(snapshot.snapshot_id)
        assert await sandbox.get_metrics()
        await sandbox.git.init("/tmp/g")
        assert (await sandbox.git.status("/tmp/g")).is_clean
        assert sandbox.get_host(80) == f"80-{sandbox.sandbox_id}.{DOMAIN}"
        assert await sandbox.beta_pause()
        assert (await AsyncSandbox.connect(sandbox.sandbox_id)).sandbox_id == sandbox.sandbox_id
        pages = AsyncSandbox.list(limit=1)
        assert len(await pages.next_items()) == 1
    finally:
        await sandbox.kill()
