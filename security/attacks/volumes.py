"""A volume's file system, and the place where it is mounted, while the tenant moves that place about."""

import json

from lib.world import World

# A virtual machine is given a volume when it stands still: there is nothing to race with.
DRIVERS = ("container", "gvisor")

FLIP = (
    "mkdir -p /srv/real; while true; do rm -rf /srv/way; ln -s /proc/1/root/etc /srv/way; rm -f /srv/way; ln -s / /srv/way; rm -f /srv/way; "
    "mkdir -p /srv/way/at; mv /srv/way /srv/moved; mv /srv/moved /srv/way; done"
)


def attack(world: World) -> None:
    sandbox = world.sandbox()
    created = world.api.post("/volumes", {"name": "attacked", "size_gb": 1})
    if created.status == 501:
        print("    volumes are not there")
        return
    volume = created.expect(201)["id"]
    world.later(lambda: world.api.delete("/volumes/" + volume).expect(204))
    world.later(lambda: detach(world, sandbox, volume))
    body = {"volume_id": volume, "mount_path": "/mnt/v"}
    world.api.post(sandbox.path + "/volumes", body).expect(201)
    saw = json.loads(world.inside("volume.py", sandbox, "/mnt/v").splitlines()[-1])
    assert not [name for name, answer in saw.items() if answer == "done"], saw
    assert saw["setuid"] in ("65534", ""), saw
    quota = sandbox.exec("dd if=/dev/zero of=/mnt/v/big bs=1M count=1300 2>&1", 100)
    assert quota.code != 0 and "quota" in quota.out.lower(), quota
    sandbox.run("rm /mnt/v/big")
    detach(world, sandbox, volume)
    sandbox.background(FLIP)
    outcomes = set()
    for _ in range(25):
        answer = world.api.post(sandbox.path + "/volumes", {"volume_id": volume, "mount_path": "/srv/way/at"})
        outcomes.add(answer.status)
        assert answer.status in (201, 409, 422, 503), f"{answer.status} {answer.body[:300]!r}"
        places = [line.split()[1] for line in sandbox.run("cat /proc/mounts").splitlines() if line.startswith("/dev/loop") and "/docker" not in line]
        assert all(place.startswith("/srv/") for place in places), f"mounted at {places}"
        detach(world, sandbox, volume)
    world.unharmed()


def detach(world: World, sandbox: object, volume: str) -> None:
    for each in world.api.get("/volumes/" + volume).expect(200)["attachments"]:
        world.api.delete(f"{sandbox.path}/volumes/{each['id']}").expect(204, 404, 409)  # type: ignore[attr-defined]
