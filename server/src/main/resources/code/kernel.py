"""Runs cells of Python that share one namespace.

A request is one line on descriptor 3: a nonce, the cell in base64, its time-out in milliseconds, which is
the server's affair where an interrupt ends a cell, variables of the environment for this cell, JSON in
base64, and "tables" where data frames are told by their columns. Whatever the cell and its children write goes to standard output and error as it comes. The end of a
cell is the nonce, framed by U+001E, on both: on standard output with the answer, JSON in base64. What the cell
shows before comes in pieces that are framed alike, each written at once so that no child's output falls into
one: the nonce, "<" for the first, "+" for more and "." for the end, and base64.

Where IPython is installed it runs the cells, with its magics and displays.
"""

import ast
import base64
import builtins
import functools
import io
import json
import linecache
import os
import select
import signal
import sys
import threading
import traceback
import warnings

LONGEST = 1 << 20
MOST_SHOWN = 6 << 20
MOST_ANSWER = 12 << 20
MOST_IN_TABLE = 100_000
TABLE = "application/vnd.atoll.columns+json"
PIECE = 3 << 10  # with its frame no more than a pipe takes at once
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


class Cutter:
    """Cuts texts to what one may have, and knows whether it had to."""

    def __init__(self):
        self.used = False

    def __call__(self, text):
        self.used |= len(text) > LONGEST
        return text[:LONGEST]


cut = Cutter()


def shown_value(value):
    """The value as JSON, or as text where that has no such form or is too long; its text; whether the first is cut."""
    if value is None:
        return None, "", False
    try:
        text = repr(value)
    except Exception as wrong:
        text = "<%s that cannot be shown: %r>" % (type(value).__name__, wrong)
    try:
        # Only what comes back the same: NaN, tuples as keys and the like have no JSON.
        if len(json.dumps(value, allow_nan=False)) <= LONGEST:
            return value, text, False
    except (TypeError, ValueError, RecursionError, OverflowError):
        pass
    return text[:LONGEST], text, len(text) > LONGEST


def failure(wrong):
    """The exception, without the frames of this program."""
    trace = wrong.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(wrong), wrong, trace))
    return {"name": type(wrong).__name__, "value": cut(str(wrong)), "traceback": cut(text)}


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


def gathering(written):
    """A print that writes its values and its end at once: else who listens hears them one by one."""

    @functools.wraps(written)
    def gathered(*values, file=None, flush=False, **how):
        stream = sys.stdout if file is None else file
        if stream is None or (stream is not sys.stdout and stream is not sys.stderr):
            return written(*values, file=file, flush=flush, **how)
        text = io.StringIO()
        written(*values, file=text, **how)
        stream.write(text.getvalue())
        if flush:
            stream.flush()

    return gathered


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def send(fd, data):
    while data:
        try:
            data = data[os.write(fd, data):]
        except BlockingIOError:  # a child has made it so
            select.select([], [fd], [])


def encoded(value):
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")


class Shown:
    """Tells what a cell shows as it comes; its value goes with the answer."""

    def __init__(self, fd, nonce):
        self.fd, self.nonce = fd, nonce
        self.value = []
        self.lock = threading.RLock()
        self.ended = False

    def add(self, data, value=False):
        forms, room = {}, MOST_SHOWN
        for mime, form in data.items():
            if isinstance(form, bytes):
                form = base64.b64encode(form).decode()
            try:
                size = len(encoded(form))
            except (TypeError, ValueError, RecursionError):
                continue
            if size <= room:
                room -= size
                forms[mime] = form
            else:
                cut.used = True
        if forms and value:
            self.value.append({"value": True, "data": forms})
        elif forms:
            self.tell(base64.b64encode(encoded({"data": forms})))

    def tell(self, data):
        flush()
        with self.lock:
            for at in range(0, 0 if self.ended else len(data), PIECE):
                self.piece(b"+" if at else b"<", data[at:at + PIECE])
            if not self.ended:
                self.piece(b".", b"")

    def piece(self, kind, data):
        send(self.fd, b"\x1e" + self.nonce + kind + data + b"\x1e")

    def end(self):
        with self.lock:
            self.ended = True


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


def columns(value):
    """The columns of a data frame of pandas by their names; nothing for what is none, or too large."""
    pandas = sys.modules.get("pandas")
    try:
        if not isinstance(value, pandas.DataFrame) or value.size > MOST_IN_TABLE:
            return None
        lists = [value.iloc[:, at].tolist() for at in range(value.shape[1])]
        return {str(name): [simple(one, pandas) for one in cells] for name, cells in zip(value.columns, lists)}
    except Exception:
        return None


def simple(value, pandas):
    """As JSON has it: times in ISO 8601, what is missing as null."""
    if value is pandas.NaT or value is getattr(pandas, "NA", None):
        return None
    if isinstance(value, float):
        return value if value - value == 0 else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def figures(shown):
    """Shows every open figure and closes it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        data = io.BytesIO()
        pyplot.figure(number).savefig(data, format="png", bbox_inches="tight")
        shown.add({"image/png": data.getvalue()})
    pyplot.close("all")


class Plain:
    """Cells of the plain interpreter."""

    def __init__(self):
        self.space = {"__name__": "__main__", "__builtins__": __builtins__}
        self.tables = False

    def run(self, code, number, answer, shown):
        try:
            value = run(code, number, self.space)
            figures(shown)
            answer["result"], text, answer["result_cut"] = shown_value(value)
            if value is not None:
                answer["text"] = cut(text)
                self.space["_"] = value
                found, table = forms(value), columns(value) if self.tables else None
                shown.add(found if table is None else found | {TABLE: table}, True)
        except SystemExit as wrong:
            if wrong.code not in (None, 0):
                answer.update(ok=False, error=failure(wrong))
        except BaseException as wrong:
            answer.update(ok=False, error=failure(wrong))


class Ended(SystemExit):
    """The cell wants no more: it has not failed, and its interpreter goes on."""


class Rich:
    """Cells of IPython, without its own input and output."""

    def __init__(self):
        from IPython.core.autocall import ExitAutocall
        from IPython.core.displayhook import DisplayHook
        from IPython.core.displaypub import DisplayPublisher
        from IPython.core.formatters import BaseFormatter
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets import Unicode
        from traitlets.config import Config

        cells = self

        class Publisher(DisplayPublisher):
            def publish(self, data, *others, **more):
                if cells.shown is not None:
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

        class Table(BaseFormatter):  # others expect what every formatter has, matplotlib above all
            format_type = Unicode(TABLE)

            def __call__(self, value):
                return columns(value) if cells.tables else None

        class Exit(ExitAutocall):
            def __call__(self, *codes, **more):
                raise Ended

        os.environ.setdefault("MPLBACKEND", INLINE)
        warnings.filterwarnings("ignore", "To exit: use 'exit'")
        quiet = Config()
        quiet.HistoryManager.enabled = False
        self.shown, self.value, self.data, self.tables = None, None, {}, False
        self.shell = InteractiveShell.instance(
            config=quiet,
            display_pub_class=Publisher,
            displayhook_class=Hook,
            colors="NoColor",
            exiter=Exit(),
        )
        # What a line of the shell writes comes as it is written.
        self.shell.system = self.shell.system_raw
        self.shell._showtraceback = self.failed
        formatter = self.shell.display_formatter
        formatter.formatters[TABLE] = Table(parent=formatter)

    def failed(self, kind, wrong, lines):
        self.error = {
            "name": getattr(kind, "__name__", str(kind)),
            "value": cut(str(wrong)),
            "traceback": cut("\n".join(lines)),
        }

    def run(self, code, number, answer, shown):
        self.shown, self.value, self.data, self.error = shown, None, {}, None
        try:
            outcome = self.shell.run_cell(code, store_history=True)
            failed = not outcome.success and not isinstance(outcome.error_in_exec, Ended)
        except BaseException as wrong:
            failed, self.error = True, failure(wrong)
        if failed:
            wrong = self.error or {"name": "Error", "value": "The cell failed.", "traceback": ""}
            answer.update(ok=False, error=wrong)
            return
        answer["result"], text, answer["result_cut"] = shown_value(self.value)
        if self.value is not None:
            answer["text"] = cut(self.data.pop("text/plain", text))
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
    builtins.print = gathering(print)
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
        nonce, cell, _, env, *wishes = line.split()
        cells.tables = b"tables" in wishes
        number += 1
        answer, shown, cut.used = {"ok": True, "number": number}, Shown(outs[0], nonce), False
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
        shown.end()
        answer["displays"], answer["cut"] = shown.value, cut.used
        data = base64.b64encode(encoded(answer))
        if len(data) > MOST_ANSWER:
            answer.update(displays=[], result=None, cut=True)
            data = base64.b64encode(encoded(answer))
        send(outs[1], b"\x1e" + nonce + b"\x1e")
        send(outs[0], b"\x1e" + nonce + b" " + data + b"\x1e")


main()
