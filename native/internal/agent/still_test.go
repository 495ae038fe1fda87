package agent_test

import (
	"strings"
	"testing"
)

// The agent of a test is not process 1: it must not stop the host.
func TestOnlyProcessOneStopsAllOthers(t *testing.T) {
	startGuest(t).refused("still", fields{}, "INVALID_REQUEST")
}

func TestAMoveWithoutAStillIsHarmless(t *testing.T) {
	startGuest(t).call("move-on", fields{})
}

func TestACopyNeedsAWholeIdentity(t *testing.T) {
	g := startGuest(t)
	g.refused("move-on", fields{"new_token": "short", "hostname": "box"}, "INVALID_REQUEST")
	g.refused("move-on", fields{"new_token": strings.Repeat("t", 40), "hostname": "no_name"}, "INVALID_REQUEST")
	g.refused("move-on", fields{"new_token": strings.Repeat("t", 40), "hostname": ""}, "INVALID_REQUEST")
}
