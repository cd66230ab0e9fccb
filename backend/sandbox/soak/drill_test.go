package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Drills: the built portal meets each part of the outside world while it is slow, wrong in each of its ways, and
// dead. People are told what cannot be done now and are kept waiting by nothing else; what was to be done is done
// when the part is well again, and once.

// patience is for a machine that has much else to do; nothing is expected to take that long.
const patience = 2 * time.Minute

// built are the programs as they stand, without a page.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "drill-")
	if err != nil {
		return "", err
	}
	for name, from := range map[string]string{
		"portal": "backend", "sandbox": "backend/sandbox", "expand": "backend/japan/catalog/expand/write",
	} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, name), "madoguchi/"+from)
		if out, err := build.CombinedOutput(); err != nil {
			return dir, &buildError{string(out), err}
		}
	}
	for name, content := range map[string]string{
		"routes.json":       `{"routes":[{"path":"/","page":"top"}],"languages":["ja"],"not_found":"top"}`,
		"pages/top.ja.html": "<h1>まどぐち</h1>",
	} {
		path := filepath.Join(dir, "web", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return dir, err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return dir, err
		}
	}
	return dir, nil
})

type buildError struct {
	said string
	err  error
}

func (b *buildError) Error() string { return b.err.Error() + "\n" + b.said }

func TestMain(m *testing.M) {
	atOnce()
	code := m.Run()
	if dir, _ := built(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// atOnce has twice as many drills run as there are processors: what is out of order lets the portal wait, most of the
// time.
func atOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return
	}
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
}

// drill is a world with one test's hand at the switches.
type drill struct {
	*world
	t *testing.T
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	t.Parallel()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	w, err := start(t.Context(), dir, t.TempDir(), "PORTAL_INTRODUCE_WITHIN=0s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.portal.alive(); err != nil {
			t.Error(err)
		}
		w.stop()
		if t.Failed() {
			t.Logf("the portal says at last:\n%s\nthe sandbox:\n%s", w.portal.log.String(), w.other.log.String())
		}
	})
	return &drill{w, t}
}

// in is the same world in the hand of a part of the test.
func (d *drill) in(t *testing.T) *drill { return &drill{d.world, t} }

func (d *drill) set(part, is string, more ...string) {
	d.t.Helper()
	if err := d.turn(d.t.Context(), part, is, more...); err != nil {
		d.t.Fatal(err)
	}
}

// restart begins the portal anew: it has forgotten what it held in memory.
func (d *drill) restart() {
	d.t.Helper()
	d.portal.stop()
	var err error
	if d.portal, err = d.begin(d.t.Context(), "portal", d.origin+"/healthz"); err != nil {
		d.t.Fatal(err)
	}
}

// wrong are the settings of a part that is so in these ways.
func wrong(ways ...string) [][]string {
	var settings [][]string
	for _, way := range ways {
		settings = append(settings, []string{"wrong", "way=" + way})
	}
	return settings
}

// until waits for something to come true.
func (d *drill) until(what string, is func() bool) {
	d.t.Helper()
	for begun := time.Now(); !is(); pause(d.t.Context(), 50*time.Millisecond) {
		if time.Since(begun) > patience {
			d.t.Fatalf("it does not come true that %s", what)
		}
	}
}

// login lets the card wait for its turn, and says why it was not let in.
func (d *drill) login(p *person) (*portalv1.Session, portalv1.Reason, time.Duration) {
	d.t.Helper()
	for {
		begun := time.Now()
		session, err := p.logIn(d.t.Context())
		if connect.CodeOf(err) == connect.CodeResourceExhausted {
			pause(d.t.Context(), 200*time.Millisecond)
			continue
		}
		if err != nil && reasonOf(err) == portalv1.Reason_REASON_UNSPECIFIED {
			d.t.Fatalf("logging in fails without a reason: %v", err)
		}
		return session, reasonOf(err), time.Since(begun)
	}
}

// member gives somebody who has a folder, with a mail address when there is one.
func (d *drill) member(n int, mail string) *person {
	d.t.Helper()
	p := newPerson(d.world, n)
	if _, reason, _ := d.login(p); reason != portalv1.Reason_REASON_UNSPECIFIED {
		d.t.Fatalf("logging in: %v", reason)
	}
	_, err := p.accounts.OpenAccount(d.t.Context(), &portalv1.OpenAccountRequest{
		TermsVersion: rule.TermsVersion, DisplayName: "人", MunicipalityCode: p.holder.MunicipalityCode, Language: "ja",
		MailAddress: mail, MailOnLogin: mail != "",
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// ask makes a request of the sandbox; nothing is followed.
func (d *drill) ask(method, path string, form url.Values) (int, string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, d.sandbox+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// letters are the texts of the mails that have come, by those to whom they went.
func (d *drill) letters(to string) []string {
	d.t.Helper()
	_, list := d.ask("GET", "/mail.json", nil)
	var all []struct{ To, Text string }
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		d.t.Fatal(err)
	}
	var texts []string
	for _, m := range all {
		if strings.Contains(m.To, to) {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func TestJLISOutOfOrder(t *testing.T) {
	d := newDrill(t)
	hanako := d.member(0, "")
	taro := newPerson(d.world, 1)
	const unknown = portalv1.Reason_REASON_REVOCATION_UNKNOWN

	// A portal that has heard nothing of J-LIS since its start lets nobody in, says why, and says it soon.
	troubles := append(wrong("status", "garbage", "half", "stranger"), []string{"dead"}, []string{"slow", "wait=1m"})
	for _, setting := range troubles {
		t.Run("from the start "+strings.Join(setting, " "), func(t *testing.T) {
			d := d.in(t)
			d.set("jlis", setting[0], setting[1:]...)
			d.restart()
			if session, reason, took := d.login(hanako); session != nil || reason != unknown || took > 50*time.Second {
				t.Errorf("let in %v, for the reason %v, after %v", session, reason, took)
			}
			d.set("jlis", "well")
			d.until("people are let in again", func() bool { session, _, _ := d.login(hanako); return session != nil })
		})
	}

	// With the revocation list at hand those go on coming who are known; of a card that is new here too little can be
	// known.
	d.restart()
	d.until("the list is at hand", func() bool {
		d.set("jlis", "well")
		if session, _, _ := d.login(hanako); session == nil {
			return false
		}
		d.set("jlis", "dead")
		session, _, _ := d.login(hanako)
		return session != nil
	})
	for _, setting := range troubles {
		t.Run("later "+strings.Join(setting, " "), func(t *testing.T) {
			d := d.in(t)
			d.set("jlis", setting[0], setting[1:]...)
			if session, reason, took := d.login(hanako); session == nil || took > 50*time.Second {
				t.Errorf("who is known is not let in: %v after %v", reason, took)
			}
			if session, reason, took := d.login(taro); session != nil || reason != unknown || took > 50*time.Second {
				t.Errorf("who is new is let in %v, for the reason %v, after %v", session, reason, took)
			}
		})
	}
	d.set("jlis", "slow", "wait=10ms")
	d.until("a J-LIS that is a little slow is good enough", func() bool {
		session, _, _ := d.login(taro)
		return session != nil
	})
}

var confirmation = regexp.MustCompile(`#token=(\S+)`)

func TestTheMailServerOutOfOrder(t *testing.T) {
	d := newDrill(t)
	const address = "hanako@example.jp"
	d.set("mail", "dead")
	hanako := d.member(0, address) // who opens a folder does not wait for the mail
	failures := func() int { return strings.Count(d.portal.log.String(), "jobs: failed, to be tried again") }
	failed := func(before int) func() bool { return func() bool { return failures() > before } }
	d.until("the portal has tried to send", failed(0))
	if got := d.letters(address); len(got) != 0 {
		t.Fatalf("a dead mail server took %q", got)
	}
	d.set("mail", "well")
	d.until("the mail has come", func() bool { return len(d.letters(address)) == 1 })
	found := confirmation.FindStringSubmatch(d.letters(address)[0])
	if found == nil {
		t.Fatalf("no link to confirm the address in\n%s", d.letters(address)[0])
	}
	token, err := url.QueryUnescape(found[1])
	if err != nil {
		t.Fatal(err)
	}
	_, err = hanako.accounts.ConfirmMailAddress(t.Context(), &portalv1.ConfirmMailAddressRequest{Token: token})
	if err != nil {
		t.Fatal(err)
	}

	for _, setting := range append(wrong("status", "garbage", "half"), []string{"dead"}) {
		t.Run(strings.Join(setting, " "), func(t *testing.T) {
			d := d.in(t)
			before, tries := len(d.letters(address)), failures()
			d.set("mail", setting[0], setting[1:]...)
			if session, reason, _ := d.login(hanako); session == nil {
				t.Fatalf("the login waits for its mail: %v", reason)
			}
			d.until("the portal has tried to send", failed(tries))
			if got := d.letters(address); len(got) != before {
				t.Errorf("it took %q all the same", got[before:])
			}
			d.set("mail", "well")
			d.until("the mail has come", func() bool { return len(d.letters(address)) > before })
			if got := d.letters(address); len(got) != before+1 || !strings.Contains(got[before], "ログイン") {
				t.Errorf("after that came %q", got[before:])
			}
		})
	}

	before := len(d.letters(address))
	d.set("mail", "slow", "wait=300ms")
	d.login(hanako)
	d.until("the mail has come, late", func() bool { return len(d.letters(address)) == before+1 })
	if strings.Contains(d.portal.log.String(), "hanako@") {
		t.Error("the log names an address")
	}
}

// titles are those of the notices that somebody can read.
func (d *drill) titles(p *person) []string {
	d.t.Helper()
	list, err := p.notices.ListNotices(d.t.Context(), &portalv1.ListNoticesRequest{})
	if err != nil {
		d.t.Fatal(err)
	}
	var titles []string
	for _, n := range list.GetNotices() {
		titles = append(titles, n.GetTitle())
	}
	return titles
}

func count(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

func TestAnOfficeOutOfOrder(t *testing.T) {
	d := newDrill(t)
	const meguro = "131105"
	const municipal, pension = "予防接種", "ねんきん"
	has := func(p *person, word string) bool {
		return slices.ContainsFunc(d.titles(p), func(title string) bool { return strings.Contains(title, word) })
	}
	d.set(meguro, "dead")
	hanako := d.member(0, "")
	d.until("the other offices write to a newcomer", func() bool { return has(hanako, pension) })
	if has(hanako, municipal) {
		t.Error("a dead office wrote")
	}
	d.set(meguro, "well")
	d.until("what it had to say comes later", func() bool { return has(hanako, municipal) })

	send := func(d *drill, reference string) int {
		status, _ := d.ask("POST", "/office/send", url.Values{
			"office": {meguro}, "person": {"yamada-hanako"}, "reference": {reference},
			"title": {reference}, "body": {"本文"},
		})
		return status
	}
	for _, part := range []string{meguro, "notice"} {
		for _, setting := range append(wrong("garbage", "half", "stranger"), []string{"dead"}) {
			reference := strings.Join(append([]string{part}, setting...), " ")
			t.Run(reference, func(t *testing.T) {
				d := d.in(t)
				d.set(part, setting[0], setting[1:]...)
				if status := send(d, reference); status != http.StatusBadGateway {
					t.Errorf("it sent: %d", status)
				}
				if got := count(d.titles(hanako), reference); got != 0 {
					t.Errorf("%d notices from an office that cannot speak", got)
				}
				d.set(part, "well")
				for range 2 { // sent again, as one does who has no answer
					if status := send(d, reference); status != http.StatusSeeOther {
						t.Errorf("well again: %d", status)
					}
				}
				if got := count(d.titles(hanako), reference); got != 1 {
					t.Errorf("well again, and %d notices", got)
				}
			})
		}
	}
	if log := d.portal.log.String(); !strings.Contains(log, "unknown_certificate") {
		t.Error("the security log says nothing of a stranger")
	}

	d.set(meguro, "slow", "wait=2s")
	begun := time.Now()
	status, took := send(d, "late"), time.Since(begun)
	if got := count(d.titles(hanako), "late"); status != http.StatusSeeOther || got != 1 || took < 2*time.Second {
		t.Errorf("a slow office: %d after %v, %d notices", status, took, got)
	}
}

func TestTheCatalogueOutOfOrder(t *testing.T) {
	d := newDrill(t)
	anybody := newPerson(d.world, 2)
	const meguro, number, usual = "131105", "P0001", "わかりやすい名前"
	title := func(d *drill) string {
		d.t.Helper()
		found, err := anybody.procedures.GetProcedure(t.Context(), &portalv1.GetProcedureRequest{
			PlaceCode: meguro, Number: number,
		})
		if err != nil {
			return err.Error()
		}
		return found.GetContent().GetTitle()
	}
	change := func(d *drill, to string) int {
		status, _ := d.ask("POST", "/procedures/change", url.Values{
			"office": {meguro}, "place": {meguro}, "number": {number}, "title": {to},
			"from": {clock.Day(time.Now())},
		})
		return status
	}
	d.until("the office can change its entry", func() bool { return change(d, usual) == http.StatusSeeOther })
	d.until("people read it", func() bool { return title(d) == usual })
	for _, setting := range append(wrong("garbage", "half", "stranger"), []string{"dead"}) {
		name := strings.Join(setting, " ")
		t.Run(name, func(t *testing.T) {
			d := d.in(t)
			before := title(d)
			d.set("procedure", setting[0], setting[1:]...)
			if status := change(d, name); status != http.StatusBadGateway {
				t.Errorf("it was changed: %d", status)
			}
			if got := title(d); got != before {
				t.Errorf("people read %q", got)
			}
			d.set("procedure", "well")
			if status := change(d, name); status != http.StatusSeeOther {
				t.Errorf("well again: %d", status)
			}
			d.until("people read what is new", func() bool { return title(d) == name })
		})
	}
	d.set("procedure", "slow", "wait=500ms")
	if status := change(d, "遅れた名前"); status != http.StatusSeeOther {
		t.Errorf("a slow catalogue: %d", status)
	}
	d.until("people read what came late", func() bool { return title(d) == "遅れた名前" })
}
