package agent

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

const (
	// loginSymbol is the variable of bash that says that it is a login shell; bash names it for its loadable builtins.
	loginSymbol = "login_shell"
	maxSymbols  = 4 << 20
)

// shellFile is a file as far as anybody can tell that it is still the same.
type shellFile struct {
	device, inode     uint64
	size              int64
	modified, changed unix.Timespec
}

// shellSymbol is where the variable is in a shell's file.
type shellSymbol struct {
	file         shellFile
	value, entry uint64
}

var knownShell atomic.Pointer[shellSymbol]

func statShell() (shellFile, error) {
	var status unix.Stat_t
	if err := unix.Stat(spareShell, &status); err != nil {
		return shellFile{}, err
	}
	return shellFile{uint64(status.Dev), status.Ino, status.Size, status.Mtim, status.Ctim}, nil
}

// makeLogin has a shell that waits in its start be a login shell, and answers where its line is. It changes nothing
// that does not look exactly as it should.
func makeLogin(pid int, file shellFile) (uintptr, error) {
	variable, err := blocking(func() (uintptr, error) { return loginVariable(pid, file) })
	if err != nil {
		return 0, err
	}
	if now, err := statShell(); err != nil || now != file {
		return 0, errNoSpareNow
	}
	arguments, err := argumentsOf(pid)
	if err != nil {
		return 0, err
	}
	login := make([]byte, 4)
	want := []byte(spareShell + "\x00-" + startLetters + "\x00" + padded(spareLine) + "\x00")
	have := make([]byte, len(want))
	if readMemory(pid, variable, login) != nil || readMemory(pid, arguments, have) != nil ||
		binary.NativeEndian.Uint32(login) != 0 || !bytes.Equal(have, want) {
		return 0, errNoSpare
	}
	letters := arguments + uintptr(len(spareShell)+2)
	if err := writeMemory(pid, letters, []byte(loginLetters+"\x00"+padded(spareNote))); err != nil {
		return 0, err
	}
	binary.NativeEndian.PutUint32(login, ^uint32(0)) // as the option -l has it
	return letters + uintptr(len(loginLetters)+1), writeMemory(pid, variable, login)
}

// argumentsOf is where the arguments of a process begin.
func argumentsOf(pid int) (uintptr, error) {
	text, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 46 {
		return 0, errNoSpare
	}
	place, err := strconv.ParseUint(fields[45], 10, 64)
	if err != nil || place == 0 {
		return 0, errNoSpare
	}
	return uintptr(place), nil
}

// loginVariable is where a shell has the variable.
func loginVariable(pid int, file shellFile) (uintptr, error) {
	known := knownShell.Load()
	if known == nil || known.file != file {
		value, entry, err := findSymbol()
		if err != nil {
			return 0, err
		}
		known = &shellSymbol{file: file, value: value, entry: entry}
		knownShell.Store(known)
	}
	auxiliary, err := os.ReadFile("/proc/" + itoa(pid) + "/auxv")
	if err != nil {
		return 0, err
	}
	const atEntry = 9
	for ; len(auxiliary) >= 16; auxiliary = auxiliary[16:] {
		if binary.NativeEndian.Uint64(auxiliary) == atEntry {
			return uintptr(binary.NativeEndian.Uint64(auxiliary[8:]) - known.entry + known.value), nil
		}
	}
	return 0, errNoSpare
}

// findSymbol reads the shell's file: the address of the variable, and of the program's entry, in it.
func findSymbol() (value, entry uint64, err error) {
	file, _, err := openRegular(spareShell, true)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	part := func(offset, size uint64) []byte {
		data := make([]byte, min(size, maxSymbols))
		if _, err := file.ReadAt(data, int64(offset)); err != nil {
			return nil
		}
		return data
	}
	order := binary.LittleEndian
	head := part(0, 64)
	if head == nil || string(head[:6]) != "\x7fELF\x02\x01" || order.Uint16(head[58:]) != 64 {
		return 0, 0, errNoSpare
	}
	sections := part(order.Uint64(head[40:]), 64*uint64(order.Uint16(head[60:])))
	for at := 0; at+64 <= len(sections); at += 64 {
		const dynamicSymbols = 11
		link := 64 * int(order.Uint32(sections[at+40:]))
		if order.Uint32(sections[at+4:]) != dynamicSymbols || link < 0 || link+64 > len(sections) {
			continue
		}
		symbols := part(order.Uint64(sections[at+24:]), order.Uint64(sections[at+32:]))
		names := part(order.Uint64(sections[link+24:]), order.Uint64(sections[link+32:]))
		for ; len(symbols) >= 24; symbols = symbols[24:] {
			name, place := uint64(order.Uint32(symbols)), order.Uint64(symbols[8:])
			if name < uint64(len(names)) && bytes.HasPrefix(names[name:], []byte(loginSymbol+"\x00")) && place != 0 &&
				order.Uint64(symbols[16:]) == 4 {
				return place, order.Uint64(head[24:]), nil
			}
		}
	}
	return 0, 0, errNoSpare
}

// Memory of a process may be of a kind that keeps who reads it waiting (a guest's own file system): at most one call
// does, and nobody waits for it.
var memoryTurn = make(chan struct{}, memoryCalls)

func readMemory(pid int, place uintptr, into []byte) error {
	return transfer(unix.ProcessVMReadv, pid, place, into)
}

func writeMemory(pid int, place uintptr, data []byte) error {
	return transfer(unix.ProcessVMWritev, pid, place, data)
}

type transferCall = func(pid int, local []unix.Iovec, remote []unix.RemoteIovec, flags uint) (int, error)

func transfer(move transferCall, pid int, place uintptr, data []byte) error {
	select {
	case memoryTurn <- struct{}{}:
		defer func() { <-memoryTurn }()
	default:
		return errNoSpareNow
	}
	local := []unix.Iovec{{Base: &data[0]}}
	local[0].SetLen(len(data))
	n, err := move(pid, local, []unix.RemoteIovec{{Base: place, Len: len(data)}}, 0)
	if err == unix.EPERM || err == unix.ENOSYS || err == nil && n != len(data) {
		return errNoSpare
	}
	return err
}
