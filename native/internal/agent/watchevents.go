package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// contentMask is what happens to a file, whatever its name.
const contentMask = unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB

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
		w.again()
		return
	}
	next, onTheWay := w.fences[number]
	isRoot := w.rooted && number == w.rootNumber
	if mask&unix.IN_IGNORED != 0 {
		delete(w.folders, number)
		delete(w.fences, number)
		if onTheWay || isRoot {
			w.look()
		}
		return
	}
	itself := mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_UNMOUNT) != 0
	if itself && (onTheWay || isRoot) || onTheWay && name == next {
		w.look()
	}
	folder, known := w.folders[number]
	if !known {
		return
	}
	if name == "" || isTemporary(name) && mask&unix.IN_MOVED_FROM == 0 {
		w.setAside(mask, cookie)
		return
	}
	full := path.Join(folder, name)
	if mask&contentMask != 0 && isNameless(full) {
		return
	}
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
		w.moved = &movedFrom{cookie: cookie, path: full, isDir: isDir, until: time.Now().Add(pairTime)}
	case mask&unix.IN_MOVED_TO != 0:
		w.arrived(full, isDir)
	case mask&(unix.IN_MODIFY|unix.IN_CLOSE_WRITE) != 0:
		w.modified(full, mask&unix.IN_CLOSE_WRITE != 0)
	case mask&unix.IN_ATTRIB != 0:
		w.emit(change{Event: "attributes", Path: full, IsDir: isDir})
	}
}

// isNameless is true of what the kernel tells, by its number, of a file without a name in a directory.
func isNameless(full string) bool {
	number, found := strings.CutPrefix(path.Base(full), "#")
	if !found || number == "" || strings.Trim(number, "0123456789") != "" {
		return false
	}
	var status unix.Stat_t
	return errors.Is(unix.Lstat(full, &status), unix.ENOENT)
}

// again finds what came while the kernel could not tell: it is watched, and not told one by one.
func (w *watcher) again() {
	w.moved = nil
	w.look()
	if w.rooted && len(w.folders)+len(w.fences) < maxWatches {
		if err := w.add(w.key.path, false); err != nil && !vanished(err) {
			w.lost()
		}
	}
}

func (w *watcher) created(full string, isDir bool) {
	w.emit(change{Event: "created", Path: full, IsDir: isDir})
	if w.key.attributes && !isDir && hasContent(full) {
		w.emit(change{Event: "modified", Path: full})
	}
	if isDir {
		w.join(full)
	}
}

// hasContent is true of a file that came whole, or was written before we look.
func hasContent(full string) bool {
	var status unix.Stat_t
	return unix.Lstat(full, &status) == nil && status.Mode&unix.S_IFMT == unix.S_IFREG && status.Size > 0
}

// setAside is for what gives its name up to one of our own files: that arrives too, or has already.
func (w *watcher) setAside(mask, cookie uint32) {
	if mask&unix.IN_MOVED_TO != 0 && w.moved != nil && w.moved.cookie == cookie {
		w.moved = nil
	}
}

// arrived handles the second half of a rename. Our own temporary files are nobody's business: their
// arrival is a change of the file whose place they take, or a new one.
func (w *watcher) arrived(full string, isDir bool) {
	from := w.moved
	w.moved = nil
	switch {
	case from == nil || isFresh(path.Base(from.path)):
		w.created(full, isDir)
	case isTemporary(path.Base(from.path)):
		w.forget(full)
		w.emit(change{Event: "modified", Path: full, IsDir: isDir})
		if isDir {
			w.join(full)
		}
	default:
		w.emit(change{Event: "renamed", Path: full, OldPath: from.path, IsDir: isDir})
		if isDir {
			w.rebase(from.path, full)
			w.adopt(full)
		}
	}
}

// join watches a directory that is here now, and tells what is in it.
func (w *watcher) join(full string) {
	if !w.key.recursive {
		return
	}
	if err := w.add(full, true); err != nil && !vanished(err) {
		w.lost()
	}
}

// adopt joins a directory that was renamed before we came to watch it under its first name.
func (w *watcher) adopt(full string) {
	if !w.key.recursive {
		return
	}
	number, err := w.notify(full, w.key.mask())
	folder, known := w.folders[number]
	switch {
	case err != nil:
		return // it has gone on already, and its next name is told too
	case !known && len(w.folders)+len(w.fences) >= maxWatches:
		_, _ = unix.InotifyRmWatch(w.fd, uint32(number))
		w.lost()
	case folder != full:
		w.join(full)
	}
}

// forget watches nothing any more of a directory whose name another one has.
func (w *watcher) forget(full string) {
	for number, folder := range w.folders {
		if holds(full, folder) {
			delete(w.folders, number)
			_, _ = unix.InotifyRmWatch(w.fd, uint32(number))
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
		w.forget(from.path)
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
