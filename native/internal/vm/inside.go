package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/yamux"
	"golang.org/x/sys/unix"
)

const (
	stageWord   = "stage"
	agentSocket = "/agent.sock"
	portTime    = 10 * time.Second
)

// Inside is process 1 of the machine's kernel, and what that starts the agent with. It never returns.
func Inside(arguments []string) {
	if len(arguments) > 0 && arguments[0] == stageWord {
		fmt.Fprintln(os.Stderr, "stage:", stage())
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "init:", run())
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
	select {}
}

// run is the life of a machine; its answer is why it ended.
func run() error {
	runtime.GOMAXPROCS(2)
	debug.SetGCPercent(50)
	for _, each := range [][3]string{{"devtmpfs", "/dev", "devtmpfs"}, {"proc", "/proc", "proc"}, {"sysfs", "/sys", "sysfs"}, {"groups", "/groups", "cgroup2"}} {
		if err := unix.Mount(each[0], each[1], each[2], unix.MS_NOSUID|unix.MS_NOEXEC, ""); err != nil {
			return fmt.Errorf("mount %s: %w", each[1], err)
		}
	}
	if err := loadModules(); err != nil {
		return err
	}
	port, err := openPort()
	if err != nil {
		return err
	}
	session, err := yamux.Server(port, channelConfig())
	if err != nil {
		return err
	}
	stream, err := session.Accept()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	err = start(stream, ended)
	begun(stream, err)
	stream.Close()
	if err != nil {
		return err
	}
	go func() { ended <- accept(session) }()
	return <-ended
}

func accept(session *yamux.Session) error {
	for {
		stream, err := session.Accept()
		if err != nil {
			return err
		}
		go func() {
			conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: agentSocket, Net: "unix"})
			if err != nil {
				stream.Close()
				return
			}
			join(conn, stream)
		}()
	}
}

func start(stream net.Conn, ended chan<- error) error {
	text, err := line(stream, maxSettings)
	if err != nil {
		return err
	}
	guest := &Guest{}
	if err := json.Unmarshal([]byte(text), guest); err != nil || guest.Try {
		return err
	}
	if err := configureNetwork(guest); err != nil {
		return err
	}
	// Nobody has anything to load any more.
	if err := os.WriteFile("/proc/sys/kernel/modules_disabled", []byte("1"), 0); err != nil {
		return err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: agentSocket, Net: "unix"})
	if err != nil {
		return err
	}
	defer listener.Close()
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err != nil {
		return err
	}
	defer file.Close()
	return startAgent(guest, text, file, ended)
}

// startAgent starts the agent as process 1 of namespaces of its own; a failure before the agent runs is told.
func startAgent(guest *Guest, text string, listener *os.File, ended chan<- error) error {
	group, err := makeGroup(guest)
	if err != nil {
		return err
	}
	defer group.Close()
	told, problems, err := os.Pipe()
	if err != nil {
		return err
	}
	defer told.Close()
	process, err := os.StartProcess("/proc/self/exe", []string{InitName, stageWord}, &os.ProcAttr{
		Env:   []string{"ATOLL_SETTINGS=" + text},
		Files: []*os.File{nil, nil, problems, listener},
		Sys: &syscall.SysProcAttr{
			Setsid: true, UseCgroupFD: true, CgroupFD: int(group.Fd()),
			Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		},
	})
	problems.Close()
	if err != nil {
		return err
	}
	go func() {
		state, err := process.Wait()
		ended <- fmt.Errorf("the agent ended: %v %v", state, err)
	}()
	// The agent's own error stream leads elsewhere: this one ends when it is started.
	problem, err := io.ReadAll(io.LimitReader(told, 4096))
	if err == nil && len(problem) > 0 {
		err = errors.New(strings.TrimSpace(string(problem)))
	}
	return err
}

func loadModules() error {
	list, err := os.ReadFile("/modules/" + moduleList)
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(list)) {
		file, err := os.Open(filepath.Join("/modules", filepath.Base(name)))
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(file.Fd()), "", 0)
		file.Close()
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("module %s: %w", name, err)
		}
	}
	return os.RemoveAll("/modules")
}

// openPort waits for the serial port, which its driver makes in its own time.
func openPort() (*port, error) {
	deadline := time.Now().Add(portTime)
	for time.Now().Before(deadline) {
		names, _ := filepath.Glob("/sys/class/virtio-ports/*/name")
		for _, name := range names {
			text, _ := os.ReadFile(name)
			if strings.TrimSpace(string(text)) == portName {
				file, err := os.OpenFile("/dev/"+filepath.Base(filepath.Dir(name)), os.O_RDWR, 0)
				return &port{file}, err
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, errors.New("there is no serial port")
}

// port is a serial port that reads as ended as long as the other side has not been heard of.
type port struct{ *os.File }

func (p *port) Read(into []byte) (int, error) {
	for {
		n, err := p.File.Read(into)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		time.Sleep(2 * time.Millisecond)
	}
}
