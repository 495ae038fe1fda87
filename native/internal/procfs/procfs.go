// Package procfs shows a sandbox its own memory and processors where the kernel shows those of the machine: a file
// system of a few texts, which the fork server lays over files of /proc (proto/spawn.md) and the sandbox's agent serves.
// Whoever takes over an agent can tell only his own sandbox lies.
package procfs

import (
	"os"

	"golang.org/x/sys/unix"
)

// Names are the files of /proc that are served, in the order of their inodes.
var Names = []string{"meminfo", "stat", "loadavg", "cpuinfo"}

// place is where files of the process's own control groups are.
const place = "/sys/fs/cgroup"

const deviceMajor, deviceMinor = 10, 229

// Begin answers what the kernel asks until each file has been looked up once, which it then never asks again. It needs a
// device that blocks, and ends when the file system does.
func Begin(device *os.File) error {
	server := &server{files: make([]*file, len(Names))}
	request := make([]byte, minBuffer)
	for left := len(Names); left > 0; {
		n, err := device.Read(request)
		if err != nil {
			if isPassing(err) {
				continue
			}
			return err
		}
		reply := server.answer(request[:n])
		if reply == nil {
			continue
		}
		if _, err := device.Write(reply); err != nil {
			return err
		}
		if order.Uint32(request[4:]) == opLookup {
			left--
		}
	}
	return nil
}

// Open opens the kernel's own files, in the order of Names.
func Open() ([]*os.File, error) {
	files := make([]*os.File, 0, len(Names))
	for _, name := range Names {
		file, err := os.Open("/proc/" + name)
		if err != nil {
			Close(files)
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// Close closes files.
func Close(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

// Service answers for the files of a sandbox.
type Service struct {
	device *os.File
	kernel []*os.File
}

// Inherited is the service whose device the fork server passed as this descriptor, and the kernel's own files as those
// behind it; nil when the descriptor is something else.
func Inherited(descriptor int) *Service {
	var status unix.Stat_t
	if err := unix.Fstat(descriptor, &status); err != nil || status.Mode&unix.S_IFMT != unix.S_IFCHR ||
		status.Rdev != unix.Mkdev(deviceMajor, deviceMinor) {
		return nil
	}
	// The device waits for requests without a thread only if it does not block.
	if err := unix.SetNonblock(descriptor, true); err != nil {
		return nil
	}
	files := make([]*os.File, 0, 1+len(Names))
	for i := range 1 + len(Names) {
		unix.CloseOnExec(descriptor + i)
		files = append(files, os.NewFile(uintptr(descriptor+i), "procfs"))
	}
	return &Service{device: files[0], kernel: files[1:]}
}

// Serve answers requests until the file system is gone.
func (s *Service) Serve() {
	defer s.device.Close()
	device, err := s.device.SyscallConn()
	if err != nil {
		return
	}
	sources := newSources(s.kernel)
	server := &server{files: []*file{
		{make: sources.meminfo}, {make: sources.stat}, {make: sources.loadavg}, {make: sources.cpuinfo},
	}}
	for {
		if err := device.Read(isReady); err != nil || !s.answer(server) {
			return
		}
	}
}

// isReady tells whether there is something to read. Nothing is held meanwhile: most sandboxes are never asked.
func isReady(device uintptr) bool {
	events := []unix.PollFd{{Fd: int32(device), Events: unix.POLLIN}}
	n, err := unix.Poll(events, 0)
	return n > 0 || err != nil && err != unix.EINTR
}

// answer answers one request; false when there will be none any more.
func (s *Service) answer(server *server) bool {
	request := make([]byte, minBuffer)
	n, err := s.device.Read(request)
	if err != nil {
		return isPassing(err)
	}
	if reply := server.answer(request[:n]); reply != nil {
		// Who asked may be gone.
		_, _ = s.device.Write(reply)
	}
	return true
}
