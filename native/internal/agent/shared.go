package agent

import (
	"os"
	"syscall"
)

// Account is a user of the sandbox, for the SSH server, which is a program of its own.
type Account struct {
	Name  string
	Home  string
	Shell string
	inner account
}

// LookupAccount finds a user by name or number.
func LookupAccount(name string) (Account, error) {
	found, err := lookupAccount(name)
	return Account{Name: found.name, Home: found.home, Shell: found.shell, inner: found}, err
}

// Credential is what a process of this user runs with; nil for root.
func (a Account) Credential() *syscall.Credential {
	return credential(a.inner)
}

// Environment is what a command of this user starts with: the usual, what the host configured, its own.
func (a Account) Environment(configured map[string]string, own map[string]string) (map[string]string, error) {
	if err := checkEnvironment(own); err != nil {
		return nil, err
	}
	base := &settings{env: configured}
	return base.environment(a.inner, false, own), nil
}

func credential(who account) *syscall.Credential {
	if who.uid == 0 && who.gid == 0 && len(who.groups) == 0 {
		return nil
	}
	return &syscall.Credential{Uid: who.uid, Gid: who.gid, Groups: who.groups}
}

// OpenTerminal makes a pseudo terminal: our end, and the descriptor of the program's.
func OpenTerminal(rows, cols uint16) (*os.File, int, error) {
	return openTerminal(rows, cols)
}

// Pump moves what a process writes into a sink until the process ended and all that it wrote was taken.
type Pump struct{ inner *pump }

// StartPump reads from our end of a pipe or terminal, which it closes at the end.
func StartPump(source *os.File, terminal bool, sink func([]byte)) Pump {
	return Pump{startPump(source, terminal, buffered(sink))}
}

// Finish says that the process of these pumps is dead, and waits until what it wrote was taken.
func Finish(pumps []Pump) {
	inner := make([]*pump, len(pumps))
	for i, p := range pumps {
		inner[i] = p.inner
	}
	finishPumps(inner)
}
