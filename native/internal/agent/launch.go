package agent

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// live is a started program and our ends of its streams.
type live struct {
	children *children
	pid      int
	exit     <-chan syscall.WaitStatus
	stdin    *os.File
	output   [2]*os.File // stdout and stderr; of a terminal only the first
	terminal bool
	timedOut atomic.Bool
	timer    *time.Timer
	started  time.Time
}

// streams are the descriptors that a launch makes; whatever is left in them is closed.
type streams struct {
	theirs []int
	ours   []*os.File
}

func (s *streams) closeTheirs() {
	for _, fd := range s.theirs {
		unix.Close(fd)
	}
	s.theirs = nil
}

func (s *streams) closeOurs() {
	for _, file := range s.ours {
		file.Close()
	}
}

// pipe makes one whose our end never blocks a thread.
func (s *streams) pipe(weRead bool) (*os.File, int, error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, -1, err
	}
	ours, theirs := ends[1], ends[0]
	if weRead {
		ours, theirs = ends[0], ends[1]
	}
	_ = unix.SetNonblock(ours, true)
	file := os.NewFile(uintptr(ours), "pipe")
	s.ours = append(s.ours, file)
	s.theirs = append(s.theirs, theirs)
	return file, theirs, nil
}

func (s *streams) null() (int, error) {
	fd, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		s.theirs = append(s.theirs, fd)
	}
	return fd, err
}

// launch starts the program; with wantInput its standard input stays open to us.
func (s *Server) launch(ready *program, spec *command, wantInput bool) (*live, error) {
	defer s.spares.launches()()
	l := s.spares.use(ready, spec, wantInput)
	if l == nil {
		var err error
		if l, err = s.launchNew(ready, spec, wantInput); err != nil {
			return nil, err
		}
	}
	go reserveThreads()
	if ready.timeout > 0 {
		l.timer = time.AfterFunc(ready.timeout, func() {
			l.timedOut.Store(true)
			l.children.kill(l.pid, true, unix.SIGKILL)
		})
	}
	return l, nil
}

func (s *Server) launchNew(ready *program, spec *command, wantInput bool) (*live, error) {
	l := &live{children: s.children, terminal: spec.Terminal}
	made := &streams{}
	defer made.closeTheirs()
	files, err := l.connect(made, spec, ready.attr.Sys.Credential, wantInput)
	if err == nil {
		ready.attr.Files = files
		ready.attr.Env = flatten(ready.env)
		l.started = time.Now()
		l.pid, l.exit, err = s.children.launch(ready.path, ready.argv, &ready.attr)
	}
	if err != nil {
		made.closeOurs()
		return nil, launchFailure(err)
	}
	return l, nil
}

func (l *live) connect(made *streams, spec *command, who *syscall.Credential, wantInput bool) ([]uintptr, error) {
	if spec.Terminal {
		ours, theirs, err := openTerminal(spec.Rows, spec.Cols)
		if err != nil {
			return nil, err
		}
		made.ours = append(made.ours, ours)
		made.theirs = append(made.theirs, theirs)
		if who != nil {
			// Programs open it by its name too.
			_ = unix.Fchown(theirs, int(who.Uid), -1)
		}
		l.stdin, l.output[0] = ours, ours
		return []uintptr{uintptr(theirs), uintptr(theirs), uintptr(theirs)}, nil
	}
	var stdin, stdout, stderr int
	var err error
	if wantInput {
		l.stdin, stdin, err = made.pipe(false)
	} else {
		stdin, err = made.null()
	}
	if err != nil {
		return nil, err
	}
	if l.output[0], stdout, err = made.pipe(true); err != nil {
		return nil, err
	}
	if l.output[1], stderr, err = made.pipe(true); err != nil {
		return nil, err
	}
	return []uintptr{uintptr(stdin), uintptr(stdout), uintptr(stderr)}, nil
}

func launchFailure(err error) error {
	switch err {
	case syscall.ENOENT:
		return fail("COMMAND_NOT_FOUND", "the program or its interpreter does not exist")
	case syscall.EACCES, syscall.ENOEXEC:
		return fail("COMMAND_NOT_FOUND", "the program cannot be executed: %v", err)
	case syscall.E2BIG:
		return fail("TOO_LARGE", "the kernel takes no word of a command and no variable of 128 KiB or more: write it to a file first")
	}
	return err
}

// outcome is how a program ended.
type outcome struct {
	exitCode int
	// signal is what ended it; 0: it ended by itself.
	signal      int
	timedOut    bool
	outOfMemory bool
	ended       time.Time
}

func (s *Server) outcome(l *live, status syscall.WaitStatus) outcome {
	if l.timer != nil {
		l.timer.Stop()
	}
	result := outcome{exitCode: status.ExitStatus(), ended: time.Now()}
	if status.Signaled() {
		result.signal = int(status.Signal())
		result.exitCode = 128 + result.signal
	}
	if l.timedOut.Load() {
		result.exitCode = 124
		result.timedOut = true
		return result
	}
	if result.exitCode == 128+int(unix.SIGKILL) {
		result.outOfMemory = s.sawOOMKill()
	}
	return result
}
