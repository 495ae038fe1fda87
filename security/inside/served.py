"""Takes from the agent the device by which it serves files of /proc, and answers no request any more; says what it got."""

import ctypes
import os
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_GETFD = 434, 438
DEVICE = os.makedev(10, 229)  # /dev/fuse


def taken() -> int:
    agent = libc.syscall(PIDFD_OPEN, 1, 0)
    for number in range(3, 64):
        descriptor = libc.syscall(PIDFD_GETFD, agent, number, 0)
        if descriptor < 0:
            continue
        if os.fstat(descriptor).st_rdev == DEVICE:
            return descriptor
        os.close(descriptor)
    return -1


def swallow(device: int) -> None:
    while True:
        try:
            os.read(device, 65536)
        except BlockingIOError:
            pass
        except OSError:
            return


device = taken()
print("taken" if device >= 0 else "in vain", flush=True)
if device < 0:
    sys.exit()
for _ in range(4):
    threading.Thread(target=swallow, args=(device,), daemon=True).start()
# Each waits for an answer when it reads, or when it ends, and lets go of the device after that.
for turn in range(8):
    if os.fork() == 0:
        os.dup2(device, 900)
        os.close(device)
        file = os.open("/proc/" + ("meminfo", "stat", "loadavg", "cpuinfo")[turn % 4], os.O_RDONLY)
        if turn >= 4:
            os.read(file, 4096)
        os._exit(0)
print("waiting", flush=True)
threading.Event().wait()
