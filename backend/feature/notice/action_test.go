package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func asking(r *officev1.SendNoticeRequest, action, due string) *officev1.SendNoticeRequest {
	r.Action, r.ActionDue = action, due
	return r
}

func (w *world) actions(folder string) (open, done string) {
	w.t.Helper()
	response, err := w.pages.ListActions(as(folder), &portalv1.ListActionsRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	if int(response.GetOpenCount()) != len(response.GetOpen()) {
		w.t.Errorf("%d are counted, %d listed", response.GetOpenCount(), len(response.GetOpen()))
	}
	names := func(notices []*portalv1.Notice) string {
		var list []string
		for _, n := range notices {
			list = append(list, strings.TrimPrefix(n.GetTitle(), "題 "))
		}
		return strings.Join(list, " ")
	}
	return names(response.GetOpen()), names(response.GetDone())
}

func (w *world) change(folder string, request *portalv1.UpdateActionRequest) *portalv1.Notice {
	w.t.Helper()
	response, err := w.pages.UpdateAction(as(folder), request)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.GetNotice()
}

func TestWhatNoticesAskForIsTickedOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		own := w.send("131105", asking(toPerson("own", "131105-hanako"), "出す", "2026-12-10")).GetNoticeId()
		all := w.send("nenkin", asking(request("all"), "払う", "2026-12-01")).GetNoticeId()
		w.send("131105", asking(toPerson("undated", "131105-hanako"), "読む", ""))
		w.send("131105", asking(toPerson("late", "131105-hanako"), "返す", "2026-11-01"))
		w.send("131105", asking(toPerson("long-ago", "131105-hanako"), "返す", "2025-11-01"))
		w.send("131105", toPerson("nothing-to-do", "131105-hanako"))
		w.send("011002", asking(toMunicipality("elsewhere", "011002"), "出す", "2026-12-01"))
		wantOpen := func(open, done string) {
			t.Helper()
			if o, d := w.actions("hanako"); o != open || d != done {
				t.Errorf("open %q, done %q, want %q, %q", o, d, open, done)
			}
		}
		wantOpen("late all own undated", "")

		w.clock = w.clock.Add(time.Minute)
		ticked := w.change("hanako", &portalv1.UpdateActionRequest{Id: own, Done: new(true)})
		if ticked.GetDoneAt() != w.clock.UnixMilli() || ticked.GetBody() != "" || ticked.GetTitle() != "題 own" {
			t.Error(ticked)
		}
		since := ticked.GetDoneAt()
		w.clock = w.clock.Add(time.Minute)
		again := w.change("hanako", &portalv1.UpdateActionRequest{Id: own, Done: new(true)})
		if again.GetDoneAt() != since {
			t.Error("ticked twice, it was done at another time")
		}
		w.change("hanako", &portalv1.UpdateActionRequest{Id: all, Done: new(true)})
		wantOpen("late undated", "all own")
		if got := titles(w.list("hanako", &portalv1.ListNoticesRequest{ActionOnly: true})); got != "undated" {
			t.Errorf("an older page is told of %s", got)
		}
		if got := titles(w.list(
			"hanako", &portalv1.ListNoticesRequest{ActionOnly: true, UnreadOnly: true},
		)); got != "undated" {
			t.Errorf("an older page is told of %s", got)
		}
		// What was sent to everybody is ticked off for oneself alone.
		if open, done := w.actions("taro"); open != "all elsewhere" && open != "elsewhere all" || done != "" {
			t.Errorf("taro: open %q, done %q", open, done)
		}
		got, err := w.pages.GetNotice(as("hanako"), &portalv1.GetNoticeRequest{Id: all})
		if err != nil || got.GetNotice().GetDoneAt() == 0 || got.GetNotice().GetBody() == "" {
			t.Error(got, err)
		}
		w.change("hanako", &portalv1.UpdateActionRequest{Id: all, Done: new(false)})
		wantOpen("late all undated", "own")

		// A day of one's own puts it first; the tick stays as it is, and the office's day too.
		n := w.change("hanako", &portalv1.UpdateActionRequest{Id: all, OwnDue: new("2026-10-01")})
		if n.GetOwnDue() != "2026-10-01" || n.GetActionDue() != "2026-12-01" {
			t.Error(n)
		}
		wantOpen("all late undated", "own")
		w.change("hanako", &portalv1.UpdateActionRequest{Id: all, OwnDue: new("")})
		wantOpen("late all undated", "own")
	})
}

// A day that was changed elsewhere meanwhile is not overwritten by who did not know of it.
func TestADayThatWasChangedElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.send("131105", asking(toPerson("own", "131105-hanako"), "出す", "2026-12-10")).GetNoticeId()
		w.change("hanako", &portalv1.UpdateActionRequest{Id: id, OwnDue: new("2026-12-01"), OwnDueWas: new("")})
		_, err := w.pages.UpdateAction(as("hanako"), &portalv1.UpdateActionRequest{
			Id: id, OwnDue: new("2026-12-02"), OwnDueWas: new(""),
		})
		if connect.CodeOf(err) != connect.CodeAborted {
			t.Error(err)
		}
		n := w.change("hanako", &portalv1.UpdateActionRequest{Id: id, Done: new(true), OwnDueWas: new("")})
		if n.GetOwnDue() != "2026-12-01" || n.GetDoneAt() == 0 {
			t.Error(n)
		}
		w.change("hanako", &portalv1.UpdateActionRequest{Id: id, OwnDue: new("2026-12-01"), OwnDueWas: new("")})
		n = w.change("hanako", &portalv1.UpdateActionRequest{
			Id: id, OwnDue: new("2026-12-03"), OwnDueWas: new("2026-12-01"),
		})
		if n.GetOwnDue() != "2026-12-03" {
			t.Error(n)
		}
	})
}

func TestNobodyTicksOffWhatIsNotTheirs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		own := w.send("131105", asking(toPerson("own", "131105-hanako"), "出す", "2026-12-10")).GetNoticeId()
		elsewhere := w.send("131105", asking(toMunicipality("meguro", "131105"), "出す", "2026-12-01")).GetNoticeId()
		plain := w.send("nenkin", request("plain")).GetNoticeId()
		for _, c := range []struct{ folder, id string }{
			{"taro", own}, {"taro", elsewhere}, {"hanako", plain}, {"hanako", "n" + strings.Repeat("a", 26)},
			{"hanako", "'; DROP TABLE notice"}, {"hanako", ""},
		} {
			_, err := w.pages.UpdateAction(as(c.folder), &portalv1.UpdateActionRequest{Id: c.id, Done: new(true)})
			accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "id")
		}
		_, err := ruletest.Call(as("hanako"), w.pages.UpdateAction, &portalv1.UpdateActionRequest{
			Id: own, OwnDue: new("2026-02-30"),
		})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "own_due")
		if open, done := w.actions("hanako"); open != "meguro own" || done != "" {
			t.Errorf("open %q, done %q", open, done)
		}
		// With the folder, what its person had to say goes too.
		w.change("hanako", &portalv1.UpdateActionRequest{Id: own, Done: new(true)})
		w.tx(func(q *db.Queries) error { _, err := q.FolderDelete(ctx, "hanako"); return err })
		if _, err := d.Read().NoticeActionGet(ctx, db.NoticeActionGetParams{
			FolderID: "hanako", NoticeID: own,
		}); err == nil {
			t.Error("what was ticked off outlives the folder")
		}
	})
}

// However many there are, the first days are listed and the count is of all.
func TestMoreActionsThanAreListed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.tx(func(q *db.Queries) error {
		for i := range actionsShown + 5 {
			_, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
				FolderID: "hanako", ID: fmt.Sprintf("n%026d", i), OfficeID: "nenkin", Reference: fmt.Sprint(i),
				Title: fmt.Sprint(i), Action: "出す",
				ActionDue: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -i).Format(time.DateOnly),
				SentAt:    int64(i),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	response, err := w.pages.ListActions(as("hanako"), &portalv1.ListActionsRequest{})
	if err != nil || len(response.GetOpen()) != actionsShown || response.GetOpenCount() != actionsShown+5 ||
		response.GetOpen()[0].GetTitle() != "304" {
		t.Error(len(response.GetOpen()), response.GetOpenCount(), err)
	}
}
