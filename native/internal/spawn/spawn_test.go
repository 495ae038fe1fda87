package spawn_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const uidBase = 1_700_000_000

func TestAContainerStartsAndItsAgentAnswers(t *testing.T) {
	n := startNode(t)
	before := mountCount(t)
	var null unix.Stat_t
	if err := unix.Stat("/dev/null", &null); err != nil {
		t.Fatal(err)
	}
	c := n.start("one", uidBase, 100)
	t.Logf("%v", c.answer)
	answer, _ := c.call(fields{"call": "ping"})
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	_, output := c.shell("id -u; echo hello > /workspace/file; stat -c %u /workspace/file; cat /proc/self/uid_map; echo $$")
	if !strings.HasPrefix(output, "0\n0\n") || !strings.Contains(output, fmt.Sprint(uidBase)) {
		t.Fatalf("%q", output)
	}
	if mountCount(t) != before {
		t.Fatal("a mount leaked into the namespace of the server")
	}
	c.shell("chmod 000 /proc/1/fd/0; true")
	var after unix.Stat_t
	if err := unix.Stat("/dev/null", &after); err != nil || after.Uid != null.Uid || after.Mode != null.Mode || after.Ctim != null.Ctim {
		t.Fatal("the host's /dev/null was given away")
	}
}

func TestTheUserNamespaceBelongsToItsOwnRange(t *testing.T) {
	n := startNode(t)
	c := n.start("own", uidBase+7*65536, 100)
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/user", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	defer namespace.Close()
	owner, err := unix.IoctlGetUint32(int(namespace.Fd()), unix.NS_GET_OWNER_UID)
	if err != nil || owner != uidBase+7*65536 {
		t.Fatalf("owner %d, %v", owner, err)
	}
	if _, output := c.shell("cat /proc/self/uid_map /proc/self/gid_map"); strings.Count(output, "65536\n") != 2 {
		t.Fatalf("%q", output)
	}
}

func TestAContainerThatNestsOwnsItsNetworkAndItsGroups(t *testing.T) {
	n := startNode(t)
	name := filepath.Base(n.folder)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
	for _, line := range []string{"netns add " + name, "-n " + name + " link add eth0 type veth peer name other"} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %s", line, output)
		}
	}
	request := n.spec("nest", uidBase+9*65536, 100)
	request["nesting"] = fields{
		"network": "/run/netns/" + name, "address": "198.18.7.7", "gateway": "198.18.7.1", "cgroup": "/" + n.cgroup + "/nest",
	}
	bundle := request["bundle"].(string)
	n.rewrite(bundle, `{"type":"network"}`, `{"type":"network","path":"`+bundle+`/layers/network"}`)
	t.Cleanup(func() { n.delete("nest") })
	answer := n.request(request)
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	c := &container{n: n, socket: request["listen"].(string), pid: int(answer["pid"].(float64))}
	if _, output := c.shell("cat /proc/net/dev /proc/net/route"); strings.Count(output, "eth0") < 3 {
		t.Fatalf("%q", output)
	}
	bound := "cat /proc/sys/user/max_net_namespaces; echo 99 > /proc/sys/user/max_net_namespaces || echo refused"
	if _, output := c.shell(bound); !strings.HasPrefix(output, "32\nrefused\n") {
		t.Fatalf("%q", output)
	}
	network, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	users, err := unix.IoctlRetInt(int(network.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(users)
	if owner, err := unix.IoctlGetUint32(users, unix.NS_GET_OWNER_UID); err != nil || owner != uidBase+9*65536 {
		t.Fatalf("owner %d, %v", owner, err)
	}
	groups, _ := filepath.Glob("/sys/fs/cgroup/*/" + n.cgroup + "/nest")
	more, _ := filepath.Glob("/sys/fs/cgroup/" + n.cgroup + "/nest")
	for _, group := range append(groups, more...) {
		for file, own := range map[string]bool{"": true, "cgroup.procs": true, "memory.limit_in_bytes": false, "pids.max": false} {
			var status unix.Stat_t
			if unix.Stat(filepath.Join(group, file), &status) == nil && (status.Uid == uidBase+9*65536) != own {
				t.Fatalf("%s/%s belongs to %d", group, file, status.Uid)
			}
		}
	}
}

func TestOnlyWhoAsksHasANodeOfKvm(t *testing.T) {
	n := startNode(t)
	request := n.spec("kvm", uidBase, 100)
	request["kvm"] = true
	bundle := request["bundle"].(string)
	n.rewrite(bundle, `{"destination":"/dev/pts"`, `{"destination":"/dev/kvm","type":"bind","source":"`+bundle+`/layers/kvm","options":["bind","nosuid","noexec"]},{"destination":"/dev/pts"`)
	t.Cleanup(func() { n.delete("kvm") })
	answer := n.request(request)
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	c := &container{n: n, socket: request["listen"].(string)}
	if _, output := c.shell("stat -c '%t %T %a %F' /dev/kvm; chmod 0600 /dev/kvm 2>/dev/null || echo refused"); output != "a e8 666 character special file\nrefused\n" {
		t.Fatalf("%q", output)
	}
	if _, output := n.start("none", uidBase+65536, 100).shell("ls /dev"); strings.Contains(output, "kvm") {
		t.Fatalf("%q", output)
	}
}

func TestADeviceIsSeenAndMadeByNobodyInside(t *testing.T) {
	n := startNode(t)
	request := n.spec("device", uidBase, 100)
	request["devices"] = []fields{{"name": "d0", "major": 1, "minor": 5}}
	bundle := request["bundle"].(string)
	n.rewrite(bundle, `{"destination":"/dev/pts"`, `{"destination":"/dev/deep/er/gpu0","type":"bind","source":"`+bundle+`/layers/d0","options":["bind","nosuid","noexec"]},{"destination":"/dev/pts"`)
	t.Cleanup(func() { n.delete("device") })
	if answer := n.request(request); answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	c := &container{n: n, socket: request["listen"].(string)}
	if _, output := c.shell("stat -c '%t %T %a %F' /dev/deep/er/gpu0; : < /dev/deep/er/gpu0 && echo open"); output != "1 5 666 character special file\nopen\n" {
		t.Fatalf("%q", output)
	}
	for _, wrong := range []fields{{"name": "../x", "major": 1, "minor": 5}, {"name": "d0", "major": 4096, "minor": 5}} {
		request["devices"] = []fields{wrong}
		if answer := n.request(request); answer["code"] != "INVALID_REQUEST" {
			t.Fatalf("%v", answer)
		}
	}
}

func TestWhatTheSandboxWritesLiesOnDiskWithPlainIds(t *testing.T) {
	n := startNode(t)
	c := n.start("two", uidBase, 100)
	c.shell("echo root > /workspace/r")
	c.call(fields{"call": "run", "shell": "echo user > /tmp/u || echo denied", "user": "user"})
	c.shell("echo more >> /etc/hostname")
	for name, want := range map[string]uint32{"workspace/r": 0, "etc/hostname": 0} {
		var status unix.Stat_t
		if err := unix.Stat(filepath.Join(c.tree, "u", name), &status); err != nil || status.Uid != want {
			t.Fatalf("%s: uid %d, %v", name, status.Uid, err)
		}
	}
}

func TestAnUploadThatEndsWithItsSandboxLeavesNothing(t *testing.T) {
	n := startNode(t)
	c := n.start("cut", uidBase, 100)
	c.call(fields{"call": "write", "path": "/workspace/whole", "body": 0})
	conn, err := net.Dial("unix", c.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(`{"v":1,"call":"write","path":"/workspace/new/part","body":100}` + "\nonly part")); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the upload is under way", func() bool {
		open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", c.pid))
		return slices.ContainsFunc(open, func(each string) bool {
			target, _ := os.Readlink(each)
			return strings.HasPrefix(target, "/workspace/new/")
		})
	})
	if err := unix.Kill(c.pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the sandbox has ended", func() bool { return unix.Kill(c.pid, 0) != nil })
	if whole, _ := filepath.Glob(c.tree + "/u/workspace/*"); len(whole) != 2 {
		t.Fatal(whole)
	}
	if left, _ := filepath.Glob(c.tree + "/u/workspace/new/.*"); len(left) != 0 {
		t.Fatal(left)
	}
}

func TestATreeMovesToAnotherRangeWithoutAChown(t *testing.T) {
	n := startNode(t)
	first := n.start("three", uidBase, 100)
	first.shell("echo kept > /workspace/file")
	n.delete("three")
	request := n.spec("four", uidBase+65536, 100)
	overlay := request["overlay"].(fields)
	overlay["upper"], overlay["work"] = first.tree+"/u", first.tree+"/w"
	if answer := n.request(request); answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
	defer n.delete("four")
	second := &container{n: n, socket: request["listen"].(string)}
	if _, output := second.shell("cat /workspace/file; stat -c %u /workspace/file"); output != "kept\n0\n" {
		t.Fatalf("%q", output)
	}
}

func TestTheGuestHasNoPathToItsSocket(t *testing.T) {
	n := startNode(t)
	c := n.start("five", uidBase, 100)
	if _, output := c.shell("cat /proc/net/unix"); strings.Contains(output, n.folder) {
		t.Fatalf("%q", output)
	}
}

func TestAForkBombAndSignalsLeaveTheAgentAlive(t *testing.T) {
	n := startNode(t)
	c := n.start("six", uidBase, 40)
	c.shell("for s in TERM INT HUP QUIT USR1 KILL STOP SEGV ABRT; do kill -$s 1; done; true")
	bomb := "b() { while :; do sleep 20 & done; }; while :; do (b) 2>/dev/null; done"
	c.call(fields{"call": "start", "shell": bomb})
	end := time.Now().Add(3 * time.Second) // longer than the agent waits before it trims its memory
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for time.Now().Before(end) {
				for _, header := range []fields{{"call": "list", "path": "/", "depth": 3}, {"call": "read", "path": "/sbin/agent"}, {"call": "ports"}} {
					if answer, err := c.try(header); err != nil || answer["ok"] != true {
						t.Errorf("%v: %v %v", header, answer, err)
						return
					}
				}
				_, _ = c.try(fields{"call": "run", "words": []string{"true"}})
			}
		}()
	}
	group.Wait()
	answer, _ := c.call(fields{"call": "ping"})
	if answer["ok"] != true {
		t.Fatalf("%v", answer)
	}
}

func TestAnAllocationBombIsReportedAndLeavesTheAgentAlive(t *testing.T) {
	n := startNode(t)
	c := n.start("seven", uidBase, 100)
	answer, _ := c.shell("x=$(head -c 400000000 /dev/zero | cat -v); echo survived")
	if answer["exit_code"] == 0.0 {
		t.Fatalf("%v", answer)
	}
	t.Logf("%v", answer)
	if again, _ := c.call(fields{"call": "ping"}); again["ok"] != true {
		t.Fatalf("%v", again)
	}
}

func TestAgentsAreSmall(t *testing.T) {
	n := startNode(t)
	c := n.start("eight", uidBase, 100)
	for range 20 {
		c.shell("true")
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	private := 0
	for _, line := range strings.Split(string(text), "\n") {
		var size int
		if _, err := fmt.Sscanf(line, "Anonymous: %d kB", &size); err == nil {
			private += size
		}
	}
	t.Logf("%d KiB private", private)
	if private > 2048 {
		t.Fatalf("%d KiB private", private)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	n := startNode(t)
	good := n.spec("nine", uidBase, 100)
	for name, value := range map[string]any{
		"id": "../x", "uid_base": 0, "listen": "relative", "op": "format", "bundle": "/a/../b",
	} {
		request := fields{}
		for key, old := range good {
			request[key] = old
		}
		request[name] = value
		if answer := n.request(request); answer["code"] != "INVALID_REQUEST" {
			t.Fatalf("%s: %v", name, answer)
		}
	}
}

func TestAFailedStartLeavesNothing(t *testing.T) {
	n := startNode(t)
	request := n.spec("ten", uidBase, 100)
	if err := os.WriteFile(request["bundle"].(string)+"/config.json", []byte(`{"ociVersion":"1.0.0"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	answer := n.request(request)
	if answer["code"] != "RUNTIME_FAILED" {
		t.Fatalf("%v", answer)
	}
	t.Logf("%v", answer)
	if _, err := os.Stat(request["listen"].(string)); !os.IsNotExist(err) {
		t.Fatal("its socket is left")
	}
	request = n.spec("eleven", uidBase, 100)
	request["overlay"].(fields)["lowers"] = []string{"/does/not/exist"}
	if answer := n.request(request); answer["code"] != "LAYER_MISSING" {
		t.Fatalf("%v", answer)
	}
}

func TestNoLinkLeadsToALayer(t *testing.T) {
	n := startNode(t)
	for name, target := range map[string]string{"last": filepath.Join(n.folder, "image"), "above": n.folder} {
		link := filepath.Join(n.folder, name)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		lower := link
		if name == "above" {
			lower = filepath.Join(link, "image")
		}
		request := n.spec("link-"+name, uidBase, 100)
		request["overlay"].(fields)["lowers"] = []string{lower}
		if answer := n.request(request); answer["code"] != "LAYER_MISSING" {
			t.Fatalf("%s: %v", lower, answer)
		}
	}
}

func mountCount(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

func TestAnAgentGoesBeforeWhatItStarts(t *testing.T) {
	n := startNode(t)
	c := n.start("nice", uidBase, 100)
	for range 2 { // of a shell in reserve, and of a new one
		if _, output := c.shell("for each in 1 $$; do read -r all < /proc/$each/stat; set -- $all; echo ${19}; done"); output != "-10\n0\n" {
			t.Fatalf("%q", output)
		}
	}
	var threads []string
	waitUntil(t, "the agent has its threads", func() bool {
		threads, _ = filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", c.pid))
		return len(threads) > 17
	})
	usual := 0
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Fields(string(text))[18] == "0" {
			usual++
		}
	}
	if usual != 1 {
		t.Fatalf("%d threads have the usual priority, not the one that forks", usual)
	}
}
