package agent_test

import "testing"

// The agent of a test is not process 1: it must not mount on the host.
func TestOnlyProcessOnePlacesVolumes(t *testing.T) {
	startGuest(t).refused("volumes", fields{"volumes": []fields{}}, "INVALID_REQUEST")
}
