package procfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Requests, as in the kernel's include/uapi/linux/fuse.h.
const (
	opLookup      = 1
	opForget      = 2
	opGetattr     = 3
	opRead        = 15
	opStatfs      = 17
	opInit        = 26
	opInterrupt   = 36
	opDestroy     = 38
	opBatchForget = 42
)

const (
	headerIn  = 40
	headerOut = 16
	// minBuffer is the least that the kernel fills (FUSE_MIN_READ_BUFFER).
	minBuffer = 8192
	maxWrite  = 4096

	major, minor = 7, 31
	rootNode     = 1
	firstNode    = 2

	forever = 1 << 32 // seconds

	// fresh is how long a text, and what the kernel knows of it, is good for. Whoever reads all the time would else wait
	// for the agent all the time, and what waits for a process that is frozen cannot be frozen.
	fresh = 250 * time.Millisecond

	// autoInvalidate has the kernel forget a file's pages when its time of change is another one.
	autoInvalidate = 1 << 12
	readAhead      = 64 << 10
)

var order = binary.LittleEndian

// server keeps the text of each file until it is no longer fresh.
type server struct {
	files []*file
}

type file struct {
	make func() []byte
	text []byte
	at   time.Time
}

// isPassing tells whether only one request was lost.
func isPassing(err error) bool {
	return errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EAGAIN)
}

// answer is what to write back; nil when nothing is expected.
func (s *server) answer(request []byte) []byte {
	if len(request) < headerIn {
		return nil
	}
	unique, node, body := request[8:16], order.Uint64(request[16:]), request[headerIn:]
	var reply []byte
	var problem unix.Errno
	switch order.Uint32(request[4:]) {
	case opInit:
		reply = initial()
	case opLookup:
		reply, problem = s.lookup(node, body)
	case opGetattr:
		reply, problem = s.attributes(node)
	case opRead:
		reply, problem = s.read(node, body)
	case opStatfs:
		reply = empty()
	case opForget, opBatchForget, opInterrupt, opDestroy:
		return nil
	default: // That there is no opening either spares the kernel to ask for it.
		problem = unix.ENOSYS
	}
	if problem != 0 {
		reply = nil
	}
	answer := make([]byte, 0, headerOut+len(reply))
	answer = order.AppendUint32(answer, uint32(headerOut+len(reply)))
	answer = order.AppendUint32(answer, uint32(-int32(problem)))
	answer = append(answer, unique...)
	return append(answer, reply...)
}

// initial is fuse_init_out.
func initial() []byte {
	out := make([]byte, 64)
	order.PutUint32(out[0:], major)
	order.PutUint32(out[4:], minor)
	order.PutUint32(out[8:], readAhead)
	order.PutUint32(out[12:], autoInvalidate)
	order.PutUint32(out[20:], maxWrite)
	order.PutUint32(out[24:], 1) // granularity of times, in ns
	return out
}

// empty is fuse_kstatfs of a file system without blocks, which df leaves out.
func empty() []byte {
	out := make([]byte, 80)
	order.PutUint32(out[40:], 4096)
	order.PutUint32(out[44:], 255)
	order.PutUint32(out[48:], 4096)
	return out
}

// lookup is fuse_entry_out.
func (s *server) lookup(node uint64, body []byte) ([]byte, unix.Errno) {
	name, _, _ := bytes.Cut(body, []byte{0})
	index := slices.Index(Names, string(name))
	if node != rootNode || index < 0 {
		return nil, unix.ENOENT
	}
	inode := uint64(index + firstNode)
	out := make([]byte, 40, 128)
	order.PutUint64(out[0:], inode)
	order.PutUint64(out[16:], forever)
	// Its attributes are good for no time at all: most sandboxes never read it, and texts cost a start memory and time.
	return s.appendAttributes(out, inode), 0
}

// attributes is fuse_attr_out.
func (s *server) attributes(node uint64) ([]byte, unix.Errno) {
	if file := s.file(node); file != nil {
		file.refresh()
	} else if node != rootNode {
		return nil, unix.ENOENT
	}
	out := make([]byte, 16, 104)
	order.PutUint32(out[8:], uint32(fresh))
	return s.appendAttributes(out, node), 0
}

// appendAttributes adds fuse_attr.
func (s *server) appendAttributes(out []byte, node uint64) []byte {
	attributes := make([]byte, 88)
	mode := uint32(unix.S_IFDIR | 0o555)
	if node != rootNode {
		mode = unix.S_IFREG | 0o444
	}
	if file := s.file(node); file != nil {
		order.PutUint64(attributes[8:], uint64(len(file.text)))
		for i, seconds := range []int{24, 32, 40} { // of access, of change, of change of the attributes
			order.PutUint64(attributes[seconds:], uint64(file.at.Unix()))
			order.PutUint32(attributes[48+4*i:], uint32(file.at.Nanosecond()))
		}
	}
	order.PutUint64(attributes[0:], node)
	order.PutUint32(attributes[60:], mode)
	order.PutUint32(attributes[64:], 1) // links
	order.PutUint32(attributes[80:], 4096)
	return append(out, attributes...)
}

// file is nil for what is none.
func (s *server) file(node uint64) *file {
	if node < firstNode || node-firstNode >= uint64(len(s.files)) {
		return nil
	}
	return s.files[node-firstNode]
}

func (f *file) refresh() {
	if now := time.Now(); now.Sub(f.at) >= fresh {
		f.text, f.at = f.make(), now
	}
}

func (s *server) read(node uint64, body []byte) ([]byte, unix.Errno) {
	file := s.file(node)
	if file == nil || len(body) < 20 {
		return nil, unix.EINVAL
	}
	from := min(order.Uint64(body[8:]), uint64(len(file.text)))
	length := min(uint64(order.Uint32(body[16:])), uint64(len(file.text))-from)
	return file.text[from : from+length], 0
}
