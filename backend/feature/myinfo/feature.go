// Package myinfo is わたしの情報: it takes requests for what offices hold about a person, gives them to those offices, takes
// their answers in, and keeps them for as long as the person chose. What there is to ask for stands in proto/selfinfo,
// which office holds what in the registry of offices.
package myinfo

import (
	"context"
	"time"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/selfinfo"
)

// Needs are what the feature needs besides the house.
type Needs struct {
	// LoggedIn says whether a person has a session.
	LoggedIn func(ctx context.Context, q *db.Queries, folderID string) (bool, error)
	// Notice puts a notice of an office into a folder that says that it answered; once for a reference.
	Notice func(ctx context.Context, q *db.Queries, folderID, officeID, reference string, at time.Time) error
	// Exchanged writes into the history of exchanges (やりとり履歴) that an office answered.
	Exchanged func(ctx context.Context, q *db.Queries, folderID string, a Answered, at time.Time) error
	File      fileMaker
}

// Answered is an answer as the history of exchanges tells of it: that it was given, and nothing of what it says.
type Answered struct {
	Request, Office, Name string
	What                  string // 税・所得：課税
	AskedAt               int64
	Outcome               portalv1.InfoOutcome
}

// fileMaker makes an archive of a document, signed, in which its files are called so; stamped says whether an authority
// has certified the time.
type fileMaker func(ctx context.Context, name string, d paper.Document) (archive []byte, stamped bool, err error)

// New makes both sides: what people call, and what offices call.
func New(d *db.DB, n Needs, now func() time.Time) (*Service, *Intake) {
	s := &Service{db: d, bell: newBell(), now: now, file: n.File}
	return s, &Intake{Service: s, needs: n, wake: func() {}, streams: map[string]int{}, streamTime: streamTime}
}

// Feature declares what joins the portal.
func Feature(h *mount.House, n Needs) mount.Feature {
	people, offices := New(h.DB, n, h.Now)
	offices.wake = h.Wake
	return mount.Feature{
		Name: "myinfo",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewMyInfoServiceHandler)(people),
			mount.Serve(officev1connect.NewMyInfoServiceHandler)(offices),
		},
		Loops:  map[string]func(context.Context){"myinfo": offices.Run},
		Duties: duties(),
		// All of it goes with the folder's row, save what protects the person, which stands under offices' identifiers.
		Export: map[string]mount.Tell{
			"myinfo_request":    people.tellRequests,
			"myinfo_correction": people.tellCorrections,
			"myinfo_setting":    mount.Rows((*db.Queries).MyinfoSettings),
			"myinfo_note":       mount.Rows((*db.Queries).MyinfoNotes),
		},
		Erase: func(ctx context.Context, q *db.Queries, folderID string) (func(context.Context), error) {
			_, err := q.MyinfoFlagsErase(ctx, folderID)
			return nil, err
		},
	}
}

func duties() []mount.Duty {
	list := []mount.Duty{{Name: duty, Prefectures: true}, {Name: dutyInsurer, National: true}, {Name: dutySupport}}
	for _, c := range selfinfo.Categories() {
		list = append(list, mount.Duty{Name: selfinfo.Duty(c.Number), Prefectures: true})
	}
	return list
}
