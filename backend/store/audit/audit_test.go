package audit_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"madoguchi/backend/store/audit"
)

func TestAddressesAreCoarse(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.9:4711": "203.0.113.0/24", "203.0.113.9": "203.0.113.0/24",
		"[2001:db8:1:2::3]:443":  "2001:db8:1::/48",
		"[::ffff:203.0.113.9]:1": "203.0.113.0/24", "fe80::1%eth0": "fe80::/48", "": "", "somewhere": "",
	} {
		if got := audit.Coarse(address); got != want {
			t.Errorf("%q gives %q, want %q", address, got, want)
		}
	}
}

// The README is where an operator looks; what stands there is what the portal writes.
func TestTheTableInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, e := range audit.Events {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", e.Event, e.When, e.Attributes)
	}
	if !strings.Contains(string(readme), table.String()) {
		t.Errorf("the README lacks this table:\n%s", table.String())
	}
}

// Whoever writes a new event describes it.
func TestEveryEventIsDescribed(t *testing.T) {
	source, err := os.ReadFile("audit.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^\t\w+ +Event = "(\w+)"$`).FindAllSubmatch(source, -1)
	if len(declared) != len(audit.Events) {
		t.Errorf("%d events are declared, %d described", len(declared), len(audit.Events))
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
