"""Runs every attack against every isolation driver that the machine has, and says what it did not run and why."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

from lib.api import Api
from lib.world import World

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("attacks." + path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drivers(api: Api) -> list[str]:
    """The drivers to attack; those that this machine cannot run are named, never skipped in silence."""
    offered = api.drivers()
    print("this machine runs the drivers:", ", ".join(offered))
    for known in ("container", "gvisor", "microvm"):
        if known not in offered:
            print(f"not attacked: driver {known}: this machine or this Atoll does not have it")
    wanted = os.environ.get("ATOLL_SECURITY_DRIVERS", "").replace(",", " ").split()
    missing = [name for name in wanted if name not in offered]
    if missing:
        sys.exit("asked for drivers that cannot be run here: " + ", ".join(missing))
    return wanted or offered


def attack(module: ModuleType, world: World) -> str | None:
    """What went wrong, or nothing."""
    try:
        module.attack(world)
        world.unharmed()
        return None
    except BaseException as problem:  # noqa: BLE001 - a report of everything is what is wanted here
        if isinstance(problem, KeyboardInterrupt):
            raise
        return "".join(traceback.format_exception(problem)[-3:])
    finally:
        world.clear()


def main(arguments: list[str]) -> int:
    long = "--all" in arguments
    names = [each for each in arguments if not each.startswith("--")]
    api = Api(os.environ["ATOLL_TEST_API_URL"], os.environ["ATOLL_TEST_API_KEY"])
    modules = [load(path) for path in sorted((ROOT / "attacks").glob("[a-z]*.py"))]
    passed, failed = 0, 0
    for driver in drivers(api):
        extra = json.loads(os.environ.get("ATOLL_SECURITY_CREATE", "{}"))
        world = World(api, driver, long, extra)
        print(f"\nattacks on {driver}" + (f" with {extra}" if extra else ""))
        for module in modules:
            name = module.__name__.removeprefix("attacks.")
            if names and name not in names:
                continue
            if getattr(module, "LONG", False) and not long and not names:
                print(f"  left out  {name}: only with --all")
                continue
            only = getattr(module, "DRIVERS", None)
            if only and driver not in only:
                print(f"  left out  {name}: concerns {', '.join(only)} only")
                continue
            began = time.monotonic()
            problem = attack(module, world)
            title = (module.__doc__ or "").strip().splitlines()[0]
            verdict = "contained" if problem is None else "FAILED   "
            print(f"  {verdict} {name}: {title} ({time.monotonic() - began:.1f} s)", flush=True)
            if problem is None:
                passed += 1
            else:
                failed += 1
                print("    " + problem.replace("\n", "\n    "), flush=True)
        world.close()
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
