"""Runs cells of Python that share one namespace.

A request is one line on descriptor 3: a nonce, the cell in base64 and its time-out in milliseconds, which is
the server's affair where an interrupt ends a cell. Whatever the cell and its children write goes to standard
output and error as it comes. The end of a cell is the nonce, framed by U+001E, on both: on standard output
with the answer, JSON in base64.
"""

import ast
import base64
import json
import linecache
import os
import signal
import sys
import traceback

LONGEST = 1 << 20
FILE = "<cell %d>"


def shown(value):
    """The value as JSON; what has no such form, or a too long one, as text."""
    if value is None:
        return None, None
    try:
        text = repr(value)
    except Exception as wrong:
        text = "<%s that cannot be shown: %r>" % (type(value).__name__, wrong)
    if len(text) > LONGEST:
        text = text[:LONGEST]
    try:
        # Only what comes back the same: NaN, tuples as keys and the like have no JSON.
        if len(json.dumps(value, allow_nan=False)) <= LONGEST:
            return value, text
    except (TypeError, ValueError, RecursionError, OverflowError):
        pass
    return text, text


def failure(wrong):
    """The exception, without the frames of this program."""
    trace = wrong.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(wrong), wrong, trace))
    return {"name": type(wrong).__name__, "value": str(wrong)[:LONGEST], "traceback": text[:LONGEST]}


def run(code, number, space):
    """The value of the cell's last line, when that is an expression."""
    name = FILE % number
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    tree = ast.parse(code, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    step(compile(tree, name, "exec", flags), space)
    return None if last is None else step(compile(last, name, "eval", flags), space)


def step(code, space):
    value = eval(code, space)
    if code.co_flags & 0x80:  # it awaits something
        import asyncio

        loop = space.get("__loop__")
        if loop is None:
            loop = space["__loop__"] = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        value = loop.run_until_complete(value)
    return value


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def send(fd, data):
    while data:
        data = data[os.write(fd, data):]


def main():
    requests = os.fdopen(3, "rb")
    os.set_inheritable(3, False)
    space = {"__name__": "__main__", "__builtins__": __builtins__}
    sys.path.insert(0, "")
    sys.argv = [""]
    # The marks go to where the first descriptors lead, whatever a cell does with sys.stdout.
    outs = os.dup(1), os.dup(2)
    number = 0
    while True:
        # Between cells an interrupt has nothing to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        line = requests.readline()
        if not line.endswith(b"\n"):
            return
        nonce, cell = line.split()[:2]
        number += 1
        answer = {"ok": True, "number": number}
        try:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                value = run(base64.b64decode(cell).decode("utf-8", "replace"), number, space)
                answer["result"], answer["text"] = shown(value)
                if value is not None:
                    space["_"] = value
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        except SystemExit as wrong:
            if wrong.code not in (None, 0):
                answer = {"ok": False, "number": number, "error": failure(wrong)}
        except BaseException as wrong:
            answer = {"ok": False, "number": number, "error": failure(wrong)}
        flush()
        data = base64.b64encode(json.dumps(answer).encode("utf-8", "replace"))
        send(outs[1], b"\x1e" + nonce + b"\x1e")
        send(outs[0], b"\x1e" + nonce + b" " + data + b"\x1e")


main()
