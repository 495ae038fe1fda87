package agent

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	watchMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_MOVED_FROM |
		unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW | unix.IN_EXCL_UNLINK
	maxWatches = 8192
	pairTime   = 20 * time.Millisecond
	quietTime  = 200 * time.Millisecond
	eventHead  = unix.SizeofInotifyEvent
)

type watchRequest struct {
	Path      string `json:"path"`
	Recursive bool   `json:"recursive"`
}

// change is one line of a watch.
type change struct {
	Event   string `json:"event"`
	Path    string `json:"path,omitempty"`
	OldPath string `json:"old_path,omitempty"`
	IsDir   bool   `json:"is_dir"`
}

// watch sends changes below a directory, one JSON object a line, until the host goes away.
func (s *Server) watch(c *call) error {
	var request watchRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	root, err := cleanPath(request.Path)
	if err != nil {
		return err
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fail("WATCH_LIMIT", "no more directories can be watched: %v", err)
	}
	file := os.NewFile(uintptr(fd), "inotify")
	defer file.Close()
	w := &watcher{
		fd: fd, recursive: request.Recursive, folders: map[int]string{}, written: map[string]time.Time{},
		send: func(lines []byte) error { _, err := c.conn.Write(lines); return err },
	}
	if err := refuseKernelFiles(root); err != nil {
		return err
	}
	if _, err := lengthy(func() (okay, error) { return okay{}, w.add(root, false) }); err != nil {
		return err
	}
	if err := c.reply(okay{OK: true}); err != nil {
		return err
	}
	c.hangup(func() { file.Close() })
	return w.loop(file)
}

type watcher struct {
	fd        int
	recursive bool
	folders   map[int]string
	written   map[string]time.Time
	lines     bytes.Buffer
	send      func([]byte) error
	moved     *movedFrom
	overflow  bool
}

// movedFrom waits for the other half of a rename.
type movedFrom struct {
	cookie uint32
	path   string
	isDir  bool
}

func (w *watcher) loop(file *os.File) error {
	buffer := make([]byte, 16<<10)
	for {
		deadline := time.Time{}
		if w.moved != nil {
			deadline = time.Now().Add(pairTime)
		}
		_ = file.SetReadDeadline(deadline)
		n, err := file.Read(buffer)
		switch {
		case err == nil:
			w.batch(buffer[:n])
		case os.IsTimeout(err):
			w.settle()
		default:
			return errHangup
		}
		if w.lines.Len() == 0 {
			continue
		}
		if err := w.send(w.lines.Bytes()); err != nil {
			return errHangup
		}
		w.lines.Reset()
	}
}

func (w *watcher) emit(event change) {
	line, err := json.Marshal(event)
	if err == nil {
		w.lines.Write(append(line, '\n'))
	}
}

func (w *watcher) lost() {
	w.emit(change{Event: "overflow"})
}

// add watches a directory and, when asked, all below it. Entries found in a directory that just appeared
// are told as created: they came before the watch did.
func (w *watcher) add(folder string, tell bool) error {
	if len(w.folders) >= maxWatches {
		w.lost()
		return nil
	}
	number, err := unix.InotifyAddWatch(w.fd, folder, watchMask)
	if err != nil {
		if err == unix.ENOSPC {
			return fail("WATCH_LIMIT", "no more directories can be watched")
		}
		return err
	}
	w.folders[number] = folder
	if !w.recursive && !tell {
		return nil
	}
	entries, cut, err := names(folder, 1<<16)
	if err != nil {
		return nil
	}
	if cut {
		w.lost()
	}
	for _, entry := range entries {
		w.found(path.Join(folder, entry), tell)
	}
	return nil
}

func (w *watcher) found(name string, tell bool) {
	var status unix.Stat_t
	if unix.Lstat(name, &status) != nil {
		return
	}
	isDir := status.Mode&unix.S_IFMT == unix.S_IFDIR
	if tell {
		w.emit(change{Event: "created", Path: name, IsDir: isDir})
	}
	if isDir && w.recursive {
		if err := w.add(name, tell); err != nil && !vanished(err) {
			w.lost()
		}
	}
}

func (w *watcher) batch(data []byte) {
	for len(data) >= eventHead {
		number := int(int32(binary.NativeEndian.Uint32(data[0:])))
		mask := binary.NativeEndian.Uint32(data[4:])
		cookie := binary.NativeEndian.Uint32(data[8:])
		length := int(binary.NativeEndian.Uint32(data[12:]))
		if len(data) < eventHead+length {
			return
		}
		name := string(bytes.TrimRight(data[eventHead:eventHead+length], "\x00"))
		data = data[eventHead+length:]
		w.event(number, mask, cookie, name)
	}
}

func (w *watcher) event(number int, mask, cookie uint32, name string) {
	if mask&unix.IN_Q_OVERFLOW != 0 {
		w.lost()
		return
	}
	folder, known := w.folders[number]
	if !known {
		return
	}
	if mask&unix.IN_IGNORED != 0 {
		delete(w.folders, number)
		return
	}
	if name == "" || isTemporary(name) && mask&unix.IN_MOVED_FROM == 0 {
		return
	}
	full := path.Join(folder, name)
	isDir := mask&unix.IN_ISDIR != 0
	if w.moved != nil && (mask&unix.IN_MOVED_TO == 0 || w.moved.cookie != cookie) {
		w.settle()
	}
	switch {
	case mask&unix.IN_CREATE != 0:
		w.created(full, isDir)
	case mask&unix.IN_DELETE != 0:
		w.emit(change{Event: "deleted", Path: full, IsDir: isDir})
	case mask&unix.IN_MOVED_FROM != 0:
		w.moved = &movedFrom{cookie: cookie, path: full, isDir: isDir}
	case mask&unix.IN_MOVED_TO != 0:
		w.arrived(full, isDir)
	case mask&(unix.IN_MODIFY|unix.IN_CLOSE_WRITE) != 0:
		w.modified(full, mask&unix.IN_CLOSE_WRITE != 0)
	}
}

func (w *watcher) created(full string, isDir bool) {
	w.emit(change{Event: "created", Path: full, IsDir: isDir})
	if isDir && w.recursive {
		if err := w.add(full, true); err != nil && !vanished(err) {
			w.lost()
		}
	}
}

// arrived handles the second half of a rename. Our own temporary files are nobody's business: their
// arrival is a change of the file whose place they take.
func (w *watcher) arrived(full string, isDir bool) {
	from := w.moved
	w.moved = nil
	switch {
	case from == nil:
		w.created(full, isDir)
	case isTemporary(path.Base(from.path)):
		w.emit(change{Event: "modified", Path: full, IsDir: isDir})
	default:
		w.emit(change{Event: "renamed", Path: full, OldPath: from.path, IsDir: isDir})
		if isDir {
			w.rebase(from.path, full)
		}
	}
}

func (w *watcher) rebase(from, to string) {
	for number, folder := range w.folders {
		if folder == from || strings.HasPrefix(folder, from+"/") {
			w.folders[number] = to + strings.TrimPrefix(folder, from)
		}
	}
}

// settle gives up on the other half of a rename: it left the watched tree.
func (w *watcher) settle() {
	from := w.moved
	w.moved = nil
	if from == nil || isTemporary(path.Base(from.path)) {
		return
	}
	w.emit(change{Event: "deleted", Path: from.path, IsDir: from.isDir})
	if from.isDir {
		for number, folder := range w.folders {
			if folder == from.path || strings.HasPrefix(folder, from.path+"/") {
				_, _ = unix.InotifyRmWatch(w.fd, uint32(number))
			}
		}
	}
}

// modified tells the first of many writes at once and the last when the file is closed.
func (w *watcher) modified(full string, closed bool) {
	now := time.Now()
	last, known := w.written[full]
	if closed {
		delete(w.written, full)
	} else if known && now.Sub(last) < quietTime {
		return
	} else {
		if len(w.written) > 4096 {
			clear(w.written)
		}
		w.written[full] = now
	}
	w.emit(change{Event: "modified", Path: full})
}
