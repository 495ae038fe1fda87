package agent

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tarrer writes what comes as a tar, or a tar.gz.
type tarrer struct {
	tar    *tar.Writer
	packed *gzip.Writer // nil for a plain tar
}

func newTarrer(to io.Writer) *tarrer { return &tarrer{tar: tar.NewWriter(to)} }

// newGzipped lets the host wait less rather than compress more.
func newGzipped(to io.Writer) (*tarrer, error) {
	packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	return &tarrer{tar: tar.NewWriter(packed), packed: packed}, nil
}

func header(name string, status *unix.Stat_t, kind byte) *tar.Header {
	return &tar.Header{
		Typeflag: kind,
		Name:     name,
		Mode:     int64(status.Mode & 0o7777),
		Uid:      int(status.Uid),
		Gid:      int(status.Gid),
		ModTime:  time.Unix(status.Mtim.Sec, 0),
	}
}

func (t *tarrer) folder(name string, status *unix.Stat_t) error {
	return t.tar.WriteHeader(header(strings.TrimSuffix(name, "/")+"/", status, tar.TypeDir))
}

func (t *tarrer) link(name string, status *unix.Stat_t, target string) error {
	link := header(name, status, tar.TypeSymlink)
	link.Linkname = target
	return t.tar.WriteHeader(link)
}

func (t *tarrer) file(name string, status *unix.Stat_t) (io.Writer, error) {
	file := header(name, status, tar.TypeReg)
	file.Size = status.Size
	return t.tar, t.tar.WriteHeader(file)
}

func (t *tarrer) close() error {
	err := t.tar.Close()
	if err == nil && t.packed != nil {
		err = t.packed.Close()
	}
	return err
}
