package vm

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	agentPath  = "/dev/.atoll/agent"
	// The agent is the last one that the kernel kills for memory; it undoes this for what it starts.
	shielded = "-900"

	quiet = unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV
)

// kept are the capabilities that root of a sandbox has, as in a container. The agent also administers, to name
// the machine; it takes that away from what it starts.
var kept = map[uintptr]bool{
	unix.CAP_CHOWN: true, unix.CAP_DAC_OVERRIDE: true, unix.CAP_FOWNER: true, unix.CAP_FSETID: true, unix.CAP_KILL: true,
	unix.CAP_NET_BIND_SERVICE: true, unix.CAP_SETFCAP: true, unix.CAP_SETGID: true, unix.CAP_SETPCAP: true,
	unix.CAP_SETUID: true, unix.CAP_SYS_CHROOT: true, unix.CAP_SYS_ADMIN: true,
}

// devices are what a container has too.
var devices = map[string]uint64{
	"null": unix.Mkdev(1, 3), "zero": unix.Mkdev(1, 5), "full": unix.Mkdev(1, 7), "random": unix.Mkdev(1, 8),
	"urandom": unix.Mkdev(1, 9), "tty": unix.Mkdev(5, 0),
}

var links = map[string]string{
	"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx",
	"core": "/proc/kcore",
}

// stage runs in the sandbox's namespaces: it makes the sandbox's files the root of everything, and becomes the agent.
// It answers only when that fails.
func stage() error {
	runtime.LockOSThread()
	guest := &Guest{}
	if err := json.Unmarshal([]byte(os.Getenv("ATOLL_SETTINGS")), guest); err != nil {
		return err
	}
	agent, err := os.Open("/agent")
	if err != nil {
		return err
	}
	if err := moveRoot(); err != nil {
		return err
	}
	steps := []func() error{
		mountSystem, makeDevices, func() error { return showAgent(agent) }, func() error { return mountVolumes(guest.Volumes) },
		func() error { return unix.Sethostname([]byte(guest.Hostname)) },
		func() error { return limit(guest.OpenFiles) }, dropCapabilities, silence,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return unix.Exec(agentPath, append([]string{agentPath}, guest.Agent...), []string{searchPath})
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	return nil
}

// moveRoot comes first: whatever the sandbox put where something is mounted now leads nowhere else.
func moveRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := mount(rootTag, "/root", "virtiofs", unix.MS_NODEV, ""); err != nil {
		return err
	}
	if err := unix.Chdir("/root"); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("the sandbox's files as root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return unix.Chdir("/")
}

func mountSystem() error {
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return err
	}
	for _, each := range []struct {
		source, target, kind string
		flags                uintptr
		data                 string
	}{
		{"proc", "/proc", "proc", quiet, ""},
		{"tmpfs", "/dev", "tmpfs", unix.MS_NOSUID | unix.MS_STRICTATIME, "mode=755,size=65536k"},
		{"devpts", "/dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
		{"shm", "/dev/shm", "tmpfs", quiet, "mode=1777,size=65536k"},
		{"mqueue", "/dev/mqueue", "mqueue", quiet, ""},
		{"sysfs", "/sys", "sysfs", quiet | unix.MS_RDONLY, ""},
		{"cgroup", "/sys/fs/cgroup", "cgroup2", quiet | unix.MS_RDONLY, ""},
	} {
		if err := mount(each.source, each.target, each.kind, each.flags, each.data); err != nil {
			return err
		}
	}
	// Settings of the kernel are no more the sandbox's than in a container.
	for _, path := range []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"} {
		if err := readOnly(path); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func readOnly(path string) error {
	if err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	return unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|quiet, "")
}

func makeDevices() error {
	for name, number := range devices {
		path := filepath.Join("/dev", name)
		if err := unix.Mknod(path, unix.S_IFCHR|0o666, int(number)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.Chmod(path, 0o666); err != nil {
			return err
		}
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join("/dev", name)); err != nil {
			return err
		}
	}
	return nil
}

func showAgent(agent *os.File) error {
	defer agent.Close()
	if err := os.MkdirAll(filepath.Dir(agentPath), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(agentPath, nil, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", agent.Fd()), agentPath, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("the agent: %w", err)
	}
	return unix.Mount("", agentPath, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, "")
}

func mountVolumes(volumes []Volume) error {
	for _, each := range volumes {
		flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV)
		if each.ReadOnly {
			flags |= unix.MS_RDONLY
		}
		if err := mount(each.Name, each.Target, "virtiofs", flags, ""); err != nil {
			return err
		}
	}
	return nil
}

func limit(openFiles uint64) error {
	for resource, most := range map[int]uint64{unix.RLIMIT_NOFILE: openFiles, unix.RLIMIT_CORE: 0} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limits: %w", err)
		}
	}
	return os.WriteFile("/proc/self/oom_score_adj", []byte(shielded), 0)
}

func dropCapabilities() error {
	text, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		return err
	}
	last, err := strconv.Atoi(string(text[:len(text)-1]))
	if err != nil {
		return err
	}
	for each := uintptr(0); each <= uintptr(last); each++ {
		if kept[each] {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, each, 0, 0, 0); err != nil {
			return fmt.Errorf("capability %d: %w", each, err)
		}
	}
	return nil
}

// silence lets the streams lead nowhere. The error stream is the way back until the agent runs.
func silence() error {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for stream := range 2 {
		if err := unix.Dup3(null, stream, 0); err != nil {
			return err
		}
	}
	unix.CloseOnExec(2)
	return nil
}
