package mount

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/document"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/keys"
)

// House is what every feature may stand on, and after Mount what they declare together.
type House struct {
	DB     *db.DB
	Keys   *keys.File
	Wake   func() // called after a transaction that wrote a job
	Origin string // the portal's, as people's browsers have it
	Now    func() time.Time

	features []Feature
	rules    map[string]access.Rules // by contract
}

// Mount has features join. What two of them declare, a call that does not say who may make it, or a duty that nobody
// declares is an error: a portal must not start with it.
func (h *House) Mount(features ...Feature) error {
	h.features = append(h.features, features...)
	if err := h.checkTwins(); err != nil {
		return err
	}
	names, duties := map[string][]string{}, map[string]bool{}
	for _, f := range h.features {
		for _, s := range f.Services {
			names[s.Contract()] = append(names[s.Contract()], s.Name)
		}
		for _, d := range f.Duties {
			duties[d.Name] = true
		}
	}
	h.rules = map[string]access.Rules{}
	for contract, services := range names {
		rules, err := access.Check(services...)
		if err != nil {
			return err
		}
		for procedure, rule := range rules {
			if duty := rule.GetOfficeDuty(); duty != "" && !duties[duty] {
				return fmt.Errorf("%s is for offices with the duty %q, which no feature declares", procedure, duty)
			}
		}
		h.rules[contract] = rules
	}
	return nil
}

// checkTwins finds what is declared twice.
func (h *House) checkTwins() error {
	var faults []error
	seen := map[string]string{} // whose it is
	for _, f := range h.features {
		for _, declared := range f.declares() {
			if other, twice := seen[declared]; twice {
				faults = append(faults, fmt.Errorf("%s declares the %s, as %s does", f.Name, declared, other))
			}
			seen[declared] = f.Name
		}
	}
	return errors.Join(faults...)
}

// declares lists what nobody else may declare.
func (f Feature) declares() []string {
	list := []string{"name " + f.Name}
	for _, s := range f.Services {
		list = append(list, "service "+s.Name)
	}
	for _, d := range f.Duties {
		list = append(list, "duty "+d.Name)
	}
	for kind, names := range map[string][]string{
		"job": slices.Collect(maps.Keys(f.Jobs)), "loop": slices.Collect(maps.Keys(f.Loops)),
		"document": slices.Collect(maps.Keys(f.Documents)), "form": slices.Collect(maps.Keys(f.Forms)),
		"table": slices.Collect(maps.Keys(f.Export)), "address": slices.Collect(maps.Keys(f.Answers)),
		"takeaway":       slices.Collect(maps.Keys(f.Takeaways)),
		"public address": slices.Collect(maps.Keys(f.Public)),
	} {
		for _, name := range names {
			list = append(list, kind+" "+name)
		}
	}
	return list
}

// Names are the names of all that joined.
func (h *House) Names() []string {
	return all(h, func(f Feature) []string { return []string{f.Name} })
}

// Services are those of a contract.
func (h *House) Services(contract string) []Service {
	return slices.DeleteFunc(all(h, func(f Feature) []Service { return f.Services }), func(s Service) bool {
		return s.Contract() != contract
	})
}

// Open are the calls, by their paths, that anybody may make without a login, and that an address has a budget for.
func (h *House) Open() []string {
	rules := h.Rules(People)
	return all(h, func(f Feature) (paths []string) {
		for _, path := range rules.Procedures() {
			of := func(s Service) bool { return strings.HasPrefix(path, s.Path()) }
			if rules[path].GetAnyone() && !f.Entry && slices.ContainsFunc(f.Services, of) {
				paths = append(paths, path)
			}
		}
		return paths
	})
}

// Rules say who may call what of a contract.
func (h *House) Rules(contract string) access.Rules { return h.rules[contract] }

// CardPurposes lists what people can be asked for their card again.
func (h *House) CardPurposes() []string { return h.Rules(People).CardPurposes() }

// Jobs are who does the jobs, by kind.
func (h *House) Jobs() map[string]jobs.Handler {
	return joined(h, func(f Feature) map[string]jobs.Handler { return f.Jobs })
}

// Loops are what goes on beside the requests, by name.
func (h *House) Loops() map[string]func(context.Context) {
	return joined(h, func(f Feature) map[string]func(context.Context) { return f.Loops })
}

// Documents write pages for readers without the program, by their names.
func (h *House) Documents() map[string]document.Func {
	return joined(h, func(f Feature) map[string]document.Func { return f.Documents })
}

// Forms answer what is sent from those pages, by their names.
func (h *House) Forms() map[string]document.Func {
	return joined(h, func(f Feature) map[string]document.Func { return f.Forms })
}

// Answers are what answers by HTTP beside the RPCs, by address.
func (h *House) Answers() map[string]http.Handler {
	return joined(h, func(f Feature) map[string]http.Handler { return f.Answers })
}

// Takeaways are what people can take along by itself, by name.
func (h *House) Takeaways() map[string]Takeaway {
	return joined(h, func(f Feature) map[string]Takeaway { return f.Takeaways })
}

// Public is what everybody is answered the same, by address.
func (h *House) Public() map[string]http.Handler {
	return joined(h, func(f Feature) map[string]http.Handler { return f.Public })
}

// Addresses are pages with their queries that a search engine should know.
func (h *House) Addresses() []string {
	return all(h, func(f Feature) []string { return f.Addresses })
}

// Duties are what offices may be registered for.
func (h *House) Duties() []Duty {
	return all(h, func(f Feature) []Duty { return f.Duties })
}

// Tables are those that hold something of people.
func (h *House) Tables() []string {
	return slices.Sorted(maps.Keys(joined(h, func(f Feature) map[string]Tell { return f.Export })))
}

func all[V any](h *House, of func(Feature) []V) (list []V) {
	for _, f := range h.features {
		list = append(list, of(f)...)
	}
	return list
}

func joined[V any](h *House, of func(Feature) map[string]V) map[string]V {
	list := map[string]V{}
	for _, f := range h.features {
		maps.Copy(list, of(f))
	}
	return list
}

var errNobody = errors.New("no folder is named") // "" stands in the rows of whoever has none

// Erase removes what all features keep of a person, in the transaction that closes their folder, before its row goes.
// Call after when that stands.
func (h *House) Erase(ctx context.Context, q *db.Queries, folderID string) (after func(context.Context), err error) {
	if folderID == "" {
		return nil, errNobody
	}
	var later []func(context.Context)
	for _, f := range h.features {
		if f.Erase == nil {
			continue
		}
		then, err := f.Erase(ctx, q, folderID)
		if err != nil {
			return nil, fmt.Errorf("erasing what %s keeps of a person: %w", f.Name, err)
		}
		if then != nil {
			later = append(later, then)
		}
	}
	return func(ctx context.Context) {
		for _, then := range later {
			then(ctx)
		}
	}, nil
}

// Export tells all that the portal knows of a person, by table.
func (h *House) Export(ctx context.Context, q *db.Queries, folderID string) (map[string]any, error) {
	told := map[string]any{}
	err := h.TellEach(ctx, q, folderID, func(table string, rows any) error {
		told[table] = rows
		return nil
	})
	if err != nil {
		return nil, err
	}
	return told, nil
}

// TellEach is Export, a table after the other in the order of the features: no two are held at once.
func (h *House) TellEach(
	ctx context.Context, q *db.Queries, folderID string, each func(table string, rows any) error,
) error {
	if folderID == "" {
		return errNobody
	}
	for _, f := range h.features {
		for _, table := range slices.Sorted(maps.Keys(f.Export)) {
			rows, err := f.Export[table](ctx, q, folderID)
			if err != nil {
				return fmt.Errorf("telling what %s holds of a person: %w", table, err)
			}
			if err := each(table, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// FilesOf gives the files that all features keep of a person, one at a time.
func (h *House) FilesOf(
	ctx context.Context, q *db.Queries, folderID string, each func(name string, content io.Reader) error,
) error {
	if folderID == "" {
		return errNobody
	}
	for _, f := range h.features {
		if f.Files == nil {
			continue
		}
		if err := f.Files(ctx, q, folderID, each); err != nil {
			return fmt.Errorf("giving the files that %s keeps of a person: %w", f.Name, err)
		}
	}
	return nil
}
