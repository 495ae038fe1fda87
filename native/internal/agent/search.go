package agent

import (
	"bufio"
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

const (
	maxMatches    = 1000
	maxSearchText = 1024
	maxVisited    = 1_000_000
	longestMatch  = 300
	searchTime    = 10 * time.Second
	lineBuffer    = 256 << 10
	binaryProbe   = 8 << 10
)

type searchRequest struct {
	Path       string `json:"path"`
	Name       string `json:"name"` // a pattern of file names, such as *.go; empty = any
	Text       string `json:"text"` // in the content of a file; empty = only names are looked at
	IgnoreCase bool   `json:"ignore_case"`
	Limit      int    `json:"limit"`
}

type match struct {
	Info fileInfo `json:"info"`
	Line int64    `json:"line,omitempty"` // from 1; 0 = the name was asked for alone
	Text string   `json:"text,omitempty"` // of that line, cut
}

type searchReply struct {
	OK      bool    `json:"ok"`
	Matches []match `json:"matches"`
	Cut     bool    `json:"cut"`
}

// search looks for names and for lines below a directory. It follows no link and opens no special file.
func (s *Server) search(c *call) error {
	var request searchRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	wanted, err := newSearching(&request)
	if err != nil {
		return err
	}
	c.hangup(func() { wanted.gone.Store(true) })
	_, err = lengthy(func() (okay, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return okay{}, err
		}
		if err := refuseKernelFiles(name); err != nil {
			return okay{}, err
		}
		return okay{}, wanted.walk(name, 0)
	})
	if err != nil {
		return err
	}
	return c.reply(wanted.reply)
}

// searching collects what matches until it is cut.
type searching struct {
	name    string
	text    []byte
	folded  bool
	limit   int
	end     time.Time
	gone    atomic.Bool // the host hung up
	visited int
	bytes   int
	lines   *bufio.Reader
	reply   searchReply
}

func newSearching(request *searchRequest) (*searching, error) {
	if request.Limit < 1 || request.Limit > maxMatches {
		return nil, fail("INVALID_REQUEST", "limit is 1 to %d", maxMatches)
	}
	if request.Name == "" && request.Text == "" {
		return nil, fail("INVALID_REQUEST", "a name or a text is searched for")
	}
	if len(request.Text) > maxSearchText || len(request.Name) > 255 || strings.ContainsAny(request.Text, "\n") {
		return nil, fail("INVALID_REQUEST", "a text has at most %d bytes and no line end, a name 255", maxSearchText)
	}
	s := &searching{
		name: request.Name, text: []byte(request.Text), folded: request.IgnoreCase,
		limit: request.Limit, end: time.Now().Add(searchTime), reply: searchReply{OK: true, Matches: []match{}},
	}
	if s.folded {
		s.name, s.text = strings.ToLower(s.name), bytes.ToLower(s.text)
	}
	if _, err := path.Match(s.name, "x"); err != nil {
		return nil, fail("INVALID_REQUEST", "the name is not a pattern: * ? [a-z]")
	}
	if len(s.text) > 0 {
		s.lines = bufio.NewReaderSize(nil, lineBuffer)
	}
	return s, nil
}

func (s *searching) walk(folder string, depth int) error {
	names, cut, err := names(folder, maxVisited)
	if err != nil {
		return err
	}
	s.reply.Cut = s.reply.Cut || cut
	for _, name := range names {
		if s.visited++; s.visited > maxVisited || s.over() {
			s.reply.Cut = true
		}
		if s.reply.Cut {
			return nil
		}
		var status unix.Stat_t
		full := path.Join(folder, name)
		if err := unix.Lstat(full, &status); err != nil {
			continue // it went away in between
		}
		info := describeFile(full, &status)
		if s.named(name) {
			s.look(info)
		}
		if info.Type != "directory" || depth >= 256 || refuseKernelFiles(full) != nil {
			continue
		}
		if err := s.walk(full, depth+1); err != nil && !vanished(err) {
			return err
		}
	}
	return nil
}

func (s *searching) named(name string) bool {
	if s.name == "" {
		return true
	}
	if s.folded {
		name = strings.ToLower(name)
	}
	matches, _ := path.Match(s.name, name)
	return matches
}

func (s *searching) look(info fileInfo) {
	if len(s.text) == 0 {
		s.found(match{Info: info})
		return
	}
	if info.Type != "file" || info.Size == 0 {
		return
	}
	file, _, err := openRegular(info.Path, false)
	if err != nil {
		return // it became something else, or went away
	}
	defer file.Close()
	s.lines.Reset(file)
	if head, _ := s.lines.Peek(binaryProbe); bytes.IndexByte(head, 0) >= 0 {
		return
	}
	s.scan(info)
}

// scan looks at each line; one that is longer than the buffer in pieces, and where one piece meets the next.
func (s *searching) scan(info fileInfo) {
	number, told, unclocked := int64(1), int64(0), 0
	var before []byte // the end of the piece before, of the same line
	for !s.reply.Cut {
		line, err := s.lines.ReadSlice('\n')
		for _, part := range [][]byte{s.seam(before, line), line} {
			if told == number {
				break
			}
			if at := s.at(part); at >= 0 {
				told = number
				s.found(match{Info: info, Line: number, Text: excerpt(part, at)})
			}
		}
		switch {
		case err == nil:
			number++
			before = before[:0]
		case errors.Is(err, bufio.ErrBufferFull):
			before = append(before[:0], line[max(0, len(line)-s.overlap()):]...)
		default:
			return
		}
		// A file need not have a line end: what counts is what was read.
		if unclocked += len(line); unclocked >= lineBuffer {
			unclocked = 0
			s.reply.Cut = s.reply.Cut || s.over()
		}
	}
}

// at is where the text is in what was read, or -1.
func (s *searching) at(read []byte) int {
	if s.folded {
		read = bytes.ToLower(read)
	}
	return bytes.Index(read, s.text)
}

// seam is the end of one piece and the beginning of the next.
func (s *searching) seam(before, line []byte) []byte {
	if len(before) == 0 {
		return nil
	}
	return slices.Concat(before, line[:min(len(line), s.overlap())])
}

// overlap holds the text, of which a letter in lower case may have a third of the bytes, and what is shown around it.
func (s *searching) overlap() int { return 3*len(s.text) + longestMatch }

// over is true when the time is up or nobody waits for the answer.
func (s *searching) over() bool { return s.gone.Load() || time.Now().After(s.end) }

func (s *searching) found(found match) {
	if len(s.reply.Matches) == s.limit || s.bytes > maxListBytes {
		s.reply.Cut = true
		return
	}
	s.bytes += entryBytes + inJSON(found.Info.Path) + inJSON(found.Info.LinkTarget) + inJSON(found.Text)
	s.reply.Matches = append(s.reply.Matches, found)
}

// excerpt is the line, or what of a long one is around the place, as text.
func excerpt(line []byte, at int) string {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) > longestMatch {
		from := max(0, min(at, len(line))-longestMatch/3)
		line = line[from:min(len(line), from+longestMatch)]
		for len(line) > 0 && from > 0 && !utf8.RuneStart(line[0]) {
			line = line[1:]
		}
	}
	return strings.ToValidUTF8(string(line), "\uFFFD")
}
