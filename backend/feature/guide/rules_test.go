package guide

import (
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestEveryEventFileIsInOrder(t *testing.T) {
	found, err := fs.Glob(files, "events/*.yaml")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, name := range found {
		if _, err := readEvent(files, strings.TrimSuffix(path.Base(name), ".yaml")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
