package spawn_test

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type fields = map[string]any

var binaries string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "spawn-test-")
	if err != nil {
		panic(err)
	}
	binaries = folder
	for _, name := range []string{"agent", "spawn"} {
		build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(folder, name), "atoll.dev/native/cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// node is a spawn server with what a node would have around it.
type node struct {
	t      *testing.T
	folder string
	cgroup string
	conn   net.Conn
	in     *bufio.Reader
}

func startNode(t *testing.T) *node {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("containers need root")
	}
	var random [4]byte
	_, _ = rand.Read(random[:])
	name := "atoll-test-" + hex.EncodeToString(random[:])
	n := &node{t: t, folder: filepath.Join(os.TempDir(), name), cgroup: name}
	// The root of a sandbox must be able to search every directory above its root file system.
	if err := os.Mkdir(n.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(n.folder) })
	makeRoot(t, filepath.Join(n.folder, "image"))
	socket := filepath.Join(n.folder, "spawn.sock")
	server := exec.Command(filepath.Join(binaries, "spawn"), "--socket", socket)
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		n.removeCgroups()
	})
	for range 500 {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			n.conn, n.in = conn, bufio.NewReader(conn)
			t.Cleanup(func() { conn.Close() })
			return n
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the spawn server does not listen")
	return nil
}

// removeCgroups does what a node does after a delete: the runtime gives up on a cgroup that is still busy when it
// looks. One that stays busy has a process left in it.
func (n *node) removeCgroups() {
	var folders []string
	for _, pattern := range []string{"/sys/fs/cgroup/*/", "/sys/fs/cgroup/"} {
		for _, below := range []string{"/*/cgroup.procs", "/cgroup.procs"} {
			found, _ := filepath.Glob(pattern + n.cgroup + below)
			folders = append(folders, found...)
		}
	}
	for _, each := range folders {
		folder := filepath.Dir(each)
		for attempt := 0; os.Remove(folder) != nil; attempt++ {
			if _, err := os.Stat(folder); os.IsNotExist(err) {
				break
			}
			if attempt == 500 {
				n.t.Errorf("%s is left", folder)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (n *node) request(request fields) fields {
	n.t.Helper()
	request["v"] = 1
	line, _ := json.Marshal(request)
	if _, err := n.conn.Write(append(line, '\n')); err != nil {
		n.t.Fatal(err)
	}
	text, err := n.in.ReadBytes('\n')
	if err != nil {
		n.t.Fatal(err)
	}
	var answer fields
	if err := json.Unmarshal(text, &answer); err != nil {
		n.t.Fatal(err)
	}
	return answer
}

// makeRoot makes a root file system of the host's shell, a few tools and the agent.
func makeRoot(t *testing.T, root string) {
	t.Helper()
	for _, folder := range []string{"proc", "sys", "dev", "etc", "tmp", "var/tmp", "root", "workspace", "run", "bin", "usr/bin", "sbin"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, program := range []string{"/bin/sh", "/bin/cat", "/bin/sleep", "/bin/rm", "/bin/kill", "/bin/chmod", "/usr/bin/id", "/usr/bin/stat", "/usr/bin/head"} {
		copyProgram(t, root, program)
	}
	copyFile(t, filepath.Join(binaries, "agent"), filepath.Join(root, "sbin/agent"))
	for name, text := range map[string]string{
		"etc/passwd":   "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n",
		"etc/hostname": "old\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func copyProgram(t *testing.T, root, program string) {
	t.Helper()
	copyFile(t, program, filepath.Join(root, program))
	listing, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(listing)) {
		if strings.HasPrefix(word, "/") {
			copyFile(t, word, filepath.Join(root, word))
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if _, err := os.Stat(to); err == nil {
		return
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
}

// container is one that was started.
type container struct {
	n      *node
	id     string
	tree   string
	socket string
	pid    int
	answer fields
}

func (n *node) spec(id string, uidBase int, pids int) fields {
	n.t.Helper()
	bundle := filepath.Join(n.folder, "b-"+id)
	tree := filepath.Join(n.folder, "t-"+id)
	for _, folder := range []string{bundle, tree + "/u", tree + "/w"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			n.t.Fatal(err)
		}
	}
	ids := []fields{{"containerID": 0, "hostID": uidBase, "size": 65536}}
	capabilities := []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_KILL", "CAP_FSETID"}
	config := fields{
		"ociVersion": "1.0.0",
		"process": fields{
			"args": []string{"/sbin/agent"}, "cwd": "/", "env": []string{"PATH=/usr/bin:/bin"},
			"user":            fields{"uid": 0, "gid": 0},
			"capabilities":    fields{"bounding": capabilities, "effective": capabilities, "permitted": capabilities},
			"noNewPrivileges": true,
		},
		"root":     fields{"path": bundle + "/rootfs"},
		"hostname": id,
		"mounts": []fields{
			{"destination": "/proc", "type": "proc", "source": "proc"},
			{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "mode=755", "size=64k"}},
			{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": []string{"newinstance", "ptmxmode=0666", "mode=0620"}},
		},
		"linux": fields{
			"cgroupsPath": "/" + n.cgroup + "/" + id,
			"uidMappings": ids, "gidMappings": ids,
			"namespaces": []fields{{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "network"}, {"type": "user", "path": bundle + "/layers/user"}},
			"resources":  fields{"pids": fields{"limit": pids}, "memory": fields{"limit": 256 << 20}},
		},
	}
	text, _ := json.Marshal(config)
	if err := os.WriteFile(bundle+"/config.json", text, 0o644); err != nil {
		n.t.Fatal(err)
	}
	return fields{
		"op": "start", "id": id, "bundle": bundle, "state_root": filepath.Join(n.folder, "state"), "uid_base": uidBase,
		"listen": filepath.Join(n.folder, id+".sock"),
		"overlay": fields{
			"lowers": []string{filepath.Join(n.folder, "image")}, "upper": tree + "/u", "work": tree + "/w", "target": bundle + "/rootfs",
		},
	}
}

// rewrite changes a bundle's configuration.
func (n *node) rewrite(bundle, from, to string) {
	n.t.Helper()
	path := filepath.Join(bundle, "config.json")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		n.t.Fatalf("%s: %v: %s", path, err, text)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) start(id string, uidBase, pids int) *container {
	n.t.Helper()
	request := n.spec(id, uidBase, pids)
	answer := n.request(request)
	n.t.Cleanup(func() { n.delete(id) })
	if answer["ok"] != true {
		n.t.Fatalf("%v", answer)
	}
	return &container{
		n: n, id: id, tree: filepath.Join(n.folder, "t-"+id), socket: request["listen"].(string),
		pid: int(answer["pid"].(float64)), answer: answer,
	}
}

func (n *node) delete(id string) {
	n.t.Helper()
	answer := n.request(fields{"op": "delete", "id": id, "state_root": filepath.Join(n.folder, "state")})
	if answer["ok"] != true {
		n.t.Errorf("%v", answer)
	}
}

// call answers one call of the guest protocol, and what follows its answer line.
func (c *container) call(header fields) (fields, string) {
	c.n.t.Helper()
	answer, rest, err := c.exchange(header)
	if err != nil {
		c.n.t.Fatalf("%v: %v", header["call"], err)
	}
	return answer, rest
}

// try is a call that may fail.
func (c *container) try(header fields) (fields, error) {
	answer, _, err := c.exchange(header)
	return answer, err
}

func (c *container) exchange(header fields) (answer fields, rest string, err error) {
	conn, err := net.Dial("unix", c.socket)
	if err != nil {
		return nil, "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	header["v"] = 1
	line, _ := json.Marshal(header)
	_, _ = conn.Write(append(line, '\n'))
	in := bufio.NewReader(conn)
	text, err := in.ReadBytes('\n')
	if err != nil {
		return nil, "", err
	}
	following, err := io.ReadAll(in)
	if err != nil {
		return nil, "", err
	}
	return answer, string(following), json.Unmarshal(text, &answer)
}

func (c *container) shell(line string) (fields, string) {
	c.n.t.Helper()
	return c.call(fields{"call": "run", "shell": line, "timeout_ms": 10_000})
}
