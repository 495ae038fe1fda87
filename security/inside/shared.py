"""Uses up what the kernel counts for a user: of everything as much as it gives, and holds it."""

import ctypes
import json
import os
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
realtime = ctypes.CDLL("librt.so.1", use_errno=True)
most = int(sys.argv[1])
hold = float(sys.argv[2])
found: dict[str, int] = {}


def until_refused(name, one, bound=None):
    count = 0
    while count < min(most, bound or most) and one(count) >= 0:
        count += 1
    found[name] = count


def lock(number):
    shared = libc.shmget(0, 1 << 20, 0o1600)
    return -1 if shared < 0 else libc.shmctl(shared, 11, None)


timer = ctypes.c_void_p()
until_refused("inotify", lambda n: libc.inotify_init1(0))
until_refused("timers", lambda n: libc.timer_create(0, None, ctypes.byref(timer)), 200_000)
until_refused("queues", lambda n: realtime.mq_open(b"/q%d" % n, os.O_CREAT | os.O_RDWR, 0o600, None), 1000)
until_refused("locked", lock, 1000)
print(json.dumps(found), flush=True)
time.sleep(hold)
