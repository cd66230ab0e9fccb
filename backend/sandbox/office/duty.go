package office

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/resident"
)

// Duty is an office's side of one feature of the portal. It has a file of its own, which registers it; everything
// else reads the list.
type Duty interface {
	// Name names it in the list of parts, where it has a switch of its own: one feature can fail while an office does
	// the rest.
	Name() string
	// Title is what the list calls it, and what it does.
	Title() (name, what string)
	// Granted are the duties, as the portal's registry of offices calls them, that an office needs for it; none when
	// it has no such duty.
	Granted(Office) []string
	// Meet does what is due when the gateway is reached after a silence. It is asked again until it has done so.
	Meet(context.Context, *Clerk) error
	// Person does what is due when a person is introduced. It may be asked again about the same one.
	Person(context.Context, *Clerk, Person) error
	// Page is the desk's, for a developer who wants to play the office.
	Page(*Staff) Page
}

// Worker is a duty that an office also does all the time, beside what it does at each sync. Work is begun again when it
// ends.
type Worker interface {
	Duty
	Work(context.Context, *Clerk) error
}

// Person is somebody whom the portal has introduced to an office.
type Person struct {
	resident.Resident
	Identifier string // 機関別符号
}

// Page is what the desk serves of a duty.
type Page struct {
	page.Link
	Routes map[string]http.HandlerFunc // by patterns of http.ServeMux
}

var registered []Duty

func register(d Duty) {
	registered = append(registered, d)
	page.Add(d.Page(nil).Link)
}

// Duties gives all, by name.
func Duties() []Duty {
	sorted := slices.Clone(registered)
	slices.SortFunc(sorted, func(a, b Duty) int { return strings.Compare(a.Name(), b.Name()) })
	return sorted
}

// Duties are what the portal lets the office do.
func (o Office) Duties() []string {
	granted := []string{"person"} // the people it may address
	for _, d := range Duties() {
		granted = append(granted, d.Granted(o)...)
	}
	return granted
}

// Has tells whether an office has a duty.
func (o Office) Has(d Duty) bool { return len(d.Granted(o)) > 0 }

//go:embed page
var files embed.FS

var pages = page.New(files)

// Staff is the clerks of all offices.
type Staff struct {
	Clerks []*Clerk
	Outbox *Outbox
	// Portal is its address, to link to.
	Portal string
}

// Offices are those that have a duty.
func (s *Staff) Offices(d Duty) []Office {
	var offices []Office
	for _, c := range s.Clerks {
		if c.Office.Has(d) {
			offices = append(offices, c.Office)
		}
	}
	return offices
}

// Of finds the clerk of an office that has a duty; nil when there is none.
func (s *Staff) Of(d Duty, officeID string) *Clerk {
	for _, c := range s.Clerks {
		if c.Office.ID == officeID && c.Office.Has(d) {
			return c
		}
	}
	return nil
}

// Knowing names the offices to which a resident was introduced.
func (s *Staff) Knowing(r resident.Resident) []string {
	var names []string
	for _, c := range s.Clerks {
		if c.Knows(r) {
			names = append(names, c.Office.Name)
		}
	}
	return names
}
