package agent_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func (g *guest) write(path, content string) {
	g.t.Helper()
	if answer := g.open("write", fields{"path": path}, []byte(content)).answer(); answer["ok"] != true {
		g.t.Fatal(answer)
	}
}

// special makes one of everything that must never be opened.
func special(t *testing.T) map[string]string {
	t.Helper()
	folder := t.TempDir()
	paths := map[string]string{"fifo": folder + "/fifo", "socket": folder + "/socket", "device": "/dev/zero", "kernel": "/proc/self/environ"}
	if err := unix.Mkfifo(paths["fifo"], 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", paths["socket"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return paths
}

func TestSpecialFilesAreNeverOpened(t *testing.T) {
	g := startGuest(t)
	for kind, path := range special(t) {
		g.refused("read", fields{"path": path}, "SPECIAL_FILE")
		g.refused("write", fields{"path": path, "body": 0}, "SPECIAL_FILE")
		g.refused("archive", fields{"paths": []string{path}}, "SPECIAL_FILE")
		if kind != "kernel" {
			g.refused("copy", fields{"from": path, "to": t.TempDir() + "/copy"}, "SPECIAL_FILE")
			if info := g.call("stat", fields{"path": path})["info"].(map[string]any); info["type"] != "special" {
				t.Fatalf("%v", info)
			}
		}
	}
	link := t.TempDir() + "/link"
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	g.refused("read", fields{"path": link}, "SPECIAL_FILE")
	g.refused("remove", fields{"path": "/proc/self", "recursive": true}, "SPECIAL_FILE")
}

func TestBadPathsAreRefused(t *testing.T) {
	g := startGuest(t)
	for _, path := range []string{"", "relative", "/a/../b", "/a\x00b", "/" + strings.Repeat("n", 300), strings.Repeat("/n", 4000)} {
		for _, name := range []string{"stat", "list", "mkdir", "remove", "chmod", "read", "write", "watch"} {
			g.refused(name, fields{"path": path}, "INVALID_PATH")
		}
		g.refused("move", fields{"from": "/tmp/x", "to": path}, "INVALID_PATH")
		g.refused("archive", fields{"paths": []string{path}}, "INVALID_PATH")
	}
	g.refused("remove", fields{"path": "/", "recursive": true}, "INVALID_PATH")
	g.refused("copy", fields{"from": "/tmp", "to": "/tmp/inside/itself"}, "INVALID_PATH")
}

func TestAWriteReplacesAFileAsAWholeOrNotAtAll(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	path := folder + "/a/b/file"
	g.write(path, "first")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 1234, 5678); err != nil {
		t.Fatal(err)
	}
	g.write(path, "second")
	info := g.call("stat", fields{"path": path})["info"].(map[string]any)
	if info["mode"] != float64(0o600) || info["uid"] != 1234.0 || info["gid"] != 5678.0 || info["size"] != 6.0 {
		t.Fatalf("%v", info)
	}
	broken := g.open("write", fields{"path": path, "body": 100}, []byte("only part"))
	_ = broken.conn.CloseWrite()
	_, _ = io.Copy(io.Discard, broken.in)
	unfinished := g.open("write", fields{"path": path, "body": -1}, append(binary.BigEndian.AppendUint32(nil, 3), "abc"...))
	_ = unfinished.conn.CloseWrite()
	_, _ = io.Copy(io.Discard, unfinished.in)
	g.refused("write", fields{"path": path, "body": 11, "size_limit": 10}, "TOO_LARGE")
	g.refused("write", fields{"path": folder + "/a", "body": 0}, "NOT_A_FILE")
	g.refused("write", fields{"path": path + "/below", "body": 0}, "NOT_A_DIRECTORY")
	text, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(filepath.Dir(path))
	if string(text) != "second" || len(entries) != 1 {
		t.Fatalf("%q %v", text, entries)
	}
	link := folder + "/link"
	if err := os.Symlink("a/b/file", link); err != nil {
		t.Fatal(err)
	}
	g.write(link, "third")
	if text, _ := os.ReadFile(path); string(text) != "third" {
		t.Fatalf("%q", text)
	}
}

func TestAWriteThroughALinkGoesWhereTheKernelWouldGo(t *testing.T) {
	g := startGuest(t)
	for _, each := range []struct {
		name  string
		links [][2]string // path, target
		write string
		lands string
	}{
		{"a link in a linked folder", [][2]string{{"w/l", "../data/d"}, {"data/d/f", "../real"}}, "w/l/f", "data/real"},
		{"up from a linked folder in a target", [][2]string{{"w/to", "../data/d"}, {"w/f", "to/../real"}}, "w/f", "data/real"},
		{"several in a row", [][2]string{{"w/l", "../data/d"}, {"w/a", "l/b"}, {"data/d/b", "../c"}, {"data/c", "d/end"}}, "w/a", "data/d/end"},
		{"an absolute target over a link", [][2]string{{"w/l", "../data/d"}, {"w/f", "/BASE/w/l/../real"}}, "w/f", "data/real"},
		{"folders that are made", [][2]string{{"w/l", "../data/d"}, {"data/d/f", "new/er/real"}}, "w/l/f", "data/d/new/er/real"},
		{"below a link that names nothing yet", [][2]string{{"w/f", "data/d/real"}}, "w/f", "w/data/d/real"},
	} {
		base := t.TempDir()
		for _, folder := range []string{"w", "data/d"} {
			if err := os.MkdirAll(filepath.Join(base, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for _, link := range each.links {
			target := strings.Replace(link[1], "/BASE", base, 1)
			if err := os.Symlink(target, filepath.Join(base, link[0])); err != nil {
				t.Fatal(err)
			}
		}
		g.write(filepath.Join(base, each.write), each.name)
		lands, err := filepath.EvalSymlinks(filepath.Join(base, each.write))
		if err != nil || lands != filepath.Join(base, each.lands) {
			t.Errorf("%s: %q %v", each.name, lands, err)
			continue
		}
		if text, _ := os.ReadFile(lands); string(text) != each.name {
			t.Errorf("%s: %q", each.name, text)
		}
	}
}

func TestALinkThatNamesNoFileIsNotWrittenThrough(t *testing.T) {
	g := startGuest(t)
	base := t.TempDir()
	if err := os.Mkdir(base+"/d", 0o755); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"d": "NOT_A_FILE", "d/": "NOT_A_FILE", "d/..": "NOT_A_FILE", ".": "NOT_A_FILE", "/": "NOT_A_FILE",
		"missing/../f": "PATH_NOT_FOUND", "missing/": "PATH_NOT_FOUND", "loop": "INVALID_PATH",
		"/proc/self/comm": "SPECIAL_FILE", "/proc/self/root/../proc/self/comm": "SPECIAL_FILE",
		"/proc/self/fd/0": "SPECIAL_FILE", strings.Repeat("n/", 2040) + "n": "INVALID_PATH",
	} {
		if err := os.Symlink(target, base+"/loop"); err != nil {
			t.Fatal(err)
		}
		answer := g.open("write", fields{"path": base + "/loop"}, []byte("x")).answer()
		if answer["code"] != want {
			t.Errorf("%.40s: want %s, got %v", target, want, answer)
		}
		if err := os.Remove(base + "/loop"); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ := os.ReadDir(base)
	if len(entries) != 1 {
		t.Fatalf("%v", entries)
	}
}

func TestAFullDiskIsToldAndLeavesTheOldFile(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(folder, 0)
	g.write(folder+"/file", "kept")
	answer := g.open("write", fields{"path": folder + "/file"}, make([]byte, 200_000)).answer()
	if answer["code"] != "DISK_FULL" {
		t.Fatalf("%v", answer)
	}
	entries, _ := os.ReadDir(folder)
	text, _ := os.ReadFile(folder + "/file")
	if string(text) != "kept" || len(entries) != 1 {
		t.Fatalf("%q %v", text, entries)
	}
}

func TestReadingSendsExactlyWhatItSays(t *testing.T) {
	g := startGuest(t)
	path := t.TempDir() + "/file"
	g.write(path, "0123456789")
	for _, each := range []struct {
		offset, length int
		want           string
	}{{0, 0, "0123456789"}, {3, 4, "3456"}, {8, 100, "89"}, {50, 0, ""}} {
		e := g.open("read", fields{"path": path, "offset": each.offset, "length": each.length}, nil)
		if got := e.bytes(e.answer()["size"]); got != each.want {
			t.Fatalf("%+v: %q", each, got)
		}
	}
	g.refused("read", fields{"path": path, "limit": 5}, "TOO_LARGE")
	g.refused("read", fields{"path": path + "x"}, "PATH_NOT_FOUND")
	g.refused("read", fields{"path": filepath.Dir(path)}, "NOT_A_FILE")
}

func TestListingsAreOrderedAndBounded(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	for _, name := range []string{"b/two", "b/one", "a", "c"} {
		g.write(folder+"/"+name, "x")
	}
	if err := os.Symlink("/", folder+"/d"); err != nil {
		t.Fatal(err)
	}
	list := func(arguments fields) (names []string, cut bool) {
		answer := g.call("list", arguments)
		for _, entry := range answer["entries"].([]any) {
			names = append(names, strings.TrimPrefix(entry.(map[string]any)["path"].(string), folder+"/"))
		}
		return names, answer["cut"].(bool)
	}
	if names, cut := list(fields{"path": folder, "depth": 9}); strings.Join(names, " ") != "a b b/one b/two c d" || cut {
		t.Fatalf("%v %v", names, cut)
	}
	if names, cut := list(fields{"path": folder, "depth": 9, "limit": 3}); strings.Join(names, " ") != "a b b/one" || !cut {
		t.Fatalf("%v %v", names, cut)
	}
	g.refused("list", fields{"path": folder, "depth": 33}, "INVALID_REQUEST")
	g.refused("list", fields{"path": folder + "/a"}, "NOT_A_DIRECTORY")
}

func TestMovesAndCopiesDoNotReplaceUnasked(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/tree/one", "1")
	g.write(folder+"/tree/deep/two", "2")
	g.write(folder+"/other", "other")
	g.refused("move", fields{"from": folder + "/tree/one", "to": folder + "/other"}, "ALREADY_EXISTS")
	g.refused("copy", fields{"from": folder + "/tree/one", "to": folder + "/other"}, "ALREADY_EXISTS")
	g.refused("copy", fields{"from": folder + "/none", "to": folder + "/new"}, "PATH_NOT_FOUND")
	g.call("copy", fields{"from": folder + "/tree", "to": folder + "/copies/tree"})
	g.call("copy", fields{"from": folder + "/tree", "to": folder + "/copies/tree", "overwrite": true})
	g.call("move", fields{"from": folder + "/copies/tree/deep/two", "to": folder + "/other", "overwrite": true})
	if text, _ := os.ReadFile(folder + "/other"); string(text) != "2" {
		t.Fatalf("%q", text)
	}
	entries, _ := os.ReadDir(folder + "/copies")
	if len(entries) != 1 {
		t.Fatalf("%v", entries)
	}
	g.refused("remove", fields{"path": folder + "/tree"}, "NOT_EMPTY")
	g.call("remove", fields{"path": folder + "/tree", "recursive": true})
	g.refused("remove", fields{"path": folder + "/tree"}, "PATH_NOT_FOUND")
	g.refused("mkdir", fields{"path": folder + "/x/y"}, "PATH_NOT_FOUND")
	g.call("mkdir", fields{"path": folder + "/x/y", "parents": true, "mode": 0o700})
	g.call("mkdir", fields{"path": folder + "/x/y", "parents": true})
	g.refused("mkdir", fields{"path": folder + "/x/y"}, "ALREADY_EXISTS")
}

// unchunk reads a chunked stream to its end.
func (e *exchange) unchunk() []byte {
	e.t.Helper()
	var whole bytes.Buffer
	for {
		var head [4]byte
		if _, err := io.ReadFull(e.in, head[:]); err != nil {
			e.t.Fatal(err)
		}
		size := binary.BigEndian.Uint32(head[:])
		if size == 0 {
			return whole.Bytes()
		}
		if _, err := io.CopyN(&whole, e.in, int64(size)); err != nil {
			e.t.Fatal(err)
		}
	}
}

func TestAFileKeepsWhatItWasGivenBesideItsContent(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	given := fields{"owner": "me", "ü": ""}
	if answer := g.open("write", fields{"path": folder + "/f", "attributes": given}, []byte("x")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	look := func() any {
		t.Helper()
		return g.call("stat", fields{"path": folder + "/f", "attributes": true})["info"].(map[string]any)["attributes"]
	}
	if found, _ := look().(map[string]any); len(found) != 2 || found["owner"] != "me" || found["ü"] != "" {
		t.Fatal(found)
	}
	listed := g.call("list", fields{"path": folder, "attributes": true})["entries"].([]any)
	if found, _ := listed[0].(map[string]any)["attributes"].(map[string]any); len(found) != 2 {
		t.Fatal(listed)
	}
	if found := g.call("stat", fields{"path": folder + "/f"})["info"].(map[string]any)["attributes"]; found != nil {
		t.Fatal(found)
	}
	g.write(folder+"/f", "new")
	if found := look(); found != nil {
		t.Fatal(found)
	}
	for want, wrong := range map[string]fields{
		"TOO_LARGE": {"a": strings.Repeat("x", 4000)}, "INVALID_REQUEST": {"": "x"},
	} {
		g.refused("write", fields{"path": folder + "/f", "body": 0, "attributes": wrong}, want)
	}
}

func TestAnArchiveHoldsTreesAndNothingSpecial(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/app/src/main", "code")
	g.write(folder+"/notes", "text")
	if err := unix.Mkfifo(folder+"/app/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", folder+"/app/link"); err != nil {
		t.Fatal(err)
	}
	e := g.open("archive", fields{"paths": []string{folder + "/app", folder + "/notes"}}, nil)
	if answer := e.answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	plain, err := gzip.NewReader(bytes.NewReader(e.unchunk()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(archive)
		names = append(names, header.Name+"="+string(content)+header.Linkname)
	}
	if strings.Join(names, " ") != "app/= app/link=/etc/passwd app/src/= app/src/main=code notes=text" {
		t.Fatalf("%v", names)
	}
}

func TestAWatchTellsWhatChanges(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	e := g.open("watch", fields{"path": folder, "recursive": true}, nil)
	if answer := e.answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	expect := func(want string) {
		t.Helper()
		line, err := e.in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Event, Path, OldPath string
			Old                  string `json:"old_path"`
		}
		_ = json.Unmarshal([]byte(line), &got)
		text := strings.TrimSpace(strings.ReplaceAll(got.Event+" "+got.Path+" "+got.Old, folder, ""))
		if text != want {
			t.Fatalf("%q where %q was due", text, want)
		}
	}
	g.write(folder+"/file", "1")
	expect("created /file")
	g.write(folder+"/file", "2")
	expect("modified /file")
	g.call("move", fields{"from": folder + "/file", "to": folder + "/moved"})
	expect("renamed /moved /file")
	g.call("mkdir", fields{"path": folder + "/sub"})
	expect("created /sub")
	g.write(folder+"/sub/inner", "x")
	expect("created /sub/inner")
	g.call("move", fields{"from": folder + "/sub", "to": folder + "/new"})
	expect("renamed /new /sub")
	g.write(folder+"/new/more", "x")
	expect("created /new/more")
	g.call("move", fields{"from": folder + "/moved", "to": t.TempDir() + "/away"})
	expect("deleted /moved")
	g.call("remove", fields{"path": folder + "/new", "recursive": true})
	for range 3 {
		line, err := e.in.ReadString('\n')
		if err != nil || !strings.Contains(line, "deleted") {
			t.Fatalf("%q %v", line, err)
		}
	}
}

func TestPortsAreListedAndReached(t *testing.T) {
	g := startGuest(t)
	for network, address := range map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"} {
		listener, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			conn, err := listener.Accept()
			if err == nil {
				_, _ = io.Copy(conn, conn)
				conn.Close()
			}
		}()
		port := listener.Addr().(*net.TCPAddr).Port
		found := false
		for _, each := range g.call("ports", nil)["ports"].([]any) {
			view := each.(map[string]any)
			if view["port"] == float64(port) {
				found = view["loopback_only"] == true && view["pid"] == float64(os.Getpid())
			}
		}
		if !found {
			t.Fatalf("%s %d is not listed", network, port)
		}
		e := g.open("forward", fields{"port": port}, nil)
		if answer := e.answer(); answer["ok"] != true {
			t.Fatal(answer)
		}
		_, _ = io.WriteString(e.conn, "hello")
		_ = e.conn.CloseWrite()
		if echo, _ := io.ReadAll(e.in); string(echo) != "hello" {
			t.Fatalf("%q", echo)
		}
	}
	g.refused("forward", fields{"port": 1}, "REFUSED")
	g.refused("forward", fields{"port": 70000}, "INVALID_REQUEST")
}

func TestPagesOfAListingAreTogetherTheWholeOfIt(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	for _, name := range []string{"a.b", "a/c", "a/c/d", "a/\xff", "a/\xff\xfe/x", "b/empty", "c-d/e", "c/e", "\xfe", "é"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name, "file"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, depth := range []int{1, 2, 32} {
		whole := g.call("list", fields{"path": folder, "depth": depth})
		if whole["cut"] != false || whole["next"] != nil {
			t.Fatal(whole)
		}
		for _, limit := range []int{1, 2, 5} {
			var all []any
			after, ended := "", false
			for range 100 {
				page := g.call("list", fields{"path": folder, "depth": depth, "limit": limit, "after": after})
				all = append(all, page["entries"].([]any)...)
				if page["cut"] == false {
					ended = true
					break
				}
				after = page["next"].(string)
			}
			if want, got := len(whole["entries"].([]any)), len(all); !ended || want != got {
				t.Fatalf("depth %d, limit %d: %d of %d", depth, limit, got, want)
			}
			if !reflect.DeepEqual(all, whole["entries"]) {
				t.Fatalf("depth %d, limit %d: %v", depth, limit, all)
			}
		}
	}
}

func TestAListingGoesOnAfterAnEntryThatIsGone(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		g.write(folder+"/"+name+"/file", "x")
	}
	page := g.call("list", fields{"path": folder, "depth": 2, "limit": 4})
	if err := os.RemoveAll(folder + "/b"); err != nil {
		t.Fatal(err)
	}
	rest := g.call("list", fields{"path": folder, "depth": 2, "after": page["next"]})["entries"].([]any)
	if len(rest) != 2 || rest[0].(map[string]any)["path"] != folder+"/c" {
		t.Fatal(rest)
	}
	for _, bad := range []string{"/", "a=b", strings.Repeat("A", 6000)} {
		g.refused("list", fields{"path": folder, "after": bad}, "INVALID_REQUEST")
	}
	for _, harmless := range []string{"Li4vLi4vZXRj", "AA"} { // ../../etc, NUL
		if answer := g.call("list", fields{"path": folder, "after": harmless}); answer["ok"] != true {
			t.Fatal(answer)
		}
	}
}
