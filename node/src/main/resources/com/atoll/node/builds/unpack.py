"""Unpacks one layer of an OCI image over the ones before it. Runs in a sandbox: what a hostile layer
reaches is that sandbox. Comes by standard input each time: a file of the sandbox need not be trusted.

python3 - layer ROOT FILE | python3 - finish ROOT PATH
"""

import os
import shutil
import stat
import sys
import tarfile

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
MOST_LINKS = 40
LAST_ID = 65535  # of a sandbox


def place(root, name, follow=False, make=True):
    """The place of a member. Links on its way, and with follow its own, lead where they would in the
    image: nowhere above its root. Folders on the way are made; without make, None when one is missing.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError(f"{name!r} leads out of the image")
    at, links = [], 0
    ahead = parts[::-1]
    while ahead:
        part = ahead.pop()
        if part == "..":
            del at[-1:]
            continue
        path = os.path.join(root, *at, part)
        if os.path.islink(path) and (ahead or follow):
            links += 1
            if links > MOST_LINKS:
                raise ValueError(f"{name!r} leads through links without an end")
            target = os.readlink(path)
            if target.startswith("/"):
                at = []
            ahead += [part for part in target.split("/") if part not in ("", ".")][::-1]
            continue
        at.append(part)
        if ahead and not os.path.isdir(path):
            if not make:
                return None
            os.mkdir(path)
    return os.path.join(root, *at)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def whiteout(root, name):
    folder, last = os.path.split(name)
    if last == OPAQUE:
        target = place(root, folder, follow=True, make=False)
        if target and os.path.isdir(target):
            for entry in os.listdir(target):
                remove(os.path.join(target, entry))
    elif last[len(WHITEOUT) :] not in ("", "."):
        target = place(root, os.path.join(folder, last[len(WHITEOUT) :]), make=False)
        if target:
            remove(target)


def link(root, name, target, left_out):
    """A further name of a file, which may have had the name of a folder that it was in."""
    source = place(root, name, make=False)
    if source in left_out and not os.path.lexists(source):
        remove(target)
        left_out.add(target)
        return
    if source is None or not os.path.lexists(source):
        raise ValueError(f"{name!r} has no file for a further name")
    if os.path.lexists(target) and os.path.samestat(os.lstat(source), os.lstat(target)):
        return
    spare = root + ".link"
    os.link(source, spare, follow_symlinks=False)
    remove(target)
    os.rename(spare, target)


def put(archive, member, root, target, left_out):
    if target == root and not member.isdir():
        raise ValueError(f"{member.name!r} would take the place of the image's root")
    if member.isdir():
        if os.path.islink(target) or not os.path.isdir(target):
            remove(target)
            os.mkdir(target)
        return
    if member.islnk():
        link(root, member.linkname, target, left_out)
        return
    remove(target)
    if member.issym():
        os.symlink(member.linkname, target)
    elif member.isfile():
        with archive.extractfile(member) as source, open(target, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    else:
        left_out.add(target)  # devices and their like: every sandbox has its own


def dress(member, target):
    """Gives it what the archive says of it; whether its owner is one that a sandbox has."""
    if not os.path.lexists(target) or member.islnk():
        return True
    mode = stat.S_IMODE(member.mode)
    uid, gid = member.uid, member.gid
    known = 0 <= uid <= LAST_ID and 0 <= gid <= LAST_ID
    if not known:
        uid, gid = 0, 0
        mode &= ~(stat.S_ISUID | stat.S_ISGID)  # as root nobody was to run it
    os.chown(target, uid, gid, follow_symlinks=False)
    if not member.issym():
        os.chmod(target, mode)
        for key, value in member.pax_headers.items():
            if key == "SCHILY.xattr.security.capability":
                try:
                    data = value.encode("utf-8", "surrogateescape")
                    os.setxattr(target, "security.capability", data)
                except OSError as refused:
                    print(f"{member.name}: {refused}")
        os.utime(target, (member.mtime, member.mtime))
    return known


def layer(root, file):
    whiteouts, folders, foreign, left_out = [], {}, [], set()
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
            put(archive, member, root, target, left_out)
            if member.isdir():
                folders[target] = member  # of two entries the last one is what it is
            elif not dress(member, target):
                foreign.append(member)
    for target in sorted(folders, key=lambda one: one.count("/"), reverse=True):
        # What came behind it may have put a link there, or on the way.
        if os.path.isdir(target) and os.path.realpath(target) == target:
            if not dress(folders[target], target):
                foreign.append(folders[target])
    if foreign:
        one = foreign[0]
        print(f"{len(foreign)} entries belong to root: owners above {LAST_ID}, as {one.name} "
              f"with {one.uid}:{one.gid}, are not in a sandbox")


def finish(root, path):
    for name in ("dev", "etc", "proc", "run", "sys", "tmp", "workspace"):
        # What the kernel shows is mounted on folders of these names themselves.
        folder = place(root, name, follow=name not in ("dev", "proc", "sys"))
        if os.path.islink(folder) or not os.path.isdir(folder):
            remove(folder)
            os.mkdir(folder)
    os.chmod(place(root, "tmp", follow=True), 0o1777)
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
    if os.path.realpath(root) != root:
        raise ValueError(f"a link leads to {root}")
    if sys.argv[1] == "layer":
        layer(root, sys.argv[3])
    else:
        finish(root, sys.argv[3])


main()
