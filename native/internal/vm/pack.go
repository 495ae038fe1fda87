package vm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// InitName is the program that a kernel starts first.
const InitName = "/init"

const (
	modeFolder  = 0o040755
	modeProgram = 0o100755
	modeFile    = 0o100644
	moduleList  = "list"
)

// archive is a cpio archive of the form that the kernel unpacks ("newc").
type archive struct {
	data  bytes.Buffer
	inode int
}

func (a *archive) add(name string, mode int, content []byte) {
	a.inode++
	fmt.Fprintf(&a.data, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	a.data.WriteString(name + "\x00")
	a.pad()
	a.data.Write(content)
	a.pad()
}

func (a *archive) pad() {
	for a.data.Len()%4 != 0 {
		a.data.WriteByte(0)
	}
}

// Pack writes the first file system of every machine: this program as /init, the agent, and the kernel modules in the
// order in which they are loaded.
func Pack(modules, agent, out string) error {
	own, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	a := &archive{}
	for _, folder := range []string{"dev", "proc", "sys", "root", "groups", "modules"} {
		a.add(folder, modeFolder, nil)
	}
	a.add(strings.TrimPrefix(InitName, "/"), modeProgram, own)
	program, err := os.ReadFile(agent)
	if err != nil {
		return err
	}
	a.add("agent", modeProgram, program)
	list, err := os.ReadFile(filepath.Join(modules, moduleList))
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(list)) {
		content, err := os.ReadFile(filepath.Join(modules, filepath.Base(name)))
		if err != nil {
			return err
		}
		a.add("modules/"+filepath.Base(name), modeFile, content)
	}
	a.add("modules/"+moduleList, modeFile, list)
	a.add("TRAILER!!!", 0, nil)
	partial := out + ".partial"
	if err := os.WriteFile(partial, a.data.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(partial, out)
}
