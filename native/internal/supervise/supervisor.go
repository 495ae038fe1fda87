package supervise

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const rotateEvery = time.Second

// Supervisor runs one loop that owns all of its state.
type Supervisor struct {
	path     string
	spec     *Spec
	keepers  []*keeper
	launcher *launcher
	todo     chan func()
	stopping bool
	finished bool
}

// New makes a supervisor of the specification in a file.
func New(path string) (*Supervisor, error) {
	spec, err := ReadSpec(path)
	if err != nil {
		return nil, err
	}
	s := &Supervisor{path: path, spec: spec, launcher: newLauncher(), todo: make(chan func(), 64)}
	for _, role := range spec.Roles {
		s.keepers = append(s.keepers, &keeper{role: role})
	}
	return s, nil
}

// Run keeps the roles running until SIGTERM or SIGINT has stopped all of them. SIGHUP reads the specification again.
func (s *Supervisor) Run() error {
	_, _ = unix.Setsid()
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	defer signal.Stop(signals)
	if s.spec.Pids != "" {
		if err := os.MkdirAll(s.spec.Pids, 0o755); err != nil {
			return err
		}
	}
	s.begin()
	s.writeState()
	rotate := time.NewTicker(rotateEvery)
	defer rotate.Stop()
	for !s.finished {
		select {
		case work := <-s.todo:
			work()
		case number := <-signals:
			s.handle(number)
		case <-rotate.C:
			s.rotateLogs()
		}
	}
	_ = os.Remove(s.spec.State)
	return nil
}

func (s *Supervisor) handle(number os.Signal) {
	switch number {
	case syscall.SIGCHLD:
		s.launcher.reap()
	case syscall.SIGHUP:
		s.reload()
	case syscall.SIGTERM, syscall.SIGINT:
		if !s.stopping {
			s.say("stopping")
			s.stopping = true
			s.stopNext()
		}
	}
}

// do hands work to the loop.
func (s *Supervisor) do(work func()) { s.todo <- work }

// begin takes over what still runs of an earlier supervisor, and starts the rest.
func (s *Supervisor) begin() {
	earlier := readState(s.spec.State)
	for _, k := range s.keepers {
		if was, known := earlier[k.role.Name]; known {
			if running := adopt(was.Pid, was.StartTime); running != nil {
				s.say("%s still runs as process %d", k.role.Name, running.pid)
				k.since, k.restarts = time.Now(), was.Restarts
				s.watch(k, running)
			}
		}
	}
	for _, k := range s.keepers {
		s.start(k)
	}
}

// stopNext stops the last role that runs; its end calls again.
func (s *Supervisor) stopNext() {
	for _, k := range slices.Backward(s.keepers) {
		k.stopped = true
		if k.process != nil {
			if k.kill == nil {
				s.stop(k)
			}
			return
		}
		if k.wake != nil {
			k.wake.Stop()
		}
	}
	s.finished = true
}

// reload takes over a changed specification: new roles start, missing ones stop, the others change when they
// start the next time.
func (s *Supervisor) reload() {
	spec, err := ReadSpec(s.path)
	if err != nil {
		s.say("the specification stays as it was: %v", err)
		return
	}
	s.spec.Roles = spec.Roles
	old := s.keepers
	s.keepers = nil
	for _, role := range spec.Roles {
		i := slices.IndexFunc(old, func(k *keeper) bool { return k.role.Name == role.Name })
		if i >= 0 {
			old[i].role = role
			s.keepers = append(s.keepers, old[i])
			continue
		}
		s.keepers = append(s.keepers, &keeper{role: role})
	}
	for _, k := range old {
		if !slices.Contains(s.keepers, k) {
			k.stopped = true
			s.stop(k)
		}
	}
	for _, k := range s.keepers {
		if k.since.IsZero() {
			s.start(k)
		}
	}
	s.writeState()
}

func (s *Supervisor) find(name string) *keeper {
	for _, k := range s.keepers {
		if k.role.Name == name {
			return k
		}
	}
	return nil
}
