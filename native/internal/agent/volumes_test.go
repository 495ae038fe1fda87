package agent

import "testing"

func TestAPathOfAVolumeIsADirectoryThatNoLinkLeadsTo(t *testing.T) {
	for path, good := range map[string]bool{"/": true, "/usr/bin": true, "/proc/self/root": false, "/etc/passwd": false, "/none": false} {
		if err := requirePlain(path); (err == nil) != good {
			t.Errorf("%s: %v", path, err)
		}
	}
}
