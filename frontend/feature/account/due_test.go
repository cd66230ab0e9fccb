package account

import (
	"testing"
	"time"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
)

// A change that was begun, and a certificate that can be renewed by now, stand on the home page.
func TestWhatIsToBeDoneAboutTheAccount(t *testing.T) {
	before := shell.CurrentSession()
	t.Cleanup(func() {
		shell.SetSession(before)
		vault.Drop(draftSettings)
	})
	ends := func(at time.Time) { shell.SetSession(shell.Session{State: shell.CitizenState, CertificateEnds: at}) }
	now := time.Now()
	for name, at := range map[string]time.Time{"unknown": {}, "in a year": now.AddDate(1, 0, 0)} {
		ends(at)
		if rows, _, known := dues(); len(rows) != 0 || !known {
			t.Errorf("the end is %s: %v, known %v", name, rows, known)
		}
	}
	soon := now.AddDate(0, 2, 0)
	ends(soon)
	rows, _, _ := dues()
	if len(rows) != 1 || rows[0].By != clock.Day(soon) || rows[0].Href != "/procedures/nation/P0112" {
		t.Errorf("the certificate ends in two months: %+v", rows)
	}
	vault.Save(draftSettings, form{Name: "はなこ"})
	rows, _, _ = dues()
	if len(rows) != 2 || !rows[0].Begun || rows[0].By != "" {
		t.Errorf("with a change that was begun: %+v", rows)
	}
}
