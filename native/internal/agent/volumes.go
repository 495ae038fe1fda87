package agent

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// volumesFolder is where the host shows volumes to an agent that is the one to place them: nobody outside can mount in
// gVisor's kernel. Only the host changes what is in it.
const volumesFolder = "/dev/.atoll/volumes"

const maxVolumes = 32

var volumeForm = regexp.MustCompile(`^[a-z0-9_-]{1,100}$`)

// placed is a volume and where programs see it.
type placed struct {
	Volume string `json:"volume"` // the name in that folder
	Path   string `json:"path"`
}

// volumes is what this agent has placed; it is kept with the memory of the machine.
type volumes struct {
	mu     sync.Mutex
	placed []placed
}

type volumesRequest struct {
	Volumes []placed `json:"volumes"`
}

type volumesReply struct {
	OK      bool     `json:"ok"`
	Volumes []placed `json:"volumes"`
}

// place makes the volumes that programs see those of the request. One that is in use stays, and nothing new comes.
func (s *Server) place(c *call) error {
	var request volumesRequest
	if err := c.decode(&request); err != nil {
		return err
	}
	if os.Getpid() != 1 {
		return fail("INVALID_REQUEST", "only process 1 places volumes")
	}
	if len(request.Volumes) > maxVolumes {
		return fail("INVALID_REQUEST", "at most %d volumes", maxVolumes)
	}
	for _, wanted := range request.Volumes {
		if !volumeForm.MatchString(wanted.Volume) || !filepath.IsAbs(wanted.Path) || filepath.Clean(wanted.Path) != wanted.Path {
			return fail("INVALID_REQUEST", "a volume has an id and an absolute path")
		}
	}
	all := &s.volumes
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, there := range slices.Clone(all.placed) {
		if slices.Contains(request.Volumes, there) {
			continue
		}
		if err := unix.Unmount(there.Path, unix.UMOUNT_NOFOLLOW); err == unix.EBUSY {
			return fail("BUSY", "a process has files of the volume at %s open", there.Path)
		}
		// Every other refusal says that it is no mount: it is gone.
		all.placed = slices.DeleteFunc(all.placed, func(p placed) bool { return p == there })
	}
	for _, wanted := range request.Volumes {
		if slices.Contains(all.placed, wanted) {
			continue
		}
		if err := requirePlain(wanted.Path); err != nil {
			return err
		}
		if err := unix.Mount(filepath.Join(volumesFolder, wanted.Volume), wanted.Path, "", unix.MS_BIND, ""); err != nil {
			return fail("INVALID_PATH", "%s: %v", wanted.Path, err)
		}
		all.placed = append(all.placed, wanted)
	}
	return c.reply(volumesReply{OK: true, Volumes: all.placed})
}

// requirePlain refuses a path that is no directory or that a symbolic link leads to.
func requirePlain(path string) error {
	at := "/"
	for _, name := range strings.Split(strings.Trim(path, "/"), "/") {
		at = filepath.Join(at, name)
		info, err := os.Lstat(at)
		if err != nil || !info.IsDir() {
			return fail("NOT_A_DIRECTORY", "%s must be a directory that no symbolic link leads to", path)
		}
	}
	return nil
}
