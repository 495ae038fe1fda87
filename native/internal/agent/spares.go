package agent

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	spareArgument = "--no-spare-shell"
	spareIdle     = 30 * time.Second       // a spare is kept so long after the last command, in the pool always
	sparePause    = 10 * time.Millisecond  // so long it is not started while a command just starts
	spareStart    = 2 * time.Second        // no spare may take longer to start
	spareGrace    = 100 * time.Millisecond // nor may a command wait longer for one that starts
	maxMisses     = 3                      // so many that failed to start are enough
)

// errNoSpare says that a shell of this kind can never be kept in reserve.
var errNoSpare = errors.New("not a shell to keep in reserve")

// spares keeps one shell that has started already, for the next command that is a shell line of root's
// (docs/adr/0011-a-shell-in-reserve.md). Nothing depends on it: without it, a command starts a shell of its own.
type spares struct {
	children *children
	settings *settings
	off      bool
	inUse    atomic.Bool // the machine has been claimed

	mu        sync.Mutex
	launching int           // commands that are just starting
	quiet     chan struct{} // closed when none is
	closed    bool          // the machine is copied with its memory
	epoch     int           // raised by close: what was started before is not kept
	starting  bool
	coming    chan struct{} // closed when the one that is forked just now is there, or is not
	held      *spare
	idle      *time.Timer
	misses    int
	file      shellFile // whose misses they are
}

func newSpares(kids *children, configured *settings) *spares {
	p := &spares{children: kids, settings: configured}
	p.idle = time.AfterFunc(spareIdle, p.idled)
	return p
}

// claimed is told when somebody gets this machine: the first command is not far.
func (p *spares) claimed() {
	p.inUse.Store(true)
	p.idle.Reset(spareIdle)
}

// idled gives the spare up. A machine that waits for its claim keeps it.
func (p *spares) idled() {
	if p.inUse.Load() {
		p.drop()
	}
}

// fits says whether a spare may run this command: its line has room in the shell's arguments, and nothing but root's
// environment, directory and streams makes it differ from another one.
func fits(ready *program, spec *command) bool {
	line := lineOf(spec)
	return ready.root && line != "" && len(line) <= maxSpareLine && !spec.Terminal && ready.path == spareShell
}

// lineOf is the line of a command for a login shell, which may be given as its words.
func lineOf(spec *command) string {
	if len(spec.Words) == 4 && spec.Words[0] == spareShell && spec.Words[1] == "-l" && spec.Words[2] == "-c" {
		return spec.Words[3]
	}
	return spec.Shell
}

// use has the spare run the command. It answers nil when there is none that can; then nothing has run.
func (p *spares) use(ready *program, spec *command, wantInput bool) *live {
	if p.off || !fits(ready, spec) {
		return nil
	}
	kept := p.take()
	if kept == nil {
		p.await()
		if kept = p.take(); kept == nil {
			return nil
		}
	}
	l := kept.run(ready, lineOf(spec), wantInput)
	if l == nil {
		kept.discard()
	}
	return l
}

func (p *spares) take() *spare {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.held
	p.held = nil
	return kept
}

// await waits for a spare that is forked just now: a command of its own would have to wait for that fork too.
func (p *spares) await() {
	p.mu.Lock()
	coming := p.coming
	p.mu.Unlock()
	if coming != nil {
		patient(coming)
	}
}

// patient says whether a channel was closed in good time.
func patient(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
	}
	patience := time.NewTimer(spareGrace)
	defer patience.Stop()
	select {
	case <-done:
		return true
	case <-patience.C:
		return false
	}
}

// answered is told when a command has its answer: that is the time to start the next spare.
func (p *spares) answered(ready *program, spec *command) {
	if p.off || !fits(ready, spec) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle.Reset(spareIdle)
	if p.closed || p.starting || p.held != nil {
		return
	}
	p.starting = true
	go p.refill(p.epoch)
}

// launches notes that a command is just starting, until what it returns is called.
func (p *spares) launches() func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.launching == 0 {
		p.quiet = make(chan struct{})
	}
	p.launching++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.launching--
		if p.launching == 0 {
			close(p.quiet)
		}
	}
}

// awaitQuiet waits a moment until no command is just starting.
func (p *spares) awaitQuiet() {
	p.mu.Lock()
	quiet, busy := p.quiet, p.launching > 0
	p.mu.Unlock()
	if !busy {
		return
	}
	patience := time.NewTimer(sparePause)
	defer patience.Stop()
	select {
	case <-quiet:
	case <-patience.C:
	}
}

func (p *spares) refill(epoch int) {
	defer shield()
	p.awaitQuiet()
	coming := make(chan struct{})
	p.mu.Lock()
	p.coming = coming
	p.mu.Unlock()
	made, err := p.start()
	p.mu.Lock()
	p.starting, p.coming = false, nil
	keep := err == nil && !p.closed && p.epoch == epoch
	if keep {
		p.held = made
	}
	p.mu.Unlock()
	close(coming)
	switch {
	case keep:
		p.settle(made, made.settle())
	case err == nil:
		made.discard()
	}
}

// start begins a spare, unless shells like this one have failed before.
func (p *spares) start() (*spare, error) {
	file, err := statShell()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	if file != p.file {
		p.file, p.misses = file, 0
	}
	hopeless := p.misses >= maxMisses || p.closed
	p.mu.Unlock()
	if hopeless {
		return nil, errNoSpare
	}
	root, err := lookupAccount("root")
	if err != nil {
		return nil, err
	}
	return p.children.spare(file, p.settings.environment(root, false, nil))
}

// settle remembers how the start of a spare went.
func (p *spares) settle(made *spare, err error) {
	p.mu.Lock()
	if err == nil {
		p.misses = 0
		p.mu.Unlock()
		return
	}
	mine := p.held == made
	if mine {
		p.held = nil
		p.misses++
	}
	if errors.Is(err, errNoSpare) {
		p.misses = maxMisses
	}
	p.mu.Unlock()
	if mine {
		made.discard()
	}
}

// drop ends the spare.
func (p *spares) drop() {
	if kept := p.take(); kept != nil {
		kept.discard()
	}
}

// close ends the spare and has none started until open: a copy of this machine must not have the same one.
func (p *spares) close() {
	p.mu.Lock()
	p.closed = true
	p.epoch++
	p.mu.Unlock()
	p.drop()
}

func (p *spares) open() {
	p.mu.Lock()
	p.closed = false
	p.mu.Unlock()
}
