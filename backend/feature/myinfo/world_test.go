package myinfo

import (
	"context"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/folder/foldertest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	meguro, pension, insurer, old = "131105", "nenkin", "oqs", "202029"
)

// world is people, the offices that hold something about them, and both halves of the feature.
type world struct {
	t       testing.TB
	db      *db.DB
	people  *Service
	offices *Intake
	clock   time.Time
	here    map[string]bool // who is logged in
	notices []string        // of which answers
	// exchanged is what stands in the history of exchanges.
	exchanged []string
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC), here: map[string]bool{}}
	w.people, w.offices = New(d, Needs{
		LoggedIn: func(_ context.Context, _ *db.Queries, folder string) (bool, error) { return w.here[folder], nil },
		Notice: func(_ context.Context, _ *db.Queries, _, _, reference string, _ time.Time) error {
			w.notices = append(w.notices, reference)
			return nil
		},
		Exchanged: func(_ context.Context, _ *db.Queries, folder string, a Answered, _ time.Time) error {
			w.exchanged = append(w.exchanged, folder+" "+a.Office+" "+a.What+" "+a.Outcome.String())
			return nil
		},
	}, func() time.Time { return w.clock })
	officetest.Register(t, d,
		db.OfficeRegisterParams{ID: meguro,
			Duties: "person myinfo myinfo-04 myinfo-13 myinfo-20 myinfo-23 support-measures", MunicipalityCode: meguro},
		db.OfficeRegisterParams{ID: old, Duties: "person myinfo myinfo-13 myinfo-04", MunicipalityCode: old},
		db.OfficeRegisterParams{ID: pension, Duties: "person myinfo myinfo-16"},
		db.OfficeRegisterParams{ID: insurer, Duties: "person myinfo myinfo-01 myinfo-02 myinfo-11 insurer-flags"},
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
		_, err := q.FolderConfirmMail(w.t.Context(), db.FolderConfirmMailParams{ID: id,
			MailAddress: opened.MailAddress, MailConfirmedAt: 1})
		if err != nil {
			return err
		}
		return folder.Prefer(w.t.Context(), q, id, map[folder.Preference]bool{tell.Mail.Preference(tell.Answer): true})
	})
	officetest.Introduce(w.t, w.db, id, meguro, pension, insurer)
}

func (w *world) tx(fn func(q *db.Queries) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) as(folder string) context.Context { return accesstest.AsCitizen(w.t.Context(), folder) }

func (w *world) from(office string) context.Context { return officetest.Calling(w.t, w.db, office) }

// ask asks for details by their usual periods, with whatever notes they have confirmed, and gives the requests.
func (w *world) ask(folder string, details ...string) []*portalv1.InfoRequest {
	w.t.Helper()
	request := &portalv1.AskInfoRequest{Confirmed: everyNote()}
	for _, d := range details {
		request.Wishes = append(request.Wishes, &portalv1.InfoWish{Detail: d})
	}
	response, err := ruletest.Call(w.as(folder), w.people.AskInfo, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.GetRequests()
}

func everyNote() []*portalv1.InfoNotes {
	var notes []*portalv1.InfoNotes
	for n := range int32(29) {
		notes = append(notes, &portalv1.InfoNotes{Category: n + 1, NotesVersion: 1})
	}
	return notes
}

// due gives what an office is given now.
func (w *world) due(office string) *officev1.WatchRequestsResponse {
	w.t.Helper()
	message, err := w.offices.due(w.t.Context(), office, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.offices.note(w.t.Context(), office); err != nil {
		w.t.Fatal(err)
	}
	return message
}

func data(records ...*officev1.InformationRecord) *officev1.AnswerInformationRequest_Data {
	return &officev1.AnswerInformationRequest_Data{Data: &officev1.InformationData{Records: records}}
}

// What an office answers instead of data.
func none(ground officev1.NoneGround) *officev1.AnswerInformationRequest {
	return &officev1.AnswerInformationRequest{Answer: &officev1.AnswerInformationRequest_None{
		None: &officev1.InformationNone{Ground: ground},
	}}
}

func notYet(expected string) *officev1.AnswerInformationRequest {
	return &officev1.AnswerInformationRequest{Answer: &officev1.AnswerInformationRequest_NotYet{
		NotYet: &officev1.InformationNotYet{Expected: expected},
	}}
}

func refusedFor(reason string) *officev1.AnswerInformationRequest {
	return &officev1.AnswerInformationRequest{Reason: reason, Answer: &officev1.AnswerInformationRequest_Refused{
		Refused: &officev1.InformationRefused{},
	}}
}

func unavailable(until int64) *officev1.AnswerInformationRequest {
	return &officev1.AnswerInformationRequest{Answer: &officev1.AnswerInformationRequest_Unavailable{
		Unavailable: &officev1.InformationUnavailable{Until: until},
	}}
}

// record is one with these items and their texts, alternately.
func record(reference string, texts ...string) *officev1.InformationRecord {
	r := &officev1.InformationRecord{Reference: reference}
	for i := 0; i < len(texts); i += 2 {
		r.Values = append(r.Values, &officev1.InformationValue{Item: texts[i], Text: texts[i+1]})
	}
	return r
}

func income(total string) *officev1.AnswerInformationRequest_Data {
	return data(record("r8", "13.year", "2026", "13.salary", "3600000", "13.tax_total", total))
}

func (w *world) answer(office, id string, r *officev1.AnswerInformationRequest) (*officev1.AnswerInformationResponse,
	error) {
	w.t.Helper()
	r.RequestId = id
	return ruletest.Call(w.from(office), w.offices.AnswerInformation, r)
}

func (w *world) mustAnswer(office, id string,
	r *officev1.AnswerInformationRequest) *officev1.AnswerInformationResponse {
	w.t.Helper()
	response, err := w.answer(office, id, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

func (w *world) list(folder string) *portalv1.ListInfoRequestsResponse {
	w.t.Helper()
	response, err := w.people.ListInfoRequests(w.as(folder), &portalv1.ListInfoRequestsRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

func (w *world) one(folder, id string) *portalv1.InfoRequest {
	w.t.Helper()
	for _, r := range w.list(folder).GetRequests() {
		if r.GetId() == id {
			return r
		}
	}
	w.t.Fatalf("the list does not have %s", id)
	return nil
}

func (w *world) get(folder, id string) *portalv1.InfoAnswer {
	w.t.Helper()
	response, err := w.people.GetInfoAnswer(w.as(folder), &portalv1.GetInfoAnswerRequest{Id: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return response.GetAnswer()
}

func (w *world) value(answer *portalv1.InfoAnswer, item string) *portalv1.InfoValue {
	w.t.Helper()
	for _, r := range answer.GetRecords() {
		for _, v := range r.GetValues() {
			if v.GetItem() == item {
				return v
			}
		}
	}
	w.t.Fatalf("the answer has no %s: %v", item, answer)
	return nil
}

// mails counts the mails that wait to be sent.
func (w *world) mails() int {
	w.t.Helper()
	n := 0
	w.tx(func(q *db.Queries) error {
		n = 0
		for _, id := range []string{"hanako", "taro"} {
			jobs, err := q.JobsOfFolder(w.t.Context(), id)
			if err != nil {
				return err
			}
			for _, job := range jobs {
				if job.Kind == mail.JobKind {
					n++
				}
			}
		}
		return nil
	})
	return n
}

func wantCode(t testing.TB, err error, code connect.Code) {
	t.Helper()
	if connect.CodeOf(err) != code {
		t.Errorf("got %v, want %v", err, code)
	}
}
