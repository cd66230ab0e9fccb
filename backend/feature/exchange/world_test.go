package exchange

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/folder/foldertest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const meguro, matsumoto, pension, quiet = "131105", "202029", "nenkin", "170003"

// world is people, the offices that report about them, and both halves of the feature.
type world struct {
	t          testing.TB
	db         *db.DB
	people     *Service
	offices    *Intake
	clock      time.Time
	protection map[string]Protection
	hints      []*portalv1.ExchangeHint
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{
		t: t, db: d, clock: time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC), protection: map[string]Protection{},
	}
	w.people, w.offices = New(d, Needs{
		Log: newLog(t, d),
		Protected: func(_ context.Context, _ *db.Queries, folder string) (Protection, error) {
			return w.protection[folder], nil
		},
		Around: func(_ context.Context, _ *db.Queries, _ string, _, _ time.Time) ([]*portalv1.ExchangeHint, error) {
			return w.hints, nil
		},
	}, func() time.Time { return w.clock })
	officetest.Register(t, d,
		db.OfficeRegisterParams{ID: meguro, Name: "目黒区", Duties: "person exchange", MunicipalityCode: meguro},
		db.OfficeRegisterParams{ID: matsumoto, Name: "松本市", Duties: "person exchange", MunicipalityCode: matsumoto},
		db.OfficeRegisterParams{ID: pension, Name: "日本年金機構", Duties: "person exchange"},
		db.OfficeRegisterParams{ID: quiet, Name: "石川県", Duties: "person", MunicipalityCode: quiet},
	)
	w.folder("hanako")
	w.folder("taro")
	return w
}

// each runs a test on both engines.
func each(t *testing.T, test func(*testing.T, *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func (w *world) folder(id string) {
	w.t.Helper()
	opened := foldertest.Of(id)
	opened.MailAddress = id + "@example.jp"
	foldertest.Create(w.t, w.db, opened)
	w.tx(func(q *db.Queries) error {
		_, err := q.FolderConfirmMail(w.t.Context(), db.FolderConfirmMailParams{
			ID: id, MailAddress: opened.MailAddress, MailConfirmedAt: 1,
		})
		if err != nil {
			return err
		}
		return folder.Prefer(w.t.Context(), q, id,
			map[folder.Preference]bool{tell.Mail.Preference(tell.Exchange): true})
	})
	officetest.Introduce(w.t, w.db, id, meguro, matsumoto, pension, quiet)
}

func (w *world) tx(fn func(q *db.Queries) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) as(folder string) context.Context { return accesstest.AsCitizen(w.t.Context(), folder) }

func (w *world) from(office string) context.Context { return officetest.Calling(w.t, w.db, office) }

// asked is what 目黒区長 reports that it asked 松本市長 about somebody's income.
func (w *world) asked(report, number, folder string) *officev1.ExchangeReport {
	at := w.clock.Add(-time.Hour).UnixMilli()
	return &officev1.ExchangeReport{
		Report: report, Person: officetest.Identifier(meguro, folder), Number: number,
		Of: &officev1.ExchangeReport_Event{Event: &officev1.ExchangeEvent{
			Side: officev1.ExchangeSide_EXCHANGE_SIDE_ASKER, OwnName: "目黒区長",
			Other: &officev1.ExchangeOffice{Office: matsumoto, Name: "松本市長"},
			Duty:  "child-allowance", Procedure: "claim", Info: "tax", Items: []string{"income", "dependants"},
			AskedAt: at, ProvidedAt: at + 2000, Result: officev1.ExchangeResult_EXCHANGE_RESULT_GIVEN,
			OnBehalf: officev1.ExchangeFor_EXCHANGE_FOR_SELF, Application: "A-1", Condition: "令和7年度",
		}},
	}
}

// provided is the other side of it.
func (w *world) provided(report, number, folder string) *officev1.ExchangeReport {
	r := w.asked(report, number, folder)
	r.Person = officetest.Identifier(matsumoto, folder)
	e := r.GetEvent()
	e.Side, e.OwnName = officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER, "松本市長"
	e.Other = &officev1.ExchangeOffice{Office: meguro, Name: "目黒区長"}
	e.Application, e.OnBehalf = "", officev1.ExchangeFor_EXCHANGE_FOR_UNSPECIFIED
	return r
}

func (w *world) send(office string, reports ...*officev1.ExchangeReport) (
	*officev1.ReportExchangesResponse, error,
) {
	return ruletest.Call(w.from(office), w.offices.ReportExchanges, &officev1.ReportExchangesRequest{Reports: reports})
}

func (w *world) mustSend(office string, reports ...*officev1.ExchangeReport) []*officev1.ExchangeTaken {
	w.t.Helper()
	response, err := w.send(office, reports...)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.GetReports()
}

// refused is how a call was refused: its code and field.
func refused(err error) string {
	failed, ok := err.(*connect.Error) //nolint:errorlint // as the caller gets it
	if !ok {
		return fmt.Sprint(err)
	}
	for _, detail := range failed.Details() {
		if value, err := detail.Value(); err == nil {
			if info, ok := value.(*portalv1.ErrorInfo); ok {
				return failed.Code().String() + " " + info.GetField()
			}
		}
	}
	return failed.Code().String()
}

func (w *world) list(folder string, narrow ...func(*portalv1.ListExchangesRequest)) *portalv1.ListExchangesResponse {
	w.t.Helper()
	request := &portalv1.ListExchangesRequest{}
	for _, n := range narrow {
		n(request)
	}
	response, err := ruletest.Call(w.as(folder), w.people.ListExchanges, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

// numbers are those of a list, in its order.
func numbers(r *portalv1.ListExchangesResponse) string {
	var list []string
	for _, e := range r.GetExchanges() {
		list = append(list, e.GetNumber())
	}
	return strings.Join(list, " ")
}

// records are what stands in the lines of a list, by their number.
func (w *world) records(lines []*portalv1.LedgerLine) map[uint64]*portalv1.ExchangeRecord {
	w.t.Helper()
	found := map[uint64]*portalv1.ExchangeRecord{}
	for _, line := range lines {
		record, err := recordOf(line.GetContent())
		if err != nil {
			w.t.Fatal(err)
		}
		found[line.GetNumber()] = record
	}
	return found
}

func (w *world) mails() (list []string) {
	w.t.Helper()
	for _, id := range []string{"hanako", "taro"} {
		rows, err := w.db.Read().JobsOfFolder(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, row := range rows {
			list = append(list, id+" "+row.Kind)
		}
	}
	return list
}
