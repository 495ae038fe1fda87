// Command testlisten is for tests: it runs a program with a listening Unix socket as descriptor 3, and takes
// it along when the test dies.
package main

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: testlisten SOCKET PROGRAM")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "testlisten:", err)
		os.Exit(1)
	}
}

func run(socket, program string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: socket}); err != nil {
		return err
	}
	if err := unix.Listen(fd, 128); err != nil {
		return err
	}
	if fd != 3 {
		if err := unix.Dup3(fd, 3, 0); err != nil {
			return err
		}
		unix.Close(fd)
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	return syscall.Exec(program, []string{program}, append(os.Environ(), "LISTEN_FDS=1"))
}
