package agent

import (
	"errors"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	maxArchivePaths  = 1000
	maxArchiveFolder = 1 << 20
)

type archiveRequest struct {
	Paths  []string `json:"paths"`
	Format string   `json:"format"`
}

// pack is an archive that is being written.
type pack interface {
	folder(name string, status *unix.Stat_t) error
	link(name string, status *unix.Stat_t, target string) error
	// file takes the content of a file, exactly as much as its status says.
	file(name string, status *unix.Stat_t) (io.Writer, error)
	close() error
}

func newPack(format string, to io.Writer) (pack, error) {
	switch format {
	case "tar":
		return newTarrer(to), nil
	case "tar.gz":
		return newGzipped(to)
	case "zip":
		return newZipper(to)
	}
	return nil, fail("INVALID_REQUEST", "an archive is a tar.gz, tar or zip")
}

// archive sends a tar.gz in chunks. Names are relative to the deepest directory above all the paths.
func (s *Server) archive(c *call) error { return s.archiveAs(c, "tar.gz") }

// archiveIn is a call of its own: agents of before would send a tar.gz whatever the format.
func (s *Server) archiveIn(c *call) error { return s.archiveAs(c, "") }

func (s *Server) archiveAs(c *call, format string) error {
	var request archiveRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if format == "" {
		format = request.Format
	}
	if len(request.Paths) == 0 || len(request.Paths) > maxArchivePaths {
		return fail("INVALID_REQUEST", "an archive is of 1 to %d paths", maxArchivePaths)
	}
	paths, err := blocking(func() ([]string, error) { return archivePaths(request.Paths) })
	if err != nil {
		return err
	}
	packed, err := newPack(format, &chunkWriter{to: c.conn})
	if err != nil {
		return err
	}
	if err := c.reply(okay{OK: true}); err != nil {
		return err
	}
	err = writeArchive(packed, paths)
	endChunks(c.conn, err)
	return err
}

func archivePaths(wanted []string) ([]string, error) {
	paths := make([]string, 0, len(wanted))
	for _, each := range wanted {
		name, err := cleanPath(each)
		if err != nil {
			return nil, err
		}
		info, err := inspect(name, true)
		if err != nil {
			info, err = inspect(name, false) // a link that leads nowhere is sent as it is
		}
		if err != nil {
			return nil, err
		}
		if info.Type == "special" {
			return nil, fail("SPECIAL_FILE", "%s is a device, a FIFO or a socket", name)
		}
		if err := refuseKernelFiles(name); err != nil {
			return nil, err
		}
		paths = append(paths, name)
	}
	return paths, nil
}

type chunkWriter struct{ to io.Writer }

func (w *chunkWriter) Write(data []byte) (int, error) {
	if err := writeChunk(w.to, data); err != nil {
		return 0, err
	}
	return len(data), nil
}

func writeArchive(to pack, paths []string) error {
	a := &archiver{to: to, base: commonFolder(paths), most: maxArchiveFolder, buffer: make([]byte, 64<<10)}
	for _, name := range paths {
		if err := a.add(name, 0); err != nil {
			return err
		}
	}
	return to.close()
}

func commonFolder(paths []string) string {
	base := path.Dir(paths[0])
	for _, name := range paths[1:] {
		for base != "/" && path.Dir(name) != base && !strings.HasPrefix(path.Dir(name), base+"/") {
			base = path.Dir(base)
		}
	}
	return base
}

type archiver struct {
	to     pack
	base   string
	most   int // entries of one directory
	buffer []byte
}

func (a *archiver) add(name string, depth int) error {
	if depth > 256 {
		return fail("INVALID_PATH", "the tree is too deep")
	}
	var status unix.Stat_t
	if err := a.look(name, depth, &status); err != nil {
		if depth > 0 && vanished(err) {
			return nil
		}
		return err
	}
	switch status.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return a.addFile(name, depth)
	case unix.S_IFDIR:
		return a.addFolder(name, &status, depth)
	case unix.S_IFLNK:
		target, err := os.Readlink(name)
		if err != nil {
			if depth > 0 && vanished(err) {
				return nil
			}
			return err
		}
		return a.to.link(a.relative(name), &status, target)
	}
	return nil // sockets and their like inside a directory are left out
}

// look follows a link only where that was asked for by its name.
func (a *archiver) look(name string, depth int, status *unix.Stat_t) error {
	if depth == 0 {
		if err := unix.Stat(name, status); err == nil {
			return nil
		}
	}
	return unix.Lstat(name, status)
}

func (a *archiver) relative(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, a.base), "/")
}

func (a *archiver) addFolder(name string, status *unix.Stat_t, depth int) error {
	if relative := a.relative(name); relative != "" {
		if err := a.to.folder(relative, status); err != nil {
			return err
		}
	}
	if depth > 0 && refuseKernelFiles(name) != nil {
		return nil
	}
	entries, err := blocking(func() ([]string, error) {
		entries, cut, err := names(name, a.most)
		if err == nil && cut {
			err = fail("TOO_LARGE", "a directory of an archive has at most %d entries", a.most)
		}
		return entries, err
	})
	if err != nil {
		if depth > 0 && vanished(err) {
			return nil
		}
		return err
	}
	for _, entry := range entries {
		if err := a.add(path.Join(name, entry), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (a *archiver) addFile(name string, depth int) error {
	found, err := blocking(func() (opened, error) {
		file, status, err := openRegular(name, depth == 0)
		if err != nil {
			return opened{}, err
		}
		return opened{file: file, info: describeFile(name, status)}, nil
	})
	if err != nil {
		var other *failure
		if depth > 0 && (vanished(err) || errors.As(err, &other)) {
			return nil // it went away, or became something else
		}
		return err
	}
	defer found.file.Close()
	var status unix.Stat_t
	if err := unix.Fstat(int(found.file.Fd()), &status); err != nil {
		return err
	}
	out, err := a.to.file(a.relative(name), &status)
	if err != nil {
		return err
	}
	return a.content(out, found.file, status.Size)
}

// content writes exactly size bytes: a file that shrinks meanwhile is filled up with zeros, as tar does.
func (a *archiver) content(to io.Writer, file *os.File, size int64) error {
	offset := int64(0)
	for offset < size {
		part := a.buffer[:min(int64(len(a.buffer)), size-offset)]
		n, err := blocking(func() (int, error) { return file.ReadAt(part, offset) })
		if n == 0 {
			if err != nil && err != io.EOF {
				return err
			}
			clear(part)
			n = len(part)
		}
		if _, err := to.Write(part[:n]); err != nil {
			return err
		}
		offset += int64(n)
	}
	return nil
}
