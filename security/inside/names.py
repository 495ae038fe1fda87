"""Makes files with names and of kinds that are seldom met. Arguments: the folder, how many in one folder. Says how many odd ones."""

import os
import socket
import sys

top, many = sys.argv[1].encode(), int(sys.argv[2])
made = 0
for folder in (b"flat", b"deep", b"many", b"kinds"):
    os.makedirs(top + b"/" + folder, exist_ok=True)
NAMES = [
    b"line\nend", b"carriage\rreturn", b"tab\there", b"\x1b[2J\x1b]0;title\x07", b"\xff\xfe", b"\xc0\xae\xc0\xae", b"\xed\xa0\x80", b"a\x80b", b"..\xc0\xaf",
    b"...", b"-rf", b"--checkpoint-action=exec=sh x", b"*", b"?", b"#", b"%2e%2e%2f", b"%00", b"a\\..\\b", b"C:", b"con", b"quote\"'`$(id)", b"<script>alert(1)<script>",
    b" ", b" leading", b"trailing ", b"\xe2\x80\xae gnp", b"\xe2\x80\xa8", b"x" * 255, "ü".encode() * 127, b"{}", b"~", b".git", b".wh.whiteout", b".wh..wh..opq",
    b"=1+1", b"\x01", b"\x7f", b"pax\n30 path=..etc\n", b"a:b", b"@eaDir", b"\xf0\x9f\x92\xa3",
]
for name in NAMES:
    with open(top + b"/flat/" + name, "wb") as out:
        out.write(b"odd")
    made += 1
os.symlink(b"../../../../etc/passwd\n", top + b"/flat/link\n")
os.symlink(b"\xff" * 200, top + b"/flat/\xfflink")
os.link(top + b"/flat/line\nend", top + b"/flat/hard\nlink")
for number in range(many):
    os.close(os.open(top + b"/many/%d" % number, os.O_CREAT | os.O_WRONLY))
os.chdir(top + b"/deep")
for number in range(1500):
    try:
        os.mkdir(b"d" * 100)
        os.chdir(b"d" * 100)
    except OSError:
        break
os.chdir(top + b"/kinds")
os.mkfifo(b"pipe")
with socket.socket(socket.AF_UNIX) as one:
    one.bind(b"socket")
os.symlink(b"loop", b"loop")
os.symlink(b"/dev/zero", b"zero")
os.symlink(b"/dev/full", b"full")
with open(b"sparse", "wb") as out:
    for size in (1 << 62, 1 << 53, 1 << 44, 1 << 40):
        try:
            out.truncate(size)
            break
        except OSError:
            continue
os.close(os.open(b"nothing", os.O_CREAT | os.O_WRONLY, 0))
os.chmod(b"nothing", 0o7777)
print(made)
