"""Runs cells of Python that share one namespace.

A request is one line on descriptor 3: a nonce, the cell in base64, its time-out in milliseconds, which is
the server's affair where an interrupt ends a cell, and variables of the environment for this cell, JSON in
base64. Whatever the cell and its children write goes to standard output and error as it comes. The end of a
cell is the nonce, framed by U+001E, on both: on standard output with the answer, JSON in base64.

Where IPython is installed it runs the cells, with its magics and displays.
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
MOST_SHOWN = 6 << 20
INLINE = "module://matplotlib_inline.backend_inline"
FORMS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_pdf_": "application/pdf",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}
FILE = "<cell %d>"


def shown_value(value):
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


class Shown:
    """What a cell shows, as long as there is room for it."""

    def __init__(self):
        self.all = []
        self.room = MOST_SHOWN

    def add(self, data, value=False):
        forms = {}
        for mime, form in data.items():
            if isinstance(form, bytes):
                form = base64.b64encode(form).decode()
            try:
                size = len(form) if isinstance(form, str) else len(json.dumps(form, allow_nan=False))
            except (TypeError, ValueError, RecursionError):
                continue
            if size <= self.room:
                self.room -= size
                forms[mime] = form
        if forms:
            self.all.append({"value": value, "data": forms})


def forms(value):
    """The forms that an object has besides its text."""
    found = {}
    for name, mime in FORMS.items():
        try:
            form = None if isinstance(value, type) else getattr(value, name)()
        except Exception:
            continue
        if isinstance(form, tuple):
            form = form[0]
        if form is not None:
            found[mime] = form
    return found


def figures(shown):
    """Shows every open figure and closes it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    import io

    for number in pyplot.get_fignums():
        data = io.BytesIO()
        pyplot.figure(number).savefig(data, format="png", bbox_inches="tight")
        shown.add({"image/png": data.getvalue()})
    pyplot.close("all")


class Plain:
    """Cells of the plain interpreter."""

    def __init__(self):
        self.space = {"__name__": "__main__", "__builtins__": __builtins__}

    def run(self, code, number, answer, shown):
        try:
            value = run(code, number, self.space)
            figures(shown)
            answer["result"], answer["text"] = shown_value(value)
            if value is not None:
                self.space["_"] = value
                shown.add(forms(value), True)
        except SystemExit as wrong:
            if wrong.code not in (None, 0):
                answer.update(ok=False, error=failure(wrong))
        except BaseException as wrong:
            answer.update(ok=False, error=failure(wrong))


class Rich:
    """Cells of IPython, without its own input and output."""

    def __init__(self):
        from IPython.core.displayhook import DisplayHook
        from IPython.core.displaypub import DisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        cells = self

        class Publisher(DisplayPublisher):
            def publish(self, data, *others, **more):
                cells.shown.add(data)

            def clear_output(self, wait=False):
                pass

        class Hook(DisplayHook):
            def __call__(self, result=None):
                if result is None or self.quiet():
                    return
                self.start_displayhook()
                data, _ = self.compute_format_data(result)
                self.update_user_ns(result)
                cells.value, cells.data = result, data

        os.environ.setdefault("MPLBACKEND", INLINE)
        quiet = Config()
        quiet.HistoryManager.enabled = False
        self.shown, self.value, self.data = Shown(), None, {}
        self.shell = InteractiveShell.instance(
            config=quiet, display_pub_class=Publisher, displayhook_class=Hook, colors="NoColor"
        )
        # What a line of the shell writes comes as it is written.
        self.shell.system = self.shell.system_raw
        self.shell._showtraceback = self.failed

    def failed(self, kind, wrong, lines):
        self.error = {
            "name": getattr(kind, "__name__", str(kind)),
            "value": str(wrong)[:LONGEST],
            "traceback": "\n".join(lines)[:LONGEST],
        }

    def run(self, code, number, answer, shown):
        self.shown, self.value, self.data, self.error = shown, None, {}, None
        try:
            outcome = self.shell.run_cell(code, store_history=True)
            failed = not outcome.success
        except BaseException as wrong:
            failed, self.error = True, failure(wrong)
        if failed:
            wrong = self.error or {"name": "Error", "value": "The cell failed.", "traceback": ""}
            answer.update(ok=False, error=wrong)
            return
        answer["result"], answer["text"] = shown_value(self.value)
        if self.value is not None:
            answer["text"] = self.data.pop("text/plain", answer["text"])[:LONGEST]
            shown.add(self.data, True)


def interpreter():
    try:
        return Rich()
    except Exception:
        return Plain()


def main():
    requests = os.fdopen(3, "rb")
    os.set_inheritable(3, False)
    sys.path.insert(0, "")
    sys.argv = [""]
    cells = interpreter()
    # The marks go to where the first descriptors lead, whatever a cell does with sys.stdout.
    outs = os.dup(1), os.dup(2)
    number = 0
    while True:
        # Between cells an interrupt has nothing to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        line = requests.readline()
        if not line.endswith(b"\n"):
            return
        nonce, cell, _, env = line.split()[:4]
        number += 1
        answer, shown = {"ok": True, "number": number}, Shown()
        before = dict(os.environ)
        env = json.loads(base64.b64decode(env))
        try:
            try:
                os.environ.update(env)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                cells.run(base64.b64decode(cell).decode("utf-8", "replace"), number, answer, shown)
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        except BaseException as wrong:
            answer.update(ok=False, error=failure(wrong))
        for name in env:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)
        flush()
        answer["displays"] = shown.all
        data = base64.b64encode(json.dumps(answer).encode("utf-8", "replace"))
        send(outs[1], b"\x1e" + nonce + b"\x1e")
        send(outs[0], b"\x1e" + nonce + b" " + data + b"\x1e")


main()
