package agent

import (
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	maxEntries = 10_000
	maxDepth   = 32
	// maxListBytes is less than a message of the node holds (3 MiB), by one entry and more: what it cannot pass on
	// would be missing from the next page.
	maxListBytes = 3<<20 - 128<<10
	entryBytes   = 200
	// attributeBytes is what an attribute takes besides its name and value.
	attributeBytes = 16
)

type listRequest struct {
	Path  string `json:"path"`
	Depth int    `json:"depth"`
	Limit int    `json:"limit"`
	// After is the Next of the page before; empty = from the beginning.
	After string `json:"after"`
	// Attributes asks for those of every entry.
	Attributes bool `json:"attributes"`
}

type listReply struct {
	OK      bool       `json:"ok"`
	Entries []fileInfo `json:"entries"`
	Cut     bool       `json:"cut"`
	// Next is where the page after this one begins, when it is cut.
	Next string `json:"next,omitempty"`
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
	after, err := position(request.After)
	if err != nil {
		return err
	}
	found, err := lengthy(func() (*listing, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return nil, err
		}
		l := &listing{limit: request.Limit, attributes: request.Attributes, reply: listReply{OK: true, Entries: []fileInfo{}}}
		if err := l.walk(name, request.Depth, after); err != nil {
			return nil, err
		}
		l.mark(name)
		return l, nil
	})
	if err != nil {
		return err
	}
	return c.reply(found.reply)
}

// position is the names on the way to the entry after which a page begins. They are compared with names of
// directories, never opened. It says bytes, since names need not be text.
func position(after string) ([]string, error) {
	if after == "" {
		return nil, nil
	}
	way, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil || len(way) > 4095 {
		return nil, fail("INVALID_REQUEST", "after is not the next of a page")
	}
	return strings.Split(string(way), "/"), nil
}

// listing collects entries, each directory before its own, by name, up to its limits.
type listing struct {
	limit      int
	bytes      int
	attributes bool
	last       string
	reply      listReply
}

func (l *listing) full() bool {
	return len(l.reply.Entries) >= l.limit || l.bytes > maxListBytes
}

// mark says where the next page begins.
func (l *listing) mark(folder string) {
	if l.reply.Cut && l.last != "" {
		way := strings.TrimPrefix(strings.TrimPrefix(l.last, folder), "/")
		l.reply.Next = base64.RawURLEncoding.EncodeToString([]byte(way))
	}
}

// walk lists what comes after a place: an entry of that name has been listed, what is in it not yet.
func (l *listing) walk(folder string, depth int, after []string) error {
	first := ""
	if len(after) > 0 {
		first = after[0]
	}
	names, cut, err := namesFrom(folder, first, l.limit-len(l.reply.Entries)+2)
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
		var rest []string
		if len(after) > 0 && name == first {
			rest = after[1:]
		} else {
			l.add(full, info)
		}
		if info.Type == "directory" && depth > 1 {
			if err := l.walk(full, depth-1, rest); err != nil && !vanished(err) {
				return err
			}
			if l.reply.Cut {
				return nil // the next page goes on in there
			}
		}
	}
	l.reply.Cut = cut
	return nil
}

func (l *listing) add(full string, info fileInfo) {
	l.bytes += entryBytes + inJSON(info.Path) + inJSON(info.LinkTarget)
	if l.attributes {
		info.Attributes = attributes(full)
		for name, value := range info.Attributes {
			l.bytes += attributeBytes + inJSON(name) + inJSON(value)
		}
	}
	l.last = full
	l.reply.Entries = append(l.reply.Entries, info)
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

// names are the first names of a directory in order, at most limit of them.
func names(folder string, limit int) (first []string, cut bool, err error) {
	return namesFrom(folder, "", limit)
}

// namesFrom are the first names of a directory in order from a name on, at most limit of them; a directory of
// millions never is in memory as a whole.
func namesFrom(folder, from string, limit int) (first []string, cut bool, err error) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, err
	}
	file := os.NewFile(uintptr(fd), folder)
	defer file.Close()
	for {
		batch, err := file.Readdirnames(1024)
		for _, name := range batch {
			if name >= from {
				first = append(first, name)
			}
		}
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
