"""Run inside of a machine with one cgroup v2 hierarchy, beside an Atoll that is up: what limits, stops and measures sandboxes there."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

HOME = Path(sys.argv[1])
API = f"http://localhost:{sys.argv[2]}/api/v1"
KEY = (HOME / "admin.key").read_text().strip()
GROUPS = Path("/sys/fs/cgroup")
# Emulated: everything takes ten to thirty times as long.
SECONDS = 240


def call(method: str, path: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    asked = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
            text = answer.read()
    except urllib.error.HTTPError as refused:
        raise AssertionError(f"{method} {path}: {refused.code} {refused.read()[:500]!r}") from refused
    return json.loads(text) if text else {}


def create() -> str:
    return call("POST", "/sandboxes", {"cpu_count": 1, "memory_mb": 512, "disk_size_mb": 1500, "timeout_sec": 3600})["id"]


def execute(sandbox: str, command: str) -> dict:
    return call("POST", f"/sandboxes/{sandbox}/exec", {"command": command, "timeout": 120})


def output(sandbox: str, command: str) -> str:
    done = execute(sandbox, command)
    assert done["exit_code"] == 0, done
    return done["stdout"].strip()


def eventually(what: str, condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.5)


def it_has_its_limits(sandbox: str) -> None:
    assert output(sandbox, "cat /proc/self/cgroup") == "0::/"
    said = output(sandbox, "cd /sys/fs/cgroup; cat memory.max cpu.max pids.max")
    assert said.split("\n")[:2] == ["536870912", "100000 100000"], said
    assert int(said.split("\n")[2]) > 0, said


def it_sees_them_where_programs_look(sandbox: str) -> None:
    said = output(sandbox, "head -n 1 /proc/meminfo; grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat")
    assert said.split() == ["MemTotal:", "524288", "kB", "1", "1"], said


def it_cannot_change_them(sandbox: str) -> None:
    for file in ("memory.max", "cpu.max", "pids.max", "cgroup.subtree_control", "x/cgroup.procs"):
        assert execute(sandbox, f"mkdir /sys/fs/cgroup/x; echo max > /sys/fs/cgroup/{file}")["exit_code"] != 0, file


def what_takes_too_much_memory_is_ended_alone(sandbox: str) -> None:
    done = execute(sandbox, "python3 -c 'x = [bytearray(1 << 20) for _ in range(9000)]'")
    assert done["exit_code"] == 137 and done["out_of_memory"], done
    assert output(sandbox, "echo still here") == "still here"


def what_it_uses_is_measured(sandbox: str) -> None:
    usage = call("GET", f"/sandboxes/{sandbox}/usage")
    assert usage["active_cpu_ms"] > 0 and usage["memory_bytes"] > 0, usage
    assert set(usage["measurement_status"].values()) == {"measured"}, usage


def paused_it_stands_still_and_awake_it_goes_on(sandbox: str) -> None:
    execute(sandbox, "nohup sh -c 'while :; do date +%s >> /workspace/ticks; sleep 1; done' >/dev/null 2>&1 &")
    eventually("it ticks", lambda: int(output(sandbox, "cat /workspace/ticks 2>/dev/null | wc -l")) > 1)
    call("POST", f"/sandboxes/{sandbox}/pause", {})
    before = int(time.time())
    time.sleep(15)
    after = int(time.time())
    ticks = [int(each) for each in output(sandbox, "cat /workspace/ticks").split()]
    assert not [each for each in ticks if before + 2 < each < after - 2], (before, after, ticks)
    eventually("it goes on", lambda: len(output(sandbox, "cat /workspace/ticks").split()) > len(ticks))


def its_size_changes_while_it_runs(sandbox: str) -> None:
    resized = call("PATCH", f"/sandboxes/{sandbox}/resources", {"cpu_count": 2, "memory_mb": 1024})
    assert resized["applied_live"], resized
    said = output(sandbox, "cd /sys/fs/cgroup; cat memory.max cpu.max")
    assert said == "1073741824\n200000 100000", said


def what_it_uses_is_not_taken_from_it(sandbox: str) -> None:
    hold = "import pathlib, time; x = b'x' * (700 << 20); pathlib.Path('/workspace/holds').touch(); time.sleep(3600)"
    execute(sandbox, f'nohup python3 -c "{hold}" >/dev/null 2>&1 & echo $! > /workspace/holder')
    eventually("it holds memory", lambda: execute(sandbox, "test -e /workspace/holds")["exit_code"] == 0)
    try:
        call("PATCH", f"/sandboxes/{sandbox}/resources", {"memory_mb": 512})
        raise LookupError("less memory than it uses")
    except AssertionError as refused:
        assert ": 409 " in str(refused), refused
    assert output(sandbox, "cd /sys/fs/cgroup; cat memory.max memory.high") == "1073741824\nmax"
    output(sandbox, "kill $(cat /workspace/holder)")
    eventually("it is smaller", lambda: smaller(sandbox))
    assert output(sandbox, "cat /sys/fs/cgroup/memory.max") == "536870912"


def smaller(sandbox: str) -> bool:
    try:
        return bool(call("PATCH", f"/sandboxes/{sandbox}/resources", {"memory_mb": 512}))
    except AssertionError:
        return False


def a_fork_has_its_files(sandbox: str) -> None:
    output(sandbox, "echo kept > /workspace/kept")
    fork = call("POST", f"/sandboxes/{sandbox}/fork", {})["id"]
    assert output(fork, "cat /workspace/kept") == "kept"
    call("DELETE", f"/sandboxes/{fork}")


def it_outlives_the_node(sandbox: str) -> None:
    output(sandbox, "echo outlived > /workspace/outlived")
    node = node_process()
    os.kill(node, signal.SIGKILL)
    eventually("another one runs", lambda: node_process() not in (0, node))
    eventually("it answers", lambda: answers(sandbox))
    assert output(sandbox, "cat /workspace/outlived") == "outlived"


def node_process() -> int:
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"com.atoll.node.NodeMain" in each.read_bytes():
                return int(each.parent.name)
        except OSError:
            continue
    return 0


def answers(sandbox: str) -> bool:
    try:
        return execute(sandbox, "true")["exit_code"] == 0
    except (AssertionError, OSError):
        return False


CHECKS = [
    it_has_its_limits,
    it_sees_them_where_programs_look,
    it_cannot_change_them,
    what_takes_too_much_memory_is_ended_alone,
    what_it_uses_is_measured,
    paused_it_stands_still_and_awake_it_goes_on,
    its_size_changes_while_it_runs,
    what_it_uses_is_not_taken_from_it,
    a_fork_has_its_files,
    it_outlives_the_node,
]


def main() -> int:
    assert (GROUPS / "cgroup.controllers").exists(), "this machine has no cgroup v2 alone"
    sandbox = create()
    failed = 0
    for check in CHECKS:
        began = time.monotonic()
        try:
            check(sandbox)
            print(f"ok     {check.__name__} ({time.monotonic() - began:.0f} s)", flush=True)
        except Exception:  # noqa: BLE001 - each says for itself
            failed += 1
            print(f"FAILED {check.__name__}\n{traceback.format_exc()}", flush=True)
    call("DELETE", f"/sandboxes/{sandbox}")
    print(f"cgroup v2: {len(CHECKS) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
