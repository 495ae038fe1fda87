"""E2B's Python SDK makes volumes, and sandboxes have them by name."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from harness import BASE, KEY, SECOND_KEY, wait_for

from e2b import AsyncVolume, Sandbox, SandboxException, Volume, VolumeException, VolumeNotFoundException


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


def gone(volume: Volume) -> None:
    """A sandbox that has just ended may have it for a moment."""

    def destroyed() -> bool:
        try:
            return Volume.destroy(volume.volume_id)
        except VolumeException:
            return False

    wait_for(destroyed)


def test_a_volume_is_made_shared_and_outlives_its_sandboxes() -> None:
    name = unique("py-vol")
    volume = Volume.create(name)
    try:
        assert volume.name == name
        assert Volume.get_info(volume.volume_id).name == name
        assert Volume.connect(volume.volume_id).name == name
        assert volume.volume_id in [each.volume_id for each in Volume.list()]
        with Sandbox.create(volume_mounts={"/data": volume}, timeout=60) as one:
            one.files.write("/data/kept", "by one")
            mounted = [{"name": name, "path": "/data"}]
            assert one.get_info().volume_mounts == mounted
            listed = {each.sandbox_id: each.volume_mounts for each in Sandbox.list().next_items()}
            assert listed[one.sandbox_id] == mounted
            assert not any(mounts for other, mounts in listed.items() if other != one.sandbox_id)
            with Sandbox.create(volume_mounts={"/other": name}, timeout=60) as two:
                assert two.files.read("/other/kept") == "by one"
                two.files.write("/other/back", "by two")
            assert one.files.read("/data/back") == "by two"
            with pytest.raises(VolumeException):
                Volume.destroy(volume.volume_id)
        with Sandbox.create(volume_mounts={"/data": volume.volume_id}, timeout=60) as later:
            assert later.files.read("/data/kept") == "by one"
    finally:
        gone(volume)
    assert Volume.destroy(volume.volume_id) is False
    with pytest.raises(VolumeNotFoundException):
        Volume.get_info(volume.volume_id)


def test_of_many_who_want_a_name_at_once_one_gets_it() -> None:
    name = unique("py-race")

    def attempt(_: int) -> Volume | None:
        try:
            return Volume.create(name)
        except VolumeException:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [volume for volume in pool.map(attempt, range(8)) if volume]
    try:
        assert len(made) == 1, made
        assert [each.name for each in Volume.list()].count(name) == 1
    finally:
        for volume in made:
            gone(volume)


def test_what_comes_of_a_snapshot_has_volumes_too() -> None:
    volume = Volume.create(unique("py-snap"))
    try:
        with Sandbox.create(timeout=60) as source:
            snapshot = source.create_snapshot()
        with Sandbox.create(snapshot.snapshot_id, volume_mounts={"/data": volume}, timeout=60) as one:
            one.files.write("/data/kept", "by a fork")
        with Sandbox.create(volume_mounts={"/data": volume}, timeout=60) as two:
            assert two.files.read("/data/kept") == "by a fork"
        with pytest.raises(SandboxException):
            Sandbox.create(snapshot.snapshot_id, volume_mounts={"/proc/x": volume}, timeout=60)
        assert Sandbox.delete_snapshot(snapshot.snapshot_id)
    finally:
        gone(volume)


def test_forks_have_the_volumes_of_their_source() -> None:
    volume = Volume.create(unique("py-forks"))
    born = []
    try:
        with Sandbox.create(volume_mounts={"/data": volume}, timeout=60) as source:
            born += source.fork(timeout=60) + source.fork(count=2, timeout=60)
            for number, fork in enumerate(born):
                fork.files.write(f"/data/{number}", "by a fork")
            assert [entry.name for entry in source.files.list("/data")] == ["0", "1", "2"]
    finally:
        for fork in born:
            fork.kill()
        gone(volume)


def test_what_is_wrong_with_a_volume_is_said() -> None:
    volume = Volume.create(unique("py-taken"))
    try:
        for bad in (volume.name, "", "a/b", "x" * 129, "a b"):
            with pytest.raises(VolumeException):
                Volume.create(bad)
        for mount in ({"/data": unique("none")}, {"/proc/x": volume}, {"relative": volume}):
            with pytest.raises(SandboxException) as refused:
                Sandbox.create(volume_mounts=mount)
            assert 400 <= (refused.value.status_code or 0) < 500
        with pytest.raises(VolumeException, match="501"):
            Volume(volume.volume_id, volume.name, "").list("/", api_url=f"{BASE}/e2b")
    finally:
        gone(volume)


def test_a_volume_of_another_organization_is_not_seen() -> None:
    volume = Volume.create(unique("py-mine"))
    try:
        assert volume.volume_id not in [each.volume_id for each in Volume.list(api_key=SECOND_KEY)]
        with pytest.raises(VolumeNotFoundException):
            Volume.get_info(volume.volume_id, api_key=SECOND_KEY)
        assert Volume.destroy(volume.volume_id, api_key=SECOND_KEY) is False
        for name in (volume.name, volume.volume_id):
            with pytest.raises(SandboxException):
                Sandbox.create(volume_mounts={"/data": name}, api_key=SECOND_KEY)
        # The name is theirs to give, too.
        theirs = Volume.create(volume.name, api_key=SECOND_KEY)
        assert Volume.destroy(theirs.volume_id, api_key=SECOND_KEY)
        odd = httpx.get(f"{BASE}/e2b/volumes/..%2Fapi-keys", headers={"X-API-Key": KEY})
        assert odd.status_code in (400, 404)
    finally:
        gone(volume)


async def test_the_async_twin() -> None:
    volume = await AsyncVolume.create(unique("py-async"))
    assert (await AsyncVolume.get_info(volume.volume_id)).name == volume.name
    assert await AsyncVolume.destroy(volume.volume_id)
