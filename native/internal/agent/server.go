package agent

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"atoll.dev/native/internal/procfs"
)

const (
	maxConnections = 1024
	// inheritedDevice follows the listening socket, where the fork server mounted files for the agent to serve.
	inheritedDevice = 4
	// A quiet agent gives back what its last calls needed: there are a thousand of them on a machine.
	trimAfter = 2 * time.Second
	// A machine that waits so long is one of the pool, and gets ready for its first program.
	waitsAfter = time.Second
)

// Server answers calls; one per sandbox.
type Server struct {
	version  string
	started  time.Time
	children *children
	table    *table
	settings *settings
	open     chan struct{}
	oomKills oomCounter
	trim     *time.Timer
	// crashes says that this is an installation for tests, whose host may name a crash point in a call.
	crashes bool
	// token must be in every header of a host that reaches the agent over TCP; empty behind a Unix socket.
	token     *secret
	stillness stillness
	watches   *watches
	volumes   volumes
	claims    *claims
	shells    *shells
	spares    *spares
	activity  *activity
}

// NewServer makes the agent's state; version is what ping answers.
func NewServer(version string) *Server {
	kids, configured := newChildren(), newSettings()
	return &Server{
		trim:     time.AfterFunc(trimAfter, debug.FreeOSMemory),
		version:  version,
		started:  time.Now(),
		children: kids,
		table:    newTable(),
		settings: configured,
		open:     make(chan struct{}, maxConnections),
		oomKills: newOOMCounter(),
		spares:   newSpares(kids, configured),
		shells:   newShells(nil),
		watches:  newWatches(),
		claims:   newClaims(),
		activity: &activity{},
	}
}

// Main is the agent program: it never returns while its socket lives. sshServer opens the program that answers SSH; nil
// when there is none.
func Main(version string, sshServer Program, arguments []string) {
	if len(arguments) == 1 && arguments[0] == "--list-crash-points" {
		listCrashPoints(os.Stdout)
		return
	}
	crashes, port := options(arguments)
	// Calls wait for other processes, not for each other: with more than one, the runtime's threads mostly wake each other.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	if files := procfs.Inherited(inheritedDevice); files != nil {
		go files.Serve()
	}
	listener, token, err := listen(port)
	if err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(2)
	}
	if slices.Contains(arguments, nameArgument) {
		keepToItself(capSysAdmin)
	}
	keepToItself(capBlockSuspend)
	if crashes {
		// What becomes of an agent in the tenant's hands is tested too.
		giveUp(capBlockSuspend)
	}
	server := NewServer(version)
	server.crashes = crashes
	// A kernel that runs in a program does not say where the arguments of a process are.
	server.spares.off = port != 0 || slices.Contains(arguments, spareArgument)
	server.token = token
	server.shells = newShells(sshServer)
	time.AfterFunc(waitsAfter, func() {
		if !server.spares.inUse.Load() {
			reserveThreads()
		}
	})
	go server.children.reap(watchSignals())
	server.Serve(listener)
}

// Serve answers connections until the listener is closed.
func (s *Server) Serve(listener net.Listener) {
	for {
		accepted, err := listener.Accept()
		if err != nil {
			if isClosed(err) {
				return
			}
			// Out of descriptors, most likely: the connection stays queued until some are free.
			time.Sleep(10 * time.Millisecond)
			continue
		}
		conn, ok := accepted.(link)
		if !ok {
			accepted.Close()
			continue
		}
		select {
		case s.open <- struct{}{}:
			go s.answer(conn)
		default:
			conn.Close()
		}
	}
}

func (s *Server) answer(conn link) {
	defer func() { <-s.open }()
	defer s.trim.Reset(trimAfter)
	defer conn.Close()
	c := &call{conn: conn, in: bufio.NewReader(conn)}
	defer func() {
		if problem := recover(); problem != nil {
			c.refuse(fail("INTERNAL", "%v", problem))
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(headerTime))
	if err := c.readHeader(); err != nil {
		c.refuse(err)
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	var head envelope
	if err := json.Unmarshal(c.header, &head); err != nil {
		c.refuse(fail("INVALID_REQUEST", "the header is not JSON: %v", err))
		return
	}
	if head.Version != Protocol {
		c.refuse(fail("UNSUPPORTED_VERSION", "this agent speaks version %d", Protocol))
		return
	}
	if !s.token.is(head.Token) {
		c.refuse(fail("UNAUTHORIZED", "the header does not hold this agent's token"))
		return
	}
	if s.crashes {
		c.crashAt = head.CrashAt
	}
	handler, known := s.handler(head.Call)
	if !known {
		c.refuse(fail("UNKNOWN_CALL", "this agent has no such call"))
		return
	}
	if err := handler(c); err != nil {
		c.refuse(err)
	}
}

func (s *Server) handler(name string) (func(*call) error, bool) {
	switch name {
	case "ping":
		return s.ping, true
	case "sync":
		return s.sync, true
	case "configure":
		return s.configure, true
	case "run":
		return s.run, true
	case "start":
		return s.start, true
	case "records":
		return s.records, true
	case "tail":
		return s.tail, true
	case "processes":
		return s.processes, true
	case "process":
		return s.process, true
	case "input":
		return s.input, true
	case "signal":
		return s.signal, true
	case "resize":
		return s.resize, true
	case "stat":
		return s.stat, true
	case "list":
		return s.list, true
	case "mkdir":
		return s.mkdir, true
	case "remove":
		return s.remove, true
	case "move":
		return s.move, true
	case "copy":
		return s.copy, true
	case "chmod":
		return s.chmod, true
	case "read":
		return s.read, true
	case "write":
		return s.write, true
	case "write-many":
		return s.writeMany, true
	case "archive":
		return s.archive, true
	case "archive-as":
		return s.archiveIn, true
	case "unpack":
		return s.unpack, true
	case "search":
		return s.search, true
	case "watch":
		return s.watch, true
	case "activity":
		return s.hear, true
	case "still":
		return s.still, true
	case "move-on":
		return s.moveOn, true
	case "volumes":
		return s.place, true
	case "forward":
		return s.forward, true
	case "ports":
		return s.ports, true
	case "ssh":
		return s.ssh, true
	}
	return nil, false
}

type pong struct {
	OK        bool   `json:"ok"`
	Protocol  int    `json:"v"`
	Agent     string `json:"agent"`
	UptimeMs  int64  `json:"uptime_ms"`
	Processes int    `json:"processes"`
}

func (s *Server) ping(c *call) error {
	return c.reply(pong{
		OK:        true,
		Protocol:  Protocol,
		Agent:     s.version,
		UptimeMs:  time.Since(s.started).Milliseconds(),
		Processes: s.table.running(),
	})
}
