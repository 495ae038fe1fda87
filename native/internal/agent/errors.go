package agent

import (
	"errors"
	"syscall"
)

// systemFailure gives an error of the kernel the code that the protocol has for it, or nil.
func systemFailure(err error) *failure {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return nil
	}
	code := "IO_ERROR"
	switch number {
	case syscall.ENOENT:
		code = "PATH_NOT_FOUND"
	case syscall.ENOTDIR:
		code = "NOT_A_DIRECTORY"
	case syscall.EISDIR:
		code = "NOT_A_FILE"
	case syscall.ENOTEMPTY:
		code = "NOT_EMPTY"
	case syscall.EEXIST:
		code = "ALREADY_EXISTS"
	case syscall.ENOSPC, syscall.EDQUOT:
		code = "DISK_FULL"
	case syscall.ELOOP, syscall.ENAMETOOLONG, syscall.EINVAL:
		code = "INVALID_PATH"
	case syscall.EACCES, syscall.EPERM, syscall.EROFS:
		code = "PERMISSION_DENIED"
	case syscall.ENXIO, syscall.ENODEV:
		code = "SPECIAL_FILE"
	case syscall.EBUSY, syscall.ETXTBSY:
		code = "BUSY"
	case syscall.EAGAIN, syscall.ENOMEM:
		return &failure{
			code:    "PROCESS_LIMIT",
			message: "the limit of processes is reached: end some, or stop and resume the sandbox",
		}
	case syscall.E2BIG:
		code = "TOO_LARGE"
	case syscall.EFBIG:
		code = "TOO_LARGE"
	}
	return &failure{code: code, message: err.Error()}
}
