package vm

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	sandboxGroup = "/groups/sandbox"
	// What the kernel and process 1 keep for themselves when the sandbox has used up its memory.
	keptBytes = 32 << 20
)

// makeGroup limits the sandbox inside its machine, so that what it uses up is its own and not the kernel's.
func makeGroup(guest *Guest) (*os.File, error) {
	if err := os.WriteFile("/groups/cgroup.subtree_control", []byte("+pids +memory"), 0); err != nil {
		return nil, err
	}
	if err := os.Mkdir(sandboxGroup, 0o755); err != nil {
		return nil, err
	}
	var system unix.Sysinfo_t
	if err := unix.Sysinfo(&system); err != nil {
		return nil, err
	}
	limits := map[string]uint64{
		"pids.max":   uint64(guest.Pids),
		"memory.max": system.Totalram*uint64(system.Unit) - keptBytes,
	}
	for name, limit := range limits {
		if err := os.WriteFile(sandboxGroup+"/"+name, []byte(strconv.FormatUint(limit, 10)), 0); err != nil {
			return nil, err
		}
	}
	return os.Open(sandboxGroup)
}
