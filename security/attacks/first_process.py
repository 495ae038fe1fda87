"""The agent's program, its memory and its end, in the hands of the tenant."""

import time

from lib.world import World

OVERWRITE = (
    "echo x > /dev/.atoll/agent; cp /bin/true /dev/.atoll/agent; ln -sf /bin/true /dev/.atoll/agent; rm -f /dev/.atoll/agent; "
    "mv /dev/.atoll /dev/.atoll2; exec 9<>/proc/1/exe; chmod 777 /dev/.atoll/agent; touch /dev/.atoll/agent; true"
)


def attack(world: World) -> None:
    sandbox = world.sandbox()
    sandbox.write("/workspace/kept", b"kept")
    sandbox.exec(OVERWRITE, 20)
    world.unharmed()
    # Processes of others are not there to be killed; the own first process may be.
    world.api.post(sandbox.path + "/exec", {"command": "kill -9 1; kill -9 -1", "timeout": 10}, 60)
    deadline = time.monotonic() + 30
    while True:
        answer = world.api.post(sandbox.path + "/exec", {"command": "cat /workspace/kept", "timeout": 5}, 60)
        if answer.status == 200 and answer.json()["stdout"] == "kept":
            break
        assert time.monotonic() < deadline, f"{answer.status} {answer.body[:300]!r}"
        time.sleep(0.2)
    assert world.sandbox().run("echo other") == "other"
