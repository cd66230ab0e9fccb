package logging

import (
	"bytes"
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	for set, want := range map[string]string{
		"":      "info security warn",
		"info":  "info security warn",
		"debug": "debug info security warn",
		"warn":  "security warn",
	} {
		var out bytes.Buffer
		logger, err := New(&out, func(string) string { return set })
		if err != nil {
			t.Fatal(err)
		}
		logger = logger.With("a", 1).WithGroup("g")
		logger.Debug("debug")
		logger.Info("info")
		logger.Info(Security)
		logger.Warn("warn")
		var got []string
		for line := range strings.Lines(out.String()) {
			_, message, _ := strings.Cut(line, "msg=")
			got = append(got, strings.Fields(message)[0])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("LOG=%s writes %v", set, got)
		}
	}
	_, err := New(nil, func(string) string { return "loud" })
	if err == nil || !strings.Contains(err.Error(), "LOG=loud") {
		t.Errorf("an unknown level: %v", err)
	}
}
