"""System calls that reach for the kernel, by 64-bit, x32 and 32-bit programs."""

import json

from lib.world import World

# What a call without sense in its arguments is answered when it is not kept from the kernel: these are harmless.
KERNEL_OF_ITS_OWN = ("gvisor", "microvm")
REFUSED = {"EPERM", "ENOSYS", "EACCES"}


def attack(world: World) -> None:
    nested = world.docker
    said = world.inside("calls.py", arguments="nested" if nested else "")
    if world.driver in KERNEL_OF_ITS_OWN:
        # Some of the calls succeed there: the copy of the program that they made speaks too.
        return
    saw = json.loads(said)
    opened = {"mount", "umount", "umount2", "pivot_root", "setns", "unshare", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount"}
    opened |= {"fspick", "mount_setattr"}
    for way in ("wide", "narrow"):
        for name, answer in saw[way].items():
            if not (nested and name in opened):
                assert answer in REFUSED, f"{way} {name}: {answer}"
    assert set(saw["x32"].values()) == {"ENOSYS"}, saw["x32"]
    if not nested:
        assert set(saw["unshare"].values()) == {"EPERM"}, saw["unshare"]
        assert set(saw["clone"].values()) == {"EPERM"}, saw["clone"]
