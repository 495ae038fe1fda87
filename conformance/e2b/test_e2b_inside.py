"""Commands, terminals and files by the Python SDK of E2B."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from harness import DOMAIN, PORT, resolver, wait_for

from e2b import (
    AsyncSandbox,
    CommandExitException,
    FileNotFoundException,
    FilesystemEventType,
    FileType,
    InvalidArgumentException,
    NotFoundException,
    PtySize,
    Sandbox,
    SandboxException,
    TimeoutException,
)


@pytest.fixture(scope="module")
def sbx() -> Iterator[Sandbox]:
    sandbox = Sandbox.create(timeout=600)
    yield sandbox
    sandbox.kill()


def test_a_command_and_its_output(sbx: Sandbox) -> None:
    out: list[str] = []
    err: list[str] = []
    result = sbx.commands.run(
        'echo "$WORD"; pwd; echo oops >&2; printf "\\xc3\\xa9"',
        envs={"WORD": "ü"},
        cwd="/tmp",
        on_stdout=out.append,
        on_stderr=err.append,
    )
    assert result.exit_code == 0 and result.error is None
    assert result.stdout == "ü\n/tmp\né" == "".join(out)
    assert result.stderr == "oops\n" == "".join(err)
    assert sbx.commands.run("pwd").stdout == "/home/user\n"
    assert sbx.commands.run("pwd", user="root").stdout == "/root\n"


def test_variables_that_no_shell_can_name() -> None:
    look = "env | grep -E '^(a[.]b|MY-VAR|1st|not/a/name)=' | LC_ALL=C sort"
    with Sandbox.create(timeout=120, envs={"a.b": "1", "not/a/name": "2"}) as sandbox:
        assert sandbox.commands.run(look).stdout == "a.b=1\nnot/a/name=2\n"
        own = sandbox.commands.run(look, envs={"MY-VAR": "it's", "1st": "3", "a.b": "4"})
        assert own.stdout == "1st=3\nMY-VAR=it's\na.b=4\nnot/a/name=2\n"
        for name in ("", "A=B", "A\x00", "x" * 257):
            with pytest.raises(InvalidArgumentException):
                sandbox.commands.run("true", envs={name: "x"})


def test_what_runs_knows_its_sandbox(sbx: Sandbox) -> None:
    look = 'echo "$E2B_SANDBOX $E2B_SANDBOX_ID $E2B_TEMPLATE_ID"'
    info = sbx.get_info()
    assert sbx.commands.run(look).stdout == f"true {sbx.sandbox_id} {info.template_id}\n"
    assert sbx.commands.run(look, envs={"E2B_TEMPLATE_ID": "own"}).stdout == f"true {sbx.sandbox_id} own\n"


def test_a_command_that_fails(sbx: Sandbox) -> None:
    with pytest.raises(CommandExitException) as failed:
        sbx.commands.run("echo partly; echo why >&2; exit 7")
    assert failed.value.exit_code == 7
    assert (failed.value.stdout, failed.value.stderr) == ("partly\n", "why\n")
    with pytest.raises(InvalidArgumentException):
        sbx.commands.run("true", cwd="/there/is/no/such/folder")
    with pytest.raises(InvalidArgumentException):
        sbx.commands.run("x" * 200_000)
    for word, name in (("KILL", "killed"), ("SEGV", "segmentation fault")):
        with pytest.raises(CommandExitException) as ended:
            sbx.commands.run(f"kill -{word} $$")
        assert (ended.value.exit_code, ended.value.error) == (-1, f"signal: {name}")
    with pytest.raises(CommandExitException) as itself:
        sbx.commands.run("exit 137")
    assert (itself.value.exit_code, itself.value.error) == (137, "exit status 137")
    with pytest.raises(InvalidArgumentException):
        sbx.commands.run("true", user="nobody-of-that-name")


def test_what_a_user_writes_is_theirs(sbx: Sandbox) -> None:
    sbx.commands.run("useradd -m -d /srv/ann ann && groupadd crew && useradd -M -g crew bo", user="root")
    written = sbx.files.write("notes/deep/a.txt", "1", user="ann")
    assert written.path == "/srv/ann/notes/deep/a.txt"
    for path in ("notes", "notes/deep", "notes/deep/a.txt"):
        info = sbx.files.get_info(path, user="ann")
        assert (info.owner, info.group) == ("ann", "ann"), path
    assert sbx.commands.run("cat notes/deep/a.txt; echo 2 >> notes/deep/a.txt", user="ann", cwd="/srv/ann").stdout == "1"
    # Who is not asked for leaves it whose it is; who is takes it over.
    sbx.files.write("/srv/ann/notes/deep/a.txt", "3")
    assert sbx.files.get_info("/srv/ann/notes/deep/a.txt").owner == "ann"
    sbx.files.write("/srv/ann/notes/deep/a.txt", "4", user="bo")
    info = sbx.files.get_info("/srv/ann/notes/deep/a.txt")
    assert (info.owner, info.group) == ("bo", "crew")
    assert sbx.files.make_dir("/tmp/of-bo/made", user="bo")
    assert sbx.files.write("/tmp/of-nobody-asked/x", "1").path == "/tmp/of-nobody-asked/x"
    assert sbx.files.rename("/tmp/of-nobody-asked/x", "/tmp/of-bo/moved/x", user="bo").owner == "root"
    owners = {e.path: (e.owner, e.group) for e in sbx.files.list("/tmp/of-bo", depth=3)}
    assert owners["/tmp/of-bo/made"] == owners["/tmp/of-bo/moved"] == ("bo", "crew")
    assert owners["/tmp/of-bo/moved/x"] == ("root", "root")
    assert sbx.commands.run("stat -c %U:%G:%a /tmp/of-bo /tmp/of-bo/made").stdout == "bo:crew:755\nbo:crew:755\n"
    sbx.files.write("/tmp/of-bo/root", "1", user="root")
    assert sbx.files.get_info("/tmp/of-bo/root").owner == "root"
    # A folder that is there stays whose it is.
    assert sbx.files.get_info("/tmp").owner == "root"
    for refused in (
        lambda: sbx.files.write("/tmp/x", "1", user="nobody-of-that-name"),
        lambda: sbx.files.make_dir("/tmp/made-by-nobody", user="nobody-of-that-name"),
        lambda: sbx.files.rename("/tmp/of-bo/root", "/tmp/of-bo/root2", user="nobody-of-that-name"),
        lambda: sbx.files.list("x", user="nobody-of-that-name"),
    ):
        with pytest.raises(InvalidArgumentException, match="nobody-of-that-name"):
            refused()
    assert not sbx.files.exists("/tmp/made-by-nobody")
    sbx.commands.run("userdel -r ann; userdel bo; groupdel crew; rm -rf /tmp/of-*", user="root")


def test_a_deadline_kills_the_command(sbx: Sandbox) -> None:
    with pytest.raises(TimeoutException):
        sbx.commands.run("echo $$ > /tmp/late.pid; sleep 300", timeout=1)
    pid = sbx.files.read("/tmp/late.pid").strip()
    wait_for(lambda: not sbx.files.exists(f"/proc/{pid}"))


@pytest.mark.parametrize("method", ["process.Process/Connect", "filesystem.Filesystem/WatchDir"])
def test_a_deadline_ends_a_stream_and_no_process(sbx: Sandbox, method: str) -> None:
    sleeper = sbx.commands.run("sleep 300", background=True, timeout=0)
    asked = {"process": {"pid": sleeper.pid}} if "process" in method else {"path": "/tmp"}
    message = json.dumps(asked).encode()
    begin = time.monotonic()
    answer = httpx.post(
        f"{sbx.envd_api_url}/{method}",
        headers={
            "Content-Type": "application/connect+json",
            "Connect-Protocol-Version": "1",
            "Connect-Timeout-Ms": "1000",
            "E2b-Sandbox-Id": sbx.sandbox_id,
            "X-Access-Token": sbx._envd_access_token or "",
        },
        content=b"\x00" + len(message).to_bytes(4, "big") + message,
        timeout=30,
    )
    assert 0.9 < time.monotonic() - begin < 10
    assert answer.content.count(b'"deadline_exceeded"') == 1, answer.content
    assert sleeper.pid in [process.pid for process in sbx.commands.list()]
    assert sleeper.kill() is True


def test_background_stdin_list_connect_kill(sbx: Sandbox) -> None:
    cat = sbx.commands.run("echo ready; cat", background=True, stdin=True, timeout=0)
    listed = {p.pid: p for p in sbx.commands.list()}
    assert listed[cat.pid].cmd == "/bin/bash"
    assert listed[cat.pid].args == ["-l", "-c", "echo ready; cat"]
    assert next(iter(cat))[0] == "ready\n"
    cat.disconnect()

    again = sbx.commands.connect(cat.pid)
    sbx.commands.send_stdin(cat.pid, "one\n")
    sbx.commands.stream_input(cat.pid, ["two\n", b"three\n"])
    again.close_stdin()
    assert again.wait().stdout == "one\ntwo\nthree\n"
    with pytest.raises(NotFoundException):
        sbx.commands.connect(cat.pid)

    sleeper = sbx.commands.run("sleep 300", background=True, timeout=0)
    assert sleeper.kill() is True
    with pytest.raises(CommandExitException) as killed:
        sleeper.wait()
    assert killed.value.exit_code != 0
    assert sbx.commands.kill(sleeper.pid) is False


def test_much_output_arrives_whole(sbx: Sandbox) -> None:
    chunks = 0
    size = 0

    def count(chunk: str) -> None:
        nonlocal chunks, size
        chunks += 1
        size += len(chunk)

    sbx.commands.run(
        "head -c 20000000 /dev/zero | tr '\\0' x", on_stdout=count, retain_output=False
    )
    assert size == 20_000_000 and chunks > 10


def test_a_terminal(sbx: Sandbox) -> None:
    seen = bytearray()
    terminal = sbx.pty.create(PtySize(rows=24, cols=80), cwd="/tmp", timeout=60)
    reader = threading.Thread(target=lambda: terminal.wait(on_pty=seen.extend), daemon=True)
    reader.start()
    sbx.pty.send_stdin(terminal.pid, b"stty size; pwd\n")
    wait_for(lambda: b"24 80" in seen and b"/tmp" in seen)
    sbx.pty.resize(terminal.pid, PtySize(rows=50, cols=120))
    sbx.pty.stream_input(terminal.pid, ["stty ", "size\n"])
    wait_for(lambda: b"50 120" in seen)
    sbx.pty.send_stdin(terminal.pid, b"exit\n")
    reader.join(20)
    assert not reader.is_alive()

    other = sbx.pty.create(PtySize(rows=24, cols=80))
    assert sbx.pty.kill(other.pid) is True
    wait_for(lambda: other.pid not in [p.pid for p in sbx.commands.list()])
    assert sbx.pty.kill(other.pid) is False


def test_files_are_written_and_read(sbx: Sandbox) -> None:
    written = sbx.files.write("notes/a.txt", "text ü")
    assert (written.path, written.name, written.type) == (
        "/home/user/notes/a.txt",
        "a.txt",
        FileType.FILE,
    )
    assert sbx.files.read("~/notes/a.txt") == "text ü"
    every = bytes(range(256)) * 300
    sbx.files.write("/tmp/bytes", every)
    assert bytes(sbx.files.read("/tmp/bytes", format="bytes")) == every
    sbx.files.write("/tmp/stream", io.BytesIO(every))
    assert b"".join(sbx.files.read("/tmp/stream", format="stream")) == every
    sbx.files.write("/tmp/packed", "x" * 100_000, gzip=True)
    assert sbx.files.read("/tmp/packed") == "x" * 100_000
    sbx.files.write("/tmp/empty", "")
    assert sbx.files.read("/tmp/empty") == ""
    many = sbx.files.write_files(
        [{"path": f"many/{n}.txt", "data": str(n)} for n in range(120)]
    )
    assert len(many) == 120
    assert sbx.files.read("many/119.txt") == "119"


def test_names_of_files_are_theirs(sbx: Sandbox) -> None:
    names = ("a\\b.txt", 'c"d.txt', 'e\\"f\\', "g h.txt")
    sbx.files.write_files([{"path": f"/srv/names/{name}", "data": name} for name in names])
    assert {entry.name for entry in sbx.files.list("/srv/names")} == set(names)
    for name in names:
        assert sbx.files.read(f"/srv/names/{name}") == name


def test_files_keep_their_metadata(sbx: Sandbox) -> None:
    given = {"Owner": "me", "note": "a b"}
    kept = {"owner": "me", "note": "a b"}
    assert sbx.files.write("/tmp/meta/f", "x", metadata=given).metadata == kept
    assert sbx.files.get_info("/tmp/meta/f").metadata == kept
    assert [e.metadata for e in sbx.files.list("/tmp/meta")] == [kept]
    assert sbx.files.rename("/tmp/meta/f", "/tmp/meta/g").metadata == kept
    many = sbx.files.write_files(
        [{"path": f"/tmp/meta/{n}", "data": b"\x00" * n} for n in range(3)],
        metadata={"batch": "1"},
        use_octet_stream=True,
    )
    assert [f.metadata for f in many] == [{"batch": "1"}] * 3
    assert bytes(sbx.files.read("/tmp/meta/2", format="bytes")) == b"\x00\x00"
    sbx.files.write("/tmp/meta/g", "y")
    assert sbx.files.get_info("/tmp/meta/g").metadata is None


def test_files_are_found_moved_and_removed(sbx: Sandbox) -> None:
    assert sbx.files.make_dir("/tmp/tree/deep") is True
    assert sbx.files.make_dir("/tmp/tree/deep") is False
    sbx.files.write("/tmp/tree/deep/f", "12345")
    sbx.commands.run("ln -s deep/f /tmp/tree/link && chmod 640 /tmp/tree/deep/f")
    assert [e.path for e in sbx.files.list("/tmp/tree")] == ["/tmp/tree/deep", "/tmp/tree/link"]
    assert len(sbx.files.list("/tmp/tree", depth=2)) == 3
    info = sbx.files.get_info("/tmp/tree/deep/f")
    assert (info.size, info.mode, info.permissions) == (5, 0o640, "-rw-r-----")
    assert (info.owner, info.group, info.type) == ("root", "root", FileType.FILE)
    link = sbx.files.get_info("/tmp/tree/link")
    assert (link.type, link.symlink_target) == (FileType.SYMLINK, "/tmp/tree/deep/f")
    assert sbx.files.get_info("/tmp/tree").type == FileType.DIR
    moved = sbx.files.rename("/tmp/tree/deep/f", "/tmp/tree/new/g")
    assert moved.path == "/tmp/tree/new/g"
    assert not sbx.files.exists("/tmp/tree/deep/f")
    assert sbx.files.exists("/tmp/tree/new/g")
    sbx.files.remove("/tmp/tree")
    assert not sbx.files.exists("/tmp/tree")
    sbx.files.remove("/tmp/tree")


def test_errors_of_files_are_the_sdks_own(sbx: Sandbox) -> None:
    with pytest.raises(FileNotFoundException):
        sbx.files.read("/tmp/nothing")
    with pytest.raises(FileNotFoundException):
        sbx.files.list("/tmp/nothing")
    with pytest.raises(FileNotFoundException):
        sbx.files.rename("/tmp/nothing", "/tmp/else")
    with pytest.raises(FileNotFoundException):
        sbx.files.watch_dir("/tmp/nothing")
    with pytest.raises(InvalidArgumentException):
        sbx.files.read("/tmp")
    with pytest.raises(InvalidArgumentException):
        sbx.files.list("/etc/passwd")
    with pytest.raises(InvalidArgumentException):
        sbx.files.write("/tmp", "over a folder")
    with pytest.raises(InvalidArgumentException):
        sbx.files.make_dir("/etc/passwd")
    with pytest.raises(InvalidArgumentException):
        sbx.files.read("/../../etc/passwd")
    with pytest.raises(InvalidArgumentException):
        sbx.files.write("/tmp/tagged", "x", metadata={"k": "v" * 4000})


def test_a_folder_of_many_is_listed_whole(sbx: Sandbox) -> None:
    sbx.commands.run("mkdir /tmp/many; cd /tmp/many; seq 12000 | xargs touch")
    assert len({entry.name for entry in sbx.files.list("/tmp/many")}) == 12_000


def test_a_list_that_would_be_cut_is_refused(sbx: Sandbox) -> None:
    sbx.commands.run("mkdir -p /tmp/levels/" + "/".join("d" * 31) + "; touch /tmp/levels/f")
    assert len(sbx.files.list("/tmp/levels", depth=100)) == 32
    sbx.commands.run("mkdir -p /tmp/levels/" + "/".join("d" * 32))
    assert len(sbx.files.list("/tmp/levels", depth=32)) == 33
    with pytest.raises(InvalidArgumentException, match="level 32"):
        sbx.files.list("/tmp/levels", depth=33)


def test_a_folder_is_watched(sbx: Sandbox) -> None:
    sbx.files.make_dir("/tmp/watched/sub")
    watch = sbx.files.watch_dir("/tmp/watched", recursive=True, include_entry=True)
    seen: list[tuple[str, FilesystemEventType]] = []
    entries = []

    def have(*wanted: tuple[str, FilesystemEventType]) -> bool:
        for event in watch.get_new_events():
            seen.append((event.name, event.type))
            if event.entry:
                entries.append(event.entry.path)
        return all(w in seen for w in wanted)

    sbx.files.write("/tmp/watched/sub/f", "1")
    wait_for(lambda: have(("sub/f", FilesystemEventType.CREATE), ("sub/f", FilesystemEventType.WRITE)))
    seen.clear()
    sbx.commands.run("chmod 600 /tmp/watched/sub/f")
    wait_for(lambda: have(("sub/f", FilesystemEventType.CHMOD)))
    sbx.commands.run("echo more >> /tmp/watched/sub/f")
    wait_for(lambda: have(("sub/f", FilesystemEventType.WRITE)))
    sbx.files.rename("/tmp/watched/sub/f", "/tmp/watched/g")
    wait_for(
        lambda: have(("sub/f", FilesystemEventType.RENAME), ("g", FilesystemEventType.CREATE))
    )
    sbx.files.remove("/tmp/watched/g")
    wait_for(lambda: have(("g", FilesystemEventType.REMOVE)))
    assert "/tmp/watched/sub/f" in entries
    watch.stop()
    with pytest.raises(SandboxException):
        watch.get_new_events()


async def test_a_folder_is_watched_by_a_stream() -> None:
    sandbox = await AsyncSandbox.create(timeout=60)
    try:
        await sandbox.files.make_dir("/tmp/w")
        seen: list[str] = []
        handle = await sandbox.files.watch_dir("/tmp/w", on_event=lambda e: seen.append(e.name))
        await sandbox.files.write("/tmp/w/new", "1")
        end = time.monotonic() + 20
        while "new" not in seen and time.monotonic() < end:
            await sandbox.commands.run("sleep 0.1")
        assert "new" in seen
        await handle.stop()
    finally:
        await sandbox.kill()


def test_signed_links(sbx: Sandbox) -> None:
    direct = Sandbox.connect(sbx.sandbox_id, sandbox_url=f"http://127.0.0.1:{PORT}")
    host = {"Host": f"49983-{sbx.sandbox_id}.{DOMAIN}"}

    def send(method: str, url: str, **more: object) -> httpx.Response:
        assert urlsplit(url).port == PORT
        return httpx.request(method, url, headers=host, **more)  # type: ignore[arg-type]

    path = "/tmp/a link+ü.txt"
    up = direct.upload_url(path, use_signature_expiration=60)
    answer = send("POST", up, files={"file": ("x", b"by link")})
    assert answer.status_code == 200, answer.text
    assert answer.json() == [{"name": "a link+ü.txt", "type": "file", "path": path}]
    down = direct.download_url(path, use_signature_expiration=60)
    assert send("GET", down).text == "by link"
    assert send("GET", direct.download_url(path)).text == "by link"
    part = httpx.get(down, headers={**host, "Range": "bytes=3-4"})
    assert (part.status_code, part.text) == (206, "li")
    assert (part.headers["Content-Range"], part.headers["Accept-Ranges"]) == ("bytes 3-4/7", "bytes")
    other = httpx.get(down, headers={**host, "Range": "bytes=3-4", "If-Range": '"of another"'})
    assert (other.status_code, other.text) == (200, "by link")
    beyond = httpx.get(down, headers={**host, "Range": "bytes=7-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */7")
    assert send("POST", down, files={"file": ("x", b"no")}).status_code == 401
    assert send("GET", up).status_code == 401
    assert send("GET", down.replace("link", "lonk")).status_code == 401
    assert send("GET", direct.download_url(path, use_signature_expiration=-1)).status_code == 401
    later = down.replace("signature_expiration=", "signature_expiration=9")
    assert send("GET", later).status_code == 401


def test_all_of_it_by_host_name_under_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("E2B_SANDBOX_URL")
    with resolver() as proxy:
        api = f"https://api.{DOMAIN.removeprefix('sandbox.')}/e2b"
        sandbox = Sandbox.create(timeout=60, proxy=proxy, api_url=api)
        try:
            assert sandbox.envd_api_url == f"https://49983-{sandbox.sandbox_id}.{DOMAIN}"
            assert sandbox.is_running()
            assert sandbox.commands.run("echo tls").stdout == "tls\n"
            sandbox.files.write("x", "y")
            assert sandbox.files.read("x") == "y"
            cat = sandbox.commands.run("cat", background=True, stdin=True)
            cat.send_stdin("streamed\n")
            sandbox.commands.stream_input(cat.pid, ["more\n"])
            cat.close_stdin()
            assert cat.wait().stdout == "streamed\nmore\n"
        finally:
            sandbox.kill()
        with pytest.raises(TimeoutException):
            sandbox.commands.run("echo")
