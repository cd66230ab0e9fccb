package session

import (
	"testing"
	"time"
)

func TestAStreamIsLookedAtWhenItsSessionRunsOut(t *testing.T) {
	for name, c := range map[string]struct {
		state State
		want  time.Duration
	}{
		"far from its end":         {State{IdleLeft: 15 * time.Minute, AbsoluteLeft: time.Hour}, watchEvery},
		"idle for nearly too long": {State{IdleLeft: time.Second, AbsoluteLeft: time.Hour}, 1050 * time.Millisecond},
		"open for nearly too long": {
			State{IdleLeft: time.Minute, AbsoluteLeft: 2 * time.Second}, 2050 * time.Millisecond,
		},
		"the store could not be read": {State{}, watchEvery},
	} {
		if got := nextLook(c.state); got != c.want {
			t.Errorf("%s: in %v", name, got)
		}
	}
}
