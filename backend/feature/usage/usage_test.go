package usage_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/feature/usage"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

var now = time.Date(2026, time.November, 26, 9, 0, 0, 0, clock.Japan)

// world is a service with what it needs of others: the devices and passkeys that there are, and the cases.
type world struct {
	*usage.Service
	db       *db.DB
	sessions *session.Store
	devices  []string
	passkeys []string
	cases    []string
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{db: d, sessions: session.New(d, session.Limits{}, func() time.Time { return now })}
	place, err := store.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner("log.example", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	log, err := store.Open(t.Context(), store.Config{DB: d, Place: place, Signer: signer, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { log.Run(t.Context()) })
	t.Cleanup(running.Wait)
	w.Service = usage.New(d, usage.Needs{
		Sessions: w.sessions, Log: log,
		Devices: func(context.Context, *db.Queries, string) ([]*portalv1.UsageDevice, error) { return nil, nil },
		ForgetDevice: func(_ context.Context, _ *db.Queries, folder, id string) (bool, error) {
			before := len(w.devices)
			w.devices = slices.DeleteFunc(w.devices, func(s string) bool { return s == folder+" "+id })
			return len(w.devices) < before, nil
		},
		EndPasskey: func(_ context.Context, _ *db.Queries, folder, id string) (int64, error) {
			before := len(w.passkeys)
			w.passkeys = slices.DeleteFunc(w.passkeys, func(s string) bool { return s == folder+" "+id })
			return int64(before-len(w.passkeys)) - 1, nil
		},
		OpenCase: func(_ context.Context, _ *db.Queries, folder, subject, text string) (usage.Case, error) {
			w.cases = append(w.cases, subject+": "+text)
			id := fmt.Sprintf("C%d", len(w.cases))
			return usage.Case{ID: id, Number: "No. " + id}, nil
		},
		AddToCase: func(_ context.Context, _ *db.Queries, _, id, text string) error {
			w.cases = append(w.cases, id+" "+text)
			return nil
		},
		Notice: func(_ context.Context, _ *db.Queries, folder, id string) (*portalv1.Notice, error) {
			if folder+" "+id != "hanako N1" {
				return nil, db.ErrNotFound
			}
			return &portalv1.Notice{Id: id, Title: "転入届を受け付けました", Office: "目黒区"}, nil
		},
		Number: func(_ context.Context, _ *db.Queries, _, id string) (string, error) { return "No. " + id, nil },
	}, func() time.Time { return now })
	return w
}

// citizen is somebody in a session that was begun so.
func (w *world) citizen(t testing.TB, folder string, by act.By) (context.Context, act.By) {
	t.Helper()
	var token string
	err := w.db.Tx(t.Context(), func(q *db.Queries) (err error) {
		token, err = w.sessions.Begin(t.Context(), q, folder, cardtest.ID("a1"), now.Add(time.Hour))
		if err != nil {
			return err
		}
		return session.At(t.Context(), q, token, by)
	})
	if err != nil {
		t.Fatal(err)
	}
	state, err := w.sessions.ByToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	by.Folder, by.SessionHash = folder, state.Caller.SessionHash
	return access.WithCaller(t.Context(), state.Caller), by
}

func (w *world) note(t testing.TB, name string, by act.By, at time.Time) {
	t.Helper()
	err := w.db.Tx(t.Context(), func(q *db.Queries) error {
		return act.Begin(name, by, at).Note(t.Context(), q, by.Folder)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// all are the lines of a request, page by page, and how many calls it took.
func (w *world) all(
	ctx context.Context, t testing.TB, r *portalv1.ListUsageRequest,
) (lines []*portalv1.UsageLine, calls int) {
	t.Helper()
	for {
		got, err := w.ListUsage(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, got.GetLines()...)
		calls++
		if r.PageToken = got.GetNextPageToken(); r.PageToken == "" {
			return lines, calls
		}
	}
}

func names(lines []*portalv1.UsageLine) string {
	var list []string
	for _, l := range lines {
		list = append(list, l.GetAct())
	}
	return strings.Join(list, " ")
}

func TestTheHistoryIsListedAndNarrowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		foldertest.Open(t, d, "taro")
		w := newWorld(t, d)
		hanako, by := w.citizen(t, "hanako", act.By{Device: "D1", Browser: "Firefox, Linux", Place: act.Home})
		taro, _ := w.citizen(t, "taro", act.By{})
		by.Means, by.Place, by.Browser = portalv1.Means_MEANS_CARD, act.Home, "Firefox, Linux"
		w.note(t, "login.begin", by, now.AddDate(-1, 0, 0))
		w.note(t, "notice.read", by, now.Add(-2*time.Hour))
		odd := act.By{Folder: "hanako", SessionHash: "another", Means: portalv1.Means_MEANS_PASSKEY, Place: act.Abroad}
		w.note(t, "login.passkey", odd, now.Add(-time.Hour))
		if err := act.Refused(t.Context(), d, "hanako", "account.change", "not_allowed", odd, now); err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			request *portalv1.ListUsageRequest
			want    string
		}{
			"all":       {&portalv1.ListUsageRequest{}, "account.change login.passkey notice.read login.begin"},
			"by ones":   {&portalv1.ListUsageRequest{PageSize: 1}, "account.change login.passkey notice.read login.begin"},
			"an act":    {&portalv1.ListUsageRequest{Acts: []string{"notice.read", "x.y"}}, "notice.read"},
			"a year":    {&portalv1.ListUsageRequest{Year: 2025}, "login.begin"},
			"no such":   {&portalv1.ListUsageRequest{Year: 2024}, ""},
			"a device":  {&portalv1.ListUsageRequest{Device: "D1"}, "notice.read login.begin"},
			"a session": {&portalv1.ListUsageRequest{Session: act.Session("another")}, "account.change login.passkey"},
			"unusual":   {&portalv1.ListUsageRequest{Unusual: true}, "account.change login.passkey"},
			"all of that": {
				&portalv1.ListUsageRequest{Unusual: true, Year: 2026, Acts: []string{"login.passkey"}}, "login.passkey",
			},
		} {
			if lines, _ := w.all(hanako, t, c.request); names(lines) != c.want {
				t.Errorf("%s: %s", what, names(lines))
			}
		}
		lines, _ := w.all(hanako, t, &portalv1.ListUsageRequest{})
		refused, old := lines[0], lines[3]
		if refused.GetResult() != portalv1.UsageResult_USAGE_RESULT_REFUSED || refused.GetWhy() != "not_allowed" ||
			refused.GetPlace() != portalv1.UsagePlace_USAGE_PLACE_ABROAD {
			t.Errorf("%v", refused)
		}
		if old.GetMeans() != portalv1.Means_MEANS_CARD || old.GetBrowser() != "Firefox, Linux" ||
			old.GetDevice() != "D1" {
			t.Errorf("%v", old)
		}
		got, err := w.ListUsage(hanako, &portalv1.ListUsageRequest{PageSize: 1})
		if err != nil || got.GetFirstYear() != 2025 || got.GetNextPageToken() == "" {
			t.Errorf("%v, %v", got, err)
		}
		// Another's list, line and token are not there.
		if lines, _ := w.all(taro, t, &portalv1.ListUsageRequest{}); len(lines) != 0 {
			t.Errorf("taro sees %s", names(lines))
		}
		_, err = w.ListUsage(taro, &portalv1.ListUsageRequest{PageSize: 1, PageToken: got.GetNextPageToken()})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("hanako's token: %v", err)
		}
		one := &portalv1.GetUsageLineRequest{Id: old.GetId(), At: old.GetAt()}
		if got, err := w.GetUsageLine(hanako, one); err != nil || got.GetLine().GetAct() != "login.begin" {
			t.Errorf("%v, %v", got, err)
		}
		if _, err := w.GetUsageLine(taro, one); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("hanako's line: %v", err)
		}
		_, err = w.DisownUsage(taro, &portalv1.DisownUsageRequest{Id: old.GetId(), At: old.GetAt()})
		if connect.CodeOf(err) != connect.CodeNotFound || len(w.cases) != 0 {
			t.Errorf("taro says that hanako's line was not him: %v, %v", err, w.cases)
		}
	})
}

// Whoever tries without end fills no history, and what was done stands there all the same.
func TestRefusalsAreWrittenUpToALimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		w := newWorld(t, d)
		hanako, by := w.citizen(t, "hanako", act.By{})
		for i := range 100 {
			err := act.Refused(t.Context(), d, "hanako", "login.begin", "revoked", by, now.Add(time.Duration(i)))
			if err != nil {
				t.Fatal(err)
			}
		}
		w.note(t, "notice.read", by, now)
		lines, _ := w.all(hanako, t, &portalv1.ListUsageRequest{PageSize: 100})
		if len(lines) != 61 {
			t.Errorf("%d lines", len(lines))
		}
		later := now.Add(2 * time.Hour)
		if err := act.Refused(t.Context(), d, "hanako", "login.begin", "revoked", by, later); err != nil {
			t.Fatal(err)
		}
		if lines, _ := w.all(hanako, t, &portalv1.ListUsageRequest{PageSize: 100}); len(lines) != 62 {
			t.Errorf("an hour later %d lines", len(lines))
		}
	})
}

// What a line came by ends with it, and nothing else: not what lets in whoever says so.
func TestThisWasNotMe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		w := newWorld(t, d)
		w.devices, w.passkeys = []string{"hanako D1", "hanako D2"}, []string{"hanako P1", "hanako P2"}
		hanako, own := w.citizen(t, "hanako", act.By{Device: "D2"})
		_, strange := w.citizen(t, "hanako", act.By{Device: "D1"})
		w.citizen(t, "hanako", act.By{Device: "D1"}) // another session on that device
		third, _ := w.citizen(t, "hanako", act.By{})
		strange.Means, strange.MeansID = portalv1.Means_MEANS_PASSKEY, "P1"
		w.note(t, "login.passkey", strange, now)
		w.note(t, "notice.read", own, now.Add(-time.Minute))
		lines, _ := w.all(hanako, t, &portalv1.ListUsageRequest{})
		got, err := w.DisownUsage(hanako, &portalv1.DisownUsageRequest{Id: lines[0].GetId(), At: lines[0].GetAt()})
		if err != nil || got.GetEndedSessions() != 2 || !got.GetForgotDevice() || !got.GetEndedPasskey() ||
			got.GetHere() || got.GetNumber() != "No. C1" {
			t.Fatalf("%v, %v", got, err)
		}
		if !slices.Equal(w.devices, []string{"hanako D2"}) || !slices.Equal(w.passkeys, []string{"hanako P2"}) {
			t.Errorf("left: %v, %v", w.devices, w.passkeys)
		}
		if len(w.cases) != 1 || !strings.Contains(w.cases[0], "パスキーでログイン") {
			t.Errorf("%q", w.cases)
		}
		again, err := w.DisownUsage(hanako, &portalv1.DisownUsageRequest{Id: lines[0].GetId(), At: lines[0].GetAt()})
		if err != nil || again.GetCase() != got.GetCase() || again.GetEndedSessions() != 0 || len(w.cases) != 1 {
			t.Errorf("said again: %v, %v, %q", again, err, w.cases)
		}
		// One's own goes on; it is for the person to end it.
		mine, err := w.DisownUsage(hanako, &portalv1.DisownUsageRequest{Id: lines[1].GetId(), At: lines[1].GetAt()})
		if err != nil || !mine.GetHere() || mine.GetEndedSessions() != 0 || mine.GetForgotDevice() {
			t.Errorf("one's own: %v, %v", mine, err)
		}
		list, err := w.ListSessions(hanako, &portalv1.ListSessionsRequest{})
		if err != nil || len(list.GetSessions()) != 2 {
			t.Errorf("left: %v, %v", list, err)
		}
		confirmed, err := w.ConfirmDisowned(hanako, &portalv1.ConfirmDisownedRequest{Case: got.GetCase()})
		if err != nil || confirmed.GetEndedSessions() != 1 || !strings.HasPrefix(w.cases[len(w.cases)-1], "C1 ") {
			t.Errorf("%v, %v, %q", confirmed, err, w.cases)
		}
		_, err = w.sessions.ByHash(t.Context(), access.FromContext(third).SessionHash)
		if err == nil {
			t.Error("the third session goes on")
		}
		_, err = w.ConfirmDisowned(hanako, &portalv1.ConfirmDisownedRequest{Case: "C9"})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("no such case: %v", err)
		}
	})
}

// What a notice tells of came about nobody knows how: every session ends but the one that says so, with one case.
func TestWhatANoticeTellsOfWasNotMe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		foldertest.Open(t, d, "taro")
		w := newWorld(t, d)
		hanako, _ := w.citizen(t, "hanako", act.By{})
		w.citizen(t, "hanako", act.By{Device: "D1"})
		w.citizen(t, "hanako", act.By{})
		taro, _ := w.citizen(t, "taro", act.By{})
		said := &portalv1.DisownUsageRequest{Notice: "N1"}
		if _, err := w.DisownUsage(taro, said); connect.CodeOf(err) != connect.CodeNotFound || len(w.cases) != 0 {
			t.Errorf("another's notice: %v, %v", err, w.cases)
		}
		got, err := w.DisownUsage(hanako, said)
		if err != nil || got.GetEndedSessions() != 2 || got.GetNumber() != "No. C1" || got.GetHere() {
			t.Fatalf("%v, %v", got, err)
		}
		if len(w.cases) != 1 || !strings.Contains(w.cases[0], "転入届を受け付けました") ||
			!strings.Contains(w.cases[0], "目黒区") {
			t.Errorf("%q", w.cases)
		}
		again, err := w.DisownUsage(hanako, said)
		if err != nil || again.GetCase() != got.GetCase() || again.GetEndedSessions() != 0 || len(w.cases) != 1 {
			t.Errorf("said again: %v, %v, %q", again, err, w.cases)
		}
		for who, want := range map[string]int{"hanako": 1, "taro": 1} {
			ctx := map[string]context.Context{"hanako": hanako, "taro": taro}[who]
			list, err := w.ListSessions(ctx, &portalv1.ListSessionsRequest{})
			if err != nil || len(list.GetSessions()) != want {
				t.Errorf("%s: %v, %v", who, list, err)
			}
		}
		_, err = w.ConfirmDisowned(hanako, &portalv1.ConfirmDisownedRequest{Case: got.GetCase()})
		if err != nil || !strings.HasPrefix(w.cases[len(w.cases)-1], "C1 ") {
			t.Errorf("%v, %q", err, w.cases)
		}
	})
}

// A page that nothing narrows comes with all of the chain that stands between its lines, and the first up to the head;
// a narrowed one with its own.
func TestAPageComesWithAllBetween(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		foldertest.Open(t, d, "hanako")
		hanako, by := w.citizen(t, "hanako", act.By{})
		for i := range 9 { // a leaf a line; the fifth is about what happened long before
			at := now.Add(time.Duration(i) * time.Hour)
			if i == 4 {
				at = now.AddDate(0, 0, -3)
			}
			w.note(t, []string{"notice.read", "todo.add"}[i%2], by, at)
			if n, err := w.ProveDue(t.Context(), now.AddDate(1, 0, 0)); err != nil || n != 1 {
				t.Fatal(n, err)
			}
		}
		for _, c := range []struct {
			request *portalv1.ListUsageRequest
			want    []uint64
		}{
			{&portalv1.ListUsageRequest{PageSize: 6}, []uint64{3, 4, 5, 6, 7, 8, 9}},
			{&portalv1.ListUsageRequest{PageSize: 6, Acts: []string{"todo.add"}}, []uint64{2, 4, 6, 8}},
		} {
			got, err := w.ListUsage(hanako, c.request)
			var numbers []uint64
			for _, l := range got.GetLedgerLines() {
				numbers = append(numbers, l.GetNumber())
			}
			if err != nil || !slices.Equal(numbers, c.want) {
				t.Errorf("%v: %v, %v", c.request, numbers, err)
			}
		}
	})
}

// Each line stands in the ledger as it was written down, once, with those of its folder that came within a minute.
func TestLinesStandInTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		foldertest.Open(t, d, "hanako")
		foldertest.Open(t, d, "taro")
		hanako, by := w.citizen(t, "hanako", act.By{Device: "D1", Browser: "Firefox, Linux"})
		for i := range 450 {
			w.note(t, "notice.read", by, now.Add(time.Duration(i)*time.Millisecond))
		}
		w.note(t, "notice.read", act.By{Folder: "taro"}, now.Add(time.Hour))
		if n, err := w.ProveDue(t.Context(), now.Add(-time.Second)); err != nil || n != 0 {
			t.Fatalf("before the minute is over: %d, %v", n, err)
		}
		// Two portals at once: one of them does it.
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := w.ProveDue(t.Context(), now.Add(time.Minute)); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		late := now.Add(-time.Hour) // what happened before, and is written down later
		w.note(t, "session.ended", by, late)
		if n, err := w.ProveDue(t.Context(), now); err != nil || n != 1 {
			t.Fatalf("%d, %v", n, err)
		}
		request := &portalv1.ListUsageRequest{PageSize: 100}
		leaves, stood := map[uint64]int{}, 0
		for {
			got, err := w.ListUsage(hanako, request)
			if err != nil {
				t.Fatal(err)
			}
			recorded := map[uint64][]byte{}
			for _, l := range got.GetLedgerLines() {
				recorded[l.GetNumber()] = l.GetContent()
			}
			for i, line := range got.GetLines() {
				leaf := got.GetLeaves()[i]
				leaves[leaf]++
				all := &portalv1.UsageLines{}
				if err := proto.Unmarshal(recorded[leaf], all); err != nil {
					t.Fatal(err)
				}
				same := func(l *portalv1.UsageLine) bool { return proto.Equal(l, line) }
				if slices.ContainsFunc(all.GetLines(), same) {
					stood++
				}
			}
			if request.PageToken = got.GetNextPageToken(); request.PageToken == "" {
				break
			}
		}
		want := map[uint64]int{1: 200, 2: 200, 3: 50, 4: 1}
		if stood != 451 || !maps.Equal(leaves, want) {
			t.Errorf("%d stand in the ledger, by leaf %v", stood, leaves)
		}
	})
}

// What is written down while leaves are made is passed over by none, and stands in one.
func TestLinesThatComeMeanwhileStandInTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		const people, each = 20, 40
		foldertest.Crowd(t, d, people)
		var reading, proving sync.WaitGroup
		for i := range people {
			folder, _ := foldertest.Nth(i)
			reading.Go(func() {
				for n := range each {
					w.note(t, "notice.read", act.By{Folder: folder}, now.Add(time.Duration(n)*time.Second))
				}
			})
		}
		stop := make(chan struct{})
		for range 2 {
			proving.Go(func() {
				for {
					if _, err := w.ProveDue(t.Context(), now.Add(time.Hour)); err != nil {
						t.Error(err)
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		reading.Wait()
		close(stop)
		proving.Wait()
		if _, err := w.ProveDue(t.Context(), now.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		for i := range people {
			folder, _ := foldertest.Nth(i)
			all, err := d.Read().LedgerLines(t.Context(), db.LedgerLinesParams{
				FolderID: folder, Chain: int64(ledger.Usages), ToNumber: 1000, Size: 1000,
			})
			if err != nil {
				t.Fatal(err)
			}
			recorded := map[string]int{}
			for _, leaf := range all {
				lines := &portalv1.UsageLines{}
				if err := proto.Unmarshal(leaf.Body[ledger.SaltSize:], lines); err != nil {
					t.Fatal(err)
				}
				for _, line := range lines.GetLines() {
					recorded[line.GetId()]++
				}
			}
			end := act.Position{At: now.AddDate(1, 0, 0).UnixMilli()}
			written, err := act.Read(t.Context(), d.Read(), folder, end, 0, 1000)
			if err != nil || len(written) != each || len(recorded) != each {
				t.Errorf("%s: %d written, %d in the ledger, %v", folder, len(written), len(recorded), err)
			}
			for _, line := range written {
				if line.Leaf == 0 || recorded[line.ID] != 1 {
					t.Errorf("%s: %s: in the leaf %d, %d times", folder, line.ID, line.Leaf, recorded[line.ID])
				}
			}
		}
	})
}

// A folder whose lines cannot be read keeps no other's out of the ledger.
func TestOneFoldersFaultIsItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		foldertest.Open(t, d, "hanako", "taro", "jiro")
		for _, folder := range []string{"hanako", "taro", "jiro"} {
			w.note(t, "notice.read", act.By{Folder: folder}, now)
		}
		dbtest.Exec(t, d, "UPDATE usage_line SET facts = '$1$spoilt' WHERE folder_id = 'taro'")
		n, err := w.ProveDue(t.Context(), now.Add(time.Hour))
		if err == nil || n != 2 {
			t.Errorf("%d, %v", n, err)
		}
		due, err := d.Read().UsageDue(t.Context(), db.UsageDueParams{Until: now.Add(time.Hour).UnixMilli(), Size: 10})
		if err != nil || len(due) != 1 || due[0].FolderID != "taro" || due[0].Since != now.UnixMilli() {
			t.Errorf("what waits: %v, %v", due, err)
		}
	})
}

func TestLinesGoAfterTenYears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, folder := range []string{"hanako", "taro"} {
			foldertest.Open(t, d, folder)
			for _, age := range []int{11, 10, 1} {
				w.note(t, "notice.read", act.By{Folder: folder}, now.AddDate(-age, 0, 1))
			}
		}
		if gone, err := w.Forget(t.Context()); err != nil || gone != 2 {
			t.Errorf("%d went, %v", gone, err)
		}
		hanako, _ := w.citizen(t, "hanako", act.By{})
		if lines, _ := w.all(hanako, t, &portalv1.ListUsageRequest{}); len(lines) != 2 {
			t.Errorf("%d are left", len(lines))
		}
	})
}

// BenchmarkRecorded is what a recorded call costs beside what it does, the leaves of the ledger included: so many
// people at once, each noting reads.
func BenchmarkRecorded(b *testing.B) {
	d := dbtest.SQLite(b)
	w := newWorld(b, d)
	const people = 200
	for i := range people {
		foldertest.Open(b, d, fmt.Sprintf("F%d", i))
	}
	var next atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			by := act.By{Folder: fmt.Sprintf("F%d", n%people), SessionHash: "s", Browser: "Firefox, Linux"}
			w.note(b, "notice.read", by, now.Add(time.Duration(n)*time.Microsecond))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
	b.StopTimer()
	began := time.Now()
	for {
		n, err := w.ProveDue(b.Context(), now.Add(time.Hour))
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "proven/s")
}

// BenchmarkFirstPage is the first page of a history of 100,000 lines, and a search that finds nothing in all of it.
func BenchmarkFirstPage(b *testing.B) {
	d := dbtest.SQLite(b)
	foldertest.Open(b, d, "hanako")
	w := newWorld(b, d)
	hanako, by := w.citizen(b, "hanako", act.By{Device: "D1", Browser: "Firefox, Linux"})
	const lines = 100_000
	for from := 0; from < lines; from += 1000 {
		err := d.Tx(b.Context(), func(q *db.Queries) error {
			for i := range 1000 {
				at := now.Add(-time.Duration(from+i) * time.Minute)
				if err := act.Begin("notice.read", by, at).Note(b.Context(), q, "hanako"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for name, request := range map[string]*portalv1.ListUsageRequest{
		"first":   {},
		"nothing": {Acts: []string{"login.begin"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if name == "first" {
					if got, err := w.ListUsage(hanako, request); err != nil || len(got.GetLines()) != 20 {
						b.Fatal(got, err)
					}
					continue
				}
				request.PageToken = ""
				if found, _ := w.all(hanako, b, request); len(found) != 0 {
					b.Fatal(found)
				}
			}
		})
	}
}
