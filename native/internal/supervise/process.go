package supervise

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// process is a running role: started by this supervisor, or by one before it.
type process struct {
	pid       int
	startTime uint64 // as the kernel counts; tells it from a later process of the same number
	ended     <-chan struct{}
}

func (p *process) signal(number syscall.Signal) {
	if started, err := startTime(p.pid); err == nil && started == p.startTime {
		_ = syscall.Kill(p.pid, number)
	}
}

// launcher starts processes and reaps them and every orphan that falls to this supervisor.
type launcher struct {
	mu    sync.Mutex
	known map[int]chan struct{}
}

func newLauncher() *launcher { return &launcher{known: map[int]chan struct{}{}} }

func (l *launcher) start(role *Role) (*process, error) {
	if role.MountSpace == "" {
		return l.fork(role)
	}
	type outcome struct {
		process *process
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its namespace
		if err := enter(role.MountSpace); err != nil {
			done <- outcome{nil, err}
			return
		}
		started, err := l.fork(role)
		done <- outcome{started, err}
	}()
	result := <-done
	return result.process, result.err
}

func enter(namespace string) error {
	fd, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", namespace, err)
	}
	defer unix.Close(fd)
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	return unix.Setns(fd, unix.CLONE_NEWNS)
}

func (l *launcher) fork(role *Role) (*process, error) {
	log, err := os.OpenFile(role.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	null, err := os.Open("/dev/null")
	if err != nil {
		return nil, err
	}
	defer null.Close()
	attributes := &syscall.ProcAttr{
		Dir: role.Cwd, Env: role.Env,
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	if role.Uid != nil || role.Gid != nil {
		attributes.Sys.Credential = credential(role)
	}
	ended := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	defer limitFiles(role.Nofile)()
	pid, err := syscall.ForkExec(role.Command[0], role.Command, attributes)
	if err != nil {
		return nil, err
	}
	l.known[pid] = ended
	started, _ := startTime(pid)
	return &process{pid: pid, startTime: started, ended: ended}, nil
}

// limitFiles sets this process's own limit for what it starts next, and answers what undoes it. Beyond the
// hard limit it takes what there is.
func limitFiles(wanted uint64) func() {
	var old syscall.Rlimit
	if wanted == 0 || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old) != nil {
		return func() {}
	}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: wanted, Max: max(wanted, old.Max)}) != nil {
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: min(wanted, old.Max), Max: old.Max})
	}
	return func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old) }
}

func credential(role *Role) *syscall.Credential {
	who := &syscall.Credential{Groups: role.Groups}
	if role.Uid != nil {
		who.Uid = *role.Uid
	}
	if role.Gid != nil {
		who.Gid = *role.Gid
	}
	return who
}

// reap collects the dead.
func (l *launcher) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		l.mu.Lock()
		if ended, ours := l.known[pid]; ours {
			delete(l.known, pid)
			close(ended)
		}
		l.mu.Unlock()
	}
}

// adopt watches a process that an earlier supervisor started, when it still is that one.
func adopt(pid int, started uint64) *process {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil
	}
	if now, err := startTime(pid); err != nil || now != started {
		unix.Close(fd)
		return nil
	}
	ended := make(chan struct{})
	go func() {
		defer unix.Close(fd)
		defer close(ended)
		for {
			ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			if n, err := unix.Poll(ready, -1); err != unix.EINTR && (err != nil || n > 0) {
				return
			}
		}
	}()
	return &process{pid: pid, startTime: started, ended: ended}
}

// startTime is when a live process was started, in clock ticks since boot.
func startTime(pid int) (uint64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold anything.
	_, rest, found := strings.Cut(string(text), ") ")
	if at := strings.LastIndex(string(text), ") "); at >= 0 {
		rest = string(text)[at+2:]
	}
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0, fmt.Errorf("process %d is dead", pid)
	}
	return strconv.ParseUint(fields[19], 10, 64)
}
