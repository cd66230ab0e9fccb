package office

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
)

var ctx = context.Background()

func registration(id string) Registration {
	hash := officetest.HashOf([]byte(id))
	return Registration{ID: id, Name: "名" + id, CertificateHash: hash, Duties: []string{DutyPerson}}
}

// presenting is the state of a connection whose caller showed a certificate with these bytes.
func presenting(raw string) *tls.ConnectionState {
	return &tls.ConnectionState{
		PeerCertificates: []*x509.Certificate{
			{Raw: []byte(raw), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)},
		},
	}
}

// duties are some of which each may be registered for by others.
var duties = []mount.Duty{
	{Name: DutyPerson}, {Name: "notice"}, {Name: "notice-nation", National: true},
	{Name: "procedure", Prefectures: true},
}

func TestRegistryRules(t *testing.T) {
	good := registration("a")
	for name, c := range map[string]struct {
		change func(*Registration)
		want   string
	}{
		"good":                {func(*Registration) {}, ""},
		"upper-case hash":     {func(r *Registration) { r.CertificateHash = strings.ToUpper(r.CertificateHash) }, ""},
		"no id":               {func(r *Registration) { r.ID = "" }, "an id has"},
		"id with a blank":     {func(r *Registration) { r.ID = "a b" }, "an id has"},
		"no name":             {func(r *Registration) { r.Name = "" }, "name"},
		"a name turned round": {func(r *Registration) { r.Name = "目黒\u202e区" }, "U+202E RIGHT-TO-LEFT OVERRIDE"},
		"a name of nothing":   {func(r *Registration) { r.Name = "\u3164" }, "name"},
		"short hash":          {func(r *Registration) { r.CertificateHash = "00" }, "certificate_hash"},
		"unknown duty":        {func(r *Registration) { r.Duties = []string{"everything"} }, "no duty"},
		"unknown place":       {func(r *Registration) { r.MunicipalityCode = "131106" }, "no municipality"},
		"prefecture": {func(r *Registration) {
			r.MunicipalityCode, r.Duties = "130001", []string{"procedure"}
		}, ""},
		"prefecture, people": {func(r *Registration) {
			r.MunicipalityCode, r.Duties = "130001", []string{"procedure", DutyPerson}
		}, "prefecture"},
		"prefecture, idle": {func(r *Registration) { r.MunicipalityCode, r.Duties = "130001", nil }, "prefecture"},
		"town for the nation": {
			func(r *Registration) { r.MunicipalityCode, r.Duties = "131105", []string{"notice-nation"} },
			"does not address the nation",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			c.change(&r)
			data, err := json.Marshal([]Registration{r})
			if err != nil {
				t.Fatal(err)
			}
			_, err = parseRegistry(data, duties)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	twice, err := json.Marshal([]Registration{good, good})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{}", "[{]", string(twice)} {
		if _, err := parseRegistry([]byte(bad), duties); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestWhoIsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := NewGateway(d)
		if _, refused := g.caller(presenting("a")); refused == "" {
			t.Error("known before the registry was read")
		}
		if err := g.Load(ctx, []Registration{registration("a"), registration("b")}); err != nil {
			t.Fatal(err)
		}
		caller, refused := g.caller(presenting("a"))
		if refused != "" || caller.Kind != access.Office || caller.OfficeID != "a" || len(caller.OfficeDuties) != 1 {
			t.Errorf("%+v, %v", caller, refused)
		}
		expired := presenting("a")
		expired.PeerCertificates[0].NotAfter = time.Now().Add(-time.Second)
		for want, states := range map[string][]*tls.ConnectionState{
			"no_certificate": {nil, {}}, "unknown_certificate": {presenting("x")}, "certificate_out_of_date": {expired},
		} {
			for _, state := range states {
				if caller, refused := g.caller(state); refused != want {
					t.Errorf("want %s, got %q and %+v", want, refused, caller)
				}
				reached := access.Caller{Kind: access.Office}
				g.Door(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					reached = access.FromContext(r.Context())
				})).ServeHTTP(httptest.NewRecorder(), &http.Request{TLS: state, URL: &url.URL{}})
				if reached.Kind != access.Nobody || reached.OfficeID != "" {
					t.Errorf("%s comes in as %+v", want, reached)
				}
			}
		}
		// a and b change certificates, c comes, and then only c is left.
		a, b := registration("a"), registration("b")
		a.CertificateHash, b.CertificateHash = b.CertificateHash, a.CertificateHash
		if err := g.Load(ctx, []Registration{a, b, registration("c")}); err != nil {
			t.Fatal(err)
		}
		if caller, _ := g.caller(presenting("a")); caller.OfficeID != "b" {
			t.Errorf("after the exchange: %+v", caller)
		}
		if err := g.Load(ctx, []Registration{registration("c")}); err != nil {
			t.Fatal(err)
		}
		if _, refused := g.caller(presenting("a")); refused == "" {
			t.Error("who was struck off comes in")
		}
		if _, err := d.Read().OfficeGet(ctx, "a"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("who was struck off is active: %v", err)
		}
	})
}

func TestRegistryIsReadAgain(t *testing.T) {
	g := NewGateway(dbtest.SQLite(t))
	file := filepath.Join(t.TempDir(), "offices.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[]")
	running, stop := context.WithCancel(ctx)
	done, again := make(chan struct{}), make(chan os.Signal)
	go func() { g.Watch(running, file, duties, again); close(done) }()
	defer func() { stop(); <-done }()
	data, err := json.Marshal([]Registration{registration("a")})
	if err != nil {
		t.Fatal(err)
	}
	write(string(data))
	again <- os.Interrupt
	again <- os.Interrupt // taken only when the first was dealt with
	if _, refused := g.caller(presenting("a")); refused != "" {
		t.Error("the new registry does not count")
	}
	write("[")
	again <- os.Interrupt
	again <- os.Interrupt
	if _, refused := g.caller(presenting("a")); refused != "" {
		t.Error("a broken file shut everybody out")
	}
}

// Who had a folder before an office came is made known to it, in batches, whatever is registered again meanwhile.
func TestANewOfficeIsIntroducedToExistingFolders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const folders = introduceBatch + 30
		foldertest.Crowd(t, d, folders, foldertest.Meguro, "011011") // a ward of 011002
		introducer := Introducer{DB: d,
			Ask: func(_ context.Context, _ card.ID, offices []string) (map[string][]byte, error) {
				sealed := map[string][]byte{}
				for _, o := range offices {
					sealed[o] = []byte("sealed")
				}
				return sealed, nil
			}}
		work := func() (done int) {
			for {
				var job db.Job
				err := d.Tx(ctx, func(q *db.Queries) error {
					var err error
					now := time.Now()
					if job, err = q.JobLease(ctx, db.JobLeaseParams{
						Until: now.Add(time.Hour).UnixMilli(), Now: now.Add(time.Second).UnixMilli(),
					}); err != nil {
						return err
					}
					_, err = q.JobDone(ctx, db.JobDoneParams{ID: job.ID, LeaseUntil: job.LeaseUntil})
					return err
				})
				if errors.Is(err, db.ErrNotFound) {
					return done
				}
				if err == nil {
					err = map[string]func(context.Context, []byte) error{
						JobIntroduce: introducer.Job, JobIntroduceAll: introducer.AllJob,
					}[job.Kind](ctx, []byte(job.Payload))
				}
				if err != nil {
					t.Fatal(err)
				}
				done++
			}
		}
		knows := func(office string) int {
			asked := accesstest.AsOffice(ctx, office)
			if _, err := (Persons{DB: d}).ListPersons(asked, &officev1.ListPersonsRequest{}); err != nil {
				t.Fatal(err)
			}
			rows, err := d.Read().OfficePersons(ctx, db.OfficePersonsParams{OfficeID: office, Limit: 2 * folders})
			if err != nil {
				t.Fatal(err)
			}
			return len(rows)
		}
		national, city, quiet := registration("nation"), registration("city"), registration("quiet")
		national.Duties, city.Duties, quiet.Duties = []string{DutyPerson}, []string{DutyPerson}, []string{"notice"}
		city.MunicipalityCode = "011002"
		g := NewGateway(d)
		for _, step := range []struct {
			registry            []Registration
			nation, city, quiet int
			idle                bool
		}{
			{[]Registration{national, quiet}, folders, 0, 0, false},
			{[]Registration{national, quiet}, folders, 0, 0, true}, // a restart
			{[]Registration{national, quiet, city}, folders, folders / 2, 0, false},
			{[]Registration{national}, folders, folders / 2, 0, true},
			{[]Registration{national, city, quiet}, folders, folders / 2, 0, false}, // back again: nobody twice
		} {
			if err := g.Load(ctx, step.registry); err != nil {
				t.Fatal(err)
			}
			if done := work(); (done == 0) != step.idle {
				t.Errorf("%d jobs, idle %v", done, step.idle)
			}
			if a, b, c := knows("nation"), knows("city"), knows("quiet"); a != step.nation || b != step.city ||
				c != step.quiet {
				t.Errorf("known: %d, %d, %d people, want %d, %d, %d", a, b, c, step.nation, step.city, step.quiet)
			}
		}
	})
}

func TestPersonsInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for n := range 5 {
			officetest.Introduce(t, d, fmt.Sprint(n), "a", "b")
		}
		asA := accesstest.AsOffice(ctx, "a")
		cursor, got := "", ""
		read := func() int {
			list, err := Persons{DB: d}.ListPersons(asA, &officev1.ListPersonsRequest{Cursor: cursor, PageSize: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list.GetPersons() {
				got += fmt.Sprintf("%s/%s/%v ", p.GetIdentifier(), p.GetIntroduction(), p.GetLeft())
			}
			cursor = list.GetCursor()
			return len(list.GetPersons())
		}
		for read() > 0 {
		}
		want := "a-0/sealed/false a-1/sealed/false a-2/sealed/false a-3/sealed/false a-4/sealed/false "
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		got = ""
		if err := d.Tx(ctx, func(q *db.Queries) error { return Leave(ctx, q, "1", "") }); err != nil {
			t.Fatal(err)
		}
		for read() > 0 {
		}
		officetest.Introduce(t, d, "9", "a")
		for read() > 0 {
		}
		if want := "a-1//true a-9/sealed/false "; got != want {
			t.Errorf("later: got %s, want %s", got, want)
		}
		// Cursors of before they were tokens stay good; another office's are none.
		old, err := Persons{DB: d}.ListPersons(asA, &officev1.ListPersonsRequest{Cursor: "4", PageSize: 1})
		if err != nil || len(old.GetPersons()) != 1 || old.GetPersons()[0].GetIdentifier() != "a-4" {
			t.Errorf("after the fourth, by an old cursor: %v, %v", old, err)
		}
		asB := accesstest.AsOffice(ctx, "b")
		if _, err := (Persons{DB: d}).ListPersons(asB, &officev1.ListPersonsRequest{
			Cursor: cursor,
		}); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("the cursor of another office: %v", err)
		}
		for _, r := range []*officev1.ListPersonsRequest{
			{Cursor: "x"}, {Cursor: "-1"}, {Cursor: "99999999999999999999"}, {PageSize: -1}, {PageSize: 1001},
		} {
			_, err := ruletest.Call(asA, Persons{DB: d}.ListPersons, r)
			if connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Errorf("%v: %v", r, err)
			}
		}
	})
}

func TestOneOfficeCallsTooOften(t *testing.T) {
	g := NewGateway(nil)
	g.limits = limit.NewBuckets("office", 0.001, 3)
	now := time.Now()
	g.now = func() time.Time { return now }
	call := g.Limit()(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) { return nil, nil })
	allowed := func(office string) error {
		_, err := call(accesstest.AsOffice(ctx, office), nil)
		return err
	}
	for range 3 {
		if err := allowed("a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := allowed("a"); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("the fourth call: %v", err)
	}
	if err := allowed("b"); err != nil {
		t.Errorf("another office pays for it: %v", err)
	}
	now = now.Add(1000 * time.Second)
	if err := allowed("a"); err != nil {
		t.Errorf("after its time: %v", err)
	}
}

func FuzzRegistry(f *testing.F) {
	f.Add([]byte(`[{"id":"a","name":"n","certificate_hash":"00","duties":["person"]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		offices, err := parseRegistry(data, duties)
		if err != nil {
			return
		}
		for _, o := range offices {
			if err := o.check(duties); err != nil {
				t.Errorf("%+v passes: %v", o, err)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("17")
	f.Add("-0")
	all := page.Of("persons", "a")
	f.Add(all.Token("17"))
	f.Fuzz(func(t *testing.T, cursor string) {
		position, err := parseCursor(all, cursor)
		old := fmt.Sprint(position) == cursor
		if err == nil && cursor != "" && (position < 0 || !old && all.Token(fmt.Sprint(position)) != cursor) {
			t.Errorf("%q is at %d", cursor, position)
		}
	})
}
