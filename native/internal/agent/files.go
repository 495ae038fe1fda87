package agent

import (
	"errors"
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// fileInfo is a file as the protocol shows it.
type fileInfo struct {
	Path       string `json:"path"`
	Type       string `json:"type"` // file, directory, symlink, special
	Size       int64  `json:"size"`
	Mode       uint32 `json:"mode"`
	ModifiedMs int64  `json:"modified_unix_ms"`
	Uid        uint32 `json:"uid"`
	Gid        uint32 `json:"gid"`
	LinkTarget string `json:"link_target,omitempty"`
	// Attributes are there where they were asked for.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Version is there of a regular file that is looked at alone.
	Version string `json:"version,omitempty"`
}

type infoReply struct {
	OK   bool     `json:"ok"`
	Info fileInfo `json:"info"`
}

func describeFile(name string, status *unix.Stat_t) fileInfo {
	info := fileInfo{
		Path: name, Size: status.Size, Mode: status.Mode & 0o7777,
		ModifiedMs: status.Mtim.Sec*1000 + status.Mtim.Nsec/1e6, Uid: status.Uid, Gid: status.Gid,
	}
	switch status.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		info.Type = "file"
	case unix.S_IFDIR:
		info.Type = "directory"
	case unix.S_IFLNK:
		info.Type = "symlink"
		info.LinkTarget, _ = os.Readlink(name)
	default:
		info.Type = "special"
	}
	return info
}

// describeVersion also tells the file from what it was and will be. Whoever writes may set the time of that back, but
// not the time at which it was done.
func describeVersion(name string, status *unix.Stat_t) fileInfo {
	info := describeFile(name, status)
	if info.Type == "file" {
		info.Version = fmt.Sprintf("%x-%x-%x-%x", uint64(status.Ctim.Sec), uint64(status.Ctim.Nsec), status.Ino, uint64(status.Size))
	}
	return info
}

func inspect(name string, follow bool) (fileInfo, error) {
	var status unix.Stat_t
	if err := statusOf(name, follow, &status); err != nil {
		return fileInfo{}, err
	}
	return describeFile(name, &status), nil
}

func statusOf(name string, follow bool, status *unix.Stat_t) error {
	if follow {
		return unix.Stat(name, status)
	}
	return unix.Lstat(name, status)
}

// onFile decodes a request, does its work as a blocking call and answers the file that it leaves.
func onFile[T any](c *call, work func(request *T) (fileInfo, error)) error {
	return onFileBy(c, blocking[fileInfo], work)
}

func onFileBy[T any](c *call, wait func(func() (fileInfo, error)) (fileInfo, error), work func(*T) (fileInfo, error)) error {
	request := new(T)
	if err := c.decode(request); err != nil {
		return err
	}
	info, err := wait(func() (fileInfo, error) { return work(request) })
	if err != nil {
		return err
	}
	return c.reply(infoReply{OK: true, Info: info})
}

type statRequest struct {
	Path   string `json:"path"`
	Follow bool   `json:"follow"`
	// Attributes asks for those of the path itself.
	Attributes bool `json:"attributes"`
}

func (s *Server) stat(c *call) error {
	return onFile(c, func(request *statRequest) (fileInfo, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return fileInfo{}, err
		}
		var status unix.Stat_t
		if err := statusOf(name, request.Follow, &status); err != nil {
			c.reach(publishAfterLook)
			return fileInfo{}, err
		}
		info := describeVersion(name, &status)
		if request.Attributes {
			info.Attributes = attributes(name)
		}
		c.reach(publishAfterLook)
		return info, nil
	})
}

type mkdirRequest struct {
	Path    string `json:"path"`
	Parents bool   `json:"parents"`
	Mode    uint32 `json:"mode"`
	Owner   *owner `json:"owner"`
}

func (s *Server) mkdir(c *call) error {
	return onFile(c, func(request *mkdirRequest) (fileInfo, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return fileInfo{}, err
		}
		if err := refuseKernelFiles(name); err != nil {
			return fileInfo{}, err
		}
		if err := request.Owner.check(); err != nil {
			return fileInfo{}, err
		}
		mode := request.Mode & 0o7777
		if mode == 0 {
			mode = 0o755
		}
		if request.Parents {
			if isDirectory(name) {
				return inspect(name, true)
			}
			if err := request.Owner.makeParents(name); err != nil {
				return fileInfo{}, err
			}
		}
		if request.Owner != nil {
			if err := request.Owner.makeOne(name, mode); err != nil {
				return fileInfo{}, err
			}
			return inspect(name, false)
		}
		if err := unix.Mkdir(name, mode); err != nil {
			return fileInfo{}, err
		}
		if err := unix.Chmod(name, mode); err != nil {
			return fileInfo{}, err
		}
		return inspect(name, false)
	})
}

// makeParents makes the directories above a path.
func makeParents(name string) error {
	return os.MkdirAll(path.Dir(name), 0o755)
}

type removeRequest struct {
	Path      string `json:"path"`
	Recursive bool   `json:"recursive"`
}

func (s *Server) remove(c *call) error {
	var request removeRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if _, err := lengthy(func() (okay, error) { return okay{}, removePath(&request) }); err != nil {
		return err
	}
	return c.reply(okay{OK: true})
}

func removePath(request *removeRequest) error {
	name, err := cleanPath(request.Path)
	if err != nil {
		return err
	}
	if name == "/" {
		return fail("INVALID_PATH", "the root stays")
	}
	if err := refuseKernelFiles(name); err != nil {
		return err
	}
	var status unix.Stat_t
	if err := unix.Lstat(name, &status); err != nil {
		return err
	}
	if status.Mode&unix.S_IFMT != unix.S_IFDIR {
		return unix.Unlink(name)
	}
	if request.Recursive {
		return os.RemoveAll(name)
	}
	return unix.Rmdir(name)
}

type moveRequest struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Overwrite bool   `json:"overwrite"`
	// Owner is that of directories above To that are made.
	Owner *owner `json:"owner"`
}

// ends checks both paths of a move or copy: neither may hold the other.
func (r *moveRequest) ends() (from, to string, err error) {
	if from, err = cleanPath(r.From); err != nil {
		return "", "", err
	}
	if to, err = cleanPath(r.To); err != nil {
		return "", "", err
	}
	if holds(from, to) || holds(to, from) {
		return "", "", fail("INVALID_PATH", "one path holds the other")
	}
	// A link above either of them may lead into the other.
	realFrom, err := resolved(from)
	if err != nil {
		return "", "", err
	}
	realTo, err := resolved(to)
	if err != nil {
		return "", "", err
	}
	if holds(realFrom, realTo) || holds(realTo, realFrom) {
		return "", "", fail("INVALID_PATH", "one path holds the other")
	}
	if err = refuseKernelFiles(from); err != nil {
		return "", "", err
	}
	return from, to, refuseKernelFiles(to)
}

func (s *Server) move(c *call) error {
	return onFileBy(c, lengthy[fileInfo], func(request *moveRequest) (fileInfo, error) {
		from, to, err := request.ends()
		if err != nil {
			return fileInfo{}, err
		}
		if err := request.Owner.check(); err != nil {
			return fileInfo{}, err
		}
		if _, err := inspect(from, false); err != nil {
			return fileInfo{}, err
		}
		if err := request.Owner.makeParents(to); err != nil {
			return fileInfo{}, err
		}
		if err := rename(from, to, request.Overwrite); err != nil {
			return fileInfo{}, err
		}
		return inspect(to, false)
	})
}

func rename(from, to string, overwrite bool) error {
	err := renameHere(from, to, overwrite)
	if !errors.Is(err, unix.EXDEV) {
		return err
	}
	if err := copyTree(from, to, overwrite); err != nil {
		return err
	}
	return os.RemoveAll(from)
}

func renameHere(from, to string, overwrite bool) error {
	if overwrite {
		return unix.Rename(from, to)
	}
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if !errors.Is(err, unix.EINVAL) {
		return err
	}
	if _, err := inspect(to, false); err == nil {
		return unix.EEXIST
	}
	return unix.Rename(from, to)
}

type chmodRequest struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"`
}

func (s *Server) chmod(c *call) error {
	return onFile(c, func(request *chmodRequest) (fileInfo, error) {
		name, err := cleanPath(request.Path)
		if err != nil {
			return fileInfo{}, err
		}
		if err := refuseKernelFiles(name); err != nil {
			return fileInfo{}, err
		}
		if err := unix.Chmod(name, request.Mode&0o7777); err != nil {
			return fileInfo{}, err
		}
		return inspect(name, true)
	})
}
