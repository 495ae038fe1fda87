package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	quickDeath  = 2 * time.Second
	firstDelay  = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// keeper is one role as it is now. Only the supervisor's loop touches it.
type keeper struct {
	role     Role
	process  *process
	since    time.Time
	delay    time.Duration
	restarts int
	stopped  bool // by order: not to be started again
	removed  bool
	wake     *time.Timer
	kill     *time.Timer
}

// start runs the role now; a failure counts as a quick death.
func (s *Supervisor) start(k *keeper) {
	if k.process != nil || k.stopped {
		return
	}
	started, err := s.launcher.start(&k.role)
	k.since = time.Now()
	if err != nil {
		s.say("%s does not start: %v", k.role.Name, err)
		s.restartLater(k)
		return
	}
	s.say("%s started as process %d", k.role.Name, started.pid)
	s.watch(k, started)
}

func (s *Supervisor) watch(k *keeper, running *process) {
	k.process = running
	if s.spec.Pids != "" {
		_ = os.WriteFile(s.pidFile(k), []byte(strconv.Itoa(running.pid)+"\n"), 0o644)
	}
	go func() {
		<-running.ended
		s.do(func() { s.ended(k, running) })
	}()
}

func (s *Supervisor) pidFile(k *keeper) string { return filepath.Join(s.spec.Pids, k.role.Name) }

func (s *Supervisor) ended(k *keeper, process *process) {
	if k.process != process {
		return
	}
	k.process = nil
	if k.kill != nil {
		k.kill.Stop()
	}
	if s.spec.Pids != "" {
		_ = os.Remove(s.pidFile(k))
	}
	s.say("%s (process %d) ended", k.role.Name, process.pid)
	if !k.stopped && !s.stopping {
		s.restartLater(k)
	}
	s.writeState()
	if s.stopping {
		s.stopNext()
	}
}

// restartLater starts a role again at once, or later and later when it dies of its start.
func (s *Supervisor) restartLater(k *keeper) {
	wait := firstDelay
	if time.Since(k.since) < quickDeath {
		wait = max(firstDelay, k.delay)
		k.delay = min(2*wait, longestWait)
	} else {
		k.delay = 0
	}
	k.restarts++
	k.wake = time.AfterFunc(wait, func() {
		s.do(func() {
			if !s.stopping {
				s.start(k)
				s.writeState()
			}
		})
	})
}

// stop ends a role's process: asked first, then made to.
func (s *Supervisor) stop(k *keeper) {
	if k.wake != nil {
		k.wake.Stop()
	}
	running := k.process
	if running == nil {
		return
	}
	running.signal(k.role.stopSignal())
	k.kill = time.AfterFunc(k.role.stopTime(), func() { running.signal(syscall.SIGKILL) })
}

func (s *Supervisor) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s supervise: %s\n", time.Now().UTC().Format(time.RFC3339), fmt.Sprintf(format, args...))
}
