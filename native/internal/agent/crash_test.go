package agent_test

import (
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestCrashPoints ends an agent at every point that it lists; one that no call here reaches fails.
func TestCrashPoints(t *testing.T) {
	output, err := exec.Command(agentBinary, "--list-crash-points").Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(output))
	if len(names) < 3 {
		t.Fatalf("listed: %q", names)
	}
	seen := map[string]bool{}
	for _, name := range names {
		parts := strings.Split(name, ".")
		if len(parts) != 3 || parts[0] != "guest" || seen[name] {
			t.Fatalf("%q is no new name of the form guest.<create|publish|delete>.<step>", name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			g := startGuest(t, "--crash-points")
			if rest := g.passAll(name); rest != "crash "+name {
				t.Fatalf("the last call ended with %q", rest)
			}
			if err := g.process.Wait(); err == nil || g.process.ProcessState.ExitCode() != 137 {
				t.Fatalf("the agent ended with %v", err)
			}
		})
	}
}

// TestCrashPointsAreOff shows that an agent of an ordinary installation does what it is asked, and no more.
func TestCrashPointsAreOff(t *testing.T) {
	output, err := exec.Command(agentBinary, "--list-crash-points").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{}, {"--other"}, {"--crash-points", "--crash-points"}} {
		g := startGuest(t, arguments...)
		for _, name := range strings.Fields(string(output)) {
			if rest := g.passAll(name); rest != "" {
				t.Fatalf("%v: %s left %q", arguments, name, rest)
			}
		}
		g.call("ping", nil)
	}
}

// TestAnotherNameIsNoCrashPoint shows that only a point of the call itself ends the agent.
func TestAnotherNameIsNoCrashPoint(t *testing.T) {
	g := startGuest(t, "--crash-points")
	for _, name := range []string{"guest.create.none", "", "crash", "guest.create.after-configure"} {
		g.call("ping", fields{"crash_at": name})
	}
}

// passAll makes the calls of create, publish and delete until one leaves something after its answer, or does not
// answer; it answers what that is.
func (g *guest) passAll(point string) string {
	g.t.Helper()
	pid := g.started(fields{"words": []string{"sleep", "60"}, "cwd": "/"})
	for _, step := range []struct {
		call      string
		arguments fields
	}{
		{"configure", fields{"env": fields{"A": "1"}}},
		{"stat", fields{"path": "/"}},
		{"run", fields{"words": []string{"true"}, "cwd": "/"}},
		{"start", fields{"words": []string{"true"}, "cwd": "/"}},
		{"signal", fields{"pid": pid, "signal": 15}},
	} {
		step.arguments["crash_at"] = point
		text, err := io.ReadAll(g.open(step.call, step.arguments, nil).in)
		if err != nil {
			g.t.Fatal(err)
		}
		line, rest, answered := strings.Cut(string(text), "\n")
		if !answered {
			return line
		}
		if rest != "" {
			return rest
		}
	}
	return ""
}
