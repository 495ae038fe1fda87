package agent_test

import (
	"archive/tar"
	"os"
	"os/exec"
	"testing"
)

func TestSparseAndContiguousFilesOfATarAreUnpacked(t *testing.T) {
	g := startGuest(t)
	folder := t.TempDir()
	file, err := os.Create(folder + "/image")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, _ = file.WriteAt([]byte("begin"), 0)
	_, _ = file.WriteAt([]byte("end"), 3<<20)
	for _, format := range []string{"gnu", "pax"} {
		packed, err := exec.Command("tar", "-C", folder, "--sparse", "--format="+format, "-cf", "-", "image").Output()
		if err != nil {
			t.Fatal(err)
		}
		back := t.TempDir()
		answer := g.open("unpack", fields{"path": back}, packed).answer()
		content, _ := os.ReadFile(back + "/image")
		if answer["ok"] != true || len(content) != 3<<20+3 || string(content[:6]) != "begin\x00" || string(content[3<<20:]) != "end" {
			t.Fatal(format, answer, len(content))
		}
	}
	back := t.TempDir()
	answer := g.open("unpack", fields{"path": back}, tarOf(t, tarred{name: "contiguous", content: "whole", kind: tar.TypeCont})).answer()
	if content, _ := os.ReadFile(back + "/contiguous"); answer["ok"] != true || string(content) != "whole" {
		t.Fatal(answer, string(content))
	}
}
