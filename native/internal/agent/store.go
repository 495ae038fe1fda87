package agent

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	ringSize       = 16 << 20
	memoryFirst    = 16 << 10
	memoryFallback = 512 << 10
)

// space is the circular room of a ring: memory at first, then an unlinked file on the sandbox's disk.
type space struct {
	capacity int64
	memory   []byte
	file     *os.File
	// mapped is the whole file, or nothing where it cannot be mapped. Only the kernel may touch it, in calls that
	// fail when the disk is full; the agent would die of a fault.
	mapped []byte
}

// grow makes room for the ring's bytes up to the position end, which never was reached before.
func (s *space) grow(end int64) {
	if s.file != nil || s.capacity != ringSize || end <= memoryFirst {
		return
	}
	file := spillFile()
	if file != nil {
		if _, err := file.WriteAt(s.memory, 0); err == nil {
			s.file, s.memory = file, nil
			s.mapWhole()
			return
		}
		file.Close()
	}
	if end > memoryFallback/2 {
		s.capacity = memoryFallback
	}
}

// write stores data at a logical position.
func (s *space) write(data []byte, position int64) error {
	for len(data) > 0 {
		at := position % s.capacity
		part := data
		if int64(len(part)) > s.capacity-at {
			part = part[:s.capacity-at]
		}
		if err := s.writeAt(part, at); err != nil {
			return err
		}
		data = data[len(part):]
		position += int64(len(part))
	}
	return nil
}

// writeBoth stores head and data, one after the other: in one call where they fit without going round.
func (s *space) writeBoth(head, data []byte, position int64) error {
	size := int64(len(head) + len(data))
	if at := position % s.capacity; s.file != nil && s.capacity-at >= size {
		return spilling(func() (int, error) { return writeVector(s.file, head, data, at) })
	}
	if err := s.write(head, position); err != nil {
		return err
	}
	return s.write(data, position+int64(len(head)))
}

// writeVector writes both parts, whatever the kernel takes at once.
func writeVector(file *os.File, head, data []byte, at int64) (int, error) {
	n, err := unix.Pwritev(int(file.Fd()), [][]byte{head, data}, at)
	if err == nil && n >= len(head) {
		rest := data[n-len(head):]
		if len(rest) == 0 {
			return n, nil
		}
		return file.WriteAt(rest, at+int64(n))
	}
	if n, err := file.WriteAt(head, at); err != nil {
		return n, err
	}
	return file.WriteAt(data, at+int64(len(head)))
}

func (s *space) writeAt(data []byte, at int64) error {
	if s.file != nil {
		return spilling(func() (int, error) { return s.file.WriteAt(data, at) })
	}
	if end := at + int64(len(data)); end > int64(len(s.memory)) {
		s.memory = append(s.memory, make([]byte, end-int64(len(s.memory)))...)
	}
	copy(s.memory[at:], data)
	return nil
}

// read fills into from a logical position; the ring holds what is asked for.
func (s *space) read(into []byte, position int64) error {
	for len(into) > 0 {
		at := position % s.capacity
		part := into
		if int64(len(part)) > s.capacity-at {
			part = part[:s.capacity-at]
		}
		if s.file != nil {
			if err := spilling(func() (int, error) { return s.file.ReadAt(part, at) }); err != nil {
				return err
			}
		} else {
			copy(part, s.memory[at:])
		}
		into = into[len(part):]
		position += int64(len(part))
	}
	return nil
}

func (s *space) mapWhole() {
	if s.file.Truncate(s.capacity) != nil {
		return
	}
	mapped, err := unix.Mmap(int(s.file.Fd()), 0, int(s.capacity), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err == nil {
		s.mapped = mapped
	}
}

// room is the mapped place of so many bytes from a logical position on, in two parts where it goes round.
func (s *space) room(position int64, size int) [][]byte {
	at := position % s.capacity
	first := min(int64(size), s.capacity-at)
	return [][]byte{s.mapped[at : at+first], s.mapped[:int64(size)-first]}
}

func (s *space) unmap() {
	if s.mapped != nil {
		_ = unix.Munmap(s.mapped)
		s.mapped = nil
	}
}

func (s *space) close() {
	s.unmap()
	if s.file != nil {
		s.file.Close()
	}
	s.file, s.memory = nil, nil
}

// spillFile is a file without a name, or nil where the disk takes none.
func spillFile() *os.File {
	for _, folder := range []string{"/var/tmp", "/tmp", "/"} {
		fd, err := unix.Open(folder, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err == nil {
			return os.NewFile(uintptr(fd), "spill")
		}
		file, err := os.CreateTemp(folder, ".atoll-")
		if err == nil {
			os.Remove(file.Name())
			return file
		}
	}
	return nil
}
