"""The host as it is when nobody attacks it."""

from __future__ import annotations

import ctypes
import json
import os
import re
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

ACCOUNT = r"atoll-[a-z][a-z2-7]{3}-(?:server|edge|postgres)"
# What another installation adds to each file, and nothing that could be more: user and group ids above the privileged ones.
NEIGHBOR = {
    "/etc/passwd": re.compile(ACCOUNT + r":x:[1-9]\d{2,}:[1-9]\d{2,}:[\w ]*:/nonexistent:/usr/sbin/nologin"),
    "/etc/shadow": re.compile(ACCOUNT + r":[!*]+:\d*:\d*:\d*:\d*:\d*:\d*:\d*"),
    "/etc/group": re.compile(r"atoll-[a-z][a-z2-7]{3}:x:[1-9]\d{2,}:"),
}


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

    def memory_of(self, role: str) -> int:
        """Bytes that a process of the platform has to itself."""
        pid = next(found for name, found in self.roles().items() if name.lower().startswith(role))
        words = Path(f"/proc/{pid}/status").read_text().split("RssAnon:", 1)[1].split()
        return int(words[0]) << 10

    def state(self) -> dict[str, Any]:
        null = os.stat("/dev/null")
        return {
            "processes": self.roles(),
            "settings": {name: Path("/proc/sys", name).read_text() for name in SETTINGS if Path("/proc/sys", name).exists()},
            "null": (null.st_uid, stat.S_IMODE(null.st_mode), null.st_rdev),
            "agent": self._digest("bin/agent"),
            "accounts": self._accounts("/etc/passwd"),
            "passwords": self._accounts("/etc/shadow"),
            "groups": self._accounts("/etc/group"),
            "jobs": self._folder("/etc/cron.d"),
            "sudoers": self._folder("/etc/sudoers.d"),
            "formats": self._formats(),
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
    def _accounts(name: str) -> tuple[int, int, list[str]] | None:
        """Owner, mode and lines of a file of accounts. Other installations come and go meanwhile: a line of theirs is left out
        when it is nothing but that, a name that may not log in and is nobody else."""
        try:
            found = os.stat(name)
        except FileNotFoundError:
            return None
        own = ("atoll-" + Host.installation_id() + "-", "atoll-" + Host.installation_id() + ":")
        lines = [line for line in Path(name).read_text().splitlines() if line.startswith(own) or not NEIGHBOR[name].fullmatch(line)]
        return found.st_uid, stat.S_IMODE(found.st_mode), lines

    @staticmethod
    def _formats() -> list[str]:
        """Formats of programs that the host's kernel starts others for."""
        place = Path("/proc/sys/fs/binfmt_misc")
        return sorted(each.name for each in place.iterdir()) if place.is_dir() else []

    @staticmethod
    def _folder(name: str) -> list[tuple[str, int, int, bytes]]:
        folder = Path(name)
        if not folder.is_dir():
            return []
        return [
            (str(each), each.lstat().st_uid, each.lstat().st_mode, each.read_bytes() if each.is_file() else b"")
            for each in sorted(folder.rglob("*"))
        ]

    @staticmethod
    def installation_id() -> str:
        """The id of the installation under attack."""
        identity = Path(os.environ["ATOLL_TEST_HOME"], "identity").read_text()
        return re.search(r"^id = (\w+)$", identity, re.MULTILINE).group(1)  # type: ignore[union-attr]

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
