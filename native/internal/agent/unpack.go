package agent

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"
)

const (
	maxUnpacked     = 1_000_000
	maxArchiveDepth = 128
	longestTarget   = 4095
	// maxPadding is what may follow the end of a tar that was packed.
	maxPadding = 64 << 20
)

type unpackRequest struct {
	Path string `json:"path"` // a directory, made when it is not there
	Body int64  `json:"body"` // bytes that follow; -1 = chunks
}

// unpack puts the entries of a tar, tar.gz or zip into a directory. Nothing of an archive leads out of it:
// no name with .. in it, no absolute one, and none that goes by way of a symbolic link, whoever made that.
func (s *Server) unpack(c *call) error {
	var request unpackRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Body < -1 {
		return fail("INVALID_REQUEST", "body is out of range")
	}
	place, err := blocking(func() (*folder, error) { return openFolder(request.Path) })
	if err != nil {
		return err
	}
	defer place.close()
	body := c.content(request.Body, contentBuffer)
	u := &unpacker{into: place, buffer: make([]byte, 64<<10)}
	if err := u.from(bufio.NewReaderSize(body, 64<<10)); err != nil {
		return err
	}
	// What follows the last entry belongs to the archive.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	info, err := blocking(func() (fileInfo, error) { return inspect(place.path, true) })
	if err != nil {
		return err
	}
	info.Size = int64(u.placed)
	return c.reply(infoReply{OK: true, Info: info})
}

type unpacker struct {
	into   *folder
	buffer []byte
	placed int
}

// packed is what tar and zip have in common.
type packed struct {
	name   string
	kind   byte // of tar
	mode   uint32
	target string
	owner  [2]int
	time   time.Time
}

func (u *unpacker) from(in *bufio.Reader) error {
	head, err := in.Peek(4)
	if err != nil && len(head) == 0 {
		if err == io.EOF {
			return fail("INVALID_REQUEST", "the archive is empty")
		}
		return err
	}
	switch {
	case isZip(head):
		return u.fromZip(in)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return damaged(err)
		}
		return u.fromGzip(unpacked)
	}
	return u.fromTar(in)
}

// isZip is what a zip begins with, also an empty one. A tar may begin with the name PKGBUILD.
func isZip(head []byte) bool {
	return bytes.Equal(head, []byte("PK\x03\x04")) || bytes.Equal(head, []byte("PK\x05\x06"))
}

// fromGzip reads to the end of what is packed, where its checksum is.
func (u *unpacker) fromGzip(packed io.Reader) error {
	if err := u.fromTar(packed); err != nil {
		return err
	}
	n, err := io.CopyN(io.Discard, packed, maxPadding+1)
	if err == nil || n > maxPadding {
		return fail("INVALID_REQUEST", "more than %d bytes follow the end of the archive", maxPadding)
	}
	if err != io.EOF {
		return damaged(err)
	}
	return nil
}

// damaged tells an archive that is not one from a host that went away and a refusal of ours.
func damaged(err error) error {
	var ours *failure
	if errors.Is(err, errHangup) || errors.As(err, &ours) || systemFailure(err) != nil {
		return err
	}
	return fail("INVALID_REQUEST", "that is no tar, tar.gz or zip, or a damaged one: %v", err)
}

func (u *unpacker) fromTar(in io.Reader) error {
	marked := &marked{from: in}
	archive := tar.NewReader(marked)
	for {
		before := marked.count
		header, err := archive.Next()
		if err == io.EOF {
			return marked.end(before)
		}
		if err != nil {
			return damaged(err)
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		each := packed{
			name: header.Name, kind: header.Typeflag, mode: uint32(header.Mode) & 0o7777, target: header.Linkname,
			owner: [2]int{header.Uid, header.Gid}, time: header.ModTime,
		}
		if err := u.place(&each, archive); err != nil {
			return damaged(err)
		}
		// What is left of an entry that was left out must not count as what follows it.
		if _, err := io.Copy(io.Discard, archive); err != nil {
			return damaged(err)
		}
	}
}

// fromZip needs the end of a zip first: it goes to a file on the sandbox's own disk, which has no name.
func (u *unpacker) fromZip(in io.Reader) error {
	spool, err := blocking(u.into.spool)
	if err != nil {
		return err
	}
	defer spool.Close()
	size := int64(0)
	for {
		n, err := in.Read(u.buffer)
		if n > 0 {
			size += int64(n)
			if _, err := blocking(func() (int, error) { return spool.Write(u.buffer[:n]) }); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	archive, err := zip.NewReader(spool, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return damaged(err)
	}
	for _, each := range archive.File {
		// Before anything is in its place. A zip made elsewhere may mean a backslash as what parts its names.
		if strings.Contains(each.Name, "\\") {
			return notPlain(each.Name)
		}
		if _, err := parts(each.Name); err != nil {
			return err
		}
	}
	for _, each := range archive.File {
		if err := u.placeZipped(each); err != nil {
			return damaged(err)
		}
	}
	return nil
}

func (u *unpacker) placeZipped(file *zip.File) error {
	mode := file.Mode()
	each := packed{
		name: file.Name, kind: tar.TypeReg, mode: bitsOf(mode), owner: [2]int{-1, -1}, time: file.Modified,
	}
	switch {
	case mode.IsDir():
		each.kind = tar.TypeDir
	case mode&fs.ModeSymlink != 0:
		each.kind = tar.TypeSymlink
	case !mode.IsRegular():
		each.kind = tar.TypeFifo
	}
	if each.mode == 0 && !saysMode(file) {
		each.mode = 0o644
		if each.kind == tar.TypeDir {
			each.mode = 0o755
		}
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	if each.kind == tar.TypeSymlink {
		target, err := io.ReadAll(io.LimitReader(content, longestTarget+1))
		if err != nil {
			return err
		}
		each.target = string(target)
	}
	return u.place(&each, content)
}

// saysMode tells an entry that nobody may read from one whose packer left its mode out.
func saysMode(file *zip.File) bool {
	const unixes, darwin = 3, 19
	by := file.CreatorVersion >> 8
	return (by == unixes || by == darwin) && file.ExternalAttrs>>16 != 0
}

// place makes one entry. Devices, FIFOs and their like are left out.
func (u *unpacker) place(each *packed, content io.Reader) error {
	names, err := parts(each.name)
	if err != nil {
		return err
	}
	if u.placed >= maxUnpacked {
		return fail("TOO_LARGE", "an archive has at most %d entries", maxUnpacked)
	}
	if len(names) == 0 {
		return nil // the directory itself
	}
	switch each.kind {
	case tar.TypeDir:
		_, err = blocking(func() (okay, error) { return okay{}, u.into.makeFolder(names, each) })
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse, tar.TypeRegA: //nolint:staticcheck // old archives have it
		err = u.file(names, each, content)
	case tar.TypeSymlink:
		_, err = blocking(func() (okay, error) { return okay{}, u.into.link(names, each) })
	case tar.TypeLink:
		_, err = blocking(func() (okay, error) { return okay{}, u.into.hardLink(names, each) })
	default:
		return nil
	}
	if err == nil {
		u.placed++
		return nil
	}
	return named(each.name, err)
}

func (u *unpacker) file(names []string, each *packed, content io.Reader) error {
	made, err := blocking(func() (*arriving, error) { return u.into.create(names) })
	if err != nil {
		return err
	}
	defer made.close()
	for {
		n, err := content.Read(u.buffer)
		if n > 0 {
			if _, err := blocking(func() (int, error) { return made.file.Write(u.buffer[:n]) }); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err = blocking(func() (okay, error) { return okay{}, made.arrive(each) })
	return err
}

// named says which entry it was, when the reason is one of the machine's.
func named(name string, err error) error {
	if coded := systemFailure(err); coded != nil {
		return fail(coded.code, "%s: %s", bounded(strings.ToValidUTF8(name, "?"), 200), coded.message)
	}
	return err
}

func notPlain(name string) error {
	shown := bounded(strings.ToValidUTF8(name, "?"), 200)
	return fail("INVALID_PATH", "the archive has an entry whose path is not plain and relative: %s", shown)
}

// parts are the names of an entry's path; a backslash is a letter of a name as any other.
func parts(name string) ([]string, error) {
	shown := bounded(strings.ToValidUTF8(name, "?"), 200)
	if strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 || len(name) > 4095 {
		return nil, notPlain(name)
	}
	var names []string
	for _, part := range strings.Split(name, "/") {
		if part == ".." || len(part) > 255 {
			return nil, fail("INVALID_PATH", "the archive has an entry that leads outside or has too long a name: %s", shown)
		}
		if part != "" && part != "." {
			names = append(names, part)
		}
	}
	if len(names) > maxArchiveDepth {
		return nil, fail("INVALID_PATH", "the archive has an entry that is too deep: %s", shown)
	}
	return names, nil
}
