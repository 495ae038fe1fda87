package sshd

import (
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

const maxVariables = 1024

// session is one channel with at most one program.
type session struct {
	visit   *visit
	channel ssh.Channel
	env     map[string]string
	pty     *terminalRequest

	mu      sync.Mutex
	running *running
}

type terminalRequest struct {
	Term          string
	Columns, Rows uint32
	Width, Height uint32
	Modes         string
}

type sizeRequest struct{ Columns, Rows, Width, Height uint32 }

func (v *visit) session(offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	s := &session{visit: v, channel: channel, env: map[string]string{}}
	for request := range requests {
		done := s.handle(request)
		if request.WantReply {
			_ = request.Reply(done, nil)
		}
	}
	// The client is gone: so goes its program, unless that cares for itself.
	s.signal(unix.SIGHUP)
}

func (s *session) handle(request *ssh.Request) bool {
	switch request.Type {
	case "env":
		var variable struct{ Name, Value string }
		return ssh.Unmarshal(request.Payload, &variable) == nil && s.setVariable(variable.Name, variable.Value)
	case "pty-req":
		var wanted terminalRequest
		if !s.visit.allowed(mayHaveTerminal) || ssh.Unmarshal(request.Payload, &wanted) != nil {
			return false
		}
		s.pty = &wanted
		return true
	case "window-change":
		var size sizeRequest
		return ssh.Unmarshal(request.Payload, &size) == nil && s.resize(size)
	case "shell":
		return s.start(nil)
	case "exec":
		var command struct{ Line string }
		return ssh.Unmarshal(request.Payload, &command) == nil && s.start(&command.Line)
	case "subsystem":
		var subsystem struct{ Name string }
		return ssh.Unmarshal(request.Payload, &subsystem) == nil && subsystem.Name == "sftp" && s.startFiles()
	case "signal":
		var wanted struct{ Name string }
		number, known := syscall.Signal(0), false
		if ssh.Unmarshal(request.Payload, &wanted) == nil {
			number, known = signals[wanted.Name]
		}
		return known && s.signal(number)
	}
	return false
}

func (s *session) setVariable(name, value string) bool {
	if len(s.env) >= maxVariables || name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
		return false
	}
	s.env[name] = value
	return true
}

func (s *session) resize(size sizeRequest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil || s.running.terminal == nil {
		if s.pty != nil {
			s.pty.Columns, s.pty.Rows = size.Columns, size.Rows
		}
		return s.pty != nil
	}
	raw, err := s.running.terminal.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		window := &unix.Winsize{Row: dimension(size.Rows), Col: dimension(size.Columns)}
		_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, window)
	})
	return true
}

func dimension(wanted uint32) uint16 { return uint16(min(wanted, 10_000)) }

func (s *session) signal(number syscall.Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running != nil && s.running.signal(number)
}

// signals are those that RFC 4254 names.
var signals = map[string]syscall.Signal{
	"ABRT": unix.SIGABRT, "ALRM": unix.SIGALRM, "FPE": unix.SIGFPE, "HUP": unix.SIGHUP, "ILL": unix.SIGILL,
	"INT": unix.SIGINT, "KILL": unix.SIGKILL, "PIPE": unix.SIGPIPE, "QUIT": unix.SIGQUIT, "SEGV": unix.SIGSEGV,
	"TERM": unix.SIGTERM, "USR1": unix.SIGUSR1, "USR2": unix.SIGUSR2,
}

func nameOf(number syscall.Signal) (string, bool) {
	for name, one := range signals {
		if one == number {
			return name, true
		}
	}
	return "", false
}
