package agent_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// manyBody is what follows the header of a write-many: paths and contents, and the end.
func manyBody(pairs ...string) []byte {
	return append(manyPart(pairs...), 0, 0, 0, 0)
}

func manyPart(pairs ...string) (body []byte) {
	for i := 0; i < len(pairs); i += 2 {
		header, _ := json.Marshal(fields{"path": pairs[i], "size": len(pairs[i+1])})
		body = binary.BigEndian.AppendUint32(body, uint32(len(header)))
		body = append(append(body, header...), pairs[i+1]...)
	}
	return body
}

func inChunks(body []byte) (chunks []byte) {
	for len(body) > 0 {
		part := body[:min(len(body), 1<<20)]
		chunks = append(binary.BigEndian.AppendUint32(chunks, uint32(len(part))), part...)
		body = body[len(part):]
	}
	return append(chunks, 0, 0, 0, 0)
}

func (g *guest) writeMany(atomic bool, body []byte) fields {
	g.t.Helper()
	return g.open("write-many", fields{"atomic": atomic, "body": -1}, inChunks(body)).answer()
}

// tree is all that is in a folder: files with their content, directories with a slash.
func tree(t *testing.T, folder string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(folder, func(name string, entry os.DirEntry, err error) error {
		if err != nil || name == folder {
			return err
		}
		text, _ := os.ReadFile(name)
		shown := strings.TrimPrefix(name, folder+"/") + "=" + string(text)
		if entry.IsDir() {
			shown = strings.TrimPrefix(name, folder+"/") + "/"
		}
		all = append(all, shown)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}

func expectTree(t *testing.T, folder, want string) {
	t.Helper()
	if got := tree(t, folder); got != want {
		t.Fatalf("%q instead of %q", got, want)
	}
}

func TestManyFilesAreWrittenAndThoseThatCannotBeAreTold(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	g.write(f+"/old", "old")
	if err := os.Chmod(f+"/old", 0o600); err != nil {
		t.Fatal(err)
	}
	answer := g.writeMany(false, manyBody(f+"/old", "new", f+"/old/below", "x", f+"/a/b/c", "abc", "/proc/version", "x",
		f+"/../up", "x", f+"/empty", "", f+"/twice", "1", f+"/twice", "2"))
	failed := answer["failed"].([]any)
	var codes []string
	for _, each := range failed {
		one := each.(map[string]any)
		codes = append(codes, fmt.Sprint(one["at"], one["code"]))
	}
	if strings.Join(codes, " ") != "1NOT_A_DIRECTORY 3SPECIAL_FILE 4INVALID_PATH" {
		t.Fatal(answer)
	}
	expectTree(t, f, "a/ a/b/ a/b/c=abc empty= old=new twice=2")
	if status, _ := os.Stat(f + "/old"); status.Mode().Perm() != 0o600 {
		t.Fatal(status.Mode())
	}
}

func TestManyFilesThatAreCutOffLeaveEverythingAsItWas(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	g.write(f+"/old", "old")
	whole := manyPart(f+"/old", "new", f+"/deep/er/file", "content", f+"/more", strings.Repeat("m", 300_000))
	for _, atomic := range []bool{false, true} {
		for _, body := range [][]byte{whole, whole[:len(whole)-1], whole[:30], whole[:2], manyPart(f+"/old", "new"), nil,
			append(manyBody(f+"/old", "new"), 1), append(whole, 255, 255, 255, 255), append(whole, 0, 0, 0, 2, '{', '}', 0, 0)} {
			if answer := g.writeMany(atomic, body); answer["ok"] == true || answer["code"] != "INVALID_REQUEST" && answer["code"] != "INVALID_PATH" {
				t.Fatalf("%d bytes: %v", len(body), answer)
			}
			expectTree(t, f, "old=old")
		}
		for _, sent := range [][]byte{inChunks(manyBody(f+"/old", "new"))[:40], append(binary.BigEndian.AppendUint32(nil, uint32(len(whole))), whole...)} {
			broken := g.open("write-many", fields{"atomic": atomic, "body": -1}, sent)
			_ = broken.conn.CloseWrite()
			_, _ = io.Copy(io.Discard, broken.in)
			expectTree(t, f, "old=old")
		}
	}
}

func TestAllOfManyFilesAreWrittenOrNone(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	g.write(f+"/old", "old")
	answer := g.writeMany(true, manyBody(f+"/old", "new", f+"/a/b", "ab", f+"/old/below", "x", f+"/z", "z"))
	if answer["code"] != "NOT_A_DIRECTORY" || !strings.HasPrefix(answer["message"].(string), f+"/old/below: ") {
		t.Fatal(answer)
	}
	expectTree(t, f, "old=old")
	// This one shows only when the files get their names: by then a is a directory.
	answer = g.writeMany(true, manyBody(f+"/old", "new", f+"/new", "1", f+"/new", "2", f+"/a", "a", f+"/a/b", "ab"))
	if answer["code"] != "NOT_A_FILE" || !strings.HasPrefix(answer["message"].(string), f+"/a: ") {
		t.Fatal(answer)
	}
	expectTree(t, f, "old=old")
	answer = g.writeMany(true, manyBody(f+"/old", "new", f+"/a/b", "ab", f+"/new", "1", f+"/new", "2"))
	if answer["ok"] != true || len(answer["failed"].([]any)) != 0 {
		t.Fatal(answer)
	}
	expectTree(t, f, "a/ a/b=ab new=2 old=new")
}

func TestAFileForWhichThereIsNoRoomDoesNotTakeTheOthersWithIt(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	if err := unix.Mount("tmpfs", f, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(f, 0)
	large := strings.Repeat("l", 200_000)
	answer := g.writeMany(false, manyBody(f+"/a", "a", f+"/large", large, f+"/b", "b"))
	failed := answer["failed"].([]any)
	if len(failed) != 1 || failed[0].(map[string]any)["code"] != "DISK_FULL" {
		t.Fatal(answer)
	}
	expectTree(t, f, "a=a b=b")
	if answer := g.writeMany(true, manyBody(f+"/a", "new", f+"/large", large, f+"/b", "new")); answer["code"] != "DISK_FULL" {
		t.Fatal(answer)
	}
	expectTree(t, f, "a=a b=b")
}

func TestTenThousandFilesAreWrittenAtOnceAndNotOneMore(t *testing.T) {
	g := startGuest(t)
	f := t.TempDir()
	var pairs []string
	for i := range 10_001 {
		pairs = append(pairs, fmt.Sprintf("%s/%d", f, i), "x")
	}
	if answer := g.writeMany(true, manyBody(pairs...)); answer["code"] != "TOO_LARGE" {
		t.Fatal(answer)
	}
	expectTree(t, f, "")
	if answer := g.writeMany(true, manyBody(pairs[2:]...)); answer["ok"] != true {
		t.Fatal(answer)
	}
	entries, _ := os.ReadDir(f)
	if len(entries) != 10_000 {
		t.Fatal(len(entries))
	}
}
