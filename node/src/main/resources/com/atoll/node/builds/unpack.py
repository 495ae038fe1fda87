"""Unpacks one layer of an OCI image over the ones before it. Runs in a sandbox: what a hostile layer
reaches is that sandbox.

unpack.py layer ROOT FILE | unpack.py finish ROOT PATH
"""

import os
import shutil
import stat
import sys
import tarfile

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


def place(root, name):
    """The place of a member, without a link on its way: links of a layer lead nowhere else."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError(f"{name!r} leads out of the image")
    at = root
    for part in parts[:-1]:
        at = os.path.join(at, part)
        if os.path.islink(at):
            target = os.readlink(at)
            base = root if target.startswith("/") else os.path.dirname(at)
            at = os.path.normpath(os.path.join(base, target.lstrip("/")))
            if at != root and not at.startswith(root + "/"):
                raise ValueError(f"{name!r} leads out of the image")
        if not os.path.isdir(at):
            os.makedirs(at)
    return os.path.join(at, parts[-1]) if parts else root


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def whiteout(root, name):
    folder, last = os.path.split(name)
    if last == OPAQUE:
        target = place(root, folder)
        if os.path.isdir(target):
            for entry in os.listdir(target):
                remove(os.path.join(target, entry))
    else:
        remove(place(root, os.path.join(folder, last[len(WHITEOUT) :])))


def put(archive, member, root, target):
    if member.isdir():
        if os.path.islink(target) or not os.path.isdir(target):
            remove(target)
            os.makedirs(target)
        return
    remove(target)
    if member.issym():
        os.symlink(member.linkname, target)
    elif member.islnk():
        os.link(place(root, member.linkname), target, follow_symlinks=False)
    elif member.isfile():
        with archive.extractfile(member) as source, open(target, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    else:
        return  # devices and their like: every sandbox has its own


def dress(member, target):
    if not os.path.lexists(target) or member.islnk():
        return
    os.chown(target, member.uid, member.gid, follow_symlinks=False)
    if not member.issym():
        os.chmod(target, stat.S_IMODE(member.mode))
        for key, value in member.pax_headers.items():
            if key == "SCHILY.xattr.security.capability":
                try:
                    data = value.encode("utf-8", "surrogateescape")
                    os.setxattr(target, "security.capability", data)
                except OSError as refused:
                    print(f"{member.name}: {refused}")
        os.utime(target, (member.mtime, member.mtime))


def layer(root, file):
    whiteouts, folders = [], []
    with tarfile.open(file) as archive:
        for member in archive:
            if os.path.basename(member.name).startswith(WHITEOUT):
                whiteouts.append(member.name)
    for name in sorted(whiteouts, key=lambda one: (OPAQUE not in one, one)):
        whiteout(root, name)
    with tarfile.open(file) as archive:
        for member in archive:
            if os.path.basename(member.name).startswith(WHITEOUT):
                continue
            target = place(root, member.name)
            put(archive, member, root, target)
            if member.isdir():
                folders.append((member, target))
            else:
                dress(member, target)
    for member, target in reversed(folders):
        dress(member, target)


def finish(root, path):
    for name in ("dev", "etc", "proc", "run", "sys", "tmp", "workspace"):
        os.makedirs(place(root, name), exist_ok=True)
    os.chmod(place(root, "tmp"), 0o1777)
    for name in ("etc/hostname", "etc/hosts", "etc/resolv.conf"):
        remove(place(root, name))
        with open(place(root, name), "w") as file:
            file.write("")
    bundle = place(root, "etc/atoll/ca-certificates.crt")
    remove(bundle)
    shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", bundle)
    if path:
        profile = place(root, "etc/profile.d/atoll-path.sh")
        remove(profile)
        with open(profile, "w") as file:
            quoted = path.replace("'", "'\\''")
            file.write(f"export PATH='{quoted}'\n")


def main():
    root = os.path.abspath(sys.argv[2])
    os.makedirs(root, exist_ok=True)
    if sys.argv[1] == "layer":
        layer(root, sys.argv[3])
    else:
        finish(root, sys.argv[3])


main()
