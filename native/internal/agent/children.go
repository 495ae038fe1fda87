package agent

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// children knows which processes this agent started, and reaps them and every orphan.
type children struct {
	// shielded says that this process is a worse victim than its children should be, when memory is short.
	shielded bool

	mu    sync.Mutex
	known map[int]chan<- syscall.WaitStatus
	// forks are done one after the other: whoever holds the lock waits for his.
	forks chan func()
}

func newChildren() *children {
	k := &children{shielded: isShielded(), known: make(map[int]chan<- syscall.WaitStatus), forks: make(chan func())}
	go k.forking()
	return k
}

// forking forks on a thread that has the usual priority, which its children so begin with; this process has a higher one
// (docs/adr/0025).
func (k *children) forking() {
	runtime.LockOSThread()
	for work := range k.forks {
		// The fork server may have raised it since.
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 0)
		work()
	}
}

func isShielded() bool {
	data, err := os.ReadFile("/proc/self/oom_score_adj")
	return err == nil && strings.HasPrefix(string(data), "-")
}

// launch starts a program; its wait status arrives on the channel.
func (k *children) launch(path string, argv []string, attr *syscall.ProcAttr) (int, <-chan syscall.WaitStatus, error) {
	pid, exit, err := k.fork(path, argv, attr)
	if err == nil && k.shielded {
		expose(pid)
	}
	return pid, exit, err
}

// fork holds the lock all the while, so that the reaper cannot see the exit of a child that is not registered yet.
func (k *children) fork(path string, argv []string, attr *syscall.ProcAttr) (int, <-chan syscall.WaitStatus, error) {
	exit := make(chan syscall.WaitStatus, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	var pid int
	var err error
	done := make(chan struct{})
	k.forks <- func() {
		defer close(done)
		pid, err = syscall.ForkExec(path, argv, attr)
	}
	<-done
	if err != nil {
		return 0, nil, err
	}
	k.known[pid] = exit
	return pid, exit, nil
}

// expose makes a child the victim that process 1 must not be.
func expose(pid int) {
	file, err := unix.Open("/proc/"+itoa(pid)+"/oom_score_adj", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	_, _ = unix.Write(file, []byte("0"))
	unix.Close(file)
}

// kill sends a signal to a child, or to its group, only while its process id is certainly its own.
func (k *children) kill(pid int, group bool, number syscall.Signal) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, alive := k.known[pid]; !alive {
		return false
	}
	target := pid
	if group {
		target = -pid
	}
	return syscall.Kill(target, number) == nil
}

// reap collects the dead whenever a signal says that there are some.
func (k *children) reap(arrived <-chan os.Signal) {
	k.collect()
	for number := range arrived {
		if number == syscall.SIGCHLD {
			k.collect()
		}
	}
}

func (k *children) collect() {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		pid := siginfoPid(&info)
		if err != nil || pid == 0 {
			return
		}
		k.bury(pid)
	}
}

// bury reaps one dead process. Its id is forgotten before the kernel may give it to another one.
func (k *children) bury(pid int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	exit := k.known[pid]
	delete(k.known, pid)
	var status syscall.WaitStatus
	for {
		got, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if got == pid && exit != nil {
			exit <- status
		}
		return
	}
}
