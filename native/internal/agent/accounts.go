package agent

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// account is whom a command runs as.
type account struct {
	name   string
	uid    uint32
	gid    uint32
	groups []uint32
	home   string
	shell  string
}

const maxAccountFile = 1 << 20

// lastID is the last number of a user that there can be inside.
const lastID = 65_535

// lookupAccount finds a user of the guest by name or number; root needs no file, nor does a number, as images give one
// that no file names (OCI image specification, config: User).
func lookupAccount(name string) (account, error) {
	if name == "" || name == "root" || name == "0" {
		return account{name: "root", home: "/root", shell: shellOfRoot()}, nil
	}
	if len(name) > 64 || strings.ContainsAny(name, ":\n\x00") {
		return account{}, fail("USER_NOT_FOUND", "that is no user name")
	}
	var found account
	known := false
	err := eachLine("/etc/passwd", func(fields []string) bool {
		if len(fields) < 7 || (fields[0] != name && fields[2] != name) {
			return true
		}
		uid, badUid := strconv.ParseUint(fields[2], 10, 32)
		gid, badGid := strconv.ParseUint(fields[3], 10, 32)
		if badUid != nil || badGid != nil {
			return true
		}
		found = account{name: fields[0], uid: uint32(uid), gid: uint32(gid), home: fields[5], shell: fields[6]}
		known = true
		return false
	})
	if err != nil || !known {
		return unnamedAccount(name)
	}
	if found.home == "" {
		found.home = "/"
	}
	if found.shell == "" {
		found.shell = "/bin/sh"
	}
	found.groups = groupsOf(found.name)
	return found, nil
}

func unnamedAccount(number string) (account, error) {
	uid, err := strconv.ParseUint(number, 10, 32)
	if err != nil || uid > lastID {
		return account{}, fail("USER_NOT_FOUND", "the sandbox has no user %q", number)
	}
	return account{name: number, uid: uint32(uid), home: "/", shell: "/bin/sh"}, nil
}

func shellOfRoot() string {
	if unix.Access("/bin/bash", unix.X_OK) == nil {
		return "/bin/bash"
	}
	return "/bin/sh"
}

func groupsOf(name string) []uint32 {
	var groups []uint32
	_ = eachLine("/etc/group", func(fields []string) bool {
		if len(fields) < 4 {
			return true
		}
		for _, member := range strings.Split(fields[3], ",") {
			if member != name {
				continue
			}
			if gid, err := strconv.ParseUint(fields[2], 10, 32); err == nil {
				groups = append(groups, uint32(gid))
			}
		}
		return len(groups) < 1024
	})
	return groups
}

func eachLine(path string, visit func(fields []string) bool) error {
	file, err := openFile(path, unix.O_RDONLY)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(io.LimitReader(file, maxAccountFile))
	for lines.Scan() {
		if !visit(strings.Split(lines.Text(), ":")) {
			return nil
		}
	}
	return lines.Err()
}

// oomCounter remembers how many processes of the sandbox the kernel had killed for memory, where the
// sandbox can see that.
type oomCounter struct {
	path string
	last int64
}

func newOOMCounter() oomCounter {
	for _, path := range []string{"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"} {
		if count, ok := readOOMKills(path); ok {
			return oomCounter{path: path, last: count}
		}
	}
	return oomCounter{}
}

func readOOMKills(path string) (int64, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for _, line := range strings.Split(string(data), "\n") {
		if rest, ok := strings.CutPrefix(line, "oom_kill "); ok {
			count, err := strconv.ParseInt(rest, 10, 64)
			return count, err == nil
		}
	}
	return 0, false
}
