package agent

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"path"

	"golang.org/x/sys/unix"
)

const (
	maxMany       = 10_000
	maxManyHeader = 64 << 10
	// maxNameless is how many files that came whole may stay open, and without a name, until the last one has come.
	maxNameless = 64
)

type writeManyRequest struct {
	// Atomic asks for all of the files or none.
	Atomic bool  `json:"atomic"`
	Body   int64 `json:"body"` // -1: chunks
}

// manyHeader comes before the bytes of each file.
type manyHeader struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"`
	Size int64  `json:"size"`
}

type manyFailure struct {
	At      int    `json:"at"` // of the files as they came, from 0
	Code    string `json:"code"`
	Message string `json:"message"`
}

type writeManyReply struct {
	OK     bool          `json:"ok"`
	Failed []manyFailure `json:"failed"`
}

// writeMany replaces files when all of them have come; a call that is cut off before its end leaves all as they were.
func (s *Server) writeMany(c *call) error {
	var request writeManyRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Body != -1 {
		return fail("INVALID_REQUEST", "the files come in chunks")
	}
	m := &manyFiles{atomic: request.Atomic, body: c.content(-1, contentBuffer), failed: []manyFailure{}}
	err := m.receive()
	defer s.claims.take(m.paths()...)()
	if _, err = lengthy(func() (okay, error) {
		defer m.abandon() // before the answer: whoever has it finds nothing else
		if err != nil {
			return okay{}, err
		}
		return okay{}, m.place()
	}); err != nil {
		return err
	}
	return c.reply(writeManyReply{OK: true, Failed: m.failed})
}

// manyFiles are files on their way into place: complete ones under temporary names, and why others will not be there.
type manyFiles struct {
	atomic bool
	body   *bodyReader
	staged []*staged
	failed []manyFailure
	// first is the first failure, under the name of its file.
	first error
	made  []string
}

type staged struct {
	*replacement
	at int
	// backup is a second name of the file that was there, while others may still fail.
	backup string
	placed bool
	own    identity
}

func (m *manyFiles) paths() []string {
	paths := make([]string, len(m.staged))
	for i, each := range m.staged {
		paths[i] = each.path
	}
	return paths
}

// receive takes what comes up to the mark that says that this was all.
func (m *manyFiles) receive() error {
	for at := 0; ; at++ {
		header, err := m.header()
		if err != nil {
			return err
		}
		if header == nil {
			break
		}
		if at >= maxMany {
			return fail("TOO_LARGE", "at most %d files are written at once", maxMany)
		}
		if err := m.stage(at, header); err != nil {
			return err
		}
	}
	if _, err := m.body.next(); err != io.EOF {
		return fail("INVALID_REQUEST", "something follows the end of the files")
	}
	return nil
}

func (m *manyFiles) header() (*manyHeader, error) {
	var size [4]byte
	if err := m.full(size[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(size[:])
	if length == 0 {
		return nil, nil
	}
	if length > maxManyHeader {
		return nil, fail("INVALID_REQUEST", "the header of a file has at most %d bytes", maxManyHeader)
	}
	line := make([]byte, length)
	if err := m.full(line); err != nil {
		return nil, err
	}
	header := new(manyHeader)
	if err := json.Unmarshal(line, header); err != nil || header.Size < 0 {
		return nil, fail("INVALID_REQUEST", "the header of a file is not what this call takes")
	}
	return header, nil
}

func (m *manyFiles) full(into []byte) error {
	_, err := io.ReadFull(m.body, into)
	return cutOff(err)
}

func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fail("INVALID_REQUEST", "the files ended before their end")
	}
	return err
}

// stage writes a file under a temporary name. What it answers ends the call; what is wrong with the file alone does not.
func (m *manyFiles) stage(at int, header *manyHeader) error {
	var file *replacement
	var refused error
	if m.atomic && m.first != nil {
		refused = m.first // nothing will be written: what still comes is only read
	} else {
		file, refused = blocking(func() (*replacement, error) {
			return beginReplacement(&writeRequest{Path: header.Path, Mode: header.Mode}, m.makeParents)
		})
	}
	for left := header.Size; left > 0; {
		part, err := m.body.upTo(left)
		if err != nil {
			if file != nil && refused == nil {
				file.abandon()
			}
			return cutOff(err)
		}
		left -= int64(len(part))
		if refused == nil {
			if _, refused = blocking(func() (int, error) { return file.file.Write(part) }); refused != nil {
				file.abandon() // what it took is room for those that follow
			}
		}
	}
	if refused == nil {
		if _, refused = blocking(func() (okay, error) { return okay{}, m.seal(file) }); refused != nil {
			file.abandon()
		}
	}
	if refused == nil {
		m.staged = append(m.staged, &staged{replacement: file, at: at})
		return nil
	}
	m.fail(at, header.Path, refused)
	return nil
}

func (m *manyFiles) seal(file *replacement) error {
	if err := file.seal(); err != nil {
		return err
	}
	if file.temporary == "" && len(m.staged) < maxNameless {
		return nil
	}
	return file.settle()
}

func (m *manyFiles) fail(at int, name string, err error) {
	f := asFailure(err)
	m.failed = append(m.failed, manyFailure{At: at, Code: f.code, Message: bounded(f.message, 200)})
	if m.first == nil {
		m.first = fail(f.code, "%s: %s", bounded(name, 500), f.message)
	}
}

// makeParents makes the directories above a path and remembers them.
func (m *manyFiles) makeParents(name string) error {
	var missing []string
	for folder := path.Dir(name); folder != "/"; folder = path.Dir(folder) {
		if _, err := inspect(folder, true); !errors.Is(err, unix.ENOENT) {
			break
		}
		missing = append(missing, folder)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if unix.Mkdir(missing[i], 0o755) == nil {
			m.made = append(m.made, missing[i])
		}
	}
	return makeParents(name)
}

// place gives the files their names.
func (m *manyFiles) place() error {
	if m.atomic {
		return m.placeAll()
	}
	for _, each := range m.staged {
		if err := each.place(); err != nil {
			m.fail(each.at, each.path, err)
		}
	}
	return nil
}

// placeAll takes back those that are in place when one cannot be.
func (m *manyFiles) placeAll() error {
	if m.first != nil {
		return m.first
	}
	for i, each := range m.staged {
		if err := each.exchange(); err != nil {
			for i--; i >= 0; i-- {
				m.staged[i].takeBack()
			}
			m.fail(each.at, each.path, err)
			return m.first
		}
	}
	return nil
}

// exchange puts the file in place and keeps the one that was there under another name.
func (f *staged) exchange() error {
	if err := f.settle(); err != nil {
		return err
	}
	f.own, _ = identify(f.temporary)
	for range 2 {
		backup := temporaryName(f.path)
		err := unix.Link(f.path, backup)
		if err == nil {
			f.backup = backup
			break
		}
		if !errors.Is(err, unix.ENOENT) {
			return f.unlinked(backup)
		}
		err = unix.Link(f.temporary, f.path)
		if err == nil {
			_ = unix.Unlink(f.temporary)
			f.done, f.placed = true, true
			return nil
		}
		if !errors.Is(err, unix.EEXIST) {
			break // names of second files are not to be had here
		}
	}
	err := unix.Rename(f.temporary, f.path)
	f.done, f.placed = err == nil, err == nil
	return err
}

// unlinked is exchange where a file has one name only.
func (f *staged) unlinked(backup string) error {
	var status unix.Stat_t
	if err := unix.Lstat(f.path, &status); err != nil {
		return err
	}
	if status.Mode&unix.S_IFMT != unix.S_IFREG {
		return fail("NOT_A_FILE", "that is no file any more")
	}
	if err := unix.Rename(f.path, backup); err != nil {
		return err
	}
	f.backup = backup
	err := unix.Rename(f.temporary, f.path)
	f.done, f.placed = err == nil, err == nil
	if err != nil {
		f.takeBack()
	}
	return err
}

// takeBack gives the name back to the file that had it, unless a third one has it by now: what others have written
// since is not this call's to undo.
func (f *staged) takeBack() {
	if f.placed {
		if now, err := identify(f.path); err != nil || now != f.own {
			return
		}
	}
	if f.backup != "" {
		_ = renameHere(f.backup, f.path, f.placed)
		f.backup = ""
	} else if f.placed {
		_ = unix.Unlink(f.path)
	}
}

// identity tells a file from every other one, also from one that is given its number later.
type identity struct {
	major, minor uint32
	inode        uint64
	born         unix.StatxTimestamp
}

func identify(name string) (identity, error) {
	var status unix.Statx_t
	wanted := unix.STATX_INO | unix.STATX_BTIME
	if err := unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, wanted, &status); err != nil {
		return identity{}, err
	}
	return identity{major: status.Dev_major, minor: status.Dev_minor, inode: status.Ino, born: status.Btime}, nil
}

// abandon takes away what is not in its place, and directories that nothing came into.
func (m *manyFiles) abandon() {
	for _, each := range m.staged {
		each.abandon()
		if each.backup != "" {
			_ = unix.Unlink(each.backup)
		}
	}
	for i := len(m.made) - 1; i >= 0; i-- {
		_ = unix.Rmdir(m.made[i])
	}
}
