package agent

import (
	"errors"
	"io"
	"os"
	"path"
	"sort"

	"golang.org/x/sys/unix"
)

const (
	maxEntries   = 10_000
	maxDepth     = 32
	maxListBytes = 4 << 20
	entryBytes   = 200
)

type listRequest struct {
	Path  string `json:"path"`
	Depth int    `json:"depth"`
	Limit int    `json:"limit"`
	// Attributes asks for those of every entry.
	Attributes bool `json:"attributes"`
}

type listReply struct {
	OK      bool       `json:"ok"`
	Entries []fileInfo `json:"entries"`
	Cut     bool       `json:"cut"`
}

func (s *Server) list(c *call) error {
	var request listRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if request.Depth == 0 {
		request.Depth = 1
	}
	if request.Limit == 0 {
		request.Limit = maxEntries
	}
	if request.Depth < 0 || request.Depth > maxDepth || request.Limit < 0 || request.Limit > maxEntries {
		return fail("INVALID_REQUEST", "depth is at most %d, limit at most %d", maxDepth, maxEntries)
	}
	found, err := lengthy(func() (*listing, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return nil, err
		}
		l := &listing{limit: request.Limit, attributes: request.Attributes, reply: listReply{OK: true, Entries: []fileInfo{}}}
		return l, l.walk(name, request.Depth)
	})
	if err != nil {
		return err
	}
	return c.reply(found.reply)
}

// listing collects entries, each directory before its own, by name, up to its limits.
type listing struct {
	limit      int
	bytes      int
	attributes bool
	reply      listReply
}

func (l *listing) full() bool {
	return len(l.reply.Entries) >= l.limit || l.bytes > maxListBytes
}

func (l *listing) walk(folder string, depth int) error {
	names, cut, err := names(folder, l.limit-len(l.reply.Entries)+1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if l.full() {
			l.reply.Cut = true
			return nil
		}
		full := path.Join(folder, name)
		info, err := inspect(full, false)
		if err != nil {
			continue // it went away in between
		}
		l.bytes += entryBytes + inJSON(info.Path) + inJSON(info.LinkTarget)
		if l.attributes {
			info.Attributes = attributes(full)
			for name, value := range info.Attributes {
				l.bytes += inJSON(name) + inJSON(value)
			}
		}
		l.reply.Entries = append(l.reply.Entries, info)
		if info.Type == "directory" && depth > 1 {
			if err := l.walk(full, depth-1); err != nil && !vanished(err) {
				return err
			}
		}
	}
	l.reply.Cut = l.reply.Cut || cut
	return nil
}

// inJSON is about the length of a text in an answer: what is not plain takes six bytes there.
func inJSON(text string) int {
	length := len(text)
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' || text[i] == '<' || text[i] == '>' || text[i] == '&' {
			length += 5
		}
	}
	return length
}

func vanished(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EACCES) ||
		errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM)
}

// names are the first names of a directory in order, at most limit of them; a directory of millions
// never is in memory as a whole.
func names(folder string, limit int) (first []string, cut bool, err error) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, err
	}
	file := os.NewFile(uintptr(fd), folder)
	defer file.Close()
	for {
		batch, err := file.Readdirnames(1024)
		first = append(first, batch...)
		if len(first) > limit+4096 {
			sort.Strings(first)
			first, cut = append([]string(nil), first[:limit]...), true
		}
		if err == io.EOF || (err == nil && len(batch) == 0) {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	sort.Strings(first)
	if len(first) > limit {
		first, cut = first[:limit], true
	}
	return first, cut, nil
}
