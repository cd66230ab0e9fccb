package office

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"madoguchi/backend/sandbox/credential"
	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/room"
	"madoguchi/backend/sandbox/stamp"
)

func init() {
	room.Register(room.Room{
		Name: "office",
		Settings: []room.Setting{{
			Name: "gateway", Variable: "SANDBOX_GATEWAY", Fallback: "https://127.0.0.1:8443",
			Meaning: "the portal's gateway for offices", Check: checkGateway,
		}, {
			Name: "pace", Variable: "SANDBOX_PACE", Fallback: "4s",
			Meaning: "from one step of an application to the next: slowly enough to be seen", Check: checkPace,
		}},
		Prepare: prepare, Open: open,
	})
}

func checkGateway(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return fmt.Errorf("the gateway's address %q does not begin with https://", address)
	}
	return nil
}

func checkPace(value string) error {
	pace, err := time.ParseDuration(value)
	if err != nil || pace < 0 {
		return fmt.Errorf("the pace %q is no time like 4s or 200ms", value)
	}
	return nil
}

// prepare makes the certificates of the offices and of the gateway, the registry that the portal reads, and what J-LIS
// seals introductions with.
func prepare(dir string, now time.Time) error {
	var registrations []credential.Registration
	for _, o := range All() {
		registrations = append(registrations, credential.Registration{
			ID: o.ID, Name: o.Name, Duties: o.Duties(), MunicipalityCode: o.MunicipalityCode,
		})
	}
	if err := credential.In(dir).Make(registrations, now); err != nil {
		return err
	}
	for _, o := range All() {
		if _, err := o.Seal(dir); err != nil {
			return err
		}
	}
	return nil
}

// Seal is the key of introductions to the office, which is made where it is missing.
func (o Office) Seal(dir string) ([]byte, error) {
	return introduction.Key(filepath.Join(dir, "offices", o.ID+".seal"))
}

// open gives each office its clerk.
func open(ground room.Ground) (room.Work, error) {
	staff := &Staff{Outbox: &Outbox{}, Portal: ground.Portal}
	pace, err := time.ParseDuration(*ground.Settings["pace"])
	if err != nil {
		return room.Work{}, fmt.Errorf("reading the pace: %w", err)
	}
	stamps, err := stamp.Trusted(ground.State)
	if err != nil {
		return room.Work{}, err
	}
	for _, o := range All() {
		key, err := o.Seal(ground.State)
		if err != nil {
			return room.Work{}, err
		}
		config, err := credential.In(ground.State).ClientTLS(o.ID)
		if err != nil {
			return room.Work{}, err
		}
		stranger, err := credential.Stranger(o.ID, o.Name, time.Now())
		if err != nil {
			return room.Work{}, err
		}
		clerk, err := NewClerk(o, Config{
			Gateway: *ground.Settings["gateway"], TLS: config, Stranger: stranger, Key: key,
			Outbox: staff.Outbox, World: ground.World, Pace: pace, Stamps: stamps,
		})
		if err != nil {
			return room.Work{}, err
		}
		staff.Clerks = append(staff.Clerks, clerk)
	}
	return staff.Work(), nil
}

// Work is what the offices do, and what a developer can do in their place.
func (s *Staff) Work() room.Work {
	work := room.Work{Run: s.run, Pages: map[string]http.HandlerFunc{}, Knowing: s.Knowing}
	var tasks []page.Link
	for _, duty := range Duties() {
		shown := duty.Page(s)
		tasks = append(tasks, shown.Link)
		maps.Copy(work.Pages, shown.Routes)
	}
	work.Tasks = func() []page.Link { return tasks }
	return work
}

func (s *Staff) run(ctx context.Context) error {
	var group errgroup.Group
	for _, c := range s.Clerks {
		group.Go(func() error { c.Run(ctx); return nil })
	}
	return group.Wait()
}
