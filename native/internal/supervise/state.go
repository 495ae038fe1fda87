package supervise

import (
	"encoding/json"
	"os"
)

// roleState is what the state file says of a role that runs.
type roleState struct {
	Pid       int    `json:"pid"`
	StartTime uint64 `json:"start_time"`
	SinceUnix int64  `json:"since_unix"`
	Restarts  int    `json:"restarts"`
}

func readState(path string) map[string]roleState {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var state map[string]roleState
	if json.Unmarshal(text, &state) != nil {
		return nil
	}
	return state
}

func (s *Supervisor) state() map[string]roleState {
	state := map[string]roleState{}
	for _, k := range s.keepers {
		if k.process != nil {
			state[k.role.Name] = roleState{
				Pid: k.process.pid, StartTime: k.process.startTime, SinceUnix: k.since.Unix(), Restarts: k.restarts,
			}
		}
	}
	return state
}

// writeState replaces the state file as a whole.
func (s *Supervisor) writeState() {
	text, err := json.Marshal(s.state())
	if err != nil {
		return
	}
	partial := s.spec.State + ".new"
	if err := os.WriteFile(partial, append(text, '\n'), 0o644); err != nil {
		s.say("the state cannot be written: %v", err)
		return
	}
	if err := os.Rename(partial, s.spec.State); err != nil {
		s.say("the state cannot be written: %v", err)
	}
}
