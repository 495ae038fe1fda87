package agent

import (
	"bytes"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	attributePrefix   = "user.e2b."
	maxAttributes     = 64
	maxAttributeBytes = 3 << 10 // of all together: some file systems keep no more
)

// checkAttributes bounds what a file is given beside its content.
func checkAttributes(wanted map[string]string) error {
	total := 0
	for name, value := range wanted {
		if name == "" || strings.IndexByte(name, 0) >= 0 || len(name) > 255-len(attributePrefix) {
			return fail("INVALID_REQUEST", "the name of an attribute has 1 to %d bytes and no NUL", 255-len(attributePrefix))
		}
		total += len(name) + len(value)
	}
	if len(wanted) > maxAttributes || total > maxAttributeBytes {
		return fail("TOO_LARGE", "a file has at most %d attributes of %d bytes together", maxAttributes, maxAttributeBytes)
	}
	return nil
}

func setAttributes(fd int, wanted map[string]string) error {
	for name, value := range wanted {
		if err := unix.Fsetxattr(fd, attributePrefix+name, []byte(value), 0); err != nil {
			return err
		}
	}
	return nil
}

// attributes are those that a write gave a file; nil when it has none, or its file system keeps none.
func attributes(name string) map[string]string {
	list := make([]byte, 16<<10)
	size, err := unix.Llistxattr(name, list)
	if err != nil || size == 0 {
		return nil
	}
	var names []string
	for _, each := range bytes.Split(list[:size], []byte{0}) {
		if bytes.HasPrefix(each, []byte(attributePrefix)) {
			names = append(names, string(each))
		}
	}
	sort.Strings(names)
	var found map[string]string
	value := make([]byte, maxAttributeBytes)
	for _, each := range names[:min(len(names), maxAttributes)] {
		length, err := unix.Lgetxattr(name, each, value)
		if err != nil {
			continue // longer than any that is written here, or just gone
		}
		if found == nil {
			found = map[string]string{}
		}
		found[strings.TrimPrefix(each, attributePrefix)] = strings.ToValidUTF8(string(value[:length]), "\uFFFD")
	}
	return found
}
