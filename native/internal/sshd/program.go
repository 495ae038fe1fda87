package sshd

import (
	"io"
	"os"
	"os/exec"
	"path"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"atoll.dev/native/internal/agent"
)

// running is a program and our ends of its streams.
type running struct {
	command  *exec.Cmd
	terminal *os.File
	input    io.WriteCloser
	pumps    []agent.Pump
	mu       sync.Mutex
	ended    bool
}

func (r *running) signal(number syscall.Signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.ended && syscall.Kill(-r.command.Process.Pid, number) == nil
}

// start runs a line with the user's shell, or without one that shell as a login shell.
func (s *session) start(line *string) bool {
	shell := s.visit.who.Shell
	if !isProgram(shell) {
		shell = "/bin/sh"
	}
	command := &exec.Cmd{Path: shell, Args: []string{"-" + path.Base(shell)}}
	if line != nil {
		command.Args = []string{shell, "-c", *line}
	}
	return s.launch(command, s.pty)
}

func (s *session) startFiles() bool {
	return s.launch(&exec.Cmd{Path: "/proc/self/exe", Args: []string{"atoll-ssh", sftpArgument}}, nil)
}

func (s *session) launch(command *exec.Cmd, pty *terminalRequest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return false
	}
	if !s.surroundings(command, pty) {
		return false
	}
	started := &running{command: command}
	var err error
	if pty != nil {
		err = started.withTerminal(pty, s.channel)
	} else {
		err = started.withPipes(s.channel)
	}
	if err != nil {
		_, _ = io.WriteString(s.channel.Stderr(), "atoll: "+err.Error()+"\r\n")
		return false
	}
	s.running = started
	go s.feed(started)
	go s.await(started)
	return true
}

func (s *session) surroundings(command *exec.Cmd, pty *terminalRequest) bool {
	own := map[string]string{"SSH_CONNECTION": "127.0.0.1 0 127.0.0.1 22"}
	for name, value := range s.env {
		own[name] = value
	}
	if pty != nil && pty.Term != "" {
		own["TERM"] = pty.Term
	}
	env, err := s.visit.who.Environment(s.visit.env, own)
	if err != nil {
		return false
	}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Dir = "/"
	if home := env["HOME"]; isDirectory(home) {
		command.Dir = home
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: s.visit.who.Credential()}
	return true
}

func (r *running) withTerminal(pty *terminalRequest, channel ssh.Channel) error {
	ours, fd, err := agent.OpenTerminal(dimension(pty.Rows), dimension(pty.Columns))
	if err != nil {
		return err
	}
	theirs := os.NewFile(uintptr(fd), "terminal")
	defer theirs.Close()
	r.command.Stdin, r.command.Stdout, r.command.Stderr = theirs, theirs, theirs
	r.command.SysProcAttr.Setctty = true
	if credential := r.command.SysProcAttr.Credential; credential != nil {
		_ = theirs.Chown(int(credential.Uid), -1)
	}
	if err := r.command.Start(); err != nil {
		ours.Close()
		return err
	}
	r.terminal, r.input = ours, ours
	r.pumps = []agent.Pump{agent.StartPump(ours, true, into(channel))}
	return nil
}

func (r *running) withPipes(channel ssh.Channel) error {
	var ours, theirs [3]*os.File
	defer func() {
		for _, file := range theirs {
			file.Close() // A nil file says so and no more.
		}
	}()
	for i := range ours {
		reading, writing, err := os.Pipe()
		if err != nil {
			closeAll(ours[:])
			return err
		}
		ours[i], theirs[i] = reading, writing
		if i == 0 {
			ours[i], theirs[i] = writing, reading
		}
	}
	r.command.Stdin, r.command.Stdout, r.command.Stderr = theirs[0], theirs[1], theirs[2]
	if err := r.command.Start(); err != nil {
		closeAll(ours[:])
		return err
	}
	r.input = ours[0]
	r.pumps = []agent.Pump{
		agent.StartPump(ours[1], false, into(channel)), agent.StartPump(ours[2], false, into(channel.Stderr())),
	}
	return nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

func into(writer io.Writer) func([]byte) {
	return func(data []byte) { _, _ = writer.Write(data) }
}

// feed moves what the client types; its end is the end of the input, but not of a terminal.
func (s *session) feed(to *running) {
	_, _ = io.Copy(to.input, s.channel)
	if to.terminal == nil {
		_ = to.input.Close()
	}
}

// await tells how the program ended, after all that it wrote.
func (s *session) await(it *running) {
	_ = it.command.Wait()
	it.mu.Lock()
	it.ended = true
	it.mu.Unlock()
	agent.Finish(it.pumps)
	status, _ := it.command.ProcessState.Sys().(syscall.WaitStatus)
	name, named := nameOf(status.Signal())
	if status.Signaled() && named {
		_, _ = s.channel.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Name    string
			Core    bool
			Message string
			Lang    string
		}{Name: name}))
	} else {
		code := status.ExitStatus()
		if status.Signaled() {
			code = 128 + int(status.Signal())
		}
		_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
	}
	_ = s.channel.CloseWrite()
	_ = s.channel.Close()
}

func isProgram(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && unix.Access(name, unix.X_OK) == nil
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
