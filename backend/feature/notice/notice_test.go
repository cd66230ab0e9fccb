package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/live"
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

var ctx = context.Background()

type world struct {
	t      testing.TB
	db     *db.DB
	hub    *live.Hub
	pages  *Service
	intake *Intake
	clock  time.Time
	woken  int
}

func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{t: t, db: d, hub: live.New(d), clock: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	w.pages, w.intake = New(d, w.hub), NewIntake(d, func() { w.woken++ })
	now := func() time.Time { return w.clock }
	w.pages.now, w.intake.now = now, now
	officetest.Register(t, d,
		db.OfficeRegisterParams{ID: "131105", Duties: "notice person", MunicipalityCode: "131105"},
		db.OfficeRegisterParams{ID: "011002", Duties: "notice person", MunicipalityCode: "011002"},
		db.OfficeRegisterParams{ID: "nenkin", Duties: "notice notice-nation person"},
		db.OfficeRegisterParams{ID: "quiet", Duties: "notice person"},
	)
	w.folder("hanako", "131105")
	w.folder("taro", "011011")
	return w
}

func (w *world) tx(fn func(q *db.Queries) error) {
	w.t.Helper()
	if err := w.db.Tx(ctx, fn); err != nil {
		w.t.Fatal(err)
	}
}

// folder opens a folder that each office knows as officetest.Identifier says, of somebody who wants mails.
func (w *world) folder(id, municipality string) {
	w.t.Helper()
	opened := foldertest.Of(id)
	opened.MailAddress, opened.MunicipalityCode, opened.OpenedAt = id+"@example.jp", municipality, w.clock.UnixMilli()
	foldertest.Create(w.t, w.db, opened)
	w.tx(func(q *db.Queries) error {
		return folder.Prefer(ctx, q, id, map[folder.Preference]bool{tell.Mail.Preference(tell.Notice): true})
	})
	officetest.Introduce(w.t, w.db, id, "131105", "011002", "nenkin")
}

func as(folder string) context.Context { return accesstest.AsCitizen(ctx, folder) }

func request(reference string) *officev1.SendNoticeRequest {
	return &officev1.SendNoticeRequest{
		Reference: reference, Title: "題 " + reference, Body: "本文", Audience: &officev1.SendNoticeRequest_Nation{
			Nation: true,
		},
	}
}

func (w *world) send(officeID string, r *officev1.SendNoticeRequest) *officev1.SendNoticeResponse {
	w.t.Helper()
	response, err := w.intake.SendNotice(officetest.Calling(w.t, w.db, officeID), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

func toPerson(reference, identifier string) *officev1.SendNoticeRequest {
	r := request(reference)
	r.Audience = &officev1.SendNoticeRequest_Person{Person: identifier}
	return r
}

func toMunicipality(reference, code string) *officev1.SendNoticeRequest {
	r := request(reference)
	r.Audience = &officev1.SendNoticeRequest_MunicipalityCode{MunicipalityCode: code}
	return r
}

func (w *world) list(folder string, r *portalv1.ListNoticesRequest) *portalv1.ListNoticesResponse {
	w.t.Helper()
	response, err := w.pages.ListNotices(as(folder), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

func titles(r *portalv1.ListNoticesResponse) string {
	var list []string
	for _, n := range r.GetNotices() {
		list = append(list, strings.TrimPrefix(n.GetTitle(), "題 "))
	}
	return strings.Join(list, " ")
}

func TestWhoSeesWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, r := range []struct {
			office string
			r      *officev1.SendNoticeRequest
		}{
			{"131105", toPerson("1", "131105-hanako")}, {"nenkin", request("2")},
			{"131105", toMunicipality("3", "131105")},
			{"011002", toMunicipality("4", "011002")}, {"011002", toMunicipality("5", "011011")},
			{"nenkin", toMunicipality("6", "271004")},
		} {
			w.clock = w.clock.Add(time.Second)
			w.send(r.office, r.r)
		}
		if got := titles(w.list("hanako", nil)); got != "3 2 1" {
			t.Errorf("Hanako in Meguro sees %q", got)
		}
		if got := titles(w.list("taro", nil)); got != "5 4 2" {
			t.Errorf("Taro in a ward of Sapporo sees %q", got)
		}
		one := w.list("hanako", nil).GetNotices()[2]
		if _, err := w.pages.GetNotice(as("taro"), &portalv1.GetNoticeRequest{Id: one.GetId()}); err == nil {
			t.Error("Taro reads Hanako's notice")
		} else {
			accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "id")
		}
		got, err := w.pages.GetNotice(as("hanako"), &portalv1.GetNoticeRequest{Id: one.GetId()})
		if err != nil || got.GetNotice().GetBody() != "本文" || got.GetNotice().GetOffice() != "名131105" ||
			got.GetNotice().GetRead() || one.GetBody() != "" {
			t.Errorf("%v, %v", got, err)
		}
		for _, n := range w.list("taro", nil).GetNotices() {
			if _, err := w.pages.MarkNotices(as("hanako"), &portalv1.MarkNoticesRequest{
				Ids: []string{n.GetId()}, Read: true,
			}); err != nil {
				t.Error(err)
			}
		}
		if l := w.list("hanako", nil); l.GetUnreadCount() != 2 || w.list("taro", nil).GetUnreadCount() != 3 {
			t.Errorf("marking what is another's changes the count to %d", l.GetUnreadCount())
		}
		// Who opens a folder later still sees the last month's broadcasts, not older ones.
		w.clock = w.clock.Add(beforeOpening - time.Hour)
		w.folder("late", "131105")
		if got := titles(w.list("late", nil)); got != "3 2" {
			t.Errorf("a newcomer sees %q", got)
		}
		w.clock = w.clock.Add(2 * time.Hour)
		w.folder("later", "131105")
		if got := titles(w.list("later", nil)); got != "" {
			t.Errorf("a later newcomer sees %q", got)
		}
	})
}

func TestPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		want := []string{}
		for i := range 23 {
			if i%3 != 0 { // many at the same instant
				w.clock = w.clock.Add(time.Second)
			}
			r := []*officev1.SendNoticeRequest{
				request(fmt.Sprint(i)), toPerson(fmt.Sprint(i), "nenkin-hanako"),
				toMunicipality(fmt.Sprint(i), "131105"),
			}[i%3]
			w.send("nenkin", r)
			want = append(want, fmt.Sprint(i))
		}
		seen := map[string]bool{}
		last := int64(1 << 62)
		token := ""
		for page := 0; ; page++ {
			l := w.list("hanako", &portalv1.ListNoticesRequest{PageSize: 4, PageToken: token})
			for _, n := range l.GetNotices() {
				if seen[n.GetTitle()] || n.GetSentAt() > last {
					t.Errorf("%s twice or out of order", n.GetTitle())
				}
				seen[n.GetTitle()], last = true, n.GetSentAt()
			}
			if token = l.GetNextPageToken(); token == "" {
				break
			}
			if page > 10 {
				t.Fatal("no end")
			}
		}
		if len(seen) != len(want) {
			t.Errorf("%d of %d seen", len(seen), len(want))
		}
		first := w.list("hanako", &portalv1.ListNoticesRequest{PageSize: 4}).GetNextPageToken()
		for name, r := range map[string]*portalv1.ListNoticesRequest{
			"rubbish": {PageToken: "rubbish"}, "of another list": {PageToken: first, UnreadOnly: true},
			"cut":                  {PageToken: first[:len(first)-3]},
			"of an earlier portal": {PageToken: "YS4xNzk1MzE2NDAwMDAwLm5hYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"},
		} {
			_, err := w.pages.ListNotices(as("hanako"), r)
			t.Run(name, func(t *testing.T) {
				accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "page_token")
			})
		}
		for _, size := range []int32{-1, 101} {
			_, err := ruletest.Call(as("hanako"), w.pages.ListNotices, &portalv1.ListNoticesRequest{PageSize: size})
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "page_size")
		}
	})
}

func TestReadUnreadAndActions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d) // 2026-11-22 12:00 in Japan
		add := func(reference, due string, r *officev1.SendNoticeRequest) string {
			w.clock = w.clock.Add(time.Second)
			r.Action, r.ActionDue = "申し込む", due
			return w.send("nenkin", r).GetNoticeId()
		}
		personal := add("today", "2026-11-22", toPerson("today", "nenkin-hanako"))
		add("past", "2026-11-21", toPerson("past", "nenkin-hanako"))
		add("whenever", "", toPerson("whenever", "nenkin-hanako"))
		broadcast := add("all", "2026-12-01", request("all"))
		add("allpast", "2026-11-01", request("allpast"))
		w.send("nenkin", request("plain"))
		got := titles(w.list("hanako", &portalv1.ListNoticesRequest{ActionOnly: true}))
		if got != "all whenever today" {
			t.Errorf("to be done: %q", got)
		}
		mark := func(read bool, want int32, ids ...string) {
			t.Helper()
			for range 2 { // idempotent
				r, err := w.pages.MarkNotices(as("hanako"), &portalv1.MarkNoticesRequest{Ids: ids, Read: read})
				if err != nil || r.GetUnreadCount() != want {
					t.Errorf("unread %d, %v; want %d", r.GetUnreadCount(), err, want)
				}
			}
		}
		mark(true, 4, personal, broadcast)
		if got := titles(w.list(
			"hanako", &portalv1.ListNoticesRequest{ActionOnly: true, UnreadOnly: true},
		)); got != "whenever" {
			t.Errorf("unread and to be done: %q", got)
		}
		if got := w.list("hanako", &portalv1.ListNoticesRequest{UnreadOnly: true}); len(got.GetNotices()) != 4 ||
			got.GetUnreadCount() != 4 {
			t.Errorf("unread: %q, %d", titles(got), got.GetUnreadCount())
		}
		if w.list("taro", nil).GetUnreadCount() != 3 {
			t.Error("Hanako's reading changes what Taro has read")
		}
		mark(false, 6, personal, broadcast)
		_, err := ruletest.Call(as("hanako"), w.pages.MarkNotices, &portalv1.MarkNoticesRequest{
			Ids: make([]string, 101),
		})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_FIELD_TOO_LONG, "ids")
	})
}

func TestWhomAnOfficeMayAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { testWhomAnOfficeMayAddress(t, newWorld(t, d)) })
}

func testWhomAnOfficeMayAddress(t *testing.T, w *world) {
	for _, c := range []struct {
		name, office string
		r            *officev1.SendNoticeRequest
		reason       portalv1.Reason
		field        string
	}{
		{
			"another office's identifier", "nenkin", toPerson("r", "131105-hanako"),
			portalv1.Reason_REASON_NOT_FOUND, "person",
		},
		{"nobody's identifier", "nenkin", toPerson("r", ""), portalv1.Reason_REASON_NOT_FOUND, "person"},
		{"an identifier with NUL", "nenkin", toPerson("r", "nenkin-\x00"), portalv1.Reason_REASON_NOT_FOUND, "person"},
		{
			"an identifier without end", "nenkin", toPerson("r", strings.Repeat("花", 50_000)),
			portalv1.Reason_REASON_NOT_FOUND, "person",
		},
		{
			"another municipality", "131105", toMunicipality("r", "011002"), portalv1.Reason_REASON_NOT_ALLOWED,
			"municipality_code",
		},
		{
			"no municipality", "nenkin", toMunicipality("r", "131106"), portalv1.Reason_REASON_INVALID_FIELD,
			"municipality_code",
		},
		{"the nation by a municipality", "131105", request("r"), portalv1.Reason_REASON_NOT_ALLOWED, "nation"},
		{"the nation without the duty", "quiet", request("r"), portalv1.Reason_REASON_NOT_ALLOWED, "nation"},
		{
			"a municipality without the duty", "quiet", toMunicipality("r", "131105"),
			portalv1.Reason_REASON_NOT_ALLOWED, "municipality_code",
		},
		{
			"nobody", "nenkin", &officev1.SendNoticeRequest{Reference: "r", Title: "t", Body: "b"},
			portalv1.Reason_REASON_INVALID_FIELD, "audience",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ruletest.Call(officetest.Calling(w.t, w.db, c.office), w.intake.SendNotice, c.r)
			accesstest.WantReason(t, err, c.reason, c.field)
		})
	}
}

// A page token is good for the list of whom it was given to.
func TestAPageTokenOfAnotherIsRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for i := range 3 {
		w.send("nenkin", toPerson(fmt.Sprint("hanako", i), "nenkin-hanako"))
		w.clock = w.clock.Add(time.Second)
		w.send("nenkin", toPerson(fmt.Sprint("taro", i), "nenkin-taro"))
	}
	token := w.list("hanako", &portalv1.ListNoticesRequest{PageSize: 2}).GetNextPageToken()
	got := titles(w.list("hanako", &portalv1.ListNoticesRequest{PageToken: token}))
	if token == "" || got != "hanako0" {
		t.Errorf("token %q: %s", token, got)
	}
	_, err := w.pages.ListNotices(as("taro"), &portalv1.ListNoticesRequest{PageToken: token})
	accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "page_token")
}

func TestNoticesAtFault(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hidden := func(into func(*officev1.SendNoticeRequest, string)) []func(*officev1.SendNoticeRequest) {
		var list []func(*officev1.SendNoticeRequest)
		for _, text := range []string{
			"a\u202eb", "a\u200bb", "a\u200db", "a\u061cb", "a\u2028b", "\ufeffa", "a\u00adb", "a\U000e0041b",
			"a\ue000b", "\u3164", "\u2800", "a\x00", "👩\u200d👧", "a" + strings.Repeat("\u0301", 9),
		} {
			list = append(list, func(r *officev1.SendNoticeRequest) { into(r, text) })
		}
		return list
	}
	address := func(s string) func(*officev1.SendNoticeRequest) {
		return func(r *officev1.SendNoticeRequest) { r.ActionUrl = s }
	}
	for field, changes := range map[string][]func(*officev1.SendNoticeRequest){
		"reference": append(hidden(func(r *officev1.SendNoticeRequest, s string) { r.Reference = s }),
			func(r *officev1.SendNoticeRequest) { r.Reference = "" }, func(r *officev1.SendNoticeRequest) {
				r.Reference = strings.Repeat("x", 65)
			}),
		"title": append(hidden(func(r *officev1.SendNoticeRequest, s string) { r.Title = s }),
			func(r *officev1.SendNoticeRequest) { r.Title = " " }, func(r *officev1.SendNoticeRequest) {
				r.Title = "a\nb"
			}, func(r *officev1.SendNoticeRequest) { r.Title = strings.Repeat("題", 101) }),
		"body": append(hidden(func(r *officev1.SendNoticeRequest, s string) { r.Body = s }),
			func(r *officev1.SendNoticeRequest) { r.Body = "" }, func(r *officev1.SendNoticeRequest) {
				r.Body = strings.Repeat("本", 10001)
			}),
		"action": append(hidden(func(r *officev1.SendNoticeRequest, s string) { r.Action = s }),
			func(r *officev1.SendNoticeRequest) { r.Action = " " }),
		"action_due": {
			func(r *officev1.SendNoticeRequest) { r.ActionDue = "tomorrow" }, func(r *officev1.SendNoticeRequest) {
				r.ActionDue = "2026-02-30"
			},
		},
		"action_url": {
			address("javascript:alert(1)"), address("http://example.jp"), address("https://a@b/"),
			address("https://127.0.0.1/"), address("https://[::1]/"), address("https://10.1.2.3/"),
			address("https://portal/"),
			address("https://printer.local/"), address("https://example.jp:8443/"),
			address("https://xn--80ak6aa92e.com/"), address("https://аррӏе.com/"),
			address("https://example.jp/\u202egpj"),
			func(r *officev1.SendNoticeRequest) { r.ActionUrl, r.Action = "https://www.example.jp/", "" },
		},
	} {
		for i, change := range changes {
			r := request("r")
			r.Action = "する"
			change(r)
			_, err := ruletest.Call(officetest.Calling(w.t, w.db, "nenkin"), w.intake.SendNotice, r)
			var failure *connect.Error
			if !errors.As(err, &failure) || failure.Code() != connect.CodeInvalidArgument ||
				!strings.Contains(fmt.Sprint(failure.Details()[0].Value()), `"`+field+`"`) {
				t.Errorf("%s %d: %v", field, i, err)
			}
		}
	}
}

func TestAnOfficeIsToldWhichCharacterStandsWhere(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	r := request("r")
	r.Body = "一行目\n二\u200b行目"
	_, err := ruletest.Call(officetest.Calling(w.t, w.db, "nenkin"), w.intake.SendNotice, r)
	if err == nil || !strings.Contains(err.Error(), "U+200B ZERO WIDTH SPACE at line 2, character 2") {
		t.Error(err)
	}
}

func TestSentTwiceIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, make := range []func() *officev1.SendNoticeRequest{
			func() *officev1.SendNoticeRequest { return toPerson("p", "nenkin-hanako") },
			func() *officev1.SendNoticeRequest { return request("b") },
		} {
			var mu sync.Mutex
			var all sync.WaitGroup
			ids, created := map[string]bool{}, 0
			for range 6 {
				all.Go(func() {
					response, err := w.intake.SendNotice(officetest.Calling(w.t, w.db, "nenkin"), make())
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
						return
					}
					ids[response.GetNoticeId()] = true
					if response.GetCreated() {
						created++
					}
				})
			}
			all.Wait()
			if len(ids) != 1 || created != 1 {
				t.Errorf("%d ids, created %d times", len(ids), created)
			}
			other := make()
			other.Title = "another"
			_, err := w.intake.SendNotice(officetest.Calling(w.t, w.db, "nenkin"), other)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "reference")
		}
		if w.send("131105", toPerson("p", "131105-hanako")).GetCreated() == false {
			t.Error("another office may use the same reference")
		}
	})
}

func TestMailGoesToWhoWantsAndConfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.send("nenkin", toPerson("1", "nenkin-hanako")) // not confirmed
		w.tx(func(q *db.Queries) error {
			_, err := q.FolderConfirmMail(ctx, db.FolderConfirmMailParams{
				ID: "hanako", MailAddress: "hanako@example.jp", MailConfirmedAt: 1,
			})
			return err
		})
		w.send("nenkin", toPerson("2", "nenkin-hanako"))
		w.send("nenkin", request("3"))
		var job db.Job
		count := 0
		for {
			err := d.Tx(ctx, func(q *db.Queries) (err error) {
				job, err = q.JobLease(ctx, db.JobLeaseParams{
					Until: 1 << 50, Now: time.Now().Add(time.Hour).UnixMilli(),
				})
				return err
			})
			if errors.Is(err, db.ErrNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			count++
			if job.Kind != "mail" || job.FolderID.String != "hanako" || strings.Contains(job.Payload, "example.jp") ||
				strings.Contains(job.Payload, "題") {
				t.Errorf("%+v", job)
			}
		}
		if count != 1 {
			t.Errorf("%d mails, want 1", count)
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add("1", "n"+strings.Repeat("a", 26))
	f.Add("-1", "b")
	f.Fuzz(func(t *testing.T, sentAt, id string) {
		p, err := parsePosition([]string{sentAt, id}, nil)
		if err == nil && (!isID(p.id) || p.sentAt < 0) {
			t.Errorf("%q, %q give %+v", sentAt, id, p)
		}
	})
}
