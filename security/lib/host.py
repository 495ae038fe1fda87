"""The host as it is when nobody attacks it."""

from __future__ import annotations

import ctypes
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROLES = ("NodeMain", "ServerMain", "EdgeMain")
SETTINGS = (
    "kernel/core_pattern",
    "kernel/hostname",
    "kernel/sysrq",
    "kernel/modprobe",
    "kernel/pid_max",
    "kernel/randomize_va_space",
    "vm/overcommit_memory",
    "fs/inotify/max_user_instances",
)


class Host:
    """Read from outside, as root of the machine."""

    def __init__(self) -> None:
        self.home = Path(os.environ["ATOLL_TEST_HOME"])

    def roles(self) -> dict[str, int]:
        """The processes of the platform: one that died under an attack has another number afterwards."""
        found: dict[str, int] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            text = b" ".join(words).decode(errors="replace")
            if str(self.home) in text:
                for role in ROLES:
                    if any(word.endswith(role.encode()) for word in words):
                        found[role] = int(entry.name)
        return found

    def state(self) -> dict[str, Any]:
        null = os.stat("/dev/null")
        return {
            "processes": self.roles(),
            "settings": {name: Path("/proc/sys", name).read_text() for name in SETTINGS if Path("/proc/sys", name).exists()},
            "null": (null.st_uid, stat.S_IMODE(null.st_mode), null.st_rdev),
            "agent": self._digest("bin/agent"),
            "passwd": self._stamp("/etc/passwd"),
            "shadow": self._stamp("/etc/shadow"),
            "sudoers": self._stamp("/etc/cron.d"),
            "root": sorted(entry.name for entry in Path("/").iterdir()),
        }

    def require_same(self, before: dict[str, Any]) -> None:
        now = self.state()
        for name, value in before.items():
            assert now[name] == value, f"the host's {name} changed: {value} -> {now[name]}"

    def _digest(self, name: str) -> tuple[int, int, int]:
        found = (self.home / "dist/current" / name).stat()
        return found.st_size, found.st_mtime_ns, found.st_uid

    @staticmethod
    def _stamp(name: str) -> tuple[int, int] | None:
        try:
            found = os.stat(name)
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_uid

    def machine_of(self, uid_map: str) -> int:
        """The first user id of a sandbox, from what its /proc/self/uid_map says."""
        return int(uid_map.split()[1])

    def processes_of(self, first_uid: int) -> list[int]:
        """Processes of the host that run as one of a sandbox's users."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                uid = entry.stat().st_uid
            except OSError:
                continue
            if first_uid <= uid < first_uid + 65536:
                found.append(int(entry.name))
        return found

    @staticmethod
    def eventually(holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < until, f"not within {seconds} s: {what}"
            time.sleep(0.1)

    @staticmethod
    def exists(path: str) -> bool:
        return os.path.lexists(path)

    def inotify(self) -> bool:
        """Whether the host's root still gets what one tenant might use up."""
        libc = ctypes.CDLL(None)
        found = int(libc.inotify_init1(0))
        if found >= 0:
            os.close(found)
        return found >= 0

    def installation(self) -> dict[str, Any]:
        for place in Path("/run/atoll").glob("*/installation.json"):
            content = json.loads(place.read_text())
            if content.get("home") == str(self.home):
                return dict(content)
        raise AssertionError("no running installation of " + str(self.home))
