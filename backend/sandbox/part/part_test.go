package part_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"madoguchi/backend/sandbox/part"
)

// longer is what nothing here waits for.
const longer = time.Minute

func add(t *testing.T, dir string) *part.Part {
	t.Helper()
	world, err := part.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := world.Add("bank", "銀行", "お金")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func set(t *testing.T, p *part.Part, s part.Setting) {
	t.Helper()
	if err := p.Set(s); err != nil {
		t.Fatal(err)
	}
}

func served(t *testing.T, p *part.Part) string {
	t.Helper()
	good := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, strings.Repeat("good ", 40))
	})
	server := httptest.NewServer(part.Handler(p, good, part.WrongAnswers()))
	t.Cleanup(server.Close)
	return server.URL
}

func get(address string) (status int, body string, err error) {
	response, err := http.Get(address)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

func TestWhatIsServed(t *testing.T) {
	p := add(t, t.TempDir())
	address := served(t, p)
	good := strings.Repeat("good ", 40)
	if status, body, err := get(address); status != 200 || body != good || err != nil {
		t.Errorf("well: %d %q %v", status, body, err)
	}
	set(t, p, part.Setting{Is: part.Wrong, Way: part.Status})
	if status, body, err := get(address); status != 500 || strings.Contains(body, "good") || err != nil {
		t.Errorf("out of order: %d %q %v", status, body, err)
	}
	set(t, p, part.Setting{Is: part.Wrong, Way: part.Garbage})
	if status, body, err := get(address); status != 200 || strings.Contains(body, "good") ||
		len(body) != len(good) || err != nil {
		t.Errorf("babbling: %d %q %v", status, body, err)
	}
	set(t, p, part.Setting{Is: part.Wrong, Way: part.Half})
	if status, body, err := get(address); status != 200 || body != good[:len(good)/2] || err == nil {
		t.Errorf("breaking off: %d %q %v", status, body, err)
	}
	set(t, p, part.Setting{Is: part.Dead})
	if status, _, err := get(address); err == nil {
		t.Errorf("dead: %d", status)
	}
	set(t, p, part.Setting{Is: part.Wrong}) // one way after another
	seen := map[string]bool{}
	for range p.Ways() {
		status, body, err := get(address)
		seen[fmt.Sprint(status, len(body), err != nil)] = true
	}
	if len(seen) != 3 || len(p.Ways()) != 3 {
		t.Errorf("by turns: %v of %v", seen, p.Ways())
	}
	set(t, p, part.Setting{Is: part.Slow, Wait: 10 * time.Millisecond})
	begun := time.Now()
	status, body, err := get(address)
	if status != 200 || body != good || err != nil || time.Since(begun) < 10*time.Millisecond {
		t.Errorf("slow: %d %q %v after %v", status, body, err, time.Since(begun))
	}
}

// Whoever waits for a slow part is served when it is well again, and left when it dies.
func TestTheSwitchMovesWhatIsUnderWay(t *testing.T) {
	for is, fine := range map[part.State]bool{part.Well: true, part.Dead: false} {
		t.Run(string(is), func(t *testing.T) {
			p := add(t, t.TempDir())
			arrived := make(chan struct{}, 1)
			nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			handler := part.Handler(p, nothing, part.WrongAnswers())
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				handler.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			set(t, p, part.Setting{Is: part.Slow, Wait: longer})
			done := make(chan error, 1)
			go func() { _, _, err := get(server.URL); done <- err }()
			<-arrived
			set(t, p, part.Setting{Is: is})
			if err := <-done; (err == nil) != fine {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSlowTakesAsLongAsItSays(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := add(t, dir)
		set(t, p, part.Setting{Is: part.Slow})
		handler := part.Handler(p, http.NotFoundHandler(), part.WrongAnswers())
		begun := time.Now()
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("as is usual: %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		func() {
			defer func() { recover() }() // it hangs up
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		}()
		if took := time.Since(begun); took != time.Second {
			t.Errorf("who gives up is not kept: %v", took)
		}
	})
}

// echo answers each line, after a greeting, as a mail server does.
func echo(t *testing.T, p *part.Part) string {
	t.Helper()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := part.Listener(p, raw, part.Ways[net.Conn]{
		part.Status: part.Saying([]byte("421 no\n")), part.Half: part.BreakingOffAt([]byte("354")),
	})
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := fmt.Fprintln(c, "220 hello"); err != nil {
					return
				}
				for lines := bufio.NewScanner(c); lines.Scan(); {
					if _, err := fmt.Fprintln(c, "354 "+lines.Text()); err != nil {
						return
					}
				}
			}()
		}
	}()
	return raw.Addr().String()
}

// talk says one line and gives what was answered.
func talk(t *testing.T, address string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	lines := bufio.NewReader(c)
	greeting, err := lines.ReadString('\n')
	if err != nil {
		return greeting, err
	}
	if _, err := fmt.Fprintln(c, "something"); err != nil {
		return greeting, err
	}
	answer, err := lines.ReadString('\n')
	return greeting + answer, err
}

func TestWhatIsServedOnConnections(t *testing.T) {
	p := add(t, t.TempDir())
	address := echo(t, p)
	for _, c := range []struct {
		name    string
		setting part.Setting
		want    string
		fine    bool
	}{
		{"well", part.Setting{Is: part.Well}, "220 hello\n354 something\n", true},
		{"slow", part.Setting{Is: part.Slow, Wait: 5 * time.Millisecond}, "220 hello\n354 something\n", true},
		{"turning away", part.Setting{Is: part.Wrong, Way: part.Status}, "421 no\n", false},
		{"breaking off", part.Setting{Is: part.Wrong, Way: part.Half}, "220 hello\n354 som", false},
		{"dead", part.Setting{Is: part.Dead}, "", false},
		{"well again", part.Setting{Is: part.Well}, "220 hello\n354 something\n", true},
	} {
		set(t, p, c.setting)
		if got, err := talk(t, address); got != c.want || (err == nil) != c.fine {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}

	// Who is there when it dies is not there any more.
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	set(t, p, part.Setting{Is: part.Dead})
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes of a dead one", n)
	}
}

func TestWhatCalls(t *testing.T) {
	type call struct {
		body string
		err  error
	}
	calls := make(chan call, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		calls <- call{string(body), err}
	}))
	t.Cleanup(server.Close)
	p := add(t, t.TempDir())
	stranger := false
	strange := func(r *http.Request) (*http.Response, error) {
		stranger = true
		return http.DefaultTransport.RoundTrip(r)
	}
	client := http.Client{Transport: part.Transport(p, http.DefaultTransport, part.WrongCalls(roundTrip(strange)))}
	say := func() error {
		response, err := client.Post(server.URL, "text/plain", strings.NewReader("a good word"))
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	whole := func(s string, err error) bool { return s == "a good word" && err == nil }
	nonsense := func(s string, err error) bool { return !strings.Contains(s, "word") && err == nil }
	half := func(s string, err error) bool { return s == "a goo" && err != nil }
	for _, c := range []struct {
		name    string
		setting part.Setting
		body    func(string, error) bool
		fine    bool
	}{
		{"well", part.Setting{Is: part.Well}, whole, true},
		{"slow", part.Setting{Is: part.Slow, Wait: time.Millisecond}, whole, true},
		{"babbling", part.Setting{Is: part.Wrong, Way: part.Garbage}, nonsense, false},
		{"breaking off", part.Setting{Is: part.Wrong, Way: part.Half}, half, false},
		{"somebody else", part.Setting{Is: part.Wrong, Way: part.Stranger}, whole, false},
	} {
		set(t, p, c.setting)
		err := say()
		if (err == nil) != c.fine || err != nil && !errors.Is(err, part.ErrBroken) {
			t.Errorf("%s: the caller got %v", c.name, err)
		}
		if got := <-calls; !c.body(got.body, got.err) {
			t.Errorf("%s: the server got %q %v", c.name, got.body, got.err)
		}
		if stranger != (c.setting.Way == part.Stranger) {
			t.Errorf("%s: a stranger called: %v", c.name, stranger)
		}
	}
	set(t, p, part.Setting{Is: part.Dead})
	if err := say(); !errors.Is(err, part.ErrBroken) || len(calls) > 0 {
		t.Errorf("dead: %v, %d calls", err, len(calls))
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAPartHasAFileOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	p := add(t, dir)
	served(t, p)
	if p.Kept(new(string)) {
		t.Error("something was kept before")
	}
	if err := p.Keep("what it knows"); err != nil {
		t.Fatal(err)
	}
	set(t, p, part.Setting{Is: part.Slow, Wait: 3 * time.Second})
	again := add(t, dir)
	var kept string
	s := again.Setting()
	if s.Is != part.Slow || s.Wait != 3*time.Second || !again.Kept(&kept) || kept != "what it knows" {
		t.Errorf("after a restart: %+v, %q", s, kept)
	}
	if again.Kept(new(int)) {
		t.Error("what is of another kind was taken")
	}
	for name, damaged := range map[string]string{
		"none": "", "torn": `{"is":"slow"`, "a state that is none": `{"is":"tired","keeps":"x"}`,
		"too long": `{"is":"slow","wait":"9h"}`, "no pause": `{"is":"slow","wait":"soon"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "bank.json"), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := add(t, dir).Setting(); s != (part.Setting{Is: part.Well}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	world, err := part.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := world.Add("bank", "銀行", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := world.Add("bank", "別の銀行", ""); err == nil {
		t.Error("two parts under one name")
	}
	if _, err := part.In(filepath.Join(dir, "bank.json")); err == nil {
		t.Error("a file is no directory")
	}
}

func TestASettingThatSaysNothingIsRefused(t *testing.T) {
	p := add(t, t.TempDir())
	served(t, p)
	for _, s := range []part.Setting{
		{}, {Is: "tired"},
		{Is: part.Slow, Wait: -1}, {Is: part.Slow, Wait: time.Hour}, {Is: part.Dead, Wait: time.Second},
		{Is: part.Wrong, Way: "odd"}, {Is: part.Wrong, Way: part.Stranger}, {Is: part.Dead, Way: part.Half},
	} {
		if err := p.Set(s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
	if s := p.Setting(); s.Is != part.Well {
		t.Errorf("changed all the same: %+v", s)
	}
}
