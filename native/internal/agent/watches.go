package agent

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// keepTime is how long a watcher goes on without a listener: he may come back with his cursor.
	keepTime = 60 * time.Second
	maxKept  = 8
	// mostTries is how often one is looked for that has not just ended.
	mostTries = 3
)

var errWatchEnded = errors.New("the watcher has ended")

// watchKey is what is watched: all who ask for the same share one watcher.
type watchKey struct {
	path       string
	recursive  bool
	attributes bool
}

// mask is what the kernel is to tell.
func (k watchKey) mask() uint32 {
	if k.attributes {
		return watchMask | unix.IN_ATTRIB
	}
	return watchMask
}

// watches are the watchers of this sandbox.
type watches struct {
	mu    sync.Mutex
	all   map[watchKey]*watcher
	turns uint64
}

func newWatches() *watches {
	return &watches{all: map[watchKey]*watcher{}}
}

// listen finds or makes the watcher, and where in its changes a listener begins. He has to leave it.
func (all *watches) listen(key watchKey, after *watchCursor) (*watcher, watchPlace, error) {
	for range mostTries {
		w, err := all.find(key)
		if err != nil {
			return nil, watchPlace{}, err
		}
		place, err := w.enter(after)
		if err == nil {
			return w, place, nil
		}
		all.leave(w)
		if err != errWatchEnded {
			return nil, watchPlace{}, err
		}
		all.forget(w)
	}
	return nil, watchPlace{}, fail("BUSY", "the watch of this directory ends again and again")
}

// find counts a listener in at the watcher that is there, or at a new one.
func (all *watches) find(key watchKey) (*watcher, error) {
	if w := all.join(key, nil); w != nil {
		return w, nil
	}
	fresh, err := all.fresh(key)
	if err != nil {
		return nil, err
	}
	w := all.join(key, fresh)
	if w == fresh {
		go fresh.run(func() { all.forget(fresh) })
	} else {
		fresh.close()
	}
	return w, nil
}

// join counts a listener in at the watcher that is there, or else at this one, if any.
func (all *watches) join(key watchKey, otherwise *watcher) *watcher {
	all.mu.Lock()
	defer all.mu.Unlock()
	w := all.all[key]
	if w == nil {
		if otherwise == nil {
			return nil
		}
		w = otherwise
		all.all[key] = w
	}
	w.listeners++
	w.keptSince = 0
	return w
}

// fresh makes a watcher; those that nobody listens to make room for it.
func (all *watches) fresh(key watchKey) (*watcher, error) {
	for {
		w, err := newWatcher(key)
		var refused *failure
		if err == nil || !errors.As(err, &refused) || refused.code != "WATCH_LIMIT" || !all.dropOldest() {
			return w, err
		}
	}
}

// leave counts a listener out. The last one leaves the watcher to itself, for a while.
func (all *watches) leave(w *watcher) {
	all.mu.Lock()
	defer all.mu.Unlock()
	w.listeners--
	if w.listeners > 0 || all.all[w.key] != w {
		return
	}
	all.turns++
	turn := all.turns
	w.keptSince = turn
	time.AfterFunc(keepTime, func() {
		defer shield()
		all.expire(w, turn)
	})
	for all.tooManyKept() {
		all.drop(all.oldest())
	}
}

func (all *watches) expire(w *watcher, turn uint64) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if w.keptSince == turn && all.all[w.key] == w {
		all.drop(w)
	}
}

func (all *watches) dropOldest() bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	w := all.oldest()
	if w == nil {
		return false
	}
	all.drop(w)
	return true
}

// forget is for a watcher that has ended.
func (all *watches) forget(w *watcher) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.all[w.key] == w {
		all.drop(w)
	}
}

// forgetAll is for a copy of this sandbox: the cursors of the source are not its own.
func (all *watches) forgetAll() {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, w := range all.all {
		all.drop(w)
	}
}

// tooManyKept says whether those without listeners hold more than one may: they watch as much as one watcher together.
func (all *watches) tooManyKept() bool {
	kept, folders := 0, int64(0)
	for _, w := range all.all {
		if w.keptSince != 0 {
			kept++
			folders += w.size.Load()
		}
	}
	return kept > maxKept || kept > 1 && folders > maxWatches
}

func (all *watches) oldest() *watcher {
	var oldest *watcher
	for _, w := range all.all {
		if w.keptSince != 0 && (oldest == nil || w.keptSince < oldest.keptSince) {
			oldest = w
		}
	}
	return oldest
}

func (all *watches) drop(w *watcher) {
	delete(all.all, w.key)
	// It may wait for one who scans folders.
	go func() {
		defer shield()
		w.close()
	}()
}
