"""Ways over the network: the host, neighbors, metadata, private ranges, the platform's own doors, other addresses than the own."""

import json
import socket
import subprocess
import time

from lib.world import World

PORTS = (22, 53, 80, 111, 443, 2375, 2376, 5432, 6443, 8080, 10250)
CLOSED = (
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "10.0.0.1", "172.17.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "224.0.0.251", "::1", "fe80::1%eth0", "ff02::1", "::ffff:169.254.169.254", "fd00:ec2::254",
)


def host_addresses() -> list[str]:
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    return found


def attack(world: World) -> None:
    own = world.host.installation()
    victim, attacker = world.sandbox(), world.sandbox()
    victim.write("/tmp/serve.py", b"import http.server as h\nh.HTTPServer(('0.0.0.0',8000),h.SimpleHTTPRequestHandler).serve_forever()\n")
    victim.background("python3 /tmp/serve.py")
    victim.run("for i in $(seq 100); do curl -s -o /dev/null 127.0.0.1:8000 && exit 0; sleep 0.1; done; exit 1")
    neighbor = victim.run("hostname -I | awk '{print $1}'")
    gateway = str(own["gateway_address"])
    platform = [int(own[name]) for name in own if name.endswith("_port")]
    with socket.create_server(("0.0.0.0", 0)) as listener:
        open_port = int(listener.getsockname()[1])
        tcp = [(address, port) for address in CLOSED for port in (80, 443)]
        tcp += [(address, port) for address in {gateway, *host_addresses()} for port in (*PORTS, *platform, open_port) if port != 53]
        tcp += [(neighbor, port) for port in (22, 80, 8000)]
        udp = [(address, port) for address in (gateway, *host_addresses(), neighbor, "224.0.0.251", "255.255.255.255") for port in (67, 123, 161, 1900, 5353)]
        wanted = {"tcp": tcp, "udp": udp, "spoof": neighbor, "outside": "203.0.113.99"}
        began = time.monotonic()
        saw = json.loads(world.inside("network.py", attacker, "'" + json.dumps(wanted) + "'", 180).splitlines()[-1])
        took = time.monotonic() - began
        listener.settimeout(0.2)
        try:
            listener.accept()
            raise AssertionError("the host's own port was reached")
        except TimeoutError:
            pass
    resolver = f"tcp {gateway}:{own['dns_port']}"
    reached = [each for each in saw["reached"] if each != resolver and not (each.startswith(("tcp 127.", "tcp 0.")))]
    assert not reached, f"reached: {reached}"
    assert took < 90, f"refusals were waited for: {took:.0f} s"
    if world.driver == "container" and not world.docker:
        forbidden = ("IP_TRANSPARENT", "SO_MARK", "SO_SNDBUFFORCE")
        assert all(saw["spoofs"][name] != "done" for name in forbidden), saw["spoofs"]
    assert not any(line.split()[-1] != "lo" for line in saw["v6"].splitlines()), saw["v6"]
    # The victim saw nobody.
    log = victim.run("cat /proc/net/nf_conntrack 2>/dev/null; ss -tn state established 2>/dev/null | tail -n +2 | wc -l")
    assert attacker.run("hostname -I | awk '{print $1}'") not in log
