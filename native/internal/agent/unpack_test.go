package agent_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type tarred struct {
	name, content, link string
	kind                byte
}

func tarOf(t *testing.T, entries ...tarred) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	for _, each := range entries {
		kind := each.kind
		if kind == 0 {
			kind = tar.TypeReg
		}
		header := &tar.Header{Name: each.name, Typeflag: kind, Linkname: each.link, Mode: 0o640, Size: int64(len(each.content))}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(each.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range names {
		file, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			_, err = file.Write([]byte("of " + name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func gzipped(data []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(data)
	_ = writer.Close()
	return packed.Bytes()
}

func TestArchivesAreUnpacked(t *testing.T) {
	g := startGuest(t)
	plain := tarOf(t,
		tarred{name: "./", kind: tar.TypeDir}, tarred{name: "a/b", content: "one"}, tarred{name: "a/b", content: "two"},
		tarred{name: "link", kind: tar.TypeSymlink, link: "/etc/passwd"}, tarred{name: "second", kind: tar.TypeLink, link: "a/b"},
		tarred{name: "fifo", kind: tar.TypeFifo}, tarred{name: "null", kind: tar.TypeChar}, tarred{name: "empty/", kind: tar.TypeDir})
	for kind, packed := range map[string][]byte{"tar": plain, "tar.gz": gzipped(plain)} {
		folder := t.TempDir() + "/new/" + kind
		answer := g.open("unpack", fields{"path": folder}, packed).answer()
		if info, _ := answer["info"].(map[string]any); answer["ok"] != true || info["size"] != 5.0 || info["path"] != folder {
			t.Fatal(kind, answer)
		}
		for _, name := range []string{"/a/b", "/second"} {
			if content, err := os.ReadFile(folder + name); err != nil || string(content) != "two" {
				t.Fatal(kind, name, string(content), err)
			}
		}
		if status, err := os.Stat(folder + "/a/b"); err != nil || status.Mode().Perm() != 0o640 {
			t.Fatal(status, err)
		}
		if target, _ := os.Readlink(folder + "/link"); target != "/etc/passwd" {
			t.Fatal(target)
		}
		for _, name := range []string{"/fifo", "/null"} {
			if _, err := os.Lstat(folder + name); err == nil {
				t.Fatal(name, "was made")
			}
		}
	}
	folder := t.TempDir()
	if answer := g.open("unpack", fields{"path": folder}, zipOf(t, "x/y", "ü", "d/")).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if content, _ := os.ReadFile(folder + "/x/y"); string(content) != "of x/y" {
		t.Fatal(string(content))
	}
	if left, _ := filepath.Glob(folder + "/.atoll-*"); len(left) != 0 {
		t.Fatal(left)
	}
}

func TestNothingOfAnArchiveLeavesItsFolder(t *testing.T) {
	g := startGuest(t)
	above := t.TempDir()
	outside := above + "/outside"
	if err := os.Mkdir(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	link := tarred{name: "way", kind: tar.TypeSymlink, link: outside}
	for want, archives := range map[string][][]byte{
		"INVALID_PATH": {
			tarOf(t, tarred{name: "../outside/x", content: "x"}), tarOf(t, tarred{name: outside + "/x", content: "x"}),
			tarOf(t, tarred{name: "a/../../outside/x", content: "x"}),
			tarOf(t, tarred{name: "x", kind: tar.TypeLink, link: "../outside/kept"}),
			tarOf(t, tarred{name: strings.Repeat("n", 300), content: "x"}),
			tarOf(t, tarred{name: strings.Repeat("d/", 200) + "x", content: "x"}),
			zipOf(t, "fine", "../outside/x"), zipOf(t, "/outside/x"), zipOf(t, "fine", "..\\outside\\x"),
		},
		"NOT_A_DIRECTORY": {
			tarOf(t, link, tarred{name: "way/x", content: "x"}), tarOf(t, link, tarred{name: "way/d/", kind: tar.TypeDir}),
			tarOf(t, link, tarred{name: "way/l", kind: tar.TypeSymlink, link: "x"}),
			tarOf(t, link, tarred{name: "way", kind: tar.TypeDir}),
			tarOf(t, link, tarred{name: "x", kind: tar.TypeLink, link: "way/kept"}),
			tarOf(t, tarred{name: "f", content: "x"}, tarred{name: "f/x", content: "x"}),
		},
		"NOT_A_FILE": {
			tarOf(t, tarred{name: "d/", kind: tar.TypeDir}, tarred{name: "d", content: "x"}),
			tarOf(t, link, tarred{name: "x", kind: tar.TypeLink, link: "way"}),
		},
		"INVALID_REQUEST": {
			{}, []byte("no archive at all, and long enough to be one: " + strings.Repeat("x", 1000)), []byte("PK\x03\x04 broken"),
			gzipped([]byte("not a tar"))[:20], tarOf(t, tarred{name: "a", content: strings.Repeat("x", 5000)})[:3000],
		},
	} {
		for n, packed := range archives {
			g.write(outside+"/kept", "kept")
			folder := above + "/folder"
			answer := g.open("unpack", fields{"path": folder}, packed).answer()
			if answer["ok"] == true || answer["code"] != want {
				t.Errorf("%s %d: %v", want, n, answer)
			}
			if names, _ := os.ReadDir(outside); len(names) != 1 {
				t.Fatalf("%s %d: %v", want, n, names)
			}
			if content, _ := os.ReadFile(outside + "/kept"); string(content) != "kept" {
				t.Fatal(string(content))
			}
			if _, err := os.Stat(folder + "/fine"); err == nil {
				t.Error("a zip with one wrong name was begun")
			}
			_ = os.RemoveAll(folder)
		}
	}
	g.refused("unpack", fields{"path": "/proc/self", "body": 0}, "SPECIAL_FILE")
	// A link that is already there, of the file's name, is replaced and not followed.
	folder := t.TempDir()
	if err := os.Symlink(outside+"/kept", folder+"/x"); err != nil {
		t.Fatal(err)
	}
	if answer := g.open("unpack", fields{"path": folder}, tarOf(t, tarred{name: "x", content: "new"})).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if content, _ := os.ReadFile(outside + "/kept"); string(content) != "kept" {
		t.Fatal(string(content))
	}
}

func TestABackslashInATarIsALetterOfAName(t *testing.T) {
	g := startGuest(t)
	above := t.TempDir()
	packed := tarOf(t, tarred{name: "..\\x", content: "one"}, tarred{name: "d/second\\", kind: tar.TypeLink, link: "..\\x"})
	if answer := g.open("unpack", fields{"path": above + "/folder"}, packed).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	for _, name := range []string{"/folder/..\\x", "/folder/d/second\\"} {
		if content, err := os.ReadFile(above + name); string(content) != "one" {
			t.Fatal(name, err)
		}
	}
}

func TestAnArchiveThatBreaksOffLeavesWhatWasThere(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	kept := func(name string) {
		t.Helper()
		status, err := os.Stat(folder + name)
		if err != nil || status.Mode().Perm() != 0o604 {
			t.Fatal(status, err)
		}
		if content, err := os.ReadFile(folder + name); err != nil || string(content) != "kept" {
			t.Fatal(len(content), err)
		}
		if left, _ := filepath.Glob(folder + "/.atoll-*"); len(left) != 0 {
			t.Fatal(left)
		}
	}
	g.write(folder+"/old", "kept")
	if err := os.Chmod(folder+"/old", 0o604); err != nil {
		t.Fatal(err)
	}
	whole := tarOf(t, tarred{name: "old", content: strings.Repeat("x", 300<<10)})
	for _, part := range [][]byte{whole[:200<<10], gzipped(whole)[:200]} {
		if answer := g.open("unpack", fields{"path": folder}, part).answer(); answer["code"] != "INVALID_REQUEST" {
			t.Fatal(answer)
		}
		kept("/old")
	}
	missing := tarOf(t, tarred{name: "old", kind: tar.TypeLink, link: "nothing"})
	if answer := g.open("unpack", fields{"path": folder}, missing).answer(); answer["code"] != "PATH_NOT_FOUND" {
		t.Fatal(answer)
	}
	kept("/old")
	// A second name that is there already is no other file.
	if err := os.Link(folder+"/old", folder+"/second"); err != nil {
		t.Fatal(err)
	}
	same := tarOf(t, tarred{name: "second", kind: tar.TypeLink, link: "old"})
	if answer := g.open("unpack", fields{"path": folder}, same).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	kept("/second")
}

func TestASearchFindsNamesAndLines(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	g.write(folder+"/a/one.go", "package one\n// Needle here\nneedle again needle\n")
	g.write(folder+"/b/two.txt", strings.Repeat("x", 300<<10)+"needle"+strings.Repeat("ü", 500)+"\nlast needle")
	g.write(folder+"/b/binary", "needle\x00needle")
	if err := os.Symlink("/", folder+"/b/round"); err != nil {
		t.Fatal(err)
	}
	find := func(arguments fields) []string {
		t.Helper()
		arguments["path"] = folder
		if _, set := arguments["limit"]; !set {
			arguments["limit"] = 100
		}
		var found []string
		for _, each := range g.call("search", arguments)["matches"].([]any) {
			match := each.(map[string]any)
			path := strings.TrimPrefix(match["info"].(map[string]any)["path"].(string), folder+"/")
			if line, set := match["line"].(float64); set {
				text := match["text"].(string)
				if len(text) > 310 || !strings.Contains(strings.ToLower(text), "needle") {
					t.Fatalf("%d bytes: %s", len(text), text)
				}
				path += ":" + string(rune('0'+int(line)))
			}
			found = append(found, path)
		}
		return found
	}
	same := func(found []string, want string) {
		t.Helper()
		if strings.Join(found, " ") != want {
			t.Errorf("want %s, got %v", want, found)
		}
	}
	same(find(fields{"name": "*.go"}), "a/one.go")
	same(find(fields{"name": "?"}), "a b")
	same(find(fields{"name": "ROUND", "ignore_case": true}), "b/round")
	same(find(fields{"text": "needle"}), "a/one.go:3 b/two.txt:1 b/two.txt:2")
	same(find(fields{"text": "NEEDLE", "ignore_case": true}), "a/one.go:2 a/one.go:3 b/two.txt:1 b/two.txt:2")
	same(find(fields{"text": "needle", "name": "*.txt"}), "b/two.txt:1 b/two.txt:2")
	same(find(fields{"text": "needle", "limit": 1}), "a/one.go:3")
	for _, wrong := range []fields{{}, {"name": "["}, {"name": "x", "limit": 0}, {"text": "a\nb"}, {"text": strings.Repeat("x", 2000)}} {
		wrong["path"] = folder
		if _, set := wrong["limit"]; !set {
			wrong["limit"] = 10
		}
		g.refused("search", wrong, "INVALID_REQUEST")
	}
	g.refused("search", fields{"path": folder + "/nothing", "name": "x", "limit": 1}, "PATH_NOT_FOUND")
	g.refused("search", fields{"path": "/proc", "name": "x", "limit": 1}, "SPECIAL_FILE")
}
