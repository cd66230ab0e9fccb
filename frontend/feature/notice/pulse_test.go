package notice

import (
	"testing"
	"time"
)

func TestAPageWithoutAStreamAsksNowAndThen(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	p := pulse{heardAt: start}
	asked := func(from, to time.Duration) (at []time.Duration) {
		for now := from; now < to; now += time.Second {
			if p.mustAsk(start.Add(now)) {
				at = append(at, now)
			}
		}
		return at
	}
	// The stream brings nothing: first after half a minute, then once a minute.
	got := asked(0, 4*time.Minute)
	if len(got) != 4 || got[0] != 30*time.Second || got[1] != 90*time.Second || got[3] != 210*time.Second {
		t.Errorf("asked at %v", got)
	}
	// One that lives brings something every 25 seconds, and nothing is asked.
	for n := range 10 {
		p.heardAt = start.Add(4*time.Minute + time.Duration(n)*25*time.Second)
		from := p.heardAt.Sub(start)
		if got := asked(from, from+25*time.Second); got != nil {
			t.Errorf("asked at %v beside a stream that lives", got)
		}
	}
	// It dies again.
	from := p.heardAt.Sub(start)
	if got := asked(from, from+time.Minute); len(got) != 1 || got[0] != from+30*time.Second {
		t.Errorf("asked at %v after the stream died at %v", got, from)
	}
}

func TestOnlyWhatArrivedSinceIsAnnounced(t *testing.T) {
	var p pulse
	for _, c := range []struct {
		id    string
		fresh bool
	}{{"a", false}, {"a", false}, {"b", true}, {"b", false}, {"c", true}} {
		if got := p.fresh(c.id); got != c.fresh {
			t.Errorf("%s: %v", c.id, got)
		}
	}
}
