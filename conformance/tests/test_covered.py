"""Every call of the official client for sandboxes, many of them, templates, volumes and egress is made by a test."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from conftest import client_for
from miosa.resources.sandboxes import Sandbox

RESOURCES = (
    "agent_steering",
    "audit",
    "commands",
    "named_snapshots",
    "network",
    "runtimes",
    "sandbox_batches",
    "sandbox_templates",
    "sandboxes",
    "secrets",
    "snapshot_history",
    "snapshots",
    "sse_ticket",
    "ssh",
    "templates",
    "tokens",
    "volumes",
    "ws",
)

# Calls that are not of sandboxes, or that this release has nothing behind.
ELSEWHERE = {
    "agent_steering.prompt_computer": "computers",
    "agent_steering.stop_computer": "computers",
    "commands.run_computer": "computers",
    "commands.send_stdin": "raises in the client, without a request",
    "volumes.attach": "computers",
    "volumes.detach": "computers",
    "volumes.list_attachments": "computers",
    "sandbox.prompt": "runs",
    "sandbox.run_agent": "runs",
    "sandbox.deploy_docker": "docker deploy",
    "env.get": "the same function as env.list",
    "ssh.config_snippet": "writes text, without a request",
    "ssh.known_hosts": "writes text, without a request",
    "ssh.command": "writes text, without a request",
    "ws.ssh_tunnel_url": "writes text, without a request",
    "ws.terminal_url": "writes text, without a request",
    "ws.tunnel_url": "writes text, without a request",
}


def methods(of: object) -> Iterator[str]:
    for name, value in inspect.getmembers(type(of)):
        if not name.startswith("_") and inspect.isfunction(value):
            yield name


def offered() -> set[str]:
    client = client_for("sync")
    names = {f"{name}.{method}" for name in RESOURCES for method in methods(getattr(client, name))}
    # Their names are also those of resources of the client itself.
    names |= {f"bulk.{name}.{method}" for name, of in vars(client.bulk).items() for method in methods(of)}
    handle = Sandbox(client._transport, {"id": "sbx_none", "state": "running"})
    names |= {f"sandbox.{method}" for method in methods(handle)}
    for name, value in vars(handle).items():
        if type(value).__module__.startswith("miosa.resources") and not name.startswith("_"):
            names |= {f"{name}.{method}" for method in methods(value)}
    client.close()
    # One namespace under two names.
    return {name.replace("previews.", "preview.") for name in names}


def made() -> set[str]:
    names = set()
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        aliases: dict[str, str] = {}
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
                # names = client.named_snapshots
                aliases |= {each.id: node.value.attr for each in node.targets if isinstance(each, ast.Name)}
            if isinstance(node, ast.Attribute):
                of = node.value
                if isinstance(of, ast.Attribute):
                    if isinstance(of.value, ast.Attribute):
                        names.add(f"{of.value.attr}.{of.attr}.{node.attr}")
                    names.add(f"{of.attr}.{node.attr}".replace("previews.", "preview."))
                elif isinstance(of, ast.Name):
                    names |= {f"{of.id}.{node.attr}", f"sandbox.{node.attr}"}
        names |= {
            f"{aliases[name]}.{method}"
            for name, method in (each.split(".", 1) for each in names)
            if name in aliases
        }
    return names


def test_every_call_is_made() -> None:
    missing = offered() - made() - set(ELSEWHERE)
    assert not missing, sorted(missing)


def test_the_exceptions_are_calls_of_the_client() -> None:
    assert set(ELSEWHERE) <= offered()
