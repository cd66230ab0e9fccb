package account

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/office"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

var ctx = context.Background()

// postbox keeps letters instead of sending them.
type postbox struct {
	letters []mail.Letter
	failure error
}

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	if p.failure != nil {
		return p.failure
	}
	p.letters = append(p.letters, l)
	return nil
}

// do is what the sender of mails does with its jobs.
func (p *postbox) do(d *db.DB, payload []byte) error {
	var job struct {
		FolderID string `json:"folder_id"`
		Kind     mail.Kind
	}
	if err := json.Unmarshal(payload, &job); err != nil {
		return err
	}
	reader, err := d.Read().FolderMailbox(ctx, job.FolderID)
	if err != nil {
		return err
	}
	return p.Send(ctx, mail.Letter{Kind: job.Kind, To: reader.MailAddress, Language: reader.Language})
}

// hidden counts under a key of the test's own.
type hidden string

func (h hidden) Sum(parts ...[]byte) []byte {
	sum := sha256.Sum256(slices.Concat(append(parts, []byte(h))...))
	return sum[:]
}

// last gives the newest letter to an address.
func (p *postbox) last(t *testing.T, address string) mail.Letter {
	t.Helper()
	for _, l := range slices.Backward(p.letters) {
		if l.To == address {
			return l
		}
	}
	t.Fatalf("no letter to %s among %+v", address, p.letters)
	return mail.Letter{}
}

type world struct {
	*Service
	t     *testing.T
	post  *postbox
	clock time.Time
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, post: &postbox{}, clock: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	sessions := session.New(d, session.Limits{}, func() time.Time { return w.clock })
	house := &mount.House{DB: d}
	if err := house.Mount(sessions.Feature(), office.Feature(house, office.Needs{})); err != nil {
		t.Fatal(err)
	}
	w.Service = New(Config{
		DB: d, Mail: w.post, Counts: hidden("k"), Wake: func() {}, Ended: sessions.Look, Erase: house.Erase,
	})
	w.now = func() time.Time { return w.clock }
	gateway := office.NewGateway(d)
	err := gateway.Load(ctx, []office.Registration{
		{
			ID: "131105", Name: "目黒区", CertificateHash: strings.Repeat("a1", 32), Duties: []string{"notice", "person"},
			MunicipalityCode: "131105",
		},
		{
			ID: "011002", Name: "札幌市", CertificateHash: strings.Repeat("a2", 32), Duties: []string{"notice", "person"},
			MunicipalityCode: "011002",
		},
		{ID: "nenkin", Name: "日本年金機構", CertificateHash: strings.Repeat("a3", 32), Duties: []string{"notice", "person"}},
		{ID: "quiet", Name: "名簿のいらない機関", CertificateHash: strings.Repeat("a4", 32), Duties: []string{"notice"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// OpenAccount is called as the portal does it, behind the rules on fields.
func (w *world) OpenAccount(
	ctx context.Context, r *portalv1.OpenAccountRequest,
) (*portalv1.OpenAccountResponse, error) {
	return ruletest.Call(ctx, w.Service.OpenAccount, r)
}

// UpdateAccount likewise.
func (w *world) UpdateAccount(
	ctx context.Context, r *portalv1.UpdateAccountRequest,
) (*portalv1.UpdateAccountResponse, error) {
	return ruletest.Call(ctx, w.Service.UpdateAccount, r)
}

// newcomer begins a session and returns the context of its calls.
func (w *world) newcomer(session, serial string) context.Context {
	w.t.Helper()
	err := w.DB.Tx(ctx, func(q *db.Queries) error {
		return q.SessionBegin(ctx, db.SessionBeginParams{
			TokenHash: session, Issuer: cardtest.ID(serial).Issuer, Serial: serial,
			CertificateExpiresAt: w.clock.Add(time.Hour).UnixMilli(), Now: w.clock.UnixMilli(),
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return access.WithCaller(ctx, access.Caller{Kind: access.Newcomer, Card: cardtest.ID(serial), SessionHash: session})
}

func (w *world) folderOf(serial string) string {
	w.t.Helper()
	id, err := w.DB.Read().FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID(serial)))
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) citizen(session, serial string) context.Context {
	w.t.Helper()
	return access.WithCaller(ctx, access.Caller{
		Kind: access.Citizen, FolderID: w.folderOf(serial), Card: cardtest.ID(serial), SessionHash: session,
	})
}

// runJobs does the jobs that wait, as the runner would, with J-LIS answering as told.
func (w *world) runJobs(ask func(serial string, offices []string) (map[string][]byte, error)) {
	w.t.Helper()
	introducer := office.Introducer{DB: w.DB,
		Ask: func(_ context.Context, of card.ID, offices []string) (map[string][]byte, error) {
			return ask(of.Serial, offices)
		}}
	for {
		var job db.Job
		err := w.DB.Tx(ctx, func(q *db.Queries) error {
			var err error
			job, err = q.JobLease(ctx, db.JobLeaseParams{
				Until: time.Now().Add(time.Hour).UnixMilli(), Now: time.Now().Add(time.Second).UnixMilli(),
			})
			return err
		})
		if errors.Is(err, db.ErrNotFound) {
			for _, o := range []string{"131105", "011002", "nenkin"} {
				known(w.t, w.DB, o) // the offices ask all the time
			}
			return
		}
		if err == nil {
			switch job.Kind {
			case JobConfirm:
				err = w.ConfirmJob(ctx, []byte(job.Payload))
			case JobChanged:
				err = w.ChangedJob(ctx, []byte(job.Payload))
			case JobUndone:
				err = w.UndoneJob(ctx, []byte(job.Payload))
			case mail.JobKind:
				err = w.post.do(w.DB, []byte(job.Payload))
			case office.JobIntroduce:
				err = introducer.Job(ctx, []byte(job.Payload))
			}
		}
		if err != nil {
			w.t.Logf("job %s: %v", job.Kind, err)
		}
	}
}

func sealAll(serial string, offices []string) (map[string][]byte, error) {
	sealed := map[string][]byte{}
	for _, o := range offices {
		sealed[o] = []byte(serial + " for " + o)
	}
	return sealed, nil
}

func opening() *portalv1.OpenAccountRequest {
	return &portalv1.OpenAccountRequest{
		TermsVersion: rule.TermsVersion, DisplayName: "花子", MailAddress: "hanako@example.jp",
		MunicipalityCode: "131105", MailOnNotice: true, Language: "ja",
	}
}

func known(t *testing.T, d *db.DB, officeID string) []db.OfficePersonsRow {
	t.Helper()
	asked := accesstest.AsOffice(ctx, officeID)
	if _, err := (office.Persons{DB: d}).ListPersons(asked, &officev1.ListPersonsRequest{}); err != nil {
		t.Fatal(err)
	}
	rows, err := d.Read().OfficePersons(ctx, db.OfficePersonsParams{OfficeID: officeID, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.newcomer("s1", "01")
		opened, err := w.OpenAccount(caller, opening())
		if err != nil {
			t.Fatal(err)
		}
		a := opened.GetAccount()
		if a.GetDisplayName() != "花子" || a.GetMunicipality().GetName() != "目黒区" || a.GetMailConfirmed() ||
			a.GetOpenedAt() != w.clock.UnixMilli() {
			t.Errorf("%+v", a)
		}
		w.runJobs(sealAll)
		for officeID, want := range map[string]int{"131105": 1, "nenkin": 1, "011002": 0, "quiet": 0} {
			if got := known(t, d, officeID); len(got) != want {
				t.Errorf("%s knows %d people, want %d", officeID, len(got), want)
			}
		}
		if a, b := known(t, d, "131105")[0].Identifier, known(t, d, "nenkin")[0].Identifier; a == b || len(a) < 26 {
			t.Errorf("identifiers %q and %q", a, b)
		}
		// Once more, by the same session that is a citizen's now, and by one that was begun before: nothing of it is
		// kept.
		other := opening()
		other.DisplayName, other.MailAddress = "次郎", "jiro@example.jp"
		for _, again := range []context.Context{w.citizen("s1", "01"), w.newcomer("s2", "01")} {
			_, err := w.OpenAccount(again, other)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_ALREADY_OPEN, "")
		}
		w.runJobs(sealAll)
		kept, err := w.GetAccount(w.citizen("s1", "01"), &portalv1.GetAccountRequest{})
		if err != nil || kept.GetAccount().GetDisplayName() != "花子" ||
			kept.GetAccount().GetMailAddress() != "hanako@example.jp" {
			t.Errorf("%v, %v", kept, err)
		}
		if len(w.post.letters) != 1 {
			t.Errorf("%d mails", len(w.post.letters))
		}
	})
}

func TestOpenTwiceAtOnceMakesOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		const places = 8
		var callers []context.Context
		for i := range places {
			callers = append(callers, w.newcomer(string(rune('a'+i)), "01"))
		}
		var all sync.WaitGroup
		var done atomic.Int64
		for _, caller := range callers {
			all.Go(func() {
				_, err := w.OpenAccount(caller, opening())
				if err == nil {
					done.Add(1)
					return
				}
				accesstest.WantReason(t, err, portalv1.Reason_REASON_ALREADY_OPEN, "")
			})
		}
		all.Wait()
		if done.Load() != 1 {
			t.Errorf("%d were told that they opened it", done.Load())
		}
		folder := w.folderOf("01")
		for i := range places {
			if _, err := d.Read().SessionByToken(ctx, string(rune('a'+i))); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("session %d has its token of before: %v", i, err)
			}
		}
		err := d.Tx(ctx, func(q *db.Queries) error {
			n, err := q.SessionEndFolder(ctx, folder)
			if n != places {
				t.Errorf("%d sessions have the folder", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.runJobs(sealAll)
		if got := known(t, d, "nenkin"); len(got) != 1 {
			t.Errorf("the office knows %d people", len(got))
		}
		if len(w.post.letters) != 1 {
			t.Errorf("%d mails", len(w.post.letters))
		}
	})
}

func TestOpenAfterTheSessionEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, err := w.OpenAccount(
			access.WithCaller(ctx, access.Caller{Kind: access.Newcomer, Card: cardtest.ID("1"), SessionHash: "gone"}),
			opening(),
		)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_LOGGED_IN, "")
		_, err = d.Read().FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID("01")))
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("half a folder is left: %v", err)
		}
	})
}

func TestFieldsAtFault(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	caller := w.newcomer("s1", "01")
	for _, c := range []struct {
		name   string
		change func(*portalv1.OpenAccountRequest)
		reason portalv1.Reason
		field  string
	}{
		{
			"old terms", func(r *portalv1.OpenAccountRequest) { r.TermsVersion = "2020" },
			portalv1.Reason_REASON_TERMS_NOT_AGREED, "terms_version",
		},
		{
			"no name", func(r *portalv1.OpenAccountRequest) { r.DisplayName = " 　\t" },
			portalv1.Reason_REASON_INVALID_FIELD, "display_name",
		},
		{
			"long name", func(r *portalv1.OpenAccountRequest) { r.DisplayName = strings.Repeat("花", 21) },
			portalv1.Reason_REASON_FIELD_TOO_LONG, "display_name",
		},
		{
			"name of another machine's signs", func(r *portalv1.OpenAccountRequest) { r.DisplayName = "花\ue000子" },
			portalv1.Reason_REASON_INVALID_FIELD, "display_name",
		},
		{
			"name that cannot be seen", func(r *portalv1.OpenAccountRequest) { r.DisplayName = "\u3164\u200b" },
			portalv1.Reason_REASON_INVALID_FIELD, "display_name",
		},
		{
			"name without end", func(r *portalv1.OpenAccountRequest) { r.DisplayName = strings.Repeat("花", 50_000) },
			portalv1.Reason_REASON_FIELD_TOO_LONG, "display_name",
		},
		{
			"IDN mail", func(r *portalv1.OpenAccountRequest) { r.MailAddress = "hanako@例え.jp" },
			portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		{
			"mail without domain", func(r *portalv1.OpenAccountRequest) { r.MailAddress = "hanako" },
			portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		{
			"mail with a header", func(r *portalv1.OpenAccountRequest) {
				r.MailAddress = "a@example.jp\r\nBcc: b@example.jp"
			}, portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		{
			"no municipality", func(r *portalv1.OpenAccountRequest) { r.MunicipalityCode = "" },
			portalv1.Reason_REASON_INVALID_FIELD, "municipality_code",
		},
		{
			"wrong check digit", func(r *portalv1.OpenAccountRequest) { r.MunicipalityCode = "131106" },
			portalv1.Reason_REASON_INVALID_FIELD, "municipality_code",
		},
		{
			"a prefecture", func(r *portalv1.OpenAccountRequest) { r.MunicipalityCode = "130001" },
			portalv1.Reason_REASON_INVALID_FIELD, "municipality_code",
		},
		{
			"language", func(r *portalv1.OpenAccountRequest) { r.Language = "fr" },
			portalv1.Reason_REASON_INVALID_FIELD, "language",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := opening()
			c.change(request)
			_, err := w.OpenAccount(caller, request)
			accesstest.WantReason(t, err, c.reason, c.field)
		})
	}
}

// Nobody is stuck by what cannot be seen: what came along when a name was pasted is left out.
func TestWhatCannotBeSeenInANameIsLeftOut(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	citizen := w.open()
	for typed, want := range map[string]string{
		"\ufeff花\u200b子\u202c": "花子", "花\n子 ": "花 子", "花\x00子": "花子", "花\u202e子": "花子",
		"葛\U000e0100\u200b城": "葛\U000e0100城", strings.Repeat("花\u200b\u200b", 20): strings.Repeat("花", 20),
	} {
		request := update()
		request.DisplayName = typed
		request.MailAddress = "\u200bhanako@example.jp\u202c "
		got, err := w.UpdateAccount(citizen, request)
		if err != nil || got.GetAccount().GetDisplayName() != want ||
			got.GetAccount().GetMailAddress() != "hanako@example.jp" {
			t.Errorf("%q: %q, %v", typed, got.GetAccount().GetDisplayName(), err)
		}
	}
}

func (w *world) open() context.Context {
	w.t.Helper()
	if _, err := w.OpenAccount(w.newcomer("s1", "01"), opening()); err != nil {
		w.t.Fatal(err)
	}
	w.runJobs(sealAll)
	return w.citizen("s1", "01")
}

func update() *portalv1.UpdateAccountRequest {
	return &portalv1.UpdateAccountRequest{
		DisplayName: "花子", MailAddress: "hanako@example.jp", MunicipalityCode: "131105",
		MailOnNotice: true, Language: "ja",
	}
}

// A page sets what it knows of and names, and nothing else: not what another tab changed, nor a switch that is newer.
func TestOnlyWhatTheMaskNamesIsSet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.open()
		if _, err := w.UpdateAccount(caller, update()); err != nil {
			t.Fatal(err)
		}
		change := func(paths ...string) (*portalv1.Account, error) {
			response, err := w.UpdateAccount(caller, &portalv1.UpdateAccountRequest{
				DisplayName: "はなこ", MunicipalityCode: "131130", Language: "en", UpdateMask: &fieldmaskpb.FieldMask{
					Paths: paths,
				},
			})
			return response.GetAccount(), err
		}
		for _, c := range []struct {
			paths []string
			name  string
			place string
			mail  bool
		}{
			{[]string{}, "花子", "131105", true},
			{[]string{"display_name"}, "はなこ", "131105", true},
			{[]string{"language", "municipality_code"}, "はなこ", "131130", true},
			{[]string{"mail_on_notice"}, "はなこ", "131130", false},
		} {
			a, err := change(c.paths...)
			if err != nil || a.GetDisplayName() != c.name || a.GetMunicipality().GetCode() != c.place ||
				a.GetMailOnNotice() != c.mail || a.GetMailAddress() != "hanako@example.jp" {
				t.Errorf("%q: %v, %v", c.paths, a, err)
			}
		}
		for _, path := range []string{"", "opened_at", "displayName", "*"} {
			_, err := change("language", path)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "update_mask")
		}
		a, err := w.GetAccount(caller, &portalv1.GetAccountRequest{})
		if err != nil || a.GetAccount().GetDisplayName() != "はなこ" {
			t.Errorf("after what was refused: %v, %v", a, err)
		}
	})
}

// A change that waited on a device for a network overwrites nothing that was changed elsewhere meanwhile.
func TestWhatWasChangedElsewhereIsNotOverwritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.open()
		if _, err := w.UpdateAccount(caller, update()); err != nil {
			t.Fatal(err)
		}
		change := func(was *portalv1.AccountFields, name, place string, paths ...string) error {
			_, err := w.UpdateAccount(caller, &portalv1.UpdateAccountRequest{
				DisplayName: name, MunicipalityCode: place, MailAddress: "hanako@example.jp", Was: was,
				UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
			})
			return err
		}
		for _, c := range []struct {
			was         *portalv1.AccountFields
			name, place string
			paths       []string
			field       string
		}{
			{&portalv1.AccountFields{DisplayName: new("花子")}, "はな", "131105", []string{"display_name"}, ""},
			{
				&portalv1.AccountFields{DisplayName: new("花子")}, "はなこ", "131105",
				[]string{"display_name"}, "display_name",
			},
			// Sent twice, it is as it was asked to be.
			{&portalv1.AccountFields{DisplayName: new("花子")}, "はな", "131105", []string{"display_name"}, ""},
			{ // what is not to be changed may be another by now
				&portalv1.AccountFields{DisplayName: new("花子"), MunicipalityCode: new("131105")}, "x", "131130",
				[]string{"municipality_code"}, "",
			},
			{
				&portalv1.AccountFields{MunicipalityCode: new("131105")}, "x", "131059", []string{"municipality_code"},
				"municipality_code",
			},
			{&portalv1.AccountFields{MailOnLogin: new(true)}, "x", "131130", []string{"mail_on_notice"}, ""},
			{nil, "はなこ", "131105", []string{"display_name"}, ""},
		} {
			if err := change(c.was, c.name, c.place, c.paths...); c.field == "" {
				if err != nil {
					t.Errorf("%v: %v", c, err)
				}
			} else {
				accesstest.WantReason(t, err, portalv1.Reason_REASON_CHANGED, c.field)
			}
		}
		a, err := w.GetAccount(caller, &portalv1.GetAccountRequest{})
		if err != nil || a.GetAccount().GetDisplayName() != "はなこ" ||
			a.GetAccount().GetMunicipality().GetCode() != "131130" {
			t.Errorf("%v, %v", a, err)
		}
	})
}

func TestMovingChangesWhoKnowsThePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.open()
		national := known(t, d, "nenkin")[0]
		moved := update()
		moved.MunicipalityCode = "011011" // a ward: its city is told
		if _, err := w.UpdateAccount(caller, moved); err != nil {
			t.Fatal(err)
		}
		w.runJobs(sealAll)
		left := known(t, d, "131105")
		if len(left) != 1 || left[0].FolderID != "" || left[0].Introduction != "" || left[0].Position != 2 {
			t.Errorf("the old municipality sees %+v", left)
		}
		if got := known(t, d, "011002"); len(got) != 1 || got[0].FolderID == "" {
			t.Errorf("the new municipality sees %+v", got)
		}
		if got := known(t, d, "nenkin"); len(got) != 1 || got[0] != national {
			t.Errorf("the national office sees %+v, before %+v", got, national)
		}
	})
}

func TestDeadJLISDelaysIntroductionsOnly(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	if _, err := w.OpenAccount(w.newcomer("s1", "01"), opening()); err != nil {
		t.Fatal(err)
	}
	w.runJobs(func(string, []string) (map[string][]byte, error) { return nil, errors.New("J-LIS is down") })
	if got := known(t, w.DB, "nenkin"); len(got) != 0 {
		t.Fatalf("introduced by nobody: %+v", got)
	}
	// A municipality that knows no such resident is left out.
	payload, _ := json.Marshal(map[string]string{"folder_id": w.folderOf("01")})
	introducer := office.Introducer{DB: w.DB, Ask: func(context.Context, card.ID, []string) (map[string][]byte, error) {
		return map[string][]byte{"nenkin": []byte("sealed"), "011002": []byte("not asked for")}, nil
	}}
	for range 2 {
		if err := introducer.Job(ctx, payload); err != nil {
			t.Fatal(err)
		}
	}
	a, b, c := len(known(t, w.DB, "nenkin")), len(known(t, w.DB, "131105")), len(known(t, w.DB, "011002"))
	if a != 1 || b != 0 || c != 0 {
		t.Errorf("known to %d, %d, %d", a, b, c)
	}
}

func TestMailConfirmation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.open()
		if len(w.post.letters) != 1 || w.post.letters[0].To != "hanako@example.jp" {
			t.Fatalf("letters %+v", w.post.letters)
		}
		confirm := func(token string) error {
			_, err := w.ConfirmMailAddress(ctx, &portalv1.ConfirmMailAddressRequest{Token: token})
			return err
		}
		for _, token := range []string{"", "wrong", strings.Repeat("x", 5000), w.post.letters[0].Token + "x"} {
			accesstest.WantReason(t, confirm(token), portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
		}
		_, err := w.SendMailConfirmation(caller, nil)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY_REQUESTS, "")
		w.clock = w.clock.Add(2 * time.Minute)
		if sent, err := w.SendMailConfirmation(caller, nil); err != nil || sent.GetAlreadyConfirmed() {
			t.Fatal(err)
		}
		w.runJobs(sealAll)
		if len(w.post.letters) != 2 {
			t.Fatalf("%d letters", len(w.post.letters))
		}
		for range 2 { // the page is loaded anew
			if err := confirm(w.post.letters[1].Token); err != nil {
				t.Fatal(err)
			}
		}
		account, err := w.GetAccount(caller, nil)
		again, againErr := w.SendMailConfirmation(caller, nil)
		if againErr != nil || !again.GetAlreadyConfirmed() {
			t.Errorf("a mail is said to be sent to who has confirmed: %v, %v", again, againErr)
		}
		if err != nil || !account.GetAccount().GetMailConfirmed() {
			t.Errorf("%v, %v", account, err)
		}
		// Another address: the old token does not confirm it, and it must be confirmed anew.
		changed := update()
		changed.MailAddress = "other@example.jp"
		updated, err := w.UpdateAccount(w.withCard("s9", "01"), changed)
		if err != nil || updated.GetAccount().GetMailConfirmed() {
			t.Fatalf("%v, %v", updated, err)
		}
		for _, old := range w.post.letters {
			accesstest.WantReason(t, confirm(old.Token), portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
		}
		w.runJobs(sealAll)
		w.clock = w.clock.Add(tokenLife)
		accesstest.WantReason(t, confirm(w.post.last(t, "other@example.jp").Token),
			portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
	})
}

func TestConfirmationMailsAreFew(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	caller := w.open()
	for range 2 * mailsADay {
		w.clock = w.clock.Add(2 * time.Minute)
		_, _ = w.SendMailConfirmation(caller, nil)
		w.runJobs(sealAll)
	}
	if len(w.post.letters) != mailsADay {
		t.Errorf("%d mails, want %d", len(w.post.letters), mailsADay)
	}
}

func TestUnsentMailLeavesNoToken(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.post.failure = errors.New("no mail server")
	w.open()
	rows, err := w.DB.Read().AccountMailConfirmations(ctx, w.folderOf("01"))
	if err != nil || len(rows) != 0 {
		t.Errorf("%d tokens, %v", len(rows), err)
	}
}

func TestCloseErasesEverything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caller := w.open()
		folder := w.folderOf("01")
		w.newcomer("s2", "01")
		err := d.Tx(ctx, func(q *db.Queries) error {
			if _, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
				FolderID: folder, ID: "n1", OfficeID: "nenkin", Reference: "r",
			}); err != nil {
				return err
			}
			_, err := q.BroadcastMarkRead(ctx, db.BroadcastMarkReadParams{
				FolderID: folder, BroadcastID: "b1", ReadAt: 1,
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.CloseAccount(caller, nil); err != nil {
			t.Fatal(err)
		}
		for _, session := range []string{"s1", "s2"} {
			if _, err := d.Read().SessionByToken(ctx, session); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("session %s: %v", session, err)
			}
		}
		_, err = d.Read().FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID("01")))
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the card: %v", err)
		}
		if _, err := d.Read().NoticeGet(ctx, db.NoticeGetParams{FolderID: folder, ID: "n1"}); !errors.Is(err,
			db.ErrNotFound) {
			t.Errorf("the notice: %v", err)
		}
		if rows, err := d.Read().AccountMailConfirmations(ctx, folder); err != nil || len(rows) != 0 {
			t.Errorf("tokens: %v, %v", rows, err)
		}
		if rows, err := d.Read().FolderPreferences(ctx, folder); err != nil || len(rows) != 0 {
			t.Errorf("what was chosen: %v, %v", rows, err)
		}
		for _, officeID := range []string{"nenkin", "131105"} {
			if rows := known(t, d, officeID); len(rows) != 1 || rows[0].FolderID != "" || rows[0].Introduction != "" {
				t.Errorf("%s still knows %+v", officeID, rows)
			}
		}
		_, err = w.GetAccount(caller, nil)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_LOGGED_IN, "")
		// The person may come again, as somebody new.
		if _, err := w.OpenAccount(w.newcomer("s3", "01"), opening()); err != nil || w.folderOf("01") == folder {
			t.Errorf("opening again: %v", err)
		}
	})
}

func TestMunicipalitiesAreListedWhole(t *testing.T) {
	list, err := newWorld(t, dbtest.SQLite(t)).ListMunicipalities(ctx, nil)
	if err != nil || len(list.GetMunicipalities()) != 1741+171 {
		t.Errorf("%d, %v", len(list.GetMunicipalities()), err)
	}
}

// What stands on the home page goes with the folder; the registration and its switches are not touched by it, nor it by
// them.
func TestTheHomePageIsTheSameOnEveryDevice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hanako := w.open()
		read := func() *portalv1.Account {
			t.Helper()
			response, err := w.GetAccount(hanako, &portalv1.GetAccountRequest{})
			if err != nil {
				t.Fatal(err)
			}
			return response.GetAccount()
		}
		before := read()
		if len(before.GetServices()) > 0 {
			t.Errorf("nothing was chosen: %q", before.GetServices())
		}
		for _, chosen := range [][]string{{"notice", "my-info"}, {"usage"}, nil} {
			if _, err := w.ChooseServices(hanako, &portalv1.ChooseServicesRequest{Services: chosen}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.UpdateAccount(hanako, &portalv1.UpdateAccountRequest{
				DisplayName: "はな", MunicipalityCode: "131105",
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"display_name"}},
			}); err != nil {
				t.Fatal(err)
			}
			now := read()
			if !slices.Equal(now.GetServices(), chosen) || now.GetDisplayName() != "はな" ||
				now.GetMailOnLogin() != before.GetMailOnLogin() || now.GetMailOnNotice() != before.GetMailOnNotice() {
				t.Errorf("%q was chosen: %v, before %v", chosen, now, before)
			}
		}
		for _, bad := range [][]string{{"a,b"}, {""}, {"ほか"}, strings.Split("a b c d e f g h i", " ")} {
			_, err := ruletest.Call(hanako, w.ChooseServices, &portalv1.ChooseServicesRequest{Services: bad})
			if err == nil {
				t.Errorf("%q was taken", bad)
			}
		}
	})
}
