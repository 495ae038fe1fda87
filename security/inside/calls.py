"""Makes system calls that a sandbox has no use for, in the ways a 64-bit, an x32 and a 32-bit program make them."""

import ctypes
import errno
import json
import mmap
import sys

libc = ctypes.CDLL(None, use_errno=True)
X32 = 0x40000000
NAMESPACES = {"mount": 1 << 17, "cgroup": 1 << 25, "uts": 1 << 26, "ipc": 1 << 27, "user": 1 << 28, "pid": 1 << 29, "net": 1 << 30}
CALLS = {
    "mount": 165, "umount2": 166, "pivot_root": 155, "swapon": 167, "reboot": 169, "init_module": 175, "delete_module": 176,
    "finit_module": 313, "kexec_load": 246, "kexec_file_load": 320, "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321,
    "perf_event_open": 298, "userfaultfd": 323, "setns": 308, "open_by_handle_at": 304, "name_to_handle_at": 303, "kcmp": 312,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435, "quotactl": 179, "acct": 163, "settimeofday": 164,
    "clock_settime": 227, "clock_adjtime": 305, "adjtimex": 159, "syslog": 103, "iopl": 172, "ioperm": 173, "fanotify_init": 300,
    "open_tree_attr": 467, "memfd_secret": 447, "lookup_dcookie": 212, "move_pages": 279, "vhangup": 153, "unknown": 600,
}
NARROW = {
    "mount": 21, "umount": 22, "umount2": 52, "stime": 25, "reboot": 88, "socketcall": 102, "init_module": 128, "pivot_root": 217,
    "add_key": 286, "keyctl": 288, "unshare": 310, "setns": 346, "bpf": 357, "userfaultfd": 374, "io_uring_setup": 425, "clone3": 435,
    "perf_event_open": 336, "open_by_handle_at": 342,
}


def call(*arguments: int) -> str:
    ctypes.set_errno(0)
    result = libc.syscall(*[ctypes.c_long(each) for each in arguments])
    return "done" if result >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")


def narrow():
    """int 0x80 with three arguments: what a 32-bit program does."""
    # push rbx; mov eax, edi; mov ebx, esi; mov ecx, edx; xor edx, edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("5389f889f389d131d2cd805bc3")
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    made = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(address)
    made.memory = memory
    return made


found: dict[str, dict[str, str]] = {"wide": {}, "x32": {}, "narrow": {}, "unshare": {}, "clone": {}}
for name, number in CALLS.items():
    found["wide"][name] = call(number, 0, 0, 0, 0, 0, 0)
    found["x32"][name] = call(number | X32, 0, 0, 0, 0, 0, 0)
try:
    old = narrow()
    for name, number in NARROW.items():
        result = old(number, 1, 0)
        found["narrow"][name] = "done" if result >= 0 else errno.errorcode.get(-result, "?")
except OSError as refused:
    found["narrow"]["all"] = errno.errorcode[refused.errno or 0]
for name, flag in {}.items() if "nested" in sys.argv else NAMESPACES.items():
    found["unshare"][name] = call(272, flag)
    found["clone"][name] = call(56, flag | 17 | 0x4000 << 32, 0, 0, 0, 0)
print(json.dumps(found))
