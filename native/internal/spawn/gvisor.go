package spawn

import (
	"path/filepath"
)

// gvisorArguments is how every call of runsc begins. The root file system is the node's overlay, so runsc makes none of
// its own; programs of other users' (sudo) may raise their rights inside, which changes nothing outside.
func gvisorArguments(r *Request) []string {
	return []string{
		r.Runtime,
		"--root=" + r.StateRoot,
		"--log=" + r.Log,
		"--platform=systrap",
		"--network=sandbox",
		"--overlay2=none",
		"--host-settings=ignore",
		"--host-uds=none",
		"--allow-suid",
		// What differs is what has to: address, name, token.
		"--restore-spec-validation=ignore",
	}
}

// mountBinds shows further directories with their ids moved into the sandbox's range.
func mountBinds(r *Request, userns int) error {
	for _, bind := range r.Binds {
		if err := mountMapped(bind.Source, filepath.Join(layers(r), bind.Name), userns, bind.ReadOnly); err != nil {
			return err
		}
	}
	return nil
}
