package agent

import (
	"errors"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// displace gives a complete copy the name of a directory that is not empty, or of something of another kind. At
// every moment one of the two has the name; only where the file system cannot exchange them there is one between.
func displace(temporary, to string) error {
	if err := refuseMounts(to); err != nil {
		return err
	}
	err := unix.Renameat2(unix.AT_FDCWD, temporary, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE)
	if err == nil {
		return os.RemoveAll(temporary)
	}
	if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOSYS) {
		return err
	}
	aside := temporaryName(to)
	if err := unix.Rename(to, aside); err != nil {
		return err
	}
	if err := unix.Rename(temporary, to); err != nil {
		_ = unix.Rename(aside, to)
		return err
	}
	return os.RemoveAll(aside)
}

// refuseMounts refuses a directory that is a mount or holds one: to replace it would empty the mount, which may be
// a volume that others have too.
func refuseMounts(name string) error {
	var status unix.Stat_t
	if err := unix.Lstat(name, &status); err != nil {
		return err
	}
	if status.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	folder, err := physical(name)
	if err != nil {
		return err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if words := strings.Fields(line); len(words) > 4 && holds(folder, unescaped(words[4])) {
			return fail("BUSY", "a mount is at or below the target")
		}
	}
	return nil
}

// unescaped is a path of mountinfo, which has blanks and backslashes as \ooo.
func unescaped(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// holds is true of a directory and itself or what is below it; both are clean paths.
func holds(folder, name string) bool {
	return name == folder || folder == "/" || strings.HasPrefix(name, folder+"/")
}

// resolved is where a name really is: without links in the directories above, as far as those are there. A link of
// that name itself is not followed.
func resolved(name string) (string, error) {
	above, rest := path.Dir(name), path.Base(name)
	for {
		folder, err := physical(above)
		if err == nil {
			return path.Join(folder, rest), nil
		}
		if above == "/" || !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) {
			return "", err
		}
		above, rest = path.Dir(above), path.Join(path.Base(above), rest)
	}
}
