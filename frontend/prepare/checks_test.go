package prepare

import (
	"testing"

	"madoguchi/frontend/card"
	"madoguchi/frontend/lang"
)

func TestChecks(t *testing.T) {
	for _, c := range []struct {
		phase card.Phase
		want  string // one letter a check: fine, waiting, wrong (x), later (-)
	}{
		{card.Searching, "ffw---"},
		{card.AwaitingPermission, "fw----"},
		{card.PermissionDenied, "fx----"},
		{card.Blocked, "x-----"},
		{card.NotRunning, "ffx---"},
		{card.Refused, "ffx---"},
		{card.ServiceDown, "ffx---"},
		{card.NoReader, "fffx--"},
		{card.NoCard, "ffffw-"},
		{card.MuteCard, "ffffx-"},
		{card.BusyCard, "ffffx-"},
		{card.HeldCard, "ffffx-"},
		{card.Reading, "fffffw"},
		{card.Ready, "ffffff"},
		{card.Locked, "fffffx"},
		{card.NotMyNumber, "fffffx"},
		{card.OldCard, "fffffx"},
		{card.NoCertificate, "fffffx"},
		{card.Unreadable, "fffffx"},
	} {
		got := ""
		for _, check := range checks(card.Status{Phase: c.phase}) {
			got += map[state]string{fine: "f", waiting: "w", wrong: "x", later: "-"}[check.state]
			if check.message.What.In(lang.Easy) == "" || check.name.In(lang.English) == "" {
				t.Errorf("phase %d: %v says nothing", c.phase, check.name)
			}
		}
		if got != c.want {
			t.Errorf("phase %d: %s, want %s", c.phase, got, c.want)
		}
	}
}
