package spawn

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxLog = 16 << 10
	// agentNice has an agent answer its host however busy its sandbox is; what it starts has the usual priority.
	agentNice = -10
)

// started is what the node learns of a container.
type started struct {
	Pid         int
	MountMicros int64
}

// start runs a container. The mounts are made on a thread that ends with this call, in a mount namespace
// that then only the container still has.
func (s *Server) start(r *Request) (started, error) {
	namespaces, err := s.namespacesOf(r)
	if err != nil {
		return started{}, err
	}
	if r.Nesting != nil {
		defer namespaces.close()
	}
	if r.Driver == driverGvisor {
		return onOwnThread(func() (started, error) { return s.mountAndRun(r, namespaces, nil) })
	}
	listener, err := listen(r.Listen)
	if err != nil {
		return started{}, failure("LISTEN_FAILED", "%s: %v", r.Listen, err)
	}
	defer listener.Close()
	result, err := onOwnThread(func() (started, error) { return s.mountAndRun(r, namespaces, listener) })
	if err != nil {
		_ = os.Remove(r.Listen)
		return started{}, err
	}
	return result, nil
}

// onOwnThread runs work on a thread that is thrown away afterwards.
func onOwnThread[T any](work func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends, and its namespace with it
		result := outcome{err: failure("INTERNAL", "the start ended in a fault")}
		defer func() {
			_ = recover()
			done <- result
		}()
		result.value, result.err = work()
	}()
	result := <-done
	return result.value, result.err
}

// namespacesOf are kept ones, or with nesting new ones.
func (s *Server) namespacesOf(r *Request) (*owned, error) {
	if r.Nesting != nil {
		return own(r)
	}
	users, err := s.namespaces.get(r.UidBase, r.UidCount)
	return &owned{users: users, network: -1}, err
}

func listen(path string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), path)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		file.Close()
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		file.Close()
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		file.Close()
		return nil, err
	}
	if err := unix.Listen(fd, 1024); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (s *Server) mountAndRun(r *Request, namespaces *owned, listener *os.File) (started, error) {
	began := time.Now()
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return started{}, failure("NAMESPACE_FAILED", "mount namespace: %v", err)
	}
	if err := mountRoot(r, namespaces); err != nil {
		return started{}, err
	}
	var proc *ownProc
	if r.OwnProc {
		var err error
		if proc, err = mountOwnProc(r); err != nil {
			return started{}, err
		}
	}
	mounted := time.Since(began)
	inherited := []*os.File{listener}
	if proc != nil {
		defer proc.close()
		inherited = append(inherited, proc.inherited()...)
	}
	pid, err := s.runContainer(r, inherited)
	if err != nil {
		return started{}, err
	}
	if r.Driver == driverOCI {
		// All threads of process 1, which leads a group; with other drivers, the sandbox's programs would have it too.
		_ = unix.Setpriority(unix.PRIO_PGRP, pid, agentNice)
	}
	if r.Nesting != nil {
		err = delegate(r)
	}
	if proc != nil {
		err = proc.cover(pid)
	}
	if err != nil {
		_ = deleteContainer(r)
	}
	return started{Pid: pid, MountMicros: mounted.Microseconds()}, err
}

func (s *Server) runContainer(r *Request, inherited []*os.File) (int, error) {
	pidFile := filepath.Join(r.Bundle, "runtime.pid")
	_ = os.Remove(r.Log)
	null, err := os.OpenFile(filepath.Join(layers(r), "null"), os.O_RDWR, 0)
	if err != nil {
		return 0, failure("RUNTIME_FAILED", "%v", err)
	}
	defer null.Close()
	command := s.runtimeCommand(r, pidFile, inherited)
	// A detached container keeps the runtime's own streams: they lead nowhere, and errors go to the log.
	command.Stdin, command.Stdout, command.Stderr = null, null, null
	if err := runFor(&command, r.timeout()); err != nil {
		message := readLog(r.Log)
		_ = deleteContainer(r)
		if f, ok := err.(*Failure); ok {
			return 0, f
		}
		return 0, failure("RUNTIME_FAILED", "%s (%v)", message, err)
	}
	_ = os.Remove(r.Log)
	return readPid(pidFile)
}

func (s *Server) runtimeCommand(r *Request, pidFile string, inherited []*os.File) exec.Cmd {
	environment := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	run := []string{"run", "--detach", "--bundle=" + r.Bundle, "--pid-file=" + pidFile, r.Id}
	if r.Restore != "" {
		run[0] = "restore"
		run = append([]string{run[0], "--image-path=" + r.Restore, reading(r)}, run[1:]...)
	}
	if r.Driver == driverGvisor {
		return exec.Cmd{Path: r.Runtime, Args: append(gvisorArguments(r), run...), Env: environment}
	}
	return exec.Cmd{
		Path:       s.programs.sealed(r.Runtime),
		Args:       append([]string{r.Runtime, "--root=" + r.StateRoot, "--log=file:" + r.Log}, run...),
		Env:        append(environment, fmt.Sprintf("LISTEN_FDS=%d", len(inherited))),
		ExtraFiles: inherited,
	}
}

// runFor waits for a program, and kills it when its time is up.
func runFor(command *exec.Cmd, limit time.Duration) error {
	if err := command.Start(); err != nil {
		return err
	}
	timer := time.AfterFunc(limit, func() { _ = command.Process.Kill() })
	err := command.Wait()
	if !timer.Stop() && err != nil {
		return failure("RUNTIME_TIMEOUT", "the runtime did not end within %v", limit)
	}
	return err
}

func readLog(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "no log"
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, maxLog))
	return strings.TrimSpace(string(bytes.ToValidUTF8(text, []byte("?"))))
}

func readPid(path string) (int, error) {
	text, err := os.ReadFile(path)
	_ = os.Remove(path)
	if err != nil {
		return 0, failure("RUNTIME_FAILED", "no process id: %v", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0, failure("RUNTIME_FAILED", "no process id")
	}
	return pid, nil
}

// deleteContainer ends a container and removes what the runtime keeps of it; one that it does not know is
// gone already.
func deleteContainer(r *Request) error {
	var output bytes.Buffer
	command := exec.Cmd{
		Path:   r.Runtime,
		Args:   append(deleteArguments(r), "delete", "--force", r.Id),
		Env:    []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
		Stderr: &limited{to: &output, left: maxLog},
	}
	err := runFor(&command, r.timeout())
	if err == nil || strings.Contains(output.String(), "does not exist") {
		return nil
	}
	if _, statErr := os.Stat(filepath.Join(r.StateRoot, r.Id)); os.IsNotExist(statErr) {
		return nil
	}
	if f, ok := err.(*Failure); ok {
		return f
	}
	return failure("RUNTIME_FAILED", "%s (%v)", strings.TrimSpace(output.String()), err)
}

func deleteArguments(r *Request) []string {
	if r.Driver == driverGvisor {
		return gvisorArguments(r)
	}
	return []string{r.Runtime, "--root=" + r.StateRoot}
}

type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(data []byte) (int, error) {
	part := data[:min(len(data), l.left)]
	l.left -= len(part)
	_, _ = l.to.Write(part)
	return len(data), nil
}
