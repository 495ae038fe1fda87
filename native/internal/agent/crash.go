package agent

import (
	"fmt"
	"io"
	"os"
)

// crashPoint is a step of create, publish or delete at which a test may end process 1, and the sandbox with it.
type crashPoint int

const (
	createBeforeConfigure crashPoint = iota
	createAfterEnvironment
	createAfterConfigure
	createAfterConfigureAnswer
	createAfterCommandStart
	createAfterCommandEnd
	createAfterCommandAnswer
	publishAfterLook
	publishAfterBuildStart
	publishAfterBuildEnd
	publishAfterBuildAnswer
	publishBeforeConfigure
	publishAfterEnvironment
	publishAfterConfigure
	publishAfterConfigureAnswer
	publishBeforeStart
	publishAfterStart
	publishAfterStartAnswer
	deleteBeforeSignal
	deleteAfterSignal
	deleteAfterSignalAnswer
	crashPointCount
)

// A machine of an instance is configured as one of a sandbox is, and a build runs as any command does: such a
// step has a name for each.
var crashNames = [crashPointCount]string{
	createBeforeConfigure:       "guest.create.before-configure",
	createAfterEnvironment:      "guest.create.after-environment",
	createAfterConfigure:        "guest.create.after-configure",
	createAfterConfigureAnswer:  "guest.create.after-configure-answer",
	createAfterCommandStart:     "guest.create.after-command-start",
	createAfterCommandEnd:       "guest.create.after-command-end",
	createAfterCommandAnswer:    "guest.create.after-command-answer",
	publishAfterLook:            "guest.publish.after-look",
	publishAfterBuildStart:      "guest.publish.after-build-start",
	publishAfterBuildEnd:        "guest.publish.after-build-end",
	publishAfterBuildAnswer:     "guest.publish.after-build-answer",
	publishBeforeConfigure:      "guest.publish.before-configure",
	publishAfterEnvironment:     "guest.publish.after-environment",
	publishAfterConfigure:       "guest.publish.after-configure",
	publishAfterConfigureAnswer: "guest.publish.after-configure-answer",
	publishBeforeStart:          "guest.publish.before-start",
	publishAfterStart:           "guest.publish.after-start",
	publishAfterStartAnswer:     "guest.publish.after-start-answer",
	deleteBeforeSignal:          "guest.delete.deployment-before-signal",
	deleteAfterSignal:           "guest.delete.deployment-after-signal",
	deleteAfterSignalAnswer:     "guest.delete.deployment-after-signal-answer",
}

// listCrashPoints writes their names, one a line.
func listCrashPoints(to io.Writer) {
	for _, name := range crashNames {
		fmt.Fprintln(to, name)
	}
}

// reach ends process 1, as kill -9 would, when the host asked for one of these points in this call. What it
// leaves on the connection is no line: to the host the answer broke off, and a test knows where.
func (c *call) reach(points ...crashPoint) {
	if c.crashAt == "" {
		return
	}
	for _, point := range points {
		if crashNames[point] == c.crashAt {
			_, _ = io.WriteString(c.conn, "crash "+c.crashAt)
			os.Exit(137)
		}
	}
}
