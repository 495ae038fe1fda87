package agent

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const contentBuffer = 256 << 10

type readRequest struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"` // 0 = to the end
	Limit  int64  `json:"limit"`  // refused with TOO_LARGE when the file is longer; 0 = no limit
}

type readReply struct {
	OK   bool     `json:"ok"`
	Info fileInfo `json:"info"`
	Size int64    `json:"size"` // bytes that follow
}

type opened struct {
	file *os.File
	info fileInfo
}

// read sends the bytes of a file after their number.
func (s *Server) read(c *call) error {
	var request readRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Offset < 0 || request.Length < 0 {
		return fail("INVALID_REQUEST", "offset and length are not negative")
	}
	name, err := cleanPath(request.Path)
	if err != nil {
		return err
	}
	found, err := blocking(func() (opened, error) {
		file, status, err := openRegular(name, true)
		if err != nil {
			return opened{}, err
		}
		return opened{file: file, info: describeVersion(name, status)}, nil
	})
	if err != nil {
		return err
	}
	defer found.file.Close()
	if request.Limit > 0 && found.info.Size > request.Limit {
		return fail("TOO_LARGE", "the file has %d bytes", found.info.Size)
	}
	size := max(0, found.info.Size-request.Offset)
	if request.Length > 0 {
		size = min(size, request.Length)
	}
	c.widen()
	if err := c.reply(readReply{OK: true, Info: found.info, Size: size}); err != nil {
		return err
	}
	return sendFile(c.conn, found.file, request.Offset, size)
}

func sendFile(to io.Writer, file *os.File, offset, size int64) error {
	if size == 0 {
		return nil
	}
	buffer := make([]byte, min(size, contentBuffer))
	for size > 0 {
		part := buffer[:min(int64(len(buffer)), size)]
		n, err := blocking(func() (int, error) { return file.ReadAt(part, offset) })
		if n == 0 {
			return err // shorter than it was: the host sees a stream that ends early
		}
		if _, err := to.Write(part[:n]); err != nil {
			return errHangup
		}
		offset += int64(n)
		size -= int64(n)
	}
	return nil
}

type writeRequest struct {
	Path      string `json:"path"`
	Mode      uint32 `json:"mode"`       // 0 = as it was, else 0644
	Body      int64  `json:"body"`       // bytes that follow; -1 = chunks
	SizeLimit int64  `json:"size_limit"` // 0 = none
	// Attributes are kept with the file; those that it had are gone.
	Attributes map[string]string `json:"attributes"`
	// Owner is whom the file and new directories above it belong to; none = as it was, else root.
	Owner *owner `json:"owner"`
}

type writeReply struct {
	OK   bool     `json:"ok"`
	Info fileInfo `json:"info"`
}

// write replaces a file as a whole, or leaves it as it was.
func (s *Server) write(c *call) error {
	var request writeRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Body < -1 || request.SizeLimit < 0 {
		return fail("INVALID_REQUEST", "body or size_limit is out of range")
	}
	if request.SizeLimit > 0 && request.Body > request.SizeLimit {
		return fail("TOO_LARGE", "the file may have %d bytes", request.SizeLimit)
	}
	if err := checkAttributes(request.Attributes); err != nil {
		return err
	}
	if err := request.Owner.check(); err != nil {
		return err
	}
	target, err := blocking(func() (*replacement, error) {
		return beginReplacement(&request, request.Owner.makeParents)
	})
	if err != nil {
		return err
	}
	defer target.abandon()
	size := int64(contentBuffer)
	if request.Body >= 0 {
		size = min(size, request.Body+1)
	}
	body := c.content(request.Body, int(size))
	if err := target.fill(body, request.SizeLimit); err != nil {
		return err
	}
	release := s.claims.take(target.path)
	info, err := blocking(target.commit)
	release()
	if err != nil {
		return err
	}
	return c.reply(writeReply{OK: true, Info: info})
}

// replacement is a file that takes the place of another one when it is complete.
type replacement struct {
	path      string
	temporary string   // empty while it has no name
	file      *os.File // nil once it is settled
	mode      uint32
	uid       int
	gid       int
	owned     bool // uid and gid were asked for
	fresh     bool
	done      bool

	attributes map[string]string
}

func beginReplacement(request *writeRequest, makeParents func(string) error) (*replacement, error) {
	name, err := cleanPath(request.Path)
	if err != nil {
		return nil, err
	}
	if name == "/" {
		return nil, fail("NOT_A_FILE", "that is a directory")
	}
	if name, err = resolveTarget(name); err != nil {
		return nil, err
	}
	if err := refuseKernelFiles(name); err != nil {
		return nil, err
	}
	target := &replacement{path: name, mode: request.Mode & 0o7777, uid: -1, gid: -1, attributes: request.Attributes}
	if err := target.inherit(); err != nil {
		return nil, err
	}
	if request.Owner != nil {
		target.belongTo(request.Owner, request.Mode != 0)
	}
	if err := makeParents(name); err != nil {
		return nil, err
	}
	if target.file = nameless(unix.AT_FDCWD, path.Dir(name)); target.file != nil {
		return target, nil
	}
	target.temporary = temporaryName(name)
	target.file, err = os.OpenFile(target.temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return target, err
}

// inherit takes owner and mode of the file that is there already.
func (r *replacement) inherit() error {
	var status unix.Stat_t
	err := unix.Lstat(r.path, &status)
	if err == nil {
		switch status.Mode & unix.S_IFMT {
		case unix.S_IFREG:
		case unix.S_IFDIR:
			return fail("NOT_A_FILE", "that is a directory")
		default:
			return fail("SPECIAL_FILE", "that is a device, a FIFO or a socket")
		}
		r.uid, r.gid = int(status.Uid), int(status.Gid)
		if r.mode == 0 {
			r.mode = status.Mode & 0o7777
		}
	}
	r.fresh = errors.Is(err, unix.ENOENT)
	if r.mode == 0 {
		r.mode = 0o644
	}
	return nil
}

// belongTo gives the file another owner; what ran as the one before it does not run as this one.
func (r *replacement) belongTo(o *owner, modeAsked bool) {
	uid, gid := int(o.Uid), int(o.Gid)
	if !modeAsked && (uid != r.uid || gid != r.gid) {
		r.mode &^= unix.S_ISUID | unix.S_ISGID
	}
	r.uid, r.gid, r.owned = uid, gid, true
}

func (r *replacement) fill(body *bodyReader, limit int64) error {
	total := int64(0)
	for {
		part, err := body.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if total += int64(len(part)); limit > 0 && total > limit {
			return fail("TOO_LARGE", "the file may have %d bytes", limit)
		}
		if _, err := blocking(func() (int, error) { return r.file.Write(part) }); err != nil {
			return err
		}
	}
}

func (r *replacement) commit() (fileInfo, error) {
	if err := r.seal(); err != nil {
		return fileInfo{}, err
	}
	if err := r.place(); err != nil {
		return fileInfo{}, err
	}
	return inspect(r.path, false)
}

// seal ends the file: what is left is to give it its name.
func (r *replacement) seal() error {
	if r.uid > 0 || r.gid > 0 {
		if err := r.file.Chown(r.uid, r.gid); err != nil && r.owned {
			return err
		}
	}
	if err := setAttributes(int(r.file.Fd()), r.attributes); err != nil {
		return err
	}
	return unix.Fchmod(int(r.file.Fd()), r.mode)
}

// settle gives the file a temporary name when it has none, and closes it.
func (r *replacement) settle() error {
	if r.file == nil {
		return nil
	}
	if r.temporary == "" {
		temporary := temporaryName(r.path)
		if err := give(r.file, unix.AT_FDCWD, temporary); err != nil {
			return err
		}
		r.temporary = temporary
	}
	file := r.file
	r.file = nil
	return file.Close()
}

func (r *replacement) place() error {
	if err := r.settle(); err != nil {
		return err
	}
	// A link tells those who watch that the file is new; a rename, that it was replaced.
	if r.fresh && unix.Link(r.temporary, r.path) == nil {
		_ = unix.Unlink(r.temporary)
	} else if err := unix.Rename(r.temporary, r.path); err != nil {
		return err
	}
	r.done = true
	return nil
}

func (r *replacement) abandon() {
	if r.done {
		return
	}
	if r.file != nil {
		r.file.Close()
	}
	if r.temporary != "" {
		_ = unix.Unlink(r.temporary)
	}
}

const temporaryPrefix = ".atoll-"

func isTemporary(name string) bool {
	return strings.HasPrefix(name, temporaryPrefix)
}

// freshPrefix begins the temporary name of what will get a name that is free: those who watch learn that it is new.
const freshPrefix = temporaryPrefix + "new-"

func isFresh(name string) bool {
	return strings.HasPrefix(name, freshPrefix)
}

// freshName is a temporaryName of something new.
func freshName(name string) string {
	folder, base := path.Split(temporaryName(name))
	return folder + freshPrefix + strings.TrimPrefix(base, temporaryPrefix)
}

// temporaryName is a new name in the same directory.
func temporaryName(name string) string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	return path.Join(path.Dir(name), temporaryPrefix+hex.EncodeToString(random[:]))
}
