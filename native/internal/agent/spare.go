package agent

import (
	"bytes"
	"maps"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	spareShell   = "/bin/bash"
	maxSpareLine = 4095
	// maxScript is what a pipe takes at once.
	maxScript = 60 << 10
	// startLetters become loginLetters once the shell has read them: a login shell would not read the file that
	// BASH_ENV names, in which it waits.
	startLetters, loginLetters = "Bc", "lc"
	// spareLine is what the shell would run if it kept a copy of its line.
	spareLine = `[ -z "${BASH_ENV-}" ] && eval "$BASH_EXECUTION_STRING"`
	spareNote = "# waits for a command"
	// waitScript says that the shell has started, and has it wait for the script of a command.
	waitScript = "exec 3<&- 4>&-; . /proc/self/fd/5\n"
)

// spare is a shell of root's that has started and waits for its line. It is an ordinary child with streams as a
// command has them; the line is put into its memory where its arguments are, then a script makes it what a shell
// started now would be.
type spare struct {
	children *children
	file     shellFile
	host     string
	env      map[string]string // that it started with
	pid      int
	exit     <-chan syscall.WaitStatus
	streams  streams
	stdin    *os.File
	output   [2]*os.File
	control  *os.File
	started  *os.File      // ends when the shell waits
	settled  chan struct{} // closed when line is known, or that there is none
	line     uintptr       // where its line is; 0 when it cannot be used
}

// spare starts a shell of this file with this environment.
func (k *children) spare(file shellFile, env map[string]string) (*spare, error) {
	if owned(env) {
		return nil, errNoSpareNow
	}
	s := &spare{children: k, file: file, host: nodeName(), env: maps.Clone(env), settled: make(chan struct{})}
	defer s.streams.closeTheirs()
	env["BASH_ENV"] = "/proc/self/fd/3"
	env["PWD"] = "/"
	attr := syscall.ProcAttr{Dir: "/", Env: flatten(env), Sys: &syscall.SysProcAttr{Setsid: true}}
	err := s.connect(&attr)
	if err == nil {
		s.pid, s.exit, err = k.launch(spareShell, []string{spareShell, "-" + startLetters, padded(spareLine)}, &attr)
	}
	if err != nil {
		s.streams.closeOurs()
		return nil, err
	}
	return s, nil
}

// connect makes the streams: those of a command, the text that it starts with, its word that it has, and its script.
func (s *spare) connect(attr *syscall.ProcAttr) error {
	var text *os.File
	for _, end := range []struct {
		ours   **os.File
		weRead bool
	}{{&s.stdin, false}, {&s.output[0], true}, {&s.output[1], true}, {&text, false}, {&s.started, true}, {&s.control, false}} {
		file, theirs, err := s.streams.pipe(end.weRead)
		if err != nil {
			return err
		}
		*end.ours = file
		attr.Files = append(attr.Files, uintptr(theirs))
	}
	_, err := text.WriteString(waitScript)
	text.Close()
	return err
}

// settle waits until the shell waits, and makes it a login shell by name.
func (s *spare) settle() error {
	defer close(s.settled)
	_ = s.started.SetReadDeadline(time.Now().Add(spareStart))
	_, err := s.started.Read(make([]byte, 1))
	if os.IsTimeout(err) {
		return err
	}
	s.started.Close()
	line, err := makeLogin(s.pid, s.file)
	if err == nil {
		s.line = line
	}
	return err
}

// discard ends a shell that runs nothing. Its script never ends before it does.
func (s *spare) discard() {
	s.children.kill(s.pid, true, unix.SIGKILL)
	s.streams.closeOurs()
}

// run gives the shell its line. It answers nil when the shell cannot have it: the shell then never runs it.
func (s *spare) run(ready *program, line string, wantInput bool) *live {
	began := time.Now()
	script, ok := s.script(ready, line, wantInput)
	if _, named := ready.env["HOSTNAME"]; !named && s.host != nodeName() {
		return nil // the shell has made the variable itself
	}
	if !ok || !s.waits() || writeMemory(s.pid, s.line, []byte(padded(line))) != nil {
		return nil
	}
	if !s.tell(script) {
		return nil
	}
	s.control.Close()
	l := &live{children: s.children, pid: s.pid, exit: s.exit, output: s.output, started: began}
	if wantInput {
		l.stdin = s.stdin
	} else {
		s.stdin.Close()
	}
	return l
}

// waits says whether the shell is still the one that a command would start, and can take a line.
func (s *spare) waits() bool {
	if file, err := statShell(); err != nil || file != s.file {
		return false
	}
	if !patient(s.settled) {
		return false
	}
	// Somebody in the sandbox may have stopped it, or trace it.
	state := stateOf(s.pid)
	return s.line != 0 && (strings.IndexByte("SRD", state) >= 0)
}

// tell writes the whole script, or nothing that counts: the shell reads it to its end before it does any of it.
func (s *spare) tell(script string) bool {
	raw, err := s.control.SyscallConn()
	if err != nil {
		return false
	}
	written := 0
	err = raw.Control(func(fd uintptr) {
		written, _ = unix.Write(int(fd), []byte(script))
	})
	return err == nil && written == len(script)
}

// padded is a text in the room of a line.
func padded(text string) string {
	if text == spareLine {
		return text + strings.Repeat(" ", maxSpareLine-len(text))
	}
	return text + string(make([]byte, maxSpareLine+1-len(text)))
}

func nodeName() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return ""
	}
	return string(name.Nodename[:bytes.IndexByte(name.Nodename[:], 0)])
}
