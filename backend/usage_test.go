package main

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// acts are the names in a folder's history of use, the oldest first.
func (w *world) acts(folderID string) (list []string) {
	w.t.Helper()
	rows, err := w.db.Read().ActLines(context.Background(), db.ActLinesParams{
		FolderID: folderID, Before: math.MaxInt64, Size: 1000,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, row := range rows {
		if row.ActorID != folderID || row.SubjectID != folderID {
			w.t.Errorf("%s by %s about %s in the history of %s", row.Act, row.ActorID, row.SubjectID, folderID)
		}
		list = append(list, row.Act)
	}
	slices.Reverse(list)
	return list
}

// What a person does stands in their history once, what they only look for and what was refused does not.
func TestHistoryOfUse(t *testing.T) {
	w, ctx := startWorld(t), t.Context()
	w.folder("F1")
	w.folder("F2")
	cookie := w.begin("F1", "")
	notices := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, w.front)
	guide := portalv1connect.NewGuideServiceClient(withCookie{cookie}, w.front)
	_, err := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC()).SendNotice(ctx,
		&officev1.SendNoticeRequest{
			Reference: "1", Title: "題", Body: "文", Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-F1"},
		})
	if err != nil {
		t.Fatal(err)
	}
	list, err := notices.ListNotices(ctx, &portalv1.ListNoticesRequest{})
	if err != nil || len(list.GetNotices()) != 1 {
		t.Fatal(list, err)
	}
	id := list.GetNotices()[0].GetId()
	for what, do := range map[string]func() error{
		"notice.read": func() error {
			_, err := notices.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: id})
			return err
		},
		"notice.mark": func() error {
			_, err := notices.MarkNotices(ctx, &portalv1.MarkNoticesRequest{Ids: []string{id}, Read: true})
			return err
		},
		"todo.add": func() error {
			_, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "転入届"}}})
			return err
		},
	} {
		before := w.acts("F1")
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := w.acts("F1"); len(got) != len(before)+1 || !slices.Contains(got, what) {
			t.Errorf("%s: %v, then %v", what, before, got)
		}
	}
	before := w.acts("F1")
	for what, do := range map[string]func() error{
		"a notice that is not there": func() error {
			_, err := notices.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: "n" + strings.Repeat("a", len(id)-1)})
			return err
		},
		"a task without a title": func() error {
			_, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{}}})
			return err
		},
	} {
		if do() == nil {
			t.Errorf("%s went well", what)
		}
	}
	if _, err := guide.ListTasks(ctx, &portalv1.ListTasksRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := w.acts("F1"); !slices.Equal(got, before) {
		t.Errorf("after what was refused or is not recorded: %v", got[len(before):])
	}
	if got := w.acts("F2"); len(got) != 0 {
		t.Errorf("somebody else's: %v", got)
	}
	state, err := w.sessions.ByToken(ctx, cookie.Value)
	rows, readErr := w.db.Read().ActLines(ctx, db.ActLinesParams{FolderID: "F1", Before: math.MaxInt64, Size: 1})
	if err != nil || readErr != nil || rows[0].Session != act.Session(state.Caller.SessionHash) {
		t.Errorf("the session of %v, %v, %v", rows, err, readErr)
	}
}

// What a page fetches by itself when it arrives was read by nobody, and the history says so; a change that a page sends
// later by itself was the person's all the same.
func TestWhatAPageFetchesIsNotRead(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "")
	notices := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, w.front)
	send := &officev1.SendNoticeRequest{
		Reference: "1", Title: "題", Body: "文", Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-F1"},
	}
	_, err := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC()).
		SendNotice(t.Context(), send)
	if err != nil {
		t.Fatal(err)
	}
	list, err := notices.ListNotices(t.Context(), &portalv1.ListNoticesRequest{})
	if err != nil || len(list.GetNotices()) != 1 {
		t.Fatal(list, err)
	}
	id := list.GetNotices()[0].GetId()
	itself := func() context.Context {
		ctx, info := connect.NewClientContext(t.Context())
		info.RequestHeader().Set(access.UnattendedHeader, "1")
		return ctx
	}
	for what, do := range map[string]func() error{
		"notice.read BY_ITSELF ahead": func() error {
			_, err := notices.GetNotice(itself(), &portalv1.GetNoticeRequest{Id: id})
			return err
		},
		"notice.read DONE ": func() error {
			_, err := notices.GetNotice(t.Context(), &portalv1.GetNoticeRequest{Id: id})
			return err
		},
		"notice.mark DONE ": func() error {
			_, err := notices.MarkNotices(itself(), &portalv1.MarkNoticesRequest{Ids: []string{id}, Read: true})
			return err
		},
	} {
		before := w.results("F1")
		if err := do(); err != nil {
			t.Fatal(err)
		}
		before[what]++
		if got := w.results("F1"); !maps.Equal(got, before) {
			t.Errorf("%s: %v, want %v", what, got, before)
		}
	}
}

// results count the lines in a folder's history by act, result and reason.
func (w *world) results(folderID string) map[string]int {
	w.t.Helper()
	lines, err := act.Read(w.t.Context(), w.db.Read(), folderID, act.Position{At: math.MaxInt64}, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	counted := map[string]int{}
	for _, one := range lines {
		result := strings.TrimPrefix(one.Line.GetResult().String(), "USAGE_RESULT_")
		counted[one.Line.GetAct()+" "+result+" "+one.Line.GetWhy()]++
	}
	return counted
}

// Who opens a folder is found out by the call itself.
func TestAFolderBeginsWithItsHistory(t *testing.T) {
	w, ctx := startWorld(t), t.Context()
	serial := w.resident(1)
	id, err := w.db.Read().FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID(serial)))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.acts(id); !slices.Equal(got, []string{"account.open", "todo.add"}) {
		t.Errorf("%v", got)
	}
	lines, err := act.Read(ctx, w.db.Read(), id, act.Position{At: math.MaxInt64}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	living, err := w.db.Read().SessionsLive(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if opening := lines[1].Line.GetSession(); !slices.ContainsFunc(living, func(row db.Session) bool {
		return act.Session(row.TokenHash) == opening
	}) {
		t.Errorf("it was opened in %q, which does not go on", opening)
	}
	client := portalv1connect.NewAccountServiceClient(withCookie{w.holder(serial, "account.close")}, w.front)
	if _, err := client.CloseAccount(ctx, &portalv1.CloseAccountRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := w.acts(id); len(got) != 0 {
		t.Errorf("after closing: %v", got)
	}
}

// What was answered before a name was changed is not kept beyond the change.
func TestAKeptAnswerIsErasedWithWhatItTells(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	client := portalv1connect.NewAccountServiceClient(withCookie{w.begin("F1", "")}, w.front)
	change := func(key, name string) (*portalv1.UpdateAccountResponse, error) {
		ctx, info := connect.NewClientContext(t.Context())
		info.RequestHeader().Set(access.KeyHeader, key)
		return client.UpdateAccount(ctx, &portalv1.UpdateAccountRequest{
			DisplayName: name, MunicipalityCode: "131105", Language: "ja",
		})
	}
	const first, second = "key-of-the-first-act", "key-of-the-second-act"
	for _, c := range []struct{ key, name string }{
		{first, "canary.one.001z"}, {first, "canary.one.001z"}, {second, "花子"}, {second, "花子"},
	} {
		if got, err := change(c.key, c.name); err != nil || got.GetAccount().GetDisplayName() != c.name {
			t.Fatalf("%s: %v, %v", c.name, got, err)
		}
	}
	if _, err := change(first, "canary.one.001z"); connect.CodeOf(err) != connect.CodeAlreadyExists {
		t.Errorf("the first again: %v", err)
	}
	if got := w.acts("F1"); !slices.Equal(got, []string{"account.change", "account.change"}) {
		t.Errorf("%v", got)
	}
	for there, until := true, time.Now().Add(time.Minute); there; time.Sleep(50 * time.Millisecond) {
		there = standing(t, w.config.database, w.config.database+"-wal")["canary.one.001z"]
		if there && time.Now().After(until) {
			t.Fatal("the old name stands in the store's files")
		}
	}
}
