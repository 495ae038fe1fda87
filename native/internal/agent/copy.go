package agent

import (
	"errors"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

func (s *Server) copy(c *call) error {
	return onFileBy(c, lengthy[fileInfo], func(request *moveRequest) (fileInfo, error) {
		from, to, err := request.ends()
		if err != nil {
			return fileInfo{}, err
		}
		if err := makeParents(to); err != nil {
			return fileInfo{}, err
		}
		if err := copyTree(from, to, request.Overwrite); err != nil {
			return fileInfo{}, err
		}
		return inspect(to, false)
	})
}

// copyTree makes the copy under another name and moves it into place when it is complete.
func copyTree(from, to string, overwrite bool) error {
	temporary := freshName(to)
	if existing, err := inspect(to, false); err == nil {
		if !overwrite {
			return unix.EEXIST
		}
		source, err := inspect(from, false)
		if err != nil {
			return err
		}
		if existing.Type == "directory" && source.Type != "directory" {
			return fail("NOT_A_FILE", "the target is a directory")
		}
		if err := refuseMounts(to); err != nil {
			return err
		}
		temporary = temporaryName(to)
	}
	if err := copyOne(from, temporary, 0); err != nil {
		os.RemoveAll(temporary)
		return err
	}
	err := renameHere(temporary, to, overwrite)
	if overwrite && (errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTDIR)) {
		err = displace(temporary, to)
	}
	if err != nil {
		os.RemoveAll(temporary)
	}
	return err
}

func copyOne(from, to string, depth int) error {
	if depth > 256 {
		return fail("INVALID_PATH", "the tree is too deep")
	}
	var status unix.Stat_t
	if err := unix.Lstat(from, &status); err != nil {
		return err
	}
	var err error
	switch status.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		err = copyFile(from, to)
	case unix.S_IFDIR:
		err = copyFolder(from, to, depth)
	case unix.S_IFLNK:
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	default:
		return fail("SPECIAL_FILE", "devices, FIFOs and sockets are not copied")
	}
	if err != nil {
		return err
	}
	return keepAttributes(to, &status)
}

func keepAttributes(name string, status *unix.Stat_t) error {
	if err := unix.Lchown(name, int(status.Uid), int(status.Gid)); err != nil {
		return err
	}
	if status.Mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Chmod(name, status.Mode&0o7777); err != nil {
			return err
		}
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, name, []unix.Timespec{status.Atim, status.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

func copyFolder(from, to string, depth int) error {
	if err := unix.Mkdir(to, 0o700); err != nil {
		return err
	}
	file, err := openFile(from, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW)
	if err != nil {
		return err
	}
	defer file.Close()
	for {
		batch, err := file.Readdirnames(256)
		for _, name := range batch {
			if err := copyOne(path.Join(from, name), path.Join(to, name), depth+1); err != nil {
				return err
			}
		}
		if err == io.EOF || (err == nil && len(batch) == 0) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func copyFile(from, to string) error {
	source, _, err := openRegular(from, false)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Close()
}
