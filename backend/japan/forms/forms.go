// Package forms are the application forms that hold in the whole country, as data (definitions/*.yaml, in the notation
// of proto/form/source), with cases by which each is tried (cases/*.txt). None is the official form of an office: the
// lists of fields come from public forms and laws and must be compared with the office's own.
package forms

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"madoguchi/proto/form"
	"madoguchi/proto/form/source"
)

//go:embed definitions/*.yaml
var files embed.FS

var load = sync.OnceValues(func() ([]*form.Form, error) {
	names, err := fs.Glob(files, "definitions/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*form.Form
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := source.Read(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".yaml"); f.ID != want {
			return nil, fmt.Errorf("%s: its id is %s", name, f.ID)
		}
		all = append(all, f)
	}
	return all, nil
})

// All are the forms, by their ids.
func All() []*form.Form {
	all, err := load()
	if err != nil {
		panic(err) // built in, and tested
	}
	return all
}

// ByID finds a form.
func ByID(id string) (*form.Form, bool) {
	for _, f := range All() {
		if f.ID == id {
			return f, true
		}
	}
	return nil, false
}
