package agent_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"
)

func packedTree(t *testing.T, g *guest) string {
	t.Helper()
	folder := t.TempDir()
	g.write(folder+"/app/src/main", strings.Repeat("code", 50_000))
	g.write(folder+"/app/ü", "")
	g.write(folder+"/app/tool", "tool")
	for name, mode := range map[string]os.FileMode{"/app/tool": 0o751 | os.ModeSetuid, "/app/src": 0o750} {
		if err := os.Chmod(folder+name, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../no where", folder+"/app/link"); err != nil {
		t.Fatal(err)
	}
	return folder
}

func (g *guest) packed(format string, paths ...string) []byte {
	g.t.Helper()
	e := g.open("archive-as", fields{"paths": paths, "format": format}, nil)
	if answer := e.answer(); answer["ok"] != true {
		g.t.Fatal(answer)
	}
	return e.unchunk()
}

func TestAnArchiveComesBackInEveryFormat(t *testing.T) {
	g := startGuest(t)
	folder := packedTree(t, g)
	for _, format := range []string{"tar.gz", "tar", "zip"} {
		back := t.TempDir() + "/back"
		answer := g.open("unpack", fields{"path": back}, g.packed(format, folder+"/app")).answer()
		if info, _ := answer["info"].(map[string]any); answer["ok"] != true || info["size"] != 6.0 {
			t.Fatal(format, answer)
		}
		if content, _ := os.ReadFile(back + "/app/src/main"); string(content) != strings.Repeat("code", 50_000) {
			t.Fatal(format, len(content))
		}
		tool := 0o751 | os.ModeSetuid
		if format == "zip" {
			// It names no owner whose program this would be.
			tool = 0o751
		}
		for name, want := range map[string]os.FileMode{"/app/tool": tool, "/app/src": 0o750 | os.ModeDir} {
			if status, err := os.Stat(back + name); err != nil || status.Mode() != want {
				t.Fatal(format, name, status.Mode(), err)
			}
		}
		if target, err := os.Readlink(back + "/app/link"); target != "../no where" {
			t.Fatal(format, target, err)
		}
	}
	g.refused("archive-as", fields{"paths": []string{folder}, "format": "rar"}, "INVALID_REQUEST")
	g.refused("archive-as", fields{"paths": []string{folder}}, "INVALID_REQUEST")
}

func TestAZipIsWrittenAsItComesAndSaysWhatItHolds(t *testing.T) {
	g := startGuest(t)
	folder := packedTree(t, g)
	packed := g.packed("zip", folder+"/app")
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range archive.File {
		if !each.Mode().IsDir() && each.Flags&8 == 0 {
			t.Errorf("%s has its size before its content", each.Name)
		}
		if each.Name == "app/src/main" && each.CompressedSize64 > each.UncompressedSize64/10 {
			t.Errorf("%d bytes are packed as %d", each.UncompressedSize64, each.CompressedSize64)
		}
	}
}

func TestATarWithoutItsEndIsRefused(t *testing.T) {
	g := startGuest(t)
	whole := tarOf(t, tarred{name: "d/", kind: tar.TypeDir}, tarred{name: "zeros", content: strings.Repeat("\x00", 1024)},
		tarred{name: "fifo", kind: tar.TypeFifo})
	unpack := func(packed []byte) map[string]any {
		return g.open("unpack", fields{"path": t.TempDir()}, packed).answer()
	}
	// One block at the end is enough, and so is one that fills a record.
	for _, fine := range [][]byte{whole, whole[:len(whole)-512], append(bytes.Clone(whole), make([]byte, 8192)...), make([]byte, 1024)} {
		for _, packed := range [][]byte{fine, gzipped(fine)} {
			if answer := unpack(packed); answer["ok"] != true {
				t.Error(len(fine), answer)
			}
		}
	}
	for _, cut := range []int{512, 512 + 512, 512 + 512 + 1024, 512 + 512 + 1024 + 512} {
		for _, packed := range [][]byte{whole[:cut], gzipped(whole[:cut])} {
			if answer := unpack(packed); answer["ok"] == true || answer["code"] != "INVALID_REQUEST" {
				t.Error(cut, answer)
			}
		}
	}
	// A long name is an entry before the entry.
	long := tarOf(t, tarred{name: strings.Repeat("n/", 150) + "x", content: "x"})
	if answer := unpack(long[:1024]); answer["code"] != "INVALID_REQUEST" {
		t.Error(answer)
	}
	packed := gzipped(whole)
	packed[len(packed)-5] ^= 1
	if answer := unpack(packed); answer["code"] != "INVALID_REQUEST" {
		t.Error("a wrong checksum", answer)
	}
	if answer := unpack(packed[:len(packed)-6]); answer["code"] != "INVALID_REQUEST" {
		t.Error("a missing checksum", answer)
	}
	if answer := unpack(gzipped(append(bytes.Clone(whole), make([]byte, 65<<20)...))); answer["code"] != "INVALID_REQUEST" {
		t.Error("much behind it", answer)
	}
}

func TestATarMayBeginLikeAZip(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	if answer := g.open("unpack", fields{"path": folder}, tarOf(t, tarred{name: "PKGBUILD", content: "x"})).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	var empty bytes.Buffer
	if err := zip.NewWriter(&empty).Close(); err != nil {
		t.Fatal(err)
	}
	if answer := g.open("unpack", fields{"path": folder}, empty.Bytes()).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
}

func TestALinkThatWasNamedItselfIsFollowed(t *testing.T) {
	g := startGuest(t)
	folder := packedTree(t, g)
	for name, target := range map[string]string{"/folder": "app", "/file": "app/tool", "/nowhere": "none"} {
		if err := os.Symlink(target, folder+name); err != nil {
			t.Fatal(err)
		}
	}
	back := t.TempDir()
	packed := g.packed("tar.gz", folder+"/folder", folder+"/file", folder+"/nowhere")
	if answer := g.open("unpack", fields{"path": back}, packed).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	if content, err := os.ReadFile(back + "/folder/tool"); string(content) != "tool" {
		t.Fatal(string(content), err)
	}
	if status, err := os.Lstat(back + "/file"); err != nil || !status.Mode().IsRegular() {
		t.Fatal(status, err)
	}
	for name, want := range map[string]string{"/nowhere": "none", "/folder/link": "../no where"} {
		if target, err := os.Readlink(back + name); target != want {
			t.Fatal(name, target, err)
		}
	}
}
