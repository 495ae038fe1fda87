"""What is attacked: isolation drivers, and the options of sandboxes that make a wall another one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from lib.api import Api

DRIVERS = ("container", "gvisor", "microvm")
# What a create may ask for, and the drivers under which it changes what a tenant may do.
OPTIONS = {"docker": ("container",), "nested_virtualization": ("container",)}


@dataclass(frozen=True)
class Target:
    """A driver, and one option at most: written ``driver`` or ``driver+option``."""

    driver: str
    option: str = ""

    def __str__(self) -> str:
        return self.driver + ("+" + self.option if self.option else "")

    @property
    def fields(self) -> dict[str, Any]:
        """What every create says."""
        return {self.option: True} if self.option else {}


def parse(word: str) -> Target:
    driver, _, option = word.partition("+")
    if driver not in DRIVERS or (option and option not in OPTIONS):
        sys.exit(f"--on {word}: a driver ({', '.join(DRIVERS)}), and after a + one of {', '.join(OPTIONS)}")
    return Target(driver, option)


def possible(api: Api, target: Target) -> str:
    """Why it cannot be attacked here; empty when it can."""
    if target.driver not in api.drivers():
        return "this machine or this Atoll does not have the driver"
    if not target.option:
        return ""
    asked = api.post("/sandboxes", {"size": "xs", "isolation": target.driver, **target.fields})
    if asked.status == 422:
        return asked.body[:200].decode(errors="replace")
    api.delete("/sandboxes/" + str(asked.expect(201)["id"])).expect(204)
    return ""


def chosen(api: Api, named: list[str], everything: bool) -> list[Target]:
    """What to attack. What cannot be is named, never skipped in silence; it is an error to ask for it."""
    wanted = [parse(word) for word in named]
    if not wanted:
        wanted = [Target(driver) for driver in DRIVERS]
        if everything:
            wanted += [Target(driver, option) for option, drivers in OPTIONS.items() for driver in drivers]
    print("this machine runs the drivers:", ", ".join(api.drivers()))
    found = []
    for target in wanted:
        reason = possible(api, target)
        if not reason:
            found.append(target)
        elif named:
            sys.exit(f"asked to attack {target}, which cannot be run here: {reason}")
        else:
            print(f"not attacked: {target}: {reason}")
    return found
