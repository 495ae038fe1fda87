"""Cells of code by the code interpreter SDK of E2B."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from e2b_code_interpreter import AsyncSandbox, Context, Sandbox
from harness import DOMAIN, PORT, SECOND_KEY, resolver

from e2b import NotFoundException, SandboxException, TimeoutException


@pytest.fixture(scope="module")
def sbx() -> Iterator[Sandbox]:
    sandbox = Sandbox.create("base", timeout=600)
    yield sandbox
    sandbox.kill()


def test_cells_share_their_variables(sbx: Sandbox) -> None:
    first = sbx.run_code("x = 20")
    second = sbx.run_code("x + 1")
    assert first.results == [] and first.error is None
    for nothing in (" ", ""):
        empty = sbx.run_code(nothing)
        assert empty.error is None and empty.results == []
    assert second.text == "21" and second.results[0].is_main_result
    assert second.execution_count == (first.execution_count or 0) + 1


def test_output_comes_as_it_is_written(sbx: Sandbox) -> None:
    out: list[tuple[str, float]] = []
    err: list[str] = []
    execution = sbx.run_code(
        "import sys, time\nprint('one')\ntime.sleep(1)\nprint('zwö', file=sys.stderr)",
        on_stdout=lambda message: out.append((message.line, time.monotonic())),
        on_stderr=lambda message: err.append(message.line),
    )
    end = time.monotonic()
    assert "".join(line for line, _ in out) == "one\n" == "".join(execution.logs.stdout)
    assert "".join(err) == "zwö\n" == "".join(execution.logs.stderr)
    assert end - out[0][1] > 0.7


def test_a_print_is_one_message(sbx: Sandbox) -> None:
    told = [sbx.run_code("print('hello', 1)").logs.stdout for _ in range(20)]
    assert told == [["hello 1\n"]] * 20
    assert sbx.run_code("print.__name__, print(end='')").text == "('print', None)"


@pytest.mark.parametrize("mark", ["\u0085", "\u2028", "\u2029"])
def test_what_ends_a_line_in_unicode_is_text(sbx: Sandbox, mark: str) -> None:
    text = f"a{mark}b"
    shown = f"class Odd:\n    def _repr_html_(self):\n        return {ascii(text)}\n"
    execution = sbx.run_code(f"print({ascii(text)})\n{shown}Odd()")
    assert "".join(execution.logs.stdout) == text + "\n"
    assert execution.results[0].html == text


def test_an_answer_begins_before_its_cell_says_anything(sbx: Sandbox) -> None:
    begin = time.monotonic()
    with httpx.stream(
        "POST",
        f"http://localhost:{PORT}/e2b/sandbox/execute",
        headers={"E2b-Sandbox-Id": sbx.sandbox_id, "X-Access-Token": sbx._envd_access_token or ""},
        json={"code": "import time\ntime.sleep(3)\nprint('late')"},
        timeout=30,
    ) as answer:
        assert answer.status_code == 200
        assert time.monotonic() - begin < 2.5
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert lines[0]["text"] == "late\n"


def test_output_has_no_bound_and_its_end_is_not_lost(sbx: Sandbox) -> None:
    told: list[str] = []
    lines = "for i in range(3000): print('line', i, 'ä' * 1000)\n"
    execution = sbx.run_code(lines + "print('END')\n1 / 0", on_stdout=lambda message: told.append(message.line))
    out = "".join(execution.logs.stdout)
    assert out == "".join(told)
    assert out == "".join(f"line {i} {'ä' * 1000}\n" for i in range(3000)) + "END\n"
    assert execution.logs.stderr == []
    assert execution.error is not None and execution.error.name == "ZeroDivisionError"


def test_a_value_that_is_too_long_says_that_it_is_cut(sbx: Sandbox) -> None:
    execution = sbx.run_code("'a' * 2_000_000")
    assert len(execution.text or "") == 1 << 20
    assert "cut" in "".join(execution.logs.stderr)


def test_an_error_is_told(sbx: Sandbox) -> None:
    error = sbx.run_code("def f():\n    return 1 / 0\nf()").error
    assert error is not None
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert "in f" in error.traceback


def test_a_value_is_told_in_all_its_forms(sbx: Sandbox) -> None:
    execution = sbx.run_code("class Bold:\n    def _repr_html_(self):\n        return '<b>x</b>'\nBold()")
    assert execution.results[0].html == "<b>x</b>"
    assert execution.results[0].text


def test_variables_of_one_cell(sbx: Sandbox) -> None:
    look = "import os\nos.environ.get('OF_THE_CELL')"
    assert sbx.run_code(look, envs={"OF_THE_CELL": "it's"}).text == "\"it's\""
    assert sbx.run_code(look).text is None
    assert sbx.run_code('echo "$OF_THE_CELL"', language="bash", envs={"OF_THE_CELL": "it's"}).logs.stdout == ["it's\n"]


def test_variables_of_a_cell_that_no_shell_can_name(sbx: Sandbox) -> None:
    look = "import os\nos.environ.get('of.the-cell')"
    assert sbx.run_code(look, envs={"of.the-cell": "1"}).text == "'1'"
    assert sbx.run_code(look).text is None
    assert sbx.run_code("process.env['of.the-cell']", language="javascript", envs={"of.the-cell": "1"}).text == "'1'"
    with pytest.raises(SandboxException, match="env_vars"):
        sbx.run_code("true", language="bash", envs={"of.the-cell": "1"})


def test_a_cell_is_at_home(sbx: Sandbox) -> None:
    where = "import os\nprint(os.getcwd(), os.environ['HOME'], os.path.expanduser('~'))"
    home = "/home/user"
    for context in (None, sbx.create_code_context()):
        assert "".join(sbx.run_code(where, context=context).logs.stdout) == f"{home} {home} {home}\n"
    assert "".join(sbx.run_code("pwd; echo $HOME", language="bash").logs.stdout) == f"{home}\n{home}\n"


def test_other_languages(sbx: Sandbox) -> None:
    assert sbx.run_code("1 + 1", language="javascript").text == "2"
    bash = sbx.run_code("cd /tmp; pwd", language="bash")
    assert bash.logs.stdout == ["/tmp\n"] and bash.results == []
    imported = sbx.run_code("import fs, { constants as c } from 'fs'\nfs.constants === c", language="javascript")
    assert imported.text == "true"
    with pytest.raises(SandboxException, match="language"):
        sbx.run_code("1", language="r")


def test_contexts(sbx: Sandbox) -> None:
    context = sbx.create_code_context(cwd="/tmp")
    other = sbx.create_code_context(language="javascript")
    assert (context.language, context.cwd, other.language) == ("python", "/tmp", "javascript")
    assert sbx.run_code("import os; os.getcwd()", context=context).text == "'/tmp'"
    sbx.run_code("y = 5", context=context)
    assert {context.id, other.id} <= {one.id for one in sbx.list_code_contexts()}
    sbx.restart_code_context(context)
    lost = sbx.run_code("y", context=context).error
    assert lost is not None and lost.name == "NameError"
    sbx.remove_code_context(context)
    assert context.id not in {one.id for one in sbx.list_code_contexts()}
    for gone in (context.id, context.id[:-1], "no-such-context"):
        with pytest.raises(NotFoundException, match="not found"):
            sbx.run_code("1", context=Context(gone, "python", "/tmp"))
        with pytest.raises(NotFoundException):
            sbx.restart_code_context(gone)
        with pytest.raises(NotFoundException):
            sbx.remove_code_context(gone)


def test_home_is_where_it_is_for_commands(sbx: Sandbox) -> None:
    context = sbx.create_code_context(cwd="/tmp")
    look = "import os\nopen(os.path.expanduser('~/of-{}'), 'w').close()\nos.environ['HOME']"
    assert sbx.run_code(look.format("usual")).text == "'/home/user'"
    assert sbx.run_code(look.format("made"), context=context).text == "'/home/user'"
    assert sbx.run_code("process.env.HOME", language="javascript").text == "'/home/user'"
    assert sbx.files.exists("~/of-usual") and sbx.files.exists("~/of-made")
    sbx.remove_code_context(context)


def test_a_context_that_ended_by_itself_begins_anew(sbx: Sandbox) -> None:
    context = sbx.create_code_context(cwd="/tmp")
    ended = sbx.run_code("import os\nleft = 1\nos._exit(3)", context=context).error
    assert ended is not None and ended.name == "ContextEnded"
    again = sbx.run_code("import os\n'left' in globals(), os.getcwd()", context=context)
    assert again.text == "(False, '/tmp')"
    sbx.remove_code_context(context)


def test_a_usual_context_is_made_whenever_it_is_needed(sbx: Sandbox) -> None:
    sbx.run_code("1", language="bash")
    usual = next(one for one in sbx.list_code_contexts() if one.language == "bash")
    sbx.remove_code_context(usual)
    assert sbx.run_code("echo again", language="bash").logs.stdout == ["again\n"]


def test_a_cell_is_interrupted_when_its_time_is_over(sbx: Sandbox) -> None:
    sbx.run_code("z = 1")
    with pytest.raises(TimeoutException):
        sbx.run_code("import time\nwhile True:\n    time.sleep(0.01)", timeout=1)
    # The next cell has its turn, in the same context.
    assert sbx.run_code("z", timeout=20).text == "1"


CATCHES = """
import time
while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
"""


@pytest.mark.parametrize(("language", "endless"), [("javascript", "while (true) {}"), ("python", CATCHES)])
def test_a_cell_that_cannot_be_interrupted_does_not_keep_its_context(
    sbx: Sandbox, language: str, endless: str
) -> None:
    sbx.run_code("1", language=language)
    with pytest.raises(TimeoutException):
        sbx.run_code(endless, language=language, timeout=1)
    assert sbx.run_code("1", language=language, timeout=20).text == "1"


@pytest.mark.parametrize("code", ["exit()", "quit()"])
def test_a_cell_ends_itself_and_not_its_context(sbx: Sandbox, code: str) -> None:
    ended = sbx.run_code(f"ended = 1\n{code}\nended = 2")
    assert ended.error is None and ended.logs.stderr == []
    assert sbx.run_code("ended").text == "1"


def test_a_cell_knows_its_sandbox(sbx: Sandbox) -> None:
    look = "import os\nos.environ['E2B_SANDBOX'], os.environ['E2B_SANDBOX_ID'], os.environ['E2B_TEMPLATE_ID']"
    assert sbx.run_code(look).text == str(("true", sbx.sandbox_id, sbx.get_info().template_id))


def test_a_cell_whose_sandbox_is_killed_breaks_off() -> None:
    sandbox = Sandbox.create("base", timeout=60)
    sandbox.run_code("1")
    try:
        with pytest.raises(TimeoutException, match="was killed"):
            sandbox.run_code(
                "import time\nprint('begun', flush=True)\ntime.sleep(30)", on_stdout=lambda _: sandbox.kill()
            )
    finally:
        sandbox.kill()


def test_a_cell_breaks_off_when_its_sandbox_pauses_at_its_timeout_and_goes_on_with_it() -> None:
    sandbox = Sandbox.create("base", timeout=300, lifecycle={"on_timeout": "pause"})
    try:
        sandbox.run_code("import time\nseen = 0")
        with pytest.raises(TimeoutException, match="was killed"):
            sandbox.run_code(
                "print('begun', flush=True)\ntime.sleep(6)\nprint('its end')\nseen = 1",
                timeout=40,
                on_stdout=lambda _: sandbox.set_timeout(1),
            )
        sandbox.connect(timeout=60)
        # The next one waits for it, and has no output of it.
        after = sandbox.run_code("seen", timeout=30)
        assert (after.text, after.logs.stdout, after.error) == ("1", [], None)
    finally:
        sandbox.kill()


@pytest.mark.parametrize(("language", "length"), [("python", "len(s)"), ("javascript", "s.length")])
def test_a_cell_may_be_long(sbx: Sandbox, language: str, length: str) -> None:
    for size in (900_000, 3_000_000):
        assert sbx.run_code(f"s = '{'z' * size}'\n{length}", language=language).text == str(size)
    assert sbx.run_code("1 + 1", language=language).text == "2"


def test_who_shows_no_token_runs_nothing(sbx: Sandbox) -> None:
    base = f"http://localhost:{PORT}/e2b/sandbox"
    named = {"E2b-Sandbox-Id": sbx.sandbox_id}
    for headers in (named, named | {"X-Access-Token": "ea_x"}, named | {"X-API-Key": SECOND_KEY}):
        assert httpx.post(f"{base}/execute", headers=headers, json={"code": "1"}).status_code == 401
        assert httpx.get(f"{base}/contexts", headers=headers).status_code == 401
        assert httpx.post(f"{base}/contexts", headers=headers, json={}).status_code == 401


def test_a_sandbox_that_is_gone_says_so() -> None:
    sandbox = Sandbox.create("base", timeout=60)
    sandbox.kill()
    with pytest.raises(TimeoutException):
        sandbox.run_code("1")


def test_by_its_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("E2B_SANDBOX_URL")
    with resolver() as proxy:
        api = f"https://api.{DOMAIN.removeprefix('sandbox.')}/e2b"
        sandbox = Sandbox.create("base", timeout=60, proxy=proxy, api_url=api)
        try:
            assert sandbox.run_code("6 * 7").text == "42"
        finally:
            sandbox.kill()


async def test_cells_of_the_asynchronous_client() -> None:
    sandbox = await AsyncSandbox.create("base", timeout=60)
    try:
        assert (await sandbox.run_code("6 * 7")).text == "42"
        context = await sandbox.create_code_context()
        assert (await sandbox.run_code("8", context=context)).text == "8"
    finally:
        await sandbox.kill()
