package agent

import (
	"archive/zip"
	"compress/flate"
	"io"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A zip ends with a list of all that is in it, which the agent has in memory until then.
const maxZipped = 200_000

// zipper writes what comes as a zip: sizes follow the content, so that nothing is held back for them. What grows beyond
// 4 GiB is written as Zip64.
type zipper struct {
	zip     *zip.Writer
	packer  *flate.Writer
	entries int
}

func newZipper(to io.Writer) (*zipper, error) {
	packer, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	z := &zipper{zip: zip.NewWriter(to), packer: packer}
	z.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		z.packer.Reset(out)
		return z.packer, nil
	})
	return z, nil
}

func (z *zipper) entry(name string, status *unix.Stat_t, kind fs.FileMode, method uint16) (io.Writer, error) {
	if z.entries++; z.entries > maxZipped {
		return nil, fail("TOO_LARGE", "a zip has at most %d entries; a tar.gz has no such bound", maxZipped)
	}
	header := &zip.FileHeader{Name: name, Method: method, Modified: time.Unix(status.Mtim.Sec, 0).UTC()}
	header.SetMode(kind | permissions(status.Mode))
	return z.zip.CreateHeader(header)
}

func (z *zipper) folder(name string, status *unix.Stat_t) error {
	_, err := z.entry(strings.TrimSuffix(name, "/")+"/", status, fs.ModeDir, zip.Store)
	return err
}

func (z *zipper) link(name string, status *unix.Stat_t, target string) error {
	// Readers of streams take no stored content whose size comes after it.
	out, err := z.entry(name, status, fs.ModeSymlink, zip.Deflate)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, target)
	return err
}

func (z *zipper) file(name string, status *unix.Stat_t) (io.Writer, error) {
	return z.entry(name, status, 0, zip.Deflate)
}

func (z *zipper) close() error { return z.zip.Close() }

// special are the bits above the permissions, as the kernel and the packages of Go name them.
var special = []struct {
	bit  uint32
	mode fs.FileMode
}{{unix.S_ISUID, fs.ModeSetuid}, {unix.S_ISGID, fs.ModeSetgid}, {unix.S_ISVTX, fs.ModeSticky}}

func permissions(bits uint32) fs.FileMode {
	mode := fs.FileMode(bits & 0o777)
	for _, each := range special {
		if bits&each.bit != 0 {
			mode |= each.mode
		}
	}
	return mode
}

func bitsOf(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	for _, each := range special {
		if mode&each.mode != 0 {
			bits |= each.bit
		}
	}
	return bits
}
