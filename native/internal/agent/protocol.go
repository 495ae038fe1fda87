// Package agent is process 1 of every sandbox: it answers the guest protocol (proto/guest.md) on the
// listening socket that it is handed as descriptor 3.
package agent

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// Protocol is the version of the guest protocol that this agent speaks.
const Protocol = 1

const (
	maxHeader  = 1 << 20
	maxInline  = 1 << 20
	headerTime = 10 * time.Second

	chunkEnd   = 0
	chunkError = 0xFFFFFFFF
	maxChunk   = 1 << 20
	// heldByKernel is several pieces of what is sent.
	heldByKernel = 1 << 20
)

// failure is an error that the host is told by its code.
type failure struct {
	code    string
	message string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func fail(code, format string, args ...any) error {
	return &failure{code: code, message: fmt.Sprintf(format, args...)}
}

// errHangup says that the host went away; nobody is left to be told.
var errHangup = errors.New("the host closed the connection")

// link is a connection of the host's: over a Unix socket, or over TCP where the runtime hands no socket on.
type link interface {
	net.Conn
	syscall.Conn
	CloseWrite() error
}

// call is one connection: a header from the host, its body, and the answer.
type call struct {
	conn   link
	in     *bufio.Reader
	header []byte
	// answered is set once a reply line went out: errors can no longer be told that way.
	answered bool
	// crashAt is the crash point that the host named; empty outside tests.
	crashAt string
}

// envelope is what every header has in common.
type envelope struct {
	Version int    `json:"v"`
	Call    string `json:"call"`
	CrashAt string `json:"crash_at"`
	Token   string `json:"token"`
}

// readHeader reads one line of at most maxHeader bytes.
func (c *call) readHeader() error {
	for {
		part, err := c.in.ReadSlice('\n')
		if len(c.header)+len(part) > maxHeader {
			return fail("TOO_LARGE", "the header is longer than %d bytes", maxHeader)
		}
		c.header = append(c.header, part...)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		default:
			return errHangup
		}
	}
}

// decode fills the arguments of the call from its header.
func (c *call) decode(into any) error {
	if err := json.Unmarshal(c.header, into); err != nil {
		return fail("INVALID_REQUEST", "the header is not the JSON that this call takes: %v", err)
	}
	c.header = nil
	return nil
}

// body reads the raw bytes that follow the header.
func (c *call) body(size int64) ([]byte, error) {
	if size < 0 || size > maxInline {
		return nil, fail("TOO_LARGE", "a body has at most %d bytes", maxInline)
	}
	if size == 0 {
		return nil, nil
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(c.in, data); err != nil {
		return nil, errHangup
	}
	return data, nil
}

// reply writes the answer line and the parts that follow it in one go.
func (c *call) reply(value any, parts ...[]byte) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.answered = true
	buffers := make(net.Buffers, 0, 1+len(parts))
	buffers = append(buffers, append(line, '\n'))
	for _, part := range parts {
		if len(part) > 0 {
			buffers = append(buffers, part)
		}
	}
	if _, err := buffers.WriteTo(c.conn); err != nil {
		return errHangup
	}
	return nil
}

// widen is for calls that answer with much: the kernel takes more of it at once, and the writer seldom waits.
func (c *call) widen() {
	if wide, ok := c.conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = wide.SetWriteBuffer(heldByKernel)
	}
}

// okay is the answer of calls that have nothing to say.
type okay struct {
	OK bool `json:"ok"`
}

type refusal struct {
	OK      bool   `json:"ok"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	if coded := systemFailure(err); coded != nil {
		return coded
	}
	return &failure{code: "INTERNAL", message: err.Error()}
}

// refuse tells the host what went wrong, when it can still be told.
func (c *call) refuse(err error) {
	if c.answered || errors.Is(err, errHangup) {
		return
	}
	f := asFailure(err)
	_ = c.reply(refusal{Code: f.code, Message: bounded(f.message, 1000)})
}

func bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:limit]
}

// hangup runs done once when the host closes or sends anything that this call does not expect.
func (c *call) hangup(done func()) {
	go func() {
		defer shield()
		_, _ = c.in.ReadByte()
		done()
	}()
}

// writeChunk sends one frame of a stream whose length is not known in advance.
func writeChunk(w io.Writer, data []byte) error {
	var head [4]byte
	for len(data) > 0 {
		part := data
		if len(part) > maxChunk {
			part = part[:maxChunk]
		}
		binary.BigEndian.PutUint32(head[:], uint32(len(part)))
		if _, err := w.Write(head[:]); err != nil {
			return errHangup
		}
		if _, err := w.Write(part); err != nil {
			return errHangup
		}
		data = data[len(part):]
	}
	return nil
}

// endChunks closes a chunked stream: complete, or with the reason why it is not.
func endChunks(w io.Writer, err error) {
	var head [4]byte
	if err == nil {
		_, _ = w.Write(head[:])
		return
	}
	f := asFailure(err)
	line, _ := json.Marshal(refusal{Code: f.code, Message: bounded(f.message, 1000)})
	binary.BigEndian.PutUint32(head[:], chunkError)
	_, _ = w.Write(append(append(head[:], line...), '\n'))
}

// bodyReader reads what follows a request: so many bytes, or chunks, which end with io.EOF only at the closing one.
type bodyReader struct {
	in     *bufio.Reader
	left   int64 // of the chunk, or of the body that has none
	chunks bool
	taken  int
}

// content is what follows the request: so many bytes, or chunks when that is -1. It is read in pieces of at most size bytes.
func (c *call) content(length int64, size int) *bodyReader {
	return &bodyReader{in: bufio.NewReaderSize(c.in, size), left: max(0, length), chunks: length < 0}
}

// next is what has come: it stays in place until the call after it. io.EOF is the end, a hangup when there is less.
func (r *bodyReader) next() ([]byte, error) {
	_, _ = r.in.Discard(r.taken)
	r.taken = 0
	if r.left == 0 {
		if !r.chunks {
			return nil, io.EOF
		}
		if err := r.nextChunk(); err != nil {
			return nil, err
		}
	}
	if _, err := r.in.Peek(1); err != nil {
		return nil, errHangup
	}
	part, _ := r.in.Peek(int(min(r.left, int64(r.in.Buffered()))))
	r.taken = len(part)
	r.left -= int64(len(part))
	return part, nil
}

// upTo is next, of at most so many bytes.
func (r *bodyReader) upTo(most int64) ([]byte, error) {
	part, err := r.next()
	if err != nil || int64(len(part)) <= most {
		return part, err
	}
	r.left += int64(len(part)) - most
	r.taken = int(most)
	return part[:most], nil
}

// Read copies from what has come, for those who take it piece by piece.
func (r *bodyReader) Read(to []byte) (int, error) {
	part, err := r.next()
	if err != nil {
		return 0, err
	}
	n := copy(to, part)
	r.left += int64(len(part) - n)
	r.taken = n
	return n, nil
}

func (r *bodyReader) nextChunk() error {
	var head [4]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return errHangup
	}
	size := binary.BigEndian.Uint32(head[:])
	switch {
	case size == chunkEnd:
		r.chunks = false
		return io.EOF
	case size == chunkError:
		return errHangup
	case size > maxChunk:
		return fail("INVALID_REQUEST", "a chunk has at most %d bytes", maxChunk)
	}
	r.left = int64(size)
	return nil
}
