package agent

import (
	"os"
	"path"

	"golang.org/x/sys/unix"
)

const (
	// fenceMask adds to what is watched of the same directory already.
	fenceMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_DELETE_SELF |
		unix.IN_MOVE_SELF | unix.IN_ONLYDIR | unix.IN_MASK_ADD
	// maxFences is how many directories above the root are watched for its coming and going.
	maxFences = 32
	// mostLooks bounds how long one who makes and removes the way to the root all the time keeps us.
	mostLooks = 256
)

// begin watches a root that is there.
func (w *watcher) begin() error {
	if _, err := w.fence(); err != nil {
		return err
	}
	number, err := w.notify(w.key.path, w.key.mask())
	if err != nil {
		return err
	}
	w.rooted, w.rootNumber = true, number
	err = w.add(w.key.path, false)
	w.size.Store(int64(len(w.folders) + len(w.fences)))
	return err
}

func (w *watcher) notify(folder string, mask uint32) (int, error) {
	number, err := unix.InotifyAddWatch(w.fd, folder, mask)
	if err == unix.ENOSPC {
		return 0, fail("WATCH_LIMIT", "no more directories can be watched")
	}
	return number, err
}

// fence watches what leads to the root, for the name that follows: a directory that a process stands in is told as
// deleted itself only when that process leaves it. It answers the first part of the way that is not there.
func (w *watcher) fence() (missing string, err error) {
	fences := map[int]string{}
	missing = w.key.path
	for name := w.key.path; name != "/" && len(fences) < maxFences; name = path.Dir(name) {
		folder := path.Dir(name)
		number, problem := w.notify(folder, fenceMask)
		if _, full := problem.(*failure); full {
			err = problem
			break
		}
		if problem != nil {
			missing = folder
			continue
		}
		fences[number] = path.Base(name)
	}
	for number := range w.fences {
		_, again := fences[number]
		if _, used := w.folders[number]; !again && !used {
			_, _ = unix.InotifyRmWatch(w.fd, uint32(number))
		}
	}
	w.fences = fences
	return missing, err
}

// look compares the root with what is at its path now: the same directory has the same number.
func (w *watcher) look() {
	if w.rooted {
		number, err := w.notify(w.key.path, w.key.mask())
		if err == nil && number == w.rootNumber {
			_, err = w.fence()
			if err != nil {
				w.lost()
			}
			return
		}
		w.unroot()
	}
	w.root()
}

// unroot tells that the root has gone, and watches nothing of it any more.
func (w *watcher) unroot() {
	w.settle()
	w.emit(change{Event: "deleted", Path: w.key.path, IsDir: true})
	for number := range w.folders {
		if _, used := w.fences[number]; !used {
			_, _ = unix.InotifyRmWatch(w.fd, uint32(number))
		}
	}
	clear(w.folders)
	clear(w.written)
	w.rooted = false
}

// root watches a directory that came to be where the root was, and tells what is in it. Without one, what leads there is
// watched: whatever appears on the way after that is told by the kernel.
func (w *watcher) root() {
	for range mostLooks {
		missing, err := w.fence()
		if err != nil {
			w.lost()
			return
		}
		if refuseKernelFiles(w.key.path) != nil {
			return
		}
		number, err := w.notify(w.key.path, w.key.mask())
		if err == nil {
			w.rooted, w.rootNumber = true, number
			w.emit(change{Event: "created", Path: w.key.path, IsDir: true})
			if err := w.add(w.key.path, true); err != nil && !vanished(err) {
				w.lost()
			}
			return
		}
		if !isFolder(missing, missing != w.key.path) {
			return
		}
	}
	w.lost()
}

func isFolder(name string, follow bool) bool {
	look := os.Lstat
	if follow {
		look = os.Stat
	}
	info, err := look(name)
	return err == nil && info.IsDir()
}

// add watches a directory and, when asked, all below it. Entries found in a directory that just appeared
// are told as created: they came before the watch did.
func (w *watcher) add(folder string, tell bool) error {
	if len(w.folders)+len(w.fences) >= maxWatches {
		w.lost()
		return nil
	}
	number, err := w.notify(folder, w.key.mask())
	if err != nil {
		return err
	}
	w.folders[number] = folder
	if !w.key.recursive && !tell {
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
	if isTemporary(path.Base(name)) || unix.Lstat(name, &status) != nil {
		return
	}
	isDir := status.Mode&unix.S_IFMT == unix.S_IFDIR
	if tell {
		w.emit(change{Event: "created", Path: name, IsDir: isDir})
	}
	if isDir && w.key.recursive {
		if err := w.add(name, tell); err != nil && !vanished(err) {
			w.lost()
		}
	}
}
