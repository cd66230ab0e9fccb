package office

import (
	"context"
	"time"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

// Needs are what the door needs besides the house.
type Needs struct {
	// Within is the time within which an office hears of a person, Ask has J-LIS seal introductions: see Persons,
	// Introducer.
	Within time.Duration
	Ask    func(ctx context.Context, holder card.ID, offices []string) (map[string][]byte, error)
}

// Feature declares who is who to which office.
func Feature(h *mount.House, n Needs) mount.Feature {
	introducer := Introducer{DB: h.DB, Ask: n.Ask}
	persons := Persons{DB: h.DB, Within: n.Within}
	return mount.Feature{
		Name:     "office",
		Services: []mount.Service{mount.Serve(officev1connect.NewPersonServiceHandler)(persons)},
		Jobs:     map[string]jobs.Handler{JobIntroduce: introducer.Job, JobIntroduceAll: introducer.AllJob},
		Duties:   []mount.Duty{{Name: DutyPerson, Prefectures: true}},
		Export:   map[string]mount.Tell{"pairwise": mount.Rows((*db.Queries).OfficesKnowingFolder)},
		Erase:    erase,
	}
}

// erase leaves the dead identifiers, without anything that says whose they were.
func erase(ctx context.Context, q *db.Queries, folderID string) (after func(context.Context), err error) {
	return nil, Leave(ctx, q, folderID, "")
}
