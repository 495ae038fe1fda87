"""Looks for everything that a sandbox's network must not lead to. Arguments: addresses and ports of others, as JSON."""

import errno
import json
import socket
import sys

wanted = json.loads(sys.argv[1])
found: list[str] = []


def tcp(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.settimeout(1.0)
            one.connect((address, port))
            found.append(f"tcp {address}:{port}")
    except OSError:
        pass


def udp(address: str, port: int, payload: bytes) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            one.settimeout(0.3)
            one.sendto(payload, (address, port))
            data, peer = one.recvfrom(2000)
            found.append(f"udp {address}:{port} answered {len(data)}")
    except OSError:
        pass


for address, port in wanted["tcp"]:
    tcp(address, port)
for address, port in wanted["udp"]:
    udp(address, port, b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03")
spoofs: dict[str, str] = {}
for level, option, name in ((0, 19, "IP_TRANSPARENT"), (0, 15, "IP_FREEBIND"), (1, 36, "SO_MARK"), (1, 33, "SO_SNDBUFFORCE"), (1, 25, "SO_BINDTODEVICE")):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.setsockopt(level, option, b"eth0\0" if name == "SO_BINDTODEVICE" else 1)
            if name == "IP_FREEBIND":
                one.bind((wanted["spoof"], 5353))
                one.connect((wanted["outside"], 9))
                one.send(b"x")
            spoofs[name] = "done"
    except OSError as refused:
        spoofs[name] = errno.errorcode.get(refused.errno or 0, "?")
interfaces = [name for _, name in socket.if_nameindex()]
v6 = open("/proc/net/if_inet6").read() if __import__("os").path.exists("/proc/net/if_inet6") else ""
print(json.dumps({"reached": found, "spoofs": spoofs, "interfaces": interfaces, "v6": v6}))
