"""Asks the file system of a volume for what only its owner may do, and for set-uid files and devices in it."""

import errno
import fcntl
import json
import os
import struct
import subprocess
import sys

place = sys.argv[1]
directory = os.open(place, os.O_RDONLY)
found: dict[str, str] = {}
named = bytearray(struct.pack("<q4088s", directory, b"nested"))
REQUESTS = {
    "subvolume": (0x5000940E, named), "snapshot": (0x50009401, named), "snapshot2": (0x50009417, bytearray(4096)),
    "subvolume2": (0x50009418, bytearray(4096)), "destroy": (0x5000940F, named), "flags": (0x4008941A, bytearray(8)),
    "received": (0xC0C89425, bytearray(200)), "search": (0xD0009411, bytearray(4096)), "lookup": (0xD0009412, bytearray(4096)),
    "quota": (0xC0109428, bytearray(16)), "limit": (0x8030942B, bytearray(48)), "defrag": (0x50009402, bytearray(4096)),
    "resize": (0x50009403, bytearray(4096)), "sync": (0x9408, bytearray(8)), "info": (0x8400941F, bytearray(1024)), "trim": (0xC0185879, bytearray(24)),
    "freeze": (0xC0045877, bytearray(8)),
}
for name, (request, buffer) in REQUESTS.items():
    for above in (0, 1 << 31):
        try:
            fcntl.ioctl(directory, request if not above else request, buffer, True)
            found[name] = "done"
        except OSError as refused:
            found[name] = errno.errorcode.get(refused.errno or 0, "?")
for name, kind in {"block": 0o060666, "character": 0o020666}.items():
    try:
        os.mknod(place + "/" + name, kind, os.makedev(1, 3))
        found[name] = "done"
    except OSError as refused:
        found[name] = errno.errorcode.get(refused.errno or 0, "?")
subprocess.run(f"cp /usr/bin/id {place}/id && chmod u+s {place}/id && useradd -m nobody2 2>/dev/null", shell=True)
found["setuid"] = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", place + "/id", "-u"], capture_output=True, text=True).stdout.strip()
print(json.dumps(found))
