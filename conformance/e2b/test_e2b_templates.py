"""E2B's Python SDK builds templates, and sandboxes start from them."""

from __future__ import annotations

import contextlib
import http.client
import io
import tarfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from platform import machine
from urllib.parse import urlsplit

import httpx
import pytest
from harness import BASE, KEY, SECOND_KEY, wait_for

from e2b import (
    AsyncSandbox,
    AsyncTemplate,
    BuildException,
    Sandbox,
    SandboxException,
    SandboxQuery,
    Template,
    TemplateException,
    wait_for_file,
    wait_for_port,
    wait_for_timeout,
)

pytestmark = pytest.mark.timeout(300)


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


@contextmanager
def named(prefix: str, key: str = KEY) -> Iterator[str]:
    """A name for a template, which is gone afterwards."""
    name = unique(prefix)
    try:
        yield name
    finally:
        httpx.delete(f"{BASE}/e2b/templates/{name}", headers={"X-API-Key": key})


def context(folder: Path) -> Path:
    """Files as somebody has them who copies them into a template."""
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "src" / "main.py").write_text("print('hello from the template')\n")
    (folder / "src" / "deep" / "data.txt").write_text("deep\n")
    (folder / "src" / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (folder / "src" / "run.sh").chmod(0o755)
    (folder / "src" / "link").symlink_to("main.py")
    (folder / "a.conf").write_text(unique("a"))
    (folder / "b.conf").write_text("b\n")
    (folder / "left.log").write_text("not wanted\n")
    (folder / ".dockerignore").write_text("*.log\n")
    return folder


def test_a_template_is_built_and_a_sandbox_has_what_was_copied(tmp_path: Path) -> None:
    template = (
        Template(file_context_path=context(tmp_path))
        .from_template("blank")
        .set_envs({"MARK": unique("mark")})
        .set_envs({"COLOR": "green", "SHADE": "dark $COLOR", "PATH": "/opt/tool/bin:$PATH"})
        .set_envs({"a.b": "it's", "late-one": "of $HOSTTYPE"})
        .run_cmd("mkdir -p /opt/tool/bin && echo \"$COLOR|$SHADE|$(pwd)|$(id -un)\" > /made")
        .run_cmd("env | grep -E '^(a[.]b|late-one)=' | sort > /odd")
        .run_cmd(["useradd -m app", "mkdir /srv/out && chown app /srv/out"], user="root")
        .set_workdir("/srv/app")
        .copy("src", ".")
        .copy("*.conf", "/etc/app/", mode=0o640)
        .copy("src/main.py", "/opt/tool/bin/tool.py", user="app")
        .copy(".", "/everything")
        .set_user("app")
        .run_cmd("id -un > /srv/out/who && echo $PATH > /srv/out/path")
        .make_dir("/srv/out/made", mode=0o700)
        .make_symlink("/srv/out/who", "/srv/out/link")
        .rename("/srv/out/path", "/srv/out/paths")
        .set_start_cmd("echo $COLOR > /srv/out/started; exec sleep 600", wait_for_file("/srv/out/started"))
    )
    seen = []
    with named("py-whole") as name:
        info = Template.build(template, name, cpu_count=1, memory_mb=512, on_build_logs=seen.append)
        assert info.name == name and info.template_id and info.build_id
        text = [entry.message for entry in seen]
        assert any(line.startswith("STEP 1/") for line in text), text
        assert text[-2:] == ["READY", "Build finished"], text
        assert Template.exists(name) and Template.alias_exists(name)
        assert [(tag.tag, str(tag.build_id)) for tag in Template.get_tags(name)] == [("default", info.build_id[:36])]
        status = Template.get_build_status(info)
        assert status.status.value == "ready" and status.build_id == info.build_id
        rest = Template.get_build_status(info, logs_offset=2).log_entries
        assert [e.message for e in rest] == [e.message for e in status.log_entries][2:]
        with Sandbox.create(name, timeout=120) as sandbox:
            info = sandbox.get_info()
            assert (info.cpu_count, info.memory_mb) == (1, 512)
            # Who runs commands, and where, is what the template said last.
            assert sandbox.commands.run("id -un; pwd").stdout == "app\n/srv/app\n"
            # So does who owns what is written.
            assert sandbox.files.write("made/given", "1").path == "/srv/app/made/given"
            assert {sandbox.files.get_info(path).owner for path in ("made", "made/given")} == {"app"}
            assert sandbox.files.write("~/at-home", "1").path == "/home/app/at-home"
            assert sandbox.commands.run("python3 main.py; cat deep/data.txt; ./run.sh; readlink link").stdout == (
                "hello from the template\ndeep\nran\nmain.py\n"
            )
            assert sandbox.files.read("/made") == "green|dark green|/home/user|root\n"
            assert sandbox.files.read("/odd") == f"a.b=it's\nlate-one=of {machine()}\n"
            assert sandbox.files.read("/srv/out/who") == "app\n"
            assert sandbox.files.read("/srv/out/paths").startswith("/opt/tool/bin:/")
            assert sandbox.files.read("/srv/out/started") == "green\n"
            assert sandbox.files.exists("/srv/out/link") and sandbox.files.exists("/srv/out/made")
            assert sandbox.commands.run("stat -c '%n %a %U' /etc/app/*", user="root").stdout == (
                "/etc/app/a.conf 640 root\n/etc/app/b.conf 640 root\n"
            )
            assert sandbox.commands.run("stat -c %U /opt/tool/bin/tool.py").stdout == "app\n"
            assert sandbox.commands.run("ls -A /everything").stdout.split() == [".dockerignore", "a.conf", "b.conf", "src"]
            # Variables are there for the build and for what starts, not for every command.
            assert sandbox.commands.run("echo \"[$COLOR]\"").stdout == "[]\n"
            assert "sleep" in sandbox.commands.run("ps -eo args | grep 'sleep 600' | grep -v grep").stdout
        # Built again, nothing of it is done again.
        again = []
        Template.build(template, name, on_build_logs=again.append)
        assert any(e.message.startswith("CACHED COPY src") for e in again), [e.message for e in again]
        assert any("already cached" in e.message for e in again)
        fresh = []
        Template.build(template, name, skip_cache=True, on_build_logs=fresh.append)
        assert not any(e.message.startswith("CACHED") for e in fresh), [e.message for e in fresh]


def test_an_app_starts_without_a_step_and_is_waited_for_at_its_port() -> None:
    template = Template().from_template("blank").set_start_cmd("python3 -m http.server 8123", wait_for_port(8123))
    with named("py-port") as name:
        Template.build(template, name)
        with Sandbox.create(name, timeout=120) as sandbox:
            assert sandbox.commands.run("ss -Htln sport = :8123").stdout
            assert sandbox.commands.run("sudo -n id -u; sudo -u nobody id -un").stdout == "0\nnobody\n"
            assert sandbox.commands.run("touch mine; chown user:user mine; id -u user; echo ~user").stdout == (
                "0\n/home/user\n"
            )


def test_changed_files_are_copied_again_and_a_template_stands_on_another(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("one")
    template = Template(file_context_path=tmp_path).from_template("blank").copy("word", "/word")
    with named("py-lower") as lower, named("py-upper") as upper:
        Template.build(template, alias=lower)
        (tmp_path / "word").write_text("two")
        Template.build(template, alias=lower)
        Template.build(Template().from_template(lower).run_cmd("cat /word /word > /words"), upper)
        with Sandbox.create(upper, timeout=60) as sandbox:
            assert sandbox.files.read("/words") == "twotwo"
        # The upper one stands on it: it goes first.
        refused = httpx.delete(f"{BASE}/e2b/templates/{lower}", headers={"X-API-Key": KEY})
        assert refused.status_code == 409, refused.text
        wait_for(lambda: Sandbox.delete_snapshot(upper))
        wait_for(lambda: Sandbox.delete_snapshot(lower))
        assert not Template.exists(lower)


def test_what_stands_on_another_goes_on_where_that_left_off_and_is_found_by_its_name() -> None:
    lower_steps = Template().from_template("blank").set_workdir("/srv/app").set_envs({"SHADE": "dark"})
    with named("py-base") as lower, named("py-child") as upper:
        Template.build(lower_steps.run_cmd("echo low > word"), lower)
        built = Template.build(Template().from_template(lower).run_cmd("echo $(cat word) $SHADE > told"), upper)
        with Sandbox.create(upper, timeout=60) as sandbox:
            assert sandbox.files.read("/srv/app/told") == "low dark\n"
            assert sandbox.commands.run("pwd").stdout == "/srv/app\n"
            info = sandbox.get_info()
            assert info.template_id == built.template_id == info.name == upper
            for query in (built.template_id, f"{upper}:default"):
                found = Sandbox.list(query=SandboxQuery(template=query)).next_items()
                assert [one.sandbox_id for one in found] == [sandbox.sandbox_id]
            assert Sandbox.list(query=SandboxQuery(template=lower)).next_items() == []
        wait_for(lambda: Sandbox.delete_snapshot(upper))


def test_a_sandbox_stays_what_it_was_when_its_template_is_built_anew() -> None:
    def steps(folder: str) -> Template:
        return Template().from_template("base").set_workdir(folder).run_cmd("id -u nobody").set_user("nobody")

    look = "whoami; pwd"
    with named("py-anew") as name:
        Template.build(steps("/one"), name)
        with Sandbox.create(name, timeout=120) as older:
            assert older.commands.run(look).stdout == "nobody\n/one\n"
            Template.build(Template().from_template("base").set_workdir("/two").run_cmd("true"), name)
            assert older.commands.run(look).stdout == "nobody\n/one\n"
            with older.fork(timeout=60)[0] as fork, Sandbox.create(name, timeout=60) as newer:
                assert fork.commands.run(look).stdout == "nobody\n/one\n"
                assert newer.commands.run(look).stdout == "root\n/two\n"
        wait_for(lambda: Sandbox.delete_snapshot(name))


def test_what_stands_on_another_starts_what_that_starts() -> None:
    with named("py-parent") as parent, named("py-child") as child:
        started = Template().from_template("blank").set_start_cmd("touch /tmp/up; sleep 600", wait_for_file("/tmp/up"))
        Template.build(started, parent)
        Template.build(Template().from_template(parent).run_cmd("touch /child"), child)
        with Sandbox.create(child, timeout=60) as sandbox:
            assert sandbox.files.exists("/tmp/up") and sandbox.files.exists("/child")


def test_an_app_starts_again_after_a_pause_of_files_alone_and_in_forks() -> None:
    def starts(sandbox: Sandbox, times: int) -> None:
        wait_for(lambda: sandbox.files.read("/starts").count("up") >= times)
        assert sandbox.files.read("/starts") == "up\n" * times

    with named("py-again") as name:
        app = Template().from_template("blank").run_cmd("true")
        Template.build(app.set_start_cmd("echo up >> /starts; sleep 600", wait_for_file("/starts")), name)
        with Sandbox.create(name, timeout=120) as sandbox:
            before = sandbox.files.read("/starts").count("up")
            sandbox.pause()
            sandbox.connect(timeout=120)
            starts(sandbox, before)
            sandbox.pause(mode="filesystem")
            sandbox.connect(timeout=120)
            starts(sandbox, before + 1)
            with sandbox.fork(timeout=60)[0] as fork:
                starts(fork, before + 2)
        wait_for(lambda: Sandbox.delete_snapshot(name))


def test_a_dockerfile(tmp_path: Path) -> None:
    context(tmp_path)
    dockerfile = """
FROM e2bdev/base
ARG WORD=kept
ENV MODE="fast lane" HOME_OF=/srv/$WORD
WORKDIR /srv/docker
COPY --chown=root:root --chmod=0600 src/main.py ./
RUN echo "$MODE $HOME_OF $PWD" > told
COPY <<EOF /srv/docker/inline
body of $WORD
EOF
"""
    with named("py-docker") as name:
        Template.build(Template(file_context_path=tmp_path).from_dockerfile(dockerfile), name)
        with Sandbox.create(name, timeout=60) as sandbox:
            assert sandbox.files.read("/srv/docker/told") == "fast lane /srv/kept /srv/docker\n"
            assert sandbox.files.read("/srv/docker/inline") == "body of kept\n"
            assert sandbox.commands.run("stat -c %a /srv/docker/main.py").stdout == "600\n"


def test_what_a_dockerfile_starts_runs_and_no_create_waits_for_the_pause_of_its_build() -> None:
    with named("py-docker-cmd") as name:
        Template.build(Template().from_dockerfile("FROM e2bdev/base\nCMD sleep 600\n"), name)
        begin = time.monotonic()
        with Sandbox.create(name, timeout=60) as sandbox:
            assert time.monotonic() - begin < 15
            assert sandbox.commands.run("pgrep -f '[s]leep 600'").exit_code == 0


def test_a_build_in_the_background_that_fails_names_its_step() -> None:
    template = Template().from_template("blank").set_envs({"A": "1"}).run_cmd("true").run_cmd("echo told; exit 7")
    with named("py-fails") as name:
        info = Template.build_in_background(template, name)
        status = wait_for(
            lambda: (s := Template.get_build_status(info)).status.value == "error" and s, seconds=120
        )
        assert status.reason is not None and status.reason.step == "3"
        assert "ended with 7" in status.reason.message
        assert "told" in [entry.message for entry in status.log_entries]
        with pytest.raises(BuildException, match="ended with 7"):
            Template.build(template, name)
        with pytest.raises(SandboxException):
            Sandbox.create(name)
        with pytest.raises(BuildException, match="step 1"):
            Template.build(Template().from_template("blank").set_user("nobody-knows").run_cmd("true"), name)
        with pytest.raises(BuildException) as base:
            Template.build(Template().from_image("localhost:1/nothing"), name)
        assert "not allowed here" in str(base.value)


def test_what_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    plain = Template().from_template("blank")
    name = unique("py-refused")
    for refused, word in [
        (lambda: Template.build(plain, name, tags=["v2"]), "tags"),
        (lambda: Template.build(plain, f"{name}:v1"), "tags"),
        (lambda: Template.build(Template().from_image("x/y", username="u", password="p"), name), "login"),
        (lambda: Template.build(Template().from_template("blank").set_user("app:other"), name), "group"),
        (lambda: Template.build(plain, "no/name"), "name"),
        (lambda: Template.build(plain, "blank"), "built-in"),
        (lambda: Template.build(plain, name, cpu_count=1000), "vcpu"),
        (lambda: Template.build(Template().from_template(unique("none")), name), "no template"),
    ]:
        with pytest.raises(BuildException, match=word):
            refused()
    assert not Template.exists(name)
    with pytest.raises(TemplateException):
        Template.get_tags(name)


async def test_the_async_twin(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("async")
    template = AsyncTemplate(file_context_path=tmp_path).from_template("blank").copy("f", "/f", force_upload=True)
    with named("py-async") as name:
        seen = []
        await AsyncTemplate.build(
            template.set_ready_cmd(wait_for_timeout(1_000)), name, on_build_logs=seen.append
        )
        assert await AsyncTemplate.exists(name)
        assert any(entry.message.startswith("Uploaded") for entry in seen)
        sandbox = await AsyncSandbox.create(name, timeout=60)
        try:
            assert await sandbox.files.read("/f") == "async"
        finally:
            await sandbox.kill()


def api(method: str, path: str, key: str = KEY, **more) -> httpx.Response:
    return httpx.request(method, f"{BASE}/e2b{path}", headers={"X-API-Key": key}, timeout=60, **more)


def archive(*entries: tuple[str, bytes | str]) -> bytes:
    """A tar.gz of these names; a text is the target of a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def build_by_hand(name: str, packed: bytes, args: list[str], key: str = KEY) -> dict:
    """What an SDK does, with an archive that none would make. How the build ended."""
    asked = api("POST", "/v3/templates", key, json={"name": name}).raise_for_status().json()
    files = uuid.uuid4().hex
    link = api("GET", f"/templates/{name}/files/{files}", key).raise_for_status().json()
    httpx.put(link["url"], content=packed).raise_for_status()
    steps = [{"type": "COPY", "args": args, "filesHash": files}]
    started = api(
        "POST", f"/v2/templates/{name}/builds/{asked['buildID']}", key,
        json={"fromTemplate": "blank", "steps": steps},
    )  # fmt: skip
    assert started.status_code == 202, started.text
    status = f"/templates/{name}/builds/{asked['buildID']}/status"
    return wait_for(
        lambda: (s := api("GET", status, key).json())["status"] in ("ready", "error") and s, seconds=120
    )


@pytest.mark.parametrize(
    "entries",
    [
        [("../../escaped", b"x")],
        [("/etc/escaped", b"x")],
        [("d/../../escaped", b"x")],
        [("out", "/etc"), ("out/escaped", b"x")],
        [("a", b"x"), ("a/b", b"x")],
    ],
)
def test_an_archive_that_leads_out_is_refused(entries: list) -> None:
    with named("py-hostile") as name:
        status = build_by_hand(name, archive(*entries), [".", "/in/"])
        assert status["status"] == "error", status
        assert status["reason"]["step"] == "1"


def test_no_archive_and_files_that_never_came() -> None:
    with named("py-noise") as name:
        assert build_by_hand(name, b"\x1f\x8bnoise" * 100, [".", "/in/"])["status"] == "error"
        assert build_by_hand(name, b"no archive at all", [".", "/in/"])["status"] == "error"
        assert build_by_hand(name, archive(("a", b"x")), ["b", "/in/"])["status"] == "error"
        asked = api("POST", "/v3/templates", json={"name": name}).json()
        steps = [{"type": "COPY", "args": ["a", "/a"], "filesHash": uuid.uuid4().hex}]
        place = f"/v2/templates/{name}/builds/{asked['buildID']}"
        body = {"fromTemplate": "blank", "steps": steps}
        assert api("POST", place, json=body).status_code == 202
        # The same build is begun once.
        assert api("POST", place, json=body).status_code == 409
        wait_for(lambda: api("GET", f"/templates/{name}/builds/{asked['buildID']}/status").json()["status"] == "error")


def test_a_link_in_the_image_leads_nowhere_else() -> None:
    """What a copy follows are links of the image that is being built, in its own sandbox."""
    with named("py-link") as name:
        packed = archive(("host", "/proc/1/root/etc/hostname"), ("file", b"mine"))
        assert build_by_hand(name, packed, [".", "/in/"])["status"] == "ready"
        with Sandbox.create(name, timeout=60) as sandbox:
            assert sandbox.commands.run("readlink /in/host; cat /in/file").stdout == "/proc/1/root/etc/hostname\nmine"


@pytest.mark.parametrize("source", ["../x", "a/../../x", "/etc/passwd", "", "a\x00b", "x" * 5000])
def test_a_source_that_leaves_the_context_is_refused(source: str) -> None:
    name = unique("py-source")
    asked = api("POST", "/v3/templates", json={"name": name}).json()
    body = {"fromTemplate": "blank", "steps": [{"type": "COPY", "args": [source, "/x"], "filesHash": "abc"}]}
    refused = api("POST", f"/v2/templates/{name}/builds/{asked['buildID']}", json=body)
    assert refused.status_code == 400, refused.text
    assert not Template.exists(name)


def test_upload_links_are_for_one_name_of_one_organization_and_not_for_ever() -> None:
    files = uuid.uuid4().hex
    mine = api("GET", f"/templates/any/files/{files}").json()
    assert mine["present"] is False
    url = mine["url"]
    token = url.rsplit("/", 1)[1]
    for wrong in (token[:-2] + "AA", token.split(".")[0], "x", "." + token.split(".")[1], token + "." + token):
        assert httpx.put(url.replace(token, wrong), content=b"x").status_code == 404
    assert httpx.get(url).status_code in (404, 405)
    assert httpx.put(url, content=b"").status_code == 400
    assert httpx.put(url, content=iter([b"chunks ", b"of unknown length"])).status_code == 400
    place = urlsplit(url)
    wire = http.client.HTTPConnection(place.netloc, timeout=30)
    wire.putrequest("PUT", place.path)
    wire.putheader("Content-Length", str((1 << 30) + 1))
    wire.endheaders()
    with contextlib.suppress(OSError):
        for _ in range(1_100):
            wire.send(b"x" * 65_536)
    with contextlib.suppress(ConnectionError):
        # 502 where it was cut off while more was coming.
        assert wire.getresponse().status in (413, 502)
    wire.close()
    # One that breaks off leaves nothing.
    wire = http.client.HTTPConnection(place.netloc, timeout=30)
    wire.putrequest("PUT", place.path)
    wire.putheader("Content-Length", "1000000")
    wire.endheaders(b"x" * 1000)
    wire.close()
    assert api("GET", f"/templates/any/files/{files}").json()["present"] is False
    assert httpx.put(url, content=archive(("a", b"x"))).status_code == 200
    assert api("GET", f"/templates/any/files/{files}").json()["present"] is True
    # What one organization uploaded is not there for another one.
    assert api("GET", f"/templates/any/files/{files}", SECOND_KEY).json()["present"] is False
    for bad in ("a.b", "x" * 129, "%2e%2e", "a%2Fb"):
        assert 400 <= api("GET", f"/templates/any/files/{bad}").status_code < 500


def test_nobody_else_sees_builds_or_uses_the_template(tmp_path: Path) -> None:
    with named("py-mine") as name, named("py-mine", SECOND_KEY) as theirs:
        info = Template.build(Template().from_template("blank").run_cmd("echo secret > /secret"), name)
        assert not Template.exists(name, api_key=SECOND_KEY)
        # Of a build that is another's no more is said than of one that never began.
        seen = api("GET", f"/templates/{name}/builds/{info.build_id}/status", SECOND_KEY).json()
        assert seen["status"] == "waiting" and seen["logEntries"] == [] and "reason" not in seen
        with pytest.raises(SandboxException, match="404"):
            Sandbox.create(name, api_key=SECOND_KEY)
        with pytest.raises(BuildException, match="no template"):
            Template.build(Template().from_template(name), theirs, api_key=SECOND_KEY)
        assert api("DELETE", f"/templates/{name}", SECOND_KEY).status_code == 404
        # The id of another's build cannot be taken.
        body = {"fromTemplate": "blank", "steps": []}
        assert api("POST", f"/v2/templates/{theirs}/builds/{info.build_id}", SECOND_KEY, json=body).status_code == 409
        assert not Template.exists(theirs, api_key=SECOND_KEY)
        assert name not in api("GET", "/templates", SECOND_KEY).text and name in api("GET", "/templates").text


def test_a_key_that_may_not_write_builds_nothing() -> None:
    made = httpx.post(
        f"{BASE}/api/v1/api-keys",
        json={"name": "reads", "scopes": ["sandboxes:read"]},
        headers={"Authorization": f"Bearer {KEY}"},
    ).json()  # fmt: skip
    key = made["data"]["key"]
    name = unique("py-reader")
    with pytest.raises(BuildException):
        Template.build(Template().from_template("blank"), name, api_key=key)
    with pytest.raises(BuildException):
        template = Template(file_context_path=Path(__file__).parent).from_template("blank").copy("harness.py", "/x")
        Template.build(template, name, api_key=key)


@pytest.mark.parametrize("build", ["x", "%2e%2e%2fx", "0" * 26, str(uuid.UUID(int=1)), f"{uuid.uuid4()}.!!", "a" * 3000])
def test_ids_of_builds_that_are_none(build: str) -> None:
    assert api("POST", f"/v2/templates/x/builds/{build}", json={"fromTemplate": "blank"}).status_code in (400, 404, 414)


def test_a_log_is_read_in_pages() -> None:
    """A client that polls gets each line once, however many come."""
    with named("py-log") as name:
        lines = []
        mark = str(time.time_ns())
        command = f"echo {mark}; for i in $(seq 350); do echo line $i; done; printf 'half'"
        Template.build(Template().from_template("blank").run_cmd(command), name, on_build_logs=lambda e: lines.append(e.message))
        assert [line for line in lines if line.startswith("line ")] == [f"line {i}" for i in range(1, 351)]
        assert lines.count("READY") <= 1
