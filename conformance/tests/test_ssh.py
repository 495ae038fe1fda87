"""SSH: the client's kit, and ssh itself through the client's socket."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import API_KEY, API_URL, ok
from miosa import MiosaError, NotFoundError

RELAY = """
import os, sys, threading
from miosa.ssh_tunnel import open_socket

tunnel = open_socket(sys.argv[1])

def send():
    while data := os.read(0, 65536):
        tunnel.sendall(data)

threading.Thread(target=send, daemon=True).start()
while data := tunnel.recv(65536):
    os.write(1, data)
"""


async def run(*words: str, **env: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **env},
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def new_key(folder: Path) -> str:
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key"))
    return (folder / "key.pub").read_text().strip()


async def test_one_call_makes_everything_ready(client, sandbox, tmp_path):
    public = await new_key(tmp_path)
    ready = await ok(client.ssh.ready(sandbox.id, public, ttl_seconds=60))
    assert ready["info"]["host"] == sandbox.id and ready["info"]["user"] == "root"
    assert ready["tunnel_url"].endswith(f"/sandboxes/{sandbox.id}/ssh-tunnel")
    signed = ready["certificate"]
    assert signed["principal"] == f"sandbox-{sandbox.id}"
    assert signed["ca_public_key"] == ready["info"]["certificates"]["ca_public_key"]
    left = datetime.fromisoformat(signed["expires_at"]) - datetime.now(UTC)
    assert 0 < left.total_seconds() <= 60
    assert sandbox.id in ready["command"]

    (tmp_path / "key-cert.pub").write_text(signed["certificate"] + "\n")
    (tmp_path / "known_hosts").write_text(f"@cert-authority {sandbox.id} {signed['ca_public_key']}\n")
    (tmp_path / "relay.py").write_text(RELAY)
    code, out, err = await run(
        "ssh", "-F", "none", "-i", str(tmp_path / "key"), "-o", "BatchMode=yes",
        "-o", f"UserKnownHostsFile={tmp_path / 'known_hosts'}", "-o", "StrictHostKeyChecking=yes",
        "-o", f"ProxyCommand={sys.executable} {tmp_path / 'relay.py'} %h",
        f"root@{sandbox.id}", "echo through; exit 9",
        MIOSA_API_KEY=API_KEY, MIOSA_BASE_URL=API_URL,
    )  # fmt: skip
    assert (code, out) == (9, "through\n"), err


async def test_the_sandbox_itself_has_the_calls(sandbox, tmp_path):
    public = await new_key(tmp_path)
    assert (await ok(sandbox.ssh_info()))["port"] == 22
    signed = await ok(sandbox.ssh_certificates(public, ttl_seconds=3600))
    assert signed["certificate"].startswith("ssh-ed25519-cert-v01@openssh.com ")


async def test_a_key_is_authorized_and_a_wrong_one_refused(client, sandbox, second_client, tmp_path):
    public = await new_key(tmp_path)
    added = await ok(client.ssh.install_key(sandbox.id, public))
    assert added["fingerprint"].startswith("SHA256:")
    with pytest.raises(MiosaError) as refused:
        await ok(client.ssh.install_key(sandbox.id, "ssh-ed25519 nonsense"))
    assert refused.value.status_code == 422
    with pytest.raises(NotFoundError):
        await ok(second_client.ssh.certify(sandbox.id, public))
