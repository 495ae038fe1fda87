package agent

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// siginfoPid is si_pid of a SIGCHLD: it follows signo, errno, code and, on 64 bits, their padding.
func siginfoPid(info *unix.Siginfo) int {
	return int(*(*int32)(unsafe.Add(unsafe.Pointer(info), 4*unsafe.Sizeof(int32(0)))))
}
