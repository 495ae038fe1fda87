package spawn_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// startWithOwnProc starts a container that sees its control groups, as the node's do.
func (n *node) startWithOwnProc(id string, uidBase int) *container {
	n.t.Helper()
	request := n.spec(id, uidBase, 100)
	request["own_proc"] = true
	bundle := request["bundle"].(string)
	n.rewrite(bundle, `{"destination":"/dev/pts"`,
		`{"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["mode=1777","size=65536k"]},{"destination":"/sys","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755","size=64k"]},`+
			`{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["nosuid","noexec","nodev","ro"]},{"destination":"/dev/pts"`)
	n.rewrite(bundle, `{"type":"network"}`, `{"type":"network"},{"type":"cgroup"}`)
	n.rewrite(bundle, `"resources":{`, `"resources":{"cpu":{"period":100000,"quota":100000},`)
	answer := n.request(request)
	n.t.Cleanup(func() { n.delete(id) })
	if answer["ok"] != true {
		n.t.Fatalf("%v", answer)
	}
	return &container{n: n, id: id, socket: request["listen"].(string), pid: int(answer["pid"].(float64)), answer: answer}
}

func TestASandboxSeesItsOwnMemoryAndProcessors(t *testing.T) {
	n := startNode(t)
	before := mountCount(t)
	c := n.startWithOwnProc("proc", uidBase)
	_, memory := c.shell("cat /proc/meminfo")
	if !strings.HasPrefix(memory, "MemTotal:         262144 kB\n") || !strings.Contains(memory, "\nSwapTotal:             0 kB\n") {
		t.Fatalf("%q", memory)
	}
	_, processors := c.shell("cat /proc/cpuinfo /proc/stat /proc/loadavg")
	if strings.Count(processors, "processor\t:") != 1 || !strings.Contains(processors, "\ncpu0 ") || strings.Contains(processors, "\ncpu1 ") {
		t.Fatalf("%q", processors)
	}
	if _, output := c.shell("echo 1 > /proc/meminfo; chmod 0777 /proc/stat || echo refused; rm -f /proc/loadavg || echo refused"); strings.Count(output, "refused\n") != 2 {
		t.Fatalf("%q", output)
	}
	if mountCount(t) != before {
		t.Fatal("a mount leaked into the namespace of the server")
	}
	if _, output := n.start("plain", uidBase+65536, 100).shell("head -1 /proc/meminfo"); strings.Contains(output, " 262144 ") {
		t.Fatalf("%q", output)
	}
}

func TestWhatIsReadIsNoOlderThanAMoment(t *testing.T) {
	n := startNode(t)
	c := n.startWithOwnProc("fresh", uidBase)
	_, output := c.shell("head -3 /proc/meminfo; head -c 40000000 /dev/zero > /dev/shm/a; sleep 0.3; head -3 /proc/meminfo")
	var free []int
	for _, line := range strings.Split(output, "\n") {
		var kilobytes int
		if _, err := fmt.Sscanf(line, "MemFree: %d kB", &kilobytes); err == nil {
			free = append(free, kilobytes)
		}
	}
	if len(free) != 2 || free[0]-free[1] < 38_000 {
		t.Fatalf("%q", output)
	}
}

func TestWhereNothingCanBeCoveredNothingOfTheContainerRunsOutside(t *testing.T) {
	n := startNode(t)
	runtime := "#!/bin/sh\necho taken > /workspace/taken\n"
	if err := os.WriteFile(n.folder+"/image/usr/bin/crun", []byte(runtime), 0o755); err != nil {
		t.Fatal(err)
	}
	request := n.spec("bare", uidBase, 100)
	request["own_proc"] = true
	n.rewrite(request["bundle"].(string), `{"destination":"/proc","source":"proc","type":"proc"}`, `{"destination":"/proc","source":"tmpfs","type":"tmpfs"}`)
	answer := n.request(request)
	t.Cleanup(func() { n.delete("bare") })
	if answer["ok"] == true || answer["code"] != "MOUNT_FAILED" {
		t.Fatalf("%v", answer)
	}
	if _, err := os.Stat(n.folder + "/t-bare/u/workspace/taken"); err == nil {
		t.Fatal("a program of the container ran as root of the host")
	}
	if left := n.processes("bare"); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestRootOfTheSandboxTakesNothingFromItsAgent(t *testing.T) {
	n := startNode(t)
	request := n.spec("own", uidBase, 100)
	bundle := request["bundle"].(string)
	for _, set := range []string{"bounding", "effective", "permitted"} {
		n.rewrite(bundle, `"`+set+`":["CAP_CHOWN"`, `"`+set+`":["CAP_BLOCK_SUSPEND","CAP_SETPCAP","CAP_CHOWN"`)
	}
	answer := n.request(request)
	t.Cleanup(func() { n.delete("own") })
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	c := &container{n: n, id: "own", socket: request["listen"].(string)}
	_, output := c.shell("id -u; cat /proc/1/environ || echo refused; cat < /proc/1/fd/0 || echo refused; cat /proc/self/environ > /dev/null && echo own")
	if !strings.HasPrefix(output, "0\nrefused\nrefused\nown\n") {
		t.Fatalf("%q", output)
	}
}

// A reader waits for an agent that does not answer; both end with the sandbox.
func TestASandboxWhoseAgentIsStoppedEnds(t *testing.T) {
	n := startNode(t)
	c := n.startWithOwnProc("stopped", uidBase)
	answer, _ := c.call(fields{"call": "start", "shell": "while :; do read line < /proc/meminfo; done"})
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	if err := unix.Kill(c.pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "a reader waits for the agent", func() bool {
		for _, process := range n.processes("stopped") {
			waits, err := os.ReadFile("/proc/" + process + "/wchan")
			if err == nil && string(waits) == "request_wait_answer" {
				return true
			}
		}
		return false
	})
	if err := unix.Kill(c.pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the container is gone", func() bool { return unix.Kill(c.pid, 0) != nil || isZombie(c.pid) })
	n.delete("stopped")
}

// processes are those of a container, as the host numbers them.
func (n *node) processes(id string) []string {
	for _, pattern := range []string{"/sys/fs/cgroup/pids/", "/sys/fs/cgroup/"} {
		if text, err := os.ReadFile(pattern + n.cgroup + "/" + id + "/cgroup.procs"); err == nil {
			return strings.Fields(string(text))
		}
	}
	return nil
}

func isZombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(text), ") Z ")
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not within 10 s: %s", what)
}
