"""Runs the tests of the JavaScript SDK of E2B, which ./run.sh installs by its lock file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from harness import ENVIRONMENT, resolver


@pytest.mark.timeout(300)
def test_the_javascript_sdk() -> None:
    folder = Path(os.environ["ATOLL_CONFORMANCE_JS"])
    with resolver() as proxy:
        run = subprocess.run(
            ["node", "--test", "--test-reporter=spec", "sdk.test.mjs", "templates.test.mjs"],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, "TEST_PROXY": proxy},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
        )
    assert run.returncode == 0, run.stdout
