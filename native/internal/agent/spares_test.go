package agent

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// reserve is spares with one that is ready.
func reserve(t *testing.T) (*spares, *spare) {
	t.Helper()
	kids := newChildren()
	p := newSpares(kids, newSettings())
	p.refill(0)
	kept := p.held
	if kept == nil || kept.line == 0 {
		t.Fatal("no shell was kept in reserve")
	}
	t.Cleanup(func() {
		kept.discard()
		gone(t, kept)
	})
	return p, kept
}

// gone waits until a spare is dead and buried.
func gone(t *testing.T, kept *spare) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); syscall.Kill(kept.pid, 0) == nil; {
		if time.Now().After(end) {
			t.Fatal("it lives")
		}
		kept.children.collect()
		time.Sleep(time.Millisecond)
	}
}

func plain(dir string) (*program, *command) {
	ready := &program{path: spareShell, root: true, env: newSettings().environment(account{name: "root", home: "/root", shell: spareShell}, false, nil)}
	ready.attr.Dir = dir
	return ready, &command{Shell: "true"}
}

func TestASpareShellIsGivenUpAfterAWhile(t *testing.T) {
	p, kept := reserve(t)
	p.claimed()
	p.idle.Reset(time.Millisecond)
	gone(t, kept)
	if p.take() != nil {
		t.Fatal("it is kept")
	}
}

func TestAMachineThatWaitsForItsClaimKeepsItsSpareShell(t *testing.T) {
	p, kept := reserve(t)
	p.idled()
	if p.take() != kept {
		t.Fatal("it is given up")
	}
	kept.discard()
}

func TestASpareShellOfAnotherFileIsNotUsed(t *testing.T) {
	p, kept := reserve(t)
	kept.file.inode++
	if ready, spec := plain("/"); p.use(ready, spec, false) != nil {
		t.Fatal("it was used")
	}
	gone(t, kept)
}

func TestASpareShellThatStartsTooSlowlyIsNotWaitedFor(t *testing.T) {
	p, kept := reserve(t)
	kept.settled = make(chan struct{})
	began := time.Now()
	if ready, spec := plain("/"); p.use(ready, spec, false) != nil || time.Since(began) > time.Second {
		t.Fatal("it was used")
	}
	gone(t, kept)
}

func TestNoSpareShellIsStartedBesideAClosedReserve(t *testing.T) {
	p, kept := reserve(t)
	p.close()
	gone(t, kept)
	ready, spec := plain("/")
	p.answered(ready, spec)
	if p.starting || p.held != nil {
		t.Fatal("one is started")
	}
	// What began before the copy, and ends after it.
	p.open()
	p.refill(p.epoch - 1)
	if p.held != nil {
		t.Fatal("it is kept")
	}
}

func TestAShellThatFailsIsNotTriedForEver(t *testing.T) {
	p, kept := reserve(t)
	for range maxMisses {
		p.held = kept
		p.settle(kept, syscall.EIO)
	}
	p.settle(kept, syscall.EIO) // one that a command did not wait for
	if made, err := p.start(); err != errNoSpare {
		made.discard()
		t.Fatal(err)
	}
	p.file.inode++
	made, err := p.start()
	if err != nil {
		t.Fatal("a new file has a new chance:", err)
	}
	made.discard()
	gone(t, made)
}

func TestWhatChangesBetweenEnvironments(t *testing.T) {
	for _, example := range []struct {
		then, now map[string]string
		want      string
		ok        bool
	}{
		{map[string]string{"A": "1"}, map[string]string{"A": "1"}, "", true},
		{map[string]string{"A": "1"}, map[string]string{}, "unset A", true},
		{map[string]string{}, map[string]string{"A": "it's"}, `export A='it'\''s'`, true},
		{map[string]string{"LANG": "C", "a.b": "1"}, map[string]string{"LANG": "C", "a.b": "1"}, "", true},
		{map[string]string{"LANG": "C"}, map[string]string{"LANG": "D"}, "", false},
		{map[string]string{"a.b": "1"}, map[string]string{}, "", false},
		{map[string]string{}, map[string]string{"A B": "1"}, "", false},
		{map[string]string{}, map[string]string{"LC_ALL A": "1"}, "", false},
		{map[string]string{}, map[string]string{"1A": "1"}, "", false},
		{map[string]string{}, map[string]string{"A\n": "1"}, "", false},
		{map[string]string{"IFS": ":"}, map[string]string{"IFS": ":"}, "", false},
		{map[string]string{"HOSTNAME": "a"}, map[string]string{}, "", false},
		{map[string]string{"HOSTNAME": "a"}, map[string]string{"HOSTNAME": "b"}, "export HOSTNAME='b'", true},
	} {
		gone, set, ok := changes(example.then, example.now)
		got := ""
		if gone != "" {
			got += "unset" + gone
		}
		if set != "" {
			got += "export" + set
		}
		if ok != example.ok || ok && strings.TrimSpace(got) != example.want {
			t.Errorf("%v to %v: %q %v", example.then, example.now, got, ok)
		}
	}
}
