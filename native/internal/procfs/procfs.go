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

// Inherited is the device of a file system that the caller mounted and passed as this descriptor; nil when it is
// something else.
func Inherited(descriptor int) *os.File {
	var status unix.Stat_t
	if err := unix.Fstat(descriptor, &status); err != nil || status.Mode&unix.S_IFMT != unix.S_IFCHR ||
		status.Rdev != unix.Mkdev(deviceMajor, deviceMinor) {
		return nil
	}
	unix.CloseOnExec(descriptor)
	// The file waits for requests without a thread only if it does not block.
	if err := unix.SetNonblock(descriptor, true); err != nil {
		return nil
	}
	return os.NewFile(uintptr(descriptor), "procfs")
}

// Serve answers requests until the file system is gone. It begins before the kernel's own files are covered.
func Serve(device *os.File) {
	defer device.Close()
	sources := openSources()
	server := &server{files: []*file{
		{make: sources.meminfo}, {make: sources.stat}, {make: sources.loadavg}, {make: sources.cpuinfo},
	}}
	request := make([]byte, minBuffer)
	for {
		n, err := device.Read(request)
		switch {
		case err == nil:
			if reply := server.answer(request[:n]); reply != nil {
				// Who asked may be gone.
				_, _ = device.Write(reply)
			}
		case isPassing(err):
		default:
			return
		}
	}
}
