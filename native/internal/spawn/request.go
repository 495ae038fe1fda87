// Package spawn is the fork server in front of the OCI runtime (proto/spawn.md): it mounts a sandbox's
// root file system in a namespace of its own, makes its guest socket and starts the runtime there.
package spawn

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Protocol is the version of the requests that this server understands.
const Protocol = 1

const (
	maxRequest = 64 << 10
	maxLowers  = 64
	maxBinds   = 32
	maxDevices = 128
	maxMajor   = 1<<12 - 1 // of a device number of Linux
	maxMinor   = 1<<20 - 1
	maxPath    = 4000
	maxSocket  = 107
	defaultMs  = 10_000
	maxMs      = 120_000
)

// What stands between a sandbox and the kernel.
const (
	driverOCI     = "oci"
	driverGvisor  = "gvisor"
	driverMicrovm = "microvm"
)

var bindForm = regexp.MustCompile(`^(b[0-9]{1,3}|live/[a-z0-9_-]{1,100})$`)

var deviceForm = regexp.MustCompile(`^d[0-9]{1,3}$`)

var idForm = regexp.MustCompile(`^[a-zA-Z0-9_.+-]{1,128}$`)

// Request is one line from the node.
type Request struct {
	Version   int      `json:"v"`
	Op        string   `json:"op"` // start, delete
	Id        string   `json:"id"`
	Driver    string   `json:"driver"`     // oci (default), gvisor, microvm
	Runtime   string   `json:"runtime"`    // default /usr/bin/crun; gvisor has no default
	StateRoot string   `json:"state_root"` // --root of the runtime
	Bundle    string   `json:"bundle"`
	Overlay   Overlay  `json:"overlay"`
	UidBase   uint32   `json:"uid_base"`
	UidCount  uint32   `json:"uid_count"` // default 65536
	Nesting   *Nesting `json:"nesting"`   // for a container that runs containers; not under gvisor
	Kvm       bool     `json:"kvm"`       // a node of that device; not under gvisor
	Devices   []Device `json:"devices"`   // oci only: nodes that config.json mounts from BUNDLE/layers/<name>
	OwnProc   bool     `json:"own_proc"`  // oci only, and not with nesting: files of /proc that the agent serves
	Listen    string   `json:"listen"`    // path of the guest socket; none under gvisor
	Restore   string   `json:"restore"`   // gvisor: folder of a checkpoint to go on from
	Settled   bool     `json:"settled"`   // whether that checkpoint is on disk, rather than on its way there
	Binds     []Bind   `json:"binds"`     // not for oci: directories that config.json mounts from BUNDLE/layers/<name>
	Tap       *Tap     `json:"tap"`       // microvm: the interface of the machine
	Log       string   `json:"log"`       // default BUNDLE/runtime.log; removed after a good start
	TimeoutMs int64    `json:"timeout_ms"`
}

// Overlay is the root file system of a sandbox: read-only layers, the topmost first, and what it changes.
type Overlay struct {
	Lowers []string `json:"lowers"`
	Upper  string   `json:"upper"`
	Work   string   `json:"work"` // beside upper
	Target string   `json:"target"`
}

// Device is a character device that the sandbox sees.
type Device struct {
	Name  string `json:"name"` // d and a number
	Major uint32 `json:"major"`
	Minor uint32 `json:"minor"`
}

// Bind is a directory of the host that the sandbox sees besides its root file system.
type Bind struct {
	Source   string `json:"source"`
	Name     string `json:"name"` // b and a number, or live/ and a name
	ReadOnly bool   `json:"read_only"`
}

// Nesting gives a container a network, a part of the tree and control groups of its own.
type Nesting struct {
	Network string `json:"network"` // the namespace whose interface eth0 moves
	Address string `json:"address"`
	Gateway string `json:"gateway"`
	Cgroup  string `json:"cgroup"` // as in config.json
}

// Tap is an interface through which a machine of its own reaches what the slot's eth0 does.
type Tap struct {
	Network string `json:"network"` // the slot's namespace
	User    uint32 `json:"user"`    // who opens it, as the sandbox counts
}

// Failure is a refusal with a code.
type Failure struct {
	Code    string
	Message string
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

func failure(code, format string, args ...any) error {
	return &Failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

func parse(line []byte) (*Request, error) {
	r := &Request{}
	if err := json.Unmarshal(line, r); err != nil {
		return nil, failure("INVALID_REQUEST", "%v", err)
	}
	if r.Version != Protocol {
		return nil, failure("UNSUPPORTED_VERSION", "this server speaks version %d", Protocol)
	}
	r.defaults()
	return r, r.check()
}

func (r *Request) defaults() {
	if r.Driver == "" {
		r.Driver = driverOCI
	}
	if r.Runtime == "" && r.Driver != driverGvisor {
		r.Runtime = "/usr/bin/crun"
	}
	if r.UidCount == 0 {
		r.UidCount = 65536
	}
	if r.Log == "" && r.Bundle != "" {
		r.Log = filepath.Join(r.Bundle, "runtime.log")
	}
	if r.TimeoutMs == 0 {
		r.TimeoutMs = defaultMs
	}
}

func (r *Request) check() error {
	if !idForm.MatchString(r.Id) || strings.Trim(r.Id, ".") == "" {
		return failure("INVALID_REQUEST", "id")
	}
	if r.TimeoutMs < 0 || r.TimeoutMs > maxMs {
		return failure("INVALID_REQUEST", "timeout_ms")
	}
	switch r.Driver {
	case driverOCI, driverGvisor, driverMicrovm:
	default:
		return failure("INVALID_REQUEST", "driver")
	}
	paths := map[string]string{"runtime": r.Runtime, "state_root": r.StateRoot}
	switch r.Op {
	case "delete":
	case "start":
		paths["bundle"], paths["log"] = r.Bundle, r.Log
		if r.Driver != driverGvisor {
			paths["listen"] = r.Listen
		}
		if r.Tap != nil {
			paths["tap.network"] = r.Tap.Network
		}
		if r.Restore != "" {
			paths["restore"] = r.Restore
		}
		for _, bind := range r.Binds {
			paths["binds "+bind.Name] = bind.Source
		}
		paths["overlay.upper"], paths["overlay.work"] = r.Overlay.Upper, r.Overlay.Work
		paths["overlay.target"] = r.Overlay.Target
		for _, lower := range r.Overlay.Lowers {
			paths["overlay.lowers "+lower] = lower
		}
		if r.Nesting != nil {
			paths["nesting.network"], paths["nesting.cgroup"] = r.Nesting.Network, r.Nesting.Cgroup
		}
		if err := r.checkStart(); err != nil {
			return err
		}
	default:
		return failure("INVALID_REQUEST", "op")
	}
	for name, path := range paths {
		if !isPlain(path) {
			return failure("INVALID_REQUEST", "%s is not an absolute plain path", name)
		}
	}
	return nil
}

func (r *Request) checkStart() error {
	if len(r.Overlay.Lowers) == 0 || len(r.Overlay.Lowers) > maxLowers {
		return failure("INVALID_REQUEST", "overlay.lowers has 1 to %d entries", maxLowers)
	}
	if filepath.Dir(r.Overlay.Upper) != filepath.Dir(r.Overlay.Work) || r.Overlay.Upper == r.Overlay.Work {
		return failure("INVALID_REQUEST", "overlay.upper and overlay.work lie side by side")
	}
	if r.Driver == driverGvisor && (r.Listen != "" || r.Nesting != nil || r.Kvm) {
		return failure("INVALID_REQUEST", "listen, nesting and kvm are not for gvisor")
	}
	if r.OwnProc && (r.Driver != driverOCI || r.Nesting != nil) {
		return failure("INVALID_REQUEST", "own_proc is for oci, without nesting")
	}
	if r.Restore != "" && r.Driver != driverGvisor {
		return failure("INVALID_REQUEST", "restore is for gvisor")
	}
	if len(r.Binds) > maxBinds || (len(r.Binds) > 0 && r.Driver == driverOCI) {
		return failure("INVALID_REQUEST", "binds has at most %d entries, and is not for oci", maxBinds)
	}
	if len(r.Devices) > maxDevices || (len(r.Devices) > 0 && r.Driver != driverOCI) {
		return failure("INVALID_REQUEST", "devices has at most %d entries, and is for oci", maxDevices)
	}
	for _, device := range r.Devices {
		if !deviceForm.MatchString(device.Name) || device.Major > maxMajor || device.Minor > maxMinor {
			return failure("INVALID_REQUEST", "devices.name is d and a number, and its numbers are the kernel's")
		}
	}
	if (r.Tap != nil) != (r.Driver == driverMicrovm) || (r.Tap != nil && (r.Nesting != nil || r.Tap.User >= r.UidCount)) {
		return failure("INVALID_REQUEST", "tap is for microvm, which has no nesting")
	}
	for _, bind := range r.Binds {
		if !bindForm.MatchString(bind.Name) {
			return failure("INVALID_REQUEST", "binds.name is b and a number, or live/ and a name")
		}
	}
	if r.Nesting != nil && (net.ParseIP(r.Nesting.Address) == nil || net.ParseIP(r.Nesting.Gateway) == nil) {
		return failure("INVALID_REQUEST", "nesting.address and nesting.gateway are addresses")
	}
	if len(r.Listen) > maxSocket {
		return failure("INVALID_REQUEST", "listen is longer than %d bytes", maxSocket)
	}
	if r.UidBase < 65536 || uint64(r.UidBase)+uint64(r.UidCount) > 1<<32-2 {
		return failure("INVALID_REQUEST", "uid_base")
	}
	return nil
}

// isPlain keeps out relative paths and what an overlay's option string would read differently.
func isPlain(path string) bool {
	return len(path) <= maxPath && filepath.IsAbs(path) && filepath.Clean(path) == path &&
		!strings.ContainsAny(path, ":,\\\x00\n\"")
}

func (r *Request) timeout() time.Duration {
	return time.Duration(r.TimeoutMs) * time.Millisecond
}
