package audit_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"madoguchi/backend/audit"
)

func TestAddressesAreCoarse(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.9:4711": "203.0.113.0/24", "203.0.113.9": "203.0.113.0/24", "[2001:db8:1:2::3]:443": "2001:db8:1::/48",
		"[::ffff:203.0.113.9]:1": "203.0.113.0/24", "fe80::1%eth0": "fe80::/48", "": "", "somewhere": "",
	} {
		if got := audit.Coarse(address); got != want {
			t.Errorf("%q gives %q, want %q", address, got, want)
		}
	}
}

func TestALineHasItsNameAndItsFolder(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	audit.Log(t.Context(), audit.CardShown, audit.Folder("f1"), slog.String("purpose", "account.close"))
	if line := log.String(); !strings.Contains(line, "msg=security event=card_shown folder=f1 purpose=account.close") {
		t.Errorf("the line is %s", line)
	}
}
