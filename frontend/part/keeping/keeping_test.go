package keeping

import (
	"strings"
	"testing"

	"madoguchi/frontend/reach/vault"
)

// Whatever is kept can be told of: in the page of the device and on the privacy page.
func TestEachKindHasWords(t *testing.T) {
	all := vault.Declared()
	if len(all) < 4 {
		t.Errorf("%d kinds are declared", len(all))
	}
	for i, s := range all {
		if _, known := names[s.Kind]; !known {
			t.Errorf("%s has no words", s.Kind)
		}
		if line := Line(s).String(); strings.Contains(line, "鍵をかけます") != s.Sealed || line != Lines()[i].String() {
			t.Errorf("%s: %s", s.Kind, line)
		}
	}
}
