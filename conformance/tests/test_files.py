"""Files of a sandbox."""

from __future__ import annotations

import asyncio
import os

import pytest
from conftest import items, ok
from miosa import MiosaError, NotFoundError


async def test_what_is_written_is_read(sandbox):
    payload = os.urandom(300_000)
    await ok(sandbox.files.write("/workspace/deep/er/blob.bin", payload))
    assert await ok(sandbox.files.read("/workspace/deep/er/blob.bin")) == payload
    await ok(sandbox.files.write("relative.json", '{"data": {"content": "eA=="}}'))
    assert await ok(sandbox.files.read_text("/workspace/relative.json")) == '{"data": {"content": "eA=="}}'


async def test_stat_list_and_tree(sandbox):
    await ok(sandbox.files.write_many([{"path": f"/workspace/d/{n}.txt", "content": str(n)} for n in range(5)]))
    stat = await ok(sandbox.files.stat("/workspace/d/3.txt"))
    assert stat["size"] == 1 and not stat["is_dir"]
    listed = await ok(sandbox.files.list("/workspace/d"))
    assert sorted(entry["name"] for entry in listed["entries"]) == [f"{n}.txt" for n in range(5)]
    tree = await ok(sandbox.files.tree("/workspace", depth=3))
    assert "3.txt" in str(tree)


async def test_a_missing_file_is_not_found(sandbox):
    with pytest.raises(NotFoundError):
        await ok(sandbox.files.read("/workspace/nothing-here"))
    with pytest.raises(NotFoundError):
        await ok(sandbox.files.list("/workspace/nothing-here"))


async def test_a_link_leads_no_further_than_the_sandbox(sandbox):
    await ok(sandbox.exec.run("ln -s /etc/hostname up && ln -s ../../../../../../etc/passwd climb"))
    inside = (await ok(sandbox.exec.run("cat /etc/passwd"))).stdout
    assert (await ok(sandbox.files.read_text("/workspace/climb"))) == inside


@pytest.mark.parametrize("path", ["", "a\x00b", "/" + "x" * 5000])
async def test_a_bad_path_is_refused(client, sandbox, path):
    with pytest.raises(MiosaError) as refused:
        await ok(
            client._transport.request(
                "POST", f"/sandboxes/{sandbox.id}/fs/write", json_body={"path": path, "content": "x"}
            )
        )
    assert refused.value.status_code in (400, 422)


async def test_write_many_reports_each(client, sandbox):
    answer = await ok(
        client._transport.request(
            "POST",
            f"/sandboxes/{sandbox.id}/files/write-many",
            json_body={
                "files": [
                    {"path": "/workspace/good.txt", "content_base64": "Z29vZA=="},
                    {"path": "/proc/version/nope", "content_base64": "eA=="},
                ]
            },
        )
    )
    assert [each["path"] for each in answer["written"]] == ["/workspace/good.txt"]
    assert [each["path"] for each in answer["failed"]] == ["/proc/version/nope"]


async def test_directories_and_deletion(client, sandbox):
    at = f"/sandboxes/{sandbox.id}/files"
    await ok(client._transport.request("POST", f"{at}/mkdir", json_body={"path": "/workspace/new/dir"}))
    assert (await ok(sandbox.files.stat("/workspace/new/dir")))["is_dir"]
    await ok(client._transport.request("DELETE", at, params={"path": "/workspace/new", "recursive": "true"}))
    with pytest.raises(NotFoundError):
        await ok(sandbox.files.stat("/workspace/new"))


async def test_an_export_of_two_files(sandbox):
    await ok(sandbox.files.write("/workspace/a.txt", "a"))
    await ok(sandbox.files.write("/workspace/b.txt", "b"))
    archive = await ok(sandbox.download_export(["/workspace/a.txt", "/workspace/b.txt"]))
    assert archive[:2] == b"\x1f\x8b"
    assert await ok(sandbox.download_export("/workspace/a.txt")) == b"a"


async def test_changes_are_watched(sandbox):
    watching = asyncio.create_task(
        items(sandbox.files.watch("/workspace"), until=lambda event: event.path.endswith("seen.txt"))
    )
    for n in range(100):
        await ok(sandbox.files.write("/workspace/seen.txt", str(n)))
        done, _ = await asyncio.wait([watching], timeout=0.2)
        if done:
            break
    events = await asyncio.wait_for(watching, 5)
    assert events[-1].event in ("created", "modified", "renamed")
