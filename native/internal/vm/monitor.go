package vm

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/hashicorp/yamux"
	"golang.org/x/sys/unix"
)

const (
	// Where the monitor's container shows the sandbox's files and its volumes.
	rootFolder    = "/guest"
	volumesFolder = "/dev/.atoll/volumes"
	socketsFolder = "/run"
	rootTag       = "root"
	refusalTime   = 2 * time.Second
)

// fileServers are where distributions keep the program that serves files to a guest.
var fileServers = []string{"/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd"}

// Monitor runs a machine until one of its programs ends, which ends the others. It is process 1 of a container that
// has nothing but them; the socket on which the agent's callers wait is the descriptor 3.
func Monitor(text string) error {
	// The runtime ends a thread that was locked when its goroutine ends, and with it who was started by it.
	runtime.LockOSThread()
	debug.SetGCPercent(50)
	runtime.GOMAXPROCS(2)
	// Whoever starts this is the last one that the kernel kills for memory; this holds that of a whole machine.
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("0"), 0); err != nil {
		return err
	}
	m := &Machine{}
	if err := json.Unmarshal([]byte(text), m); err != nil {
		return err
	}
	listener, err := callers()
	if err != nil {
		return err
	}
	begun, ended, words := make(chan *yamux.Session, 1), make(chan error, 8), &tail{}
	if err := power(m, words, begun, ended); err != nil {
		ended <- err
	}
	select {
	case session := <-begun:
		go carry(session, listener, ended)
		return <-ended
	case err := <-ended:
		refuse(listener, fmt.Errorf("%w: %s", err, words.text()))
		return err
	}
}

// power starts the programs of a machine, and has its guest begin.
func power(m *Machine, words *tail, begun chan<- *yamux.Session, ended chan<- error) error {
	shares, err := serveAll(m, words, ended)
	if err != nil {
		return err
	}
	ours, err := runEmulator(m, shares, words, ended)
	if err != nil {
		return err
	}
	session, err := yamux.Client(ours, channelConfig())
	if err != nil {
		return err
	}
	go func() {
		first, err := session.OpenStream()
		if err == nil {
			err = settle(first, &m.Guest)
		}
		if err != nil {
			ended <- err
			return
		}
		begun <- session
	}()
	return nil
}

// refuse tells the caller that waits for the agent why there will be none, as the agent would refuse something.
func refuse(listener *net.UnixListener, reason error) {
	_ = listener.SetDeadline(time.Now().Add(refusalTime))
	conn, err := listener.AcceptUnix()
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(refusalTime))
	_, _ = line(conn, maxSettings)
	text, _ := json.Marshal(map[string]any{"ok": false, "code": "INTERNAL", "message": reason.Error()})
	_, _ = conn.Write(append(text, '\n'))
}

func callers() (*net.UnixListener, error) {
	file := os.NewFile(3, "callers")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("a listening Unix socket is expected as descriptor 3: %w", err)
	}
	unixListener, ok := listener.(*net.UnixListener)
	if !ok {
		return nil, fmt.Errorf("descriptor 3 is not a Unix socket")
	}
	unixListener.SetUnlinkOnClose(false)
	return unixListener, nil
}

func carry(session *yamux.Session, listener *net.UnixListener, ended chan<- error) {
	for {
		conn, err := listener.AcceptUnix()
		if err != nil {
			ended <- err
			return
		}
		go func() {
			stream, err := session.OpenStream()
			if err != nil {
				conn.Close()
				return
			}
			join(conn, stream)
		}()
	}
}

func runEmulator(m *Machine, shares []share, words *tail, ended chan<- error) (net.Conn, error) {
	ours, theirs, err := serialPort()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	defer theirs.Close()
	command := exec.Command(emulatorPath, append([]string{"-L", firmwarePath}, emulator(m, shares, false)...)...)
	command.ExtraFiles = []*os.File{theirs}
	command.Stderr = words
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: m.User, Gid: m.User}}
	if err := begin(command); err != nil {
		return nil, err
	}
	go func() { ended <- fmt.Errorf("the emulator ended: %v", command.Wait()) }()
	return net.FileConn(ours)
}

// serveAll starts a server for the files of the sandbox and one for each volume.
func serveAll(m *Machine, words *tail, ended chan<- error) ([]share, error) {
	program := ""
	for _, each := range fileServers {
		if _, err := os.Stat(each); err == nil {
			program = each
			break
		}
	}
	if program == "" {
		return nil, fmt.Errorf("there is no virtiofsd")
	}
	shares := make([]share, 0, 1+len(m.Guest.Volumes))
	folders := map[string]string{rootTag: rootFolder}
	tags := []string{rootTag}
	for _, volume := range m.Guest.Volumes {
		folders[volume.Name] = filepath.Join(volumesFolder, volume.Name)
		tags = append(tags, volume.Name)
	}
	for _, tag := range tags {
		each := share{tag: tag, socket: filepath.Join(socketsFolder, tag+".sock")}
		if err := serve(program, folders[tag], each.socket, m.User, tag == rootTag, words, ended); err != nil {
			return nil, err
		}
		shares = append(shares, each)
	}
	return shares, nil
}

// serve starts one server: as root of the sandbox's own range of ids, who it becomes for each request is whom the
// guest's kernel names. What belongs to this sandbox alone is remembered inside for as long as it likes.
func serve(program, folder, socket string, user uint32, alone bool, words *tail, ended chan<- error) error {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	listener.SetUnlinkOnClose(false)
	defer listener.Close()
	if err := os.Chown(socket, int(user), int(user)); err != nil {
		return err
	}
	file, err := listener.File()
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.SetNonblock(int(file.Fd()), false); err != nil {
		return err
	}
	cache := "auto"
	if alone {
		cache = "always"
	}
	command := exec.Command(program, "-f", "--fd=3", "-o", "source="+folder, "-o", "sandbox=chroot", "-o", "xattr",
		"-o", "cache="+cache, "--rlimit-nofile=0")
	command.ExtraFiles = []*os.File{file}
	command.Stderr = words
	if err := begin(command); err != nil {
		return err
	}
	go func() { ended <- fmt.Errorf("virtiofsd of %s ended: %v", folder, command.Wait()) }()
	return nil
}
