package house_test

import (
	"os"
	"regexp"
	"testing"
)

// What the page shows and what the portal asks for are two programs' business, and must be the same day.
func TestTermsVersionsAgree(t *testing.T) {
	version := regexp.MustCompile(`TermsVersion = "([0-9-]+)"`)
	var found []string
	for _, path := range []string{"../../frontend/frame/shell/next.go", "../../backend/feature/account/account.go"} {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		match := version.FindSubmatch(source)
		if match == nil {
			t.Fatalf("%s names no TermsVersion", path)
		}
		found = append(found, string(match[1]))
	}
	if found[0] != found[1] {
		t.Errorf("the page shows the terms of %s, the portal asks for those of %s", found[0], found[1])
	}
}
