package draft_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/draft"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/published"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestADraftIsKeptFieldByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		phone, computer := w.on("hanako", "phone"), w.on("hanako", "computer")
		first := w.mustSave(phone, id(1), nintei, field("claimant_name", "山田 花子", 0), field("job", "employee", 0))
		if first.GetRevision() != 1 || len(first.GetConflicts())+len(first.GetNews()) != 0 {
			t.Fatalf("%v", first)
		}
		if first.GetGoneAt() != w.clock.Add(30*24*time.Hour).UnixMilli() {
			t.Errorf("gone at %d", first.GetGoneAt())
		}
		// Sent again, it is the same.
		again := w.mustSave(phone, id(1), nintei, field("claimant_name", "山田 花子", 0), field("job", "employee", 0))
		if again.GetRevision() != 1 || len(again.GetConflicts()) != 0 {
			t.Errorf("again: %v", again)
		}
		// Another device changes one field and adds one; the first hears of it, and may write over what it has seen.
		w.clock = w.clock.Add(time.Minute)
		second := w.mustSave(computer, id(1), nintei, field("job", "none", 1), field("claimant_tel", "0312345678", 1))
		if second.GetRevision() != 2 || len(second.GetConflicts()) != 0 {
			t.Fatalf("%v", second)
		}
		third := w.mustSave(phone, id(1), nintei, field("job", "other", 1), field("claimant_mail", "a@example.jp", 1))
		if len(third.GetConflicts()) != 1 || string(third.GetConflicts()[0].GetValue()) != `"none"` ||
			third.GetConflicts()[0].GetSeen() != 2 {
			t.Errorf("conflicts %v", third.GetConflicts())
		}
		if len(third.GetNews()) != 1 || third.GetNews()[0].GetField() != "claimant_tel" {
			t.Errorf("news %v", third.GetNews())
		}
		got := w.get(computer, id(1))
		want := map[string]string{
			"claimant_name": `"山田 花子"`, "job": `"none"`, "claimant_tel": `"0312345678"`,
			"claimant_mail": `"a@example.jp"`,
		}
		if !maps.Equal(answers(got), want) || got.GetRevision() != 3 || got.GetDevice() != "Firefox・Linux" ||
			got.GetPlaceName() != "目黒区" ||
			got.GetPlaceEnglish() != "Meguro-ku, Tokyo" || !strings.Contains(got.GetTitle(), "児童手当") {
			t.Errorf("%v", got)
		}
		if fourth := w.mustSave(phone, id(1), nintei, field("job", "other", 3)); len(fourth.GetConflicts()) != 0 {
			t.Errorf("having seen it: %v", fourth)
		}
		cleared := &portalv1.DraftField{Field: "claimant_mail", Seen: 4}
		w.mustSave(phone, id(1), nintei, cleared)
		if got := answers(w.get(phone, id(1))); got["job"] != `"other"` || got["claimant_mail"] != "" {
			t.Errorf("%v", got)
		}
		list, err := w.s.ListDrafts(phone, &portalv1.ListDraftsRequest{})
		if err != nil || len(list.GetDrafts()) != 1 || len(list.GetDrafts()[0].GetFields()) != 0 ||
			list.GetDrafts()[0].GetState() != portalv1.DraftState_DRAFT_STATE_OPEN {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func second[A any](_ A, err error) error { return err }

// Nobody else sees a draft, changes it, or takes it away; nor what is attached.
func TestDraftsAreThePersonsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako, taro := w.as("hanako"), w.as("taro")
		w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
		w.mustUpload(hanako, id(1), id(9), "pension_paper", "a.pdf", []byte(document))
		for what, err := range map[string]error{
			"get":     second(w.s.GetDraft(taro, &portalv1.GetDraftRequest{Id: id(1)})),
			"drop":    second(w.s.DropDraft(taro, &portalv1.DropDraftRequest{Id: id(1)})),
			"restore": second(w.s.RestoreDraft(taro, &portalv1.RestoreDraftRequest{Id: id(1)})),
			"start": second(w.s.StartAttachment(taro, &portalv1.StartAttachmentRequest{
				Id: id(8), Draft: id(1), Field: "pension_paper", Name: "a.pdf", Size: 1, Digest: digest(nil),
			})),
			"put":    second(w.s.PutAttachment(taro, &portalv1.PutAttachmentRequest{Id: id(9), Part: []byte("x")})),
			"finish": second(w.s.FinishAttachment(taro, &portalv1.FinishAttachmentRequest{Id: id(9)})),
			"open":   second(w.s.OpenAttachment(taro, &portalv1.OpenAttachmentRequest{Id: id(9)})),
		} {
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		// What is not there for them is no error to take off, and stays.
		_, err := w.s.RemoveAttachment(taro, &portalv1.RemoveAttachmentRequest{Id: id(9)})
		if err != nil || len(w.get(hanako, id(1)).GetAttachments()) != 1 {
			t.Errorf("removed by another: %v", err)
		}
		// A draft of the same id is another one.
		w.mustSave(taro, id(1), nintei, field("job", "employee", 0))
		if got := answers(w.get(hanako, id(1))); got["job"] != `"none"` {
			t.Errorf("%v", got)
		}
		if list, err := w.s.ListDrafts(taro, &portalv1.ListDraftsRequest{}); err != nil || len(list.GetDrafts()) != 1 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestWhatIsNoDraft(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
	request := func(change func(*portalv1.SaveDraftRequest)) error {
		r := &portalv1.SaveDraftRequest{Id: id(1), Place: meguro, Form: nintei, Version: "2026.1"}
		change(r)
		_, err := ruletest.Call(hanako, w.s.SaveDraft, r)
		return err
	}
	for what, c := range map[string]struct {
		change func(*portalv1.SaveDraftRequest)
		reason portalv1.Reason
		field  string
	}{
		"another place": {func(r *portalv1.SaveDraftRequest) { r.Place = setagaya },
			portalv1.Reason_REASON_INVALID_FIELD, "place"},
		"another form": {func(r *portalv1.SaveDraftRequest) { r.Form = risai },
			portalv1.Reason_REASON_INVALID_FIELD, "form"},
		"another application": {func(r *portalv1.SaveDraftRequest) { r.Application = id(5) },
			portalv1.Reason_REASON_INVALID_FIELD, "application"},
		"no such version": {func(r *portalv1.SaveDraftRequest) { r.Version = "1999.1" },
			portalv1.Reason_REASON_NOT_FOUND, "version"},
		"no such field": {func(r *portalv1.SaveDraftRequest) {
			r.Fields = []*portalv1.DraftField{field("my_number", "1", 0)}
		}, portalv1.Reason_REASON_INVALID_FIELD, "fields"},
		"a field twice": {func(r *portalv1.SaveDraftRequest) {
			r.Fields = []*portalv1.DraftField{field("job", "none", 1), field("job", "other", 1)}
		}, portalv1.Reason_REASON_INVALID_FIELD, "fields"},
		"no JSON": {func(r *portalv1.SaveDraftRequest) {
			r.Fields = []*portalv1.DraftField{{Field: "job", Value: []byte("{"), Seen: 1}}
		}, portalv1.Reason_REASON_INVALID_FIELD, "fields"},
		"too much": {func(r *portalv1.SaveDraftRequest) {
			r.Fields = []*portalv1.DraftField{field("job", strings.Repeat("x", 513<<10), 1)}
		}, portalv1.Reason_REASON_FIELD_TOO_LONG, "fields"},
		"a new one of a place that takes none": {func(r *portalv1.SaveDraftRequest) { r.Id, r.Place = id(2), setagaya },
			portalv1.Reason_REASON_NOT_FOUND, "place"},
		"a new one of no place": {func(r *portalv1.SaveDraftRequest) { r.Id, r.Place = id(2), "999999" },
			portalv1.Reason_REASON_NOT_FOUND, "place"},
		"a new one of no form": {func(r *portalv1.SaveDraftRequest) { r.Id, r.Form = id(2), "no-form" },
			portalv1.Reason_REASON_NOT_FOUND, "form"},
		"a new one of an application": {func(r *portalv1.SaveDraftRequest) { r.Id, r.Application = id(2), id(5) },
			portalv1.Reason_REASON_NOT_FOUND, "application"},
	} {
		t.Run(what, func(t *testing.T) { accesstest.WantReason(t, request(c.change), c.reason, c.field) })
	}
	if got := w.get(hanako, id(1)); got.GetRevision() != 1 || len(got.GetFields()) != 1 {
		t.Errorf("something was kept: %v", got)
	}
}

func TestThereAreFiftyDraftsAtMost(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	for n := range 50 {
		w.mustSave(hanako, id(n), nintei)
	}
	_, err := w.save(hanako, id(50), nintei)
	accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY, "")
	w.mustSave(hanako, id(7), nintei, field("job", "none", 0)) // those that are there go on
	// Dropped ones make room, and are had back while there is.
	drop := func(n int) {
		t.Helper()
		if _, err := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: id(n)}); err != nil {
			t.Fatal(err)
		}
	}
	drop(0)
	w.mustSave(hanako, id(50), nintei)
	_, err = w.s.RestoreDraft(hanako, &portalv1.RestoreDraftRequest{Id: id(0)})
	accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY, "")
	for n := 1; n < 100; n++ {
		drop(n)
		w.mustSave(hanako, id(n+50), nintei)
	}
	drop(140)
	_, err = w.save(hanako, id(500), nintei)
	accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY, "")
	if _, err := w.s.RestoreDraft(hanako, &portalv1.RestoreDraftRequest{Id: id(3)}); err != nil {
		t.Errorf("with room: %v", err)
	}
	w.mustSave(w.as("taro"), id(1), nintei)
}

func TestADroppedDraftIsHadBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako := w.as("hanako")
		w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
		for range 2 {
			if _, err := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: id(1)}); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.get(hanako, id(1)); got.GetState() != portalv1.DraftState_DRAFT_STATE_DROPPED ||
			got.GetGoneAt() != w.clock.Add(30*24*time.Hour).UnixMilli() {
			t.Errorf("%v", got)
		}
		for range 2 {
			back, err := w.s.RestoreDraft(hanako, &portalv1.RestoreDraftRequest{Id: id(1)})
			if err != nil || back.GetDraft().GetState() != portalv1.DraftState_DRAFT_STATE_OPEN ||
				answers(back.GetDraft())["job"] != `"none"` {
				t.Fatalf("%v, %v", back, err)
			}
		}
		// A device that had not heard that it was dropped saves it: it is there again.
		if _, err := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: id(1)}); err != nil {
			t.Fatal(err)
		}
		w.mustSave(hanako, id(1), nintei, field("claimant_tel", "0312345678", 1))
		if got := w.get(hanako, id(1)); got.GetState() != portalv1.DraftState_DRAFT_STATE_OPEN ||
			len(got.GetFields()) != 2 {
			t.Errorf("%v", got)
		}
	})
}

func (w *world) tend(days int) {
	w.t.Helper()
	w.clock = w.clock.Add(time.Duration(days) * 24 * time.Hour)
	if err := w.s.Tend(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// letters are how many mails wait.
func (w *world) letters() (n int) {
	w.t.Helper()
	w.tx(func(q *db.Queries) error {
		rows, err := q.JobsOfFolder(w.t.Context(), "hanako")
		n = len(rows)
		return err
	})
	return n
}

func TestADraftGoesAfterItsTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako := w.as("hanako")
		w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
		w.mustUpload(hanako, id(1), id(9), "pension_paper", "a.pdf", []byte(document))
		w.tend(22)
		if w.letters() != 0 {
			t.Fatal("told too early")
		}
		w.tend(1)
		w.tend(0)
		if w.letters() != 1 || w.woken == 0 {
			t.Fatalf("%d letters", w.letters())
		}
		// Changed again, it has its time again, and is told of again.
		w.mustSave(hanako, id(1), nintei, field("job", "other", 1))
		w.tend(8)
		if got := w.get(hanako, id(1)); got.GetState() != portalv1.DraftState_DRAFT_STATE_OPEN {
			t.Fatalf("dropped too early: %v", got)
		}
		w.tend(15)
		if w.letters() != 2 {
			t.Fatalf("%d letters", w.letters())
		}
		w.tend(7)
		if got := w.get(hanako, id(1)); got.GetState() != portalv1.DraftState_DRAFT_STATE_DROPPED {
			t.Fatalf("not dropped: %v", got)
		}
		w.tend(29)
		back, err := w.s.RestoreDraft(hanako, &portalv1.RestoreDraftRequest{Id: id(1)})
		if err != nil || len(back.GetDraft().GetAttachments()) != 1 {
			t.Fatalf("%v, %v", back, err)
		}
		if _, err := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: id(1)}); err != nil {
			t.Fatal(err)
		}
		w.tend(30)
		_, err = w.s.GetDraft(hanako, &portalv1.GetDraftRequest{Id: id(1)})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "id")
		if parts, err := w.db.Read().PartsOfFolder(t.Context(), "hanako"); err != nil || len(parts) != 0 {
			t.Errorf("parts are left: %v, %v", parts, err)
		}
	})
}

// A portal that stood still for long tells first, and gives the time that it tells.
func TestNothingIsDroppedUntold(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
	w.tend(100)
	got := w.get(hanako, id(1))
	if got.GetState() != portalv1.DraftState_DRAFT_STATE_OPEN || w.letters() != 1 ||
		got.GetGoneAt() != w.clock.Add(7*24*time.Hour).UnixMilli() {
		t.Fatalf("%v, %d letters", got, w.letters())
	}
	w.tend(7)
	if got := w.get(hanako, id(1)); got.GetState() != portalv1.DraftState_DRAFT_STATE_DROPPED {
		t.Errorf("%v", got)
	}
}

// Two devices save as they like, from what they have seen; answers get lost on the way, and calls come twice. At the
// end of each field there stands what somebody wrote, and no field is gone.
func TestNoFieldIsLost(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		var there []*portalv1.DraftField
		revision := int64(0)
		seen := [2]map[string]int64{{}, {}}
		knows := [2]map[string]string{{}, {}} // what each device shows as the portal's
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			who := rapid.IntRange(0, 1).Draw(t, "device")
			var changes []*portalv1.DraftField
			for _, name := range names {
				if rapid.Bool().Draw(t, "changes "+name) {
					text := fmt.Sprint(who, "-", rapid.IntRange(0, 3).Draw(t, "answer"))
					changes = append(changes, field(name, text, seen[who][name]))
				}
			}
			before := map[string]string{}
			for _, f := range there {
				before[f.GetField()] = string(f.GetValue())
			}
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				got := draft.Merge(there, changes, revision+1)
				if got.Changed {
					revision++
				}
				there = got.Fields
				if rapid.IntRange(0, 4).Draw(t, "lost") == 0 {
					continue // the answer got lost: the device knows no more than before
				}
				for _, c := range changes {
					seen[who][c.GetField()], knows[who][c.GetField()] = revision, string(c.GetValue())
				}
				for _, f := range slices.Concat(got.Conflicts, got.News) {
					seen[who][f.GetField()], knows[who][f.GetField()] = f.GetSeen(), string(f.GetValue())
				}
			}
			after := map[string]string{}
			for _, f := range there {
				after[f.GetField()] = string(f.GetValue())
			}
			for _, c := range changes {
				name := c.GetField()
				was, is := before[name], after[name]
				if is != was && is != string(c.GetValue()) {
					t.Fatalf("step %d: %s is %s, which nobody wrote", step, name, is)
				}
				if is != was && was != "" && knows[who][name] != is && c.GetSeen() == 0 {
					t.Fatalf("step %d: %s was %s, unseen, and is %s", step, name, was, is)
				}
			}
			for name, was := range before {
				if _, stays := after[name]; !stays {
					t.Fatalf("step %d: %s with %s is gone", step, name, was)
				}
			}
		}
	})
}

// What is unseen is never written over: the rule itself, for all histories of one field.
func TestWhatIsUnseenStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(1, 9).Draw(t, "saved at")
		saw := rapid.Int64Range(0, 9).Draw(t, "seen")
		there := []*portalv1.DraftField{field("a", "theirs", at)}
		got := draft.Merge(there, []*portalv1.DraftField{field("a", "mine", saw)}, 10)
		stays := bytes.Equal(got.Fields[0].GetValue(), value("theirs"))
		if stays != (saw < at) || stays != (len(got.Conflicts) == 1) {
			t.Fatalf("saved at %d, seen %d: %v", at, saw, got)
		}
	})
}

// Two devices at once, on the real stores: all fields of both are there, and the one that both changed is one of
// theirs, of which the other hears.
func TestTwoDevicesSaveAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSave(w.as("hanako"), id(1), nintei)
		own := []string{"claimant_name", "claimant_tel"}
		var all sync.WaitGroup
		var mu sync.Mutex
		conflicts := 0
		for device := range 2 {
			ctx := w.on("hanako", fmt.Sprint(device))
			all.Go(func() {
				for n := range 10 {
					text := fmt.Sprint(device, "-", n)
					saved, err := w.s.SaveDraft(ctx, &portalv1.SaveDraftRequest{
						Id: id(1), Place: meguro, Form: nintei, Version: "2026.1",
						Fields: []*portalv1.DraftField{field(own[device], text, 1000), field("job", text, 0)},
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					conflicts += len(saved.GetConflicts())
					mu.Unlock()
				}
			})
		}
		all.Wait()
		got := answers(w.get(w.as("hanako"), id(1)))
		if got["claimant_name"] != `"0-9"` || got["claimant_tel"] != `"1-9"` ||
			got["job"] != `"0-0"` && got["job"] != `"1-0"` {
			t.Errorf("%v", got)
		}
		if conflicts != 19 {
			t.Errorf("%d conflicts", conflicts)
		}
	})
}

// versionTwo is the form of 児童手当 as a place changes it: without one field, with another.
func versionTwo(t *testing.T, from string, version string) *form.Form {
	t.Helper()
	definition := []byte(`{"schema":1,"id":"` + nintei + `","version":"` + version + `","procedure":"P0001",
		"valid_from":"` + from + `","laws":["児童手当法"],"sign":"card","applicant":["self"],"retention_years":5,
		"sections":[{"id":"s","fields":[{"id":"claimant_name","type":"name","max":"40"},
		{"id":"extra_` + version[:4] + `","type":"line","max":"10"}]}],"decision":{"outcomes":["approve"]},"texts":{
		"title":{"ja":"目黒区の申請","en":"Meguro's","easy":"目黒区《めぐろく》の 申請《しんせい》"},
		"section.s":{"ja":"こと","en":"Things","easy":"こと"},
		"claimant_name":{"ja":"氏名","en":"Name","easy":"名前《なまえ》"},
		"extra_` + version[:4] + `":{"ja":"ほか","en":"More","easy":"ほか"}}}`)
	f, err := form.Read(definition)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBanksAndBranchesAreListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for of, want := range map[string]*portalv1.Bank{
			"":     {Code: "1001", Name: "北海道信金", Kana: "ホツカイドウシンキン", Also: "北海道信用金庫"},
			"0001": {Code: "100", Name: "本店", Kana: "ホンテン"}, "9999": nil,
		} {
			got, err := w.s.ListBanks(t.Context(), &portalv1.ListBanksRequest{Bank: of})
			has := slices.ContainsFunc(got.GetBanks(), func(b *portalv1.Bank) bool { return proto.Equal(b, want) })
			if err != nil || has != (want != nil) || want == nil && len(got.GetBanks()) > 0 {
				t.Errorf("%q: %d, %v", of, len(got.GetBanks()), err)
			}
		}
	})
}

func TestWhichFormsAPlaceTakes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list := func(place string) (forms []string) {
			t.Helper()
			got, err := w.s.ListForms(t.Context(), &portalv1.ListFormsRequest{Place: place, Language: "ja"})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range got.GetForms() {
				forms = append(forms, f.GetForm()+" "+f.GetVersion()+" "+f.GetTitle())
			}
			return forms
		}
		if forms := list(meguro); len(forms) != 6 || len(list(setagaya)) != 0 {
			t.Fatalf("%v, %v", forms, list(setagaya))
		}
		got, err := w.s.GetForm(t.Context(), &portalv1.GetFormRequest{Place: meguro, Form: "P0001"})
		if err != nil || got.GetOffice() != "office-"+meguro || got.GetPlaceName() != "目黒区" ||
			got.GetPlaceEnglish() != "Meguro-ku, Tokyo" ||
			got.GetCurrent() != "2026.1" {
			t.Fatalf("%v, %v", got, err)
		}
		if read, err := form.Read(got.GetDefinition()); err != nil || read.ID != nintei {
			t.Errorf("%v", err)
		}
		for what, r := range map[string]*portalv1.GetFormRequest{
			"place":   {Place: setagaya, Form: nintei},
			"form":    {Place: meguro, Form: "P9999"},
			"version": {Place: meguro, Form: nintei, Version: "1.1"},
		} {
			_, err := w.s.GetForm(t.Context(), r)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, what)
		}
		_, err = w.s.ListForms(t.Context(), &portalv1.ListFormsRequest{Place: "999999"})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "place")
		// The place's own takes the nation's place, from its day on.
		w.mustSave(w.as("hanako"), id(1), nintei, field("job", "none", 0))
		own := published.NewStore(w.db, func() time.Time { return w.clock })
		if _, err := own.Put(t.Context(), meguro, versionTwo(t, "2026-11-20", "2027.1")); err != nil {
			t.Fatal(err)
		}
		if _, err := own.Put(t.Context(), meguro, versionTwo(t, "2026-12-01", "2028.1")); err != nil {
			t.Fatal(err)
		}
		if forms := list(meguro); !slices.Contains(forms, nintei+" 2027.1 目黒区の申請") || len(forms) != 6 {
			t.Errorf("%v", forms)
		}
		// What was begun under the nation's goes on.
		if saved := w.mustSave(w.as("hanako"), id(1), nintei, field("job", "other", 1)); saved.GetRevision() != 2 {
			t.Errorf("%v", saved)
		}
		w.clock = w.clock.Add(10 * 24 * time.Hour)
		now, err := w.s.GetForm(t.Context(), &portalv1.GetFormRequest{Place: meguro, Form: nintei, Version: "2027.1"})
		if err != nil || now.GetCurrent() != "2028.1" {
			t.Errorf("%v, %v", now.GetCurrent(), err)
		}
		// It moves to the newer version with its answers, and a device that has not heard saves its fields all the
		// same.
		request := &portalv1.SaveDraftRequest{
			Id: id(1), Place: meguro, Form: nintei, Version: "2028.1",
			Fields: []*portalv1.DraftField{field("extra_2028", "x", 2)},
		}
		if _, err := w.s.SaveDraft(w.as("hanako"), request); err != nil {
			t.Fatal(err)
		}
		w.mustSave(w.as("hanako"), id(1), nintei, field("claimant_tel", "0312345678", 2))
		d := w.get(w.as("hanako"), id(1))
		if d.GetVersion() != "2028.1" || d.GetTitle() != "目黒区の申請" || len(d.GetFields()) != 3 {
			t.Errorf("%v", d)
		}
	})
}

func BenchmarkSaveDraft(b *testing.B) {
	for _, fields := range []int{5, 60} {
		b.Run(fmt.Sprintf("fields=%d", fields), func(b *testing.B) {
			w := newWorld(b, dbtest.SQLite(b))
			names := []string{"claimant_name", "claimant_tel", "job", "employer", "claimant_mail"}
			long := strings.Repeat("あ", 20*fields/5)
			var n int
			var mu sync.Mutex
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				mu.Lock()
				n++
				mine := id(n)
				mu.Unlock()
				ctx := w.as("hanako")
				for i := 0; pb.Next(); i++ {
					var changes []*portalv1.DraftField
					for _, name := range names {
						changes = append(changes, field(name, fmt.Sprint(long, i), 1<<40))
					}
					_, err := w.s.SaveDraft(ctx, &portalv1.SaveDraftRequest{
						Id: mine, Place: meguro, Form: nintei, Version: "2026.1", Fields: changes,
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "drafts/s")
		})
	}
}
