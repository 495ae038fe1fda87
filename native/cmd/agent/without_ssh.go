//go:build !with_ssh

package main

import "atoll.dev/native/internal/agent"

// An agent that was built by hand has no SSH server in it; `build` puts one in.
var sshServer agent.Program
