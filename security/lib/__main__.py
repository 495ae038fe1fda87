"""Runs every attack against every target that the machine has, and says what it did not run and why."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

from lib.api import Api
from lib.targets import chosen
from lib.world import World

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("attacks." + path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def on(words: list[str]) -> list[str]:
    """Takes what --on names out of the words."""
    named = []
    while "--on" in words:
        at = words.index("--on")
        if at + 1 == len(words):
            sys.exit("--on: what?")
        named.append(words[at + 1])
        del words[at : at + 2]
    return named


def main(arguments: list[str]) -> int:
    words = list(arguments)
    named = on(words)
    long = "--all" in words
    names = [each for each in words if not each.startswith("--")]
    api = Api(os.environ["ATOLL_TEST_API_URL"], os.environ["ATOLL_TEST_API_KEY"])
    modules = [load(path) for path in sorted((ROOT / "attacks").glob("[a-z]*.py"))]
    passed, failed, outside = 0, 0, False
    seed = int(os.environ.get("ATOLL_TEST_SEED") or random.randrange(1 << 32))
    for target in chosen(api, named, long):
        driver = target.driver
        world = World(api, target, long, seed)
        print(f"\nattacks on {target}, with the seed {seed}")
        for module in modules:
            name = module.__name__.removeprefix("attacks.")
            if names and name not in names:
                continue
            if driver in getattr(module, "LONG_ON", ()) and not long and not names:
                print(f"  left out  {name}: on {driver} only with --all")
                continue
            only = getattr(module, "DRIVERS", None)
            if only and driver not in only:
                print(f"  left out  {name}: concerns {', '.join(only)} only")
                continue
            option = getattr(module, "OPTION", None)
            if option and option != target.option:
                print(f"  left out  {name}: concerns sandboxes with {option} only")
                continue
            if getattr(module, "ONCE", False) and outside:
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
        outside = True
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
