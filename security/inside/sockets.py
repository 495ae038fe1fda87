"""Opens sockets of every family, also with bits set where a filter may look and the kernel does not."""

import ctypes
import errno
import json

libc = ctypes.CDLL(None, use_errno=True)


def socket(family: int, kind: int, protocol: int) -> str:
    ctypes.set_errno(0)
    found = libc.syscall(ctypes.c_long(41), ctypes.c_long(family), ctypes.c_long(kind), ctypes.c_long(protocol))
    if found >= 0:
        libc.close(found)
        return "done"
    return errno.errorcode.get(ctypes.get_errno(), "?")


found: dict[str, str] = {}
for family in range(0, 64):
    for kind in (1, 2, 3, 5):
        for above in (0, 1 << 32, 0xDEADBEEF << 32):
            answer = socket(family | above, kind, 0)
            if answer == "done":
                found[str(family)] = answer
for name, protocol in {"sctp": 132, "dccp": 33, "udplite": 136, "raw": 255}.items():
    for above in (0, 1 << 32):
        found[name] = min(socket(2, 1, protocol | above), socket(2, 3, protocol | above), socket(2, 5, protocol | above))
for name, protocol in {"netfilter": 12, "xfrm": 6, "audit": 9, "generic": 16, "crypto": 21}.items():
    found["netlink " + name] = min(socket(16, 3, protocol), socket(16, 3, protocol | 1 << 32))
print(json.dumps(found))
