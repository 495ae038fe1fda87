package agent_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"
)

func tarWith(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	for _, each := range headers {
		each.Format = tar.FormatGNU
		if err := archive.WriteHeader(&each); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func zipWith(t *testing.T, headers ...zip.FileHeader) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, each := range headers {
		if _, err := archive.CreateHeader(&each); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func unpacked(t *testing.T, packed []byte) string {
	t.Helper()
	folder := t.TempDir()
	if answer := startGuest(t).open("unpack", fields{"path": folder}, packed).answer(); answer["ok"] != true {
		t.Fatal(answer)
	}
	return folder
}

func modes(t *testing.T, folder string, want map[string]fs.FileMode) {
	t.Helper()
	for name, mode := range want {
		if status, err := os.Lstat(folder + "/" + name); err != nil || status.Mode() != mode {
			t.Errorf("%s: want %v, got %v %v", name, mode, status.Mode(), err)
		}
	}
}

func TestWhatRanAsSomebodyElseDoesNotRunAsRootOnceItIsUnpacked(t *testing.T) {
	const runsAs = fs.ModeSetuid | fs.ModeSetgid
	uid, gid := os.Getuid(), os.Getgid()
	folder := unpacked(t, tarWith(t,
		tar.Header{Name: "own", Typeflag: tar.TypeReg, Mode: 0o6755, Uid: uid, Gid: gid},
		// What the kernel takes for "as it is", and what is nobody's number at all.
		tar.Header{Name: "kept", Typeflag: tar.TypeReg, Mode: 0o6755, Uid: 1<<32 - 1, Gid: gid},
		tar.Header{Name: "group", Typeflag: tar.TypeReg, Mode: 0o6755, Uid: uid, Gid: 1<<32 - 1},
		tar.Header{Name: "long", Typeflag: tar.TypeReg, Mode: 0o6755, Uid: 1<<32 + uid, Gid: gid},
		tar.Header{Name: "nobody", Typeflag: tar.TypeReg, Mode: 0o6755, Uid: -5, Gid: gid},
		tar.Header{Name: "folder/", Typeflag: tar.TypeDir, Mode: 0o2775, Uid: -5, Gid: gid}))
	modes(t, folder, map[string]fs.FileMode{
		"own": 0o755 | runsAs, "kept": 0o755, "group": 0o755, "long": 0o755, "nobody": 0o755,
		"folder": 0o775 | fs.ModeDir | fs.ModeSetgid,
	})
	// A zip tells no owner.
	program := zip.FileHeader{Name: "program"}
	program.SetMode(0o755 | runsAs | fs.ModeSticky)
	modes(t, unpacked(t, zipWith(t, program)), map[string]fs.FileMode{"program": 0o755 | fs.ModeSticky})
}

func TestWhatNobodyMayReadStaysSoAndOnlyAZipMayKeepQuiet(t *testing.T) {
	modes(t, unpacked(t, tarWith(t,
		tar.Header{Name: "secret", Typeflag: tar.TypeReg}, tar.Header{Name: "closed/", Typeflag: tar.TypeDir})),
		map[string]fs.FileMode{"secret": 0, "closed": fs.ModeDir})
	const byUnix = 3 << 8
	secret, closed := zip.FileHeader{Name: "secret"}, zip.FileHeader{Name: "closed/"}
	secret.SetMode(0)
	closed.SetMode(fs.ModeDir)
	modes(t, unpacked(t, zipWith(t, secret, closed,
		zip.FileHeader{Name: "quiet", CreatorVersion: byUnix}, zip.FileHeader{Name: "still/", CreatorVersion: byUnix},
		zip.FileHeader{Name: "other", CreatorVersion: 7 << 8, ExternalAttrs: 1 << 16})),
		map[string]fs.FileMode{
			"secret": 0, "closed": fs.ModeDir, "quiet": 0o644, "still": 0o755 | fs.ModeDir, "other": 0o644,
		})
}

func TestATimeThatIsFarAheadIsNotOneOfThePast(t *testing.T) {
	at := time.Date(2300, 1, 2, 3, 4, 5, 0, time.UTC)
	folder := unpacked(t, tarWith(t, tar.Header{Name: "late", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: at}))
	status, err := os.Stat(folder + "/late")
	if err != nil {
		t.Fatal(err)
	}
	// Some file systems end in 2446, and older ones in 2038.
	if got := status.Sys().(*syscall.Stat_t).Mtim.Sec; got != at.Unix() && got != 1<<31-1 {
		t.Fatal(time.Unix(got, 0).UTC())
	}
}
