package ask

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTexts(t *testing.T) {
	for text, good := range map[string]bool{
		"":                          true,
		"申請書（児童手当）":                 true,
		"Application 2026.pdf":      true,
		"葛󠄀城市の住民票":                  true, // a variant of a character
		"やさしい　にほんご":                 true,
		"é̀":                        true,
		strings.Repeat("字", 60):     true,
		strings.Repeat("字", 61):     false,
		" leading":                  false,
		"trailing ":                 false,
		"two\nlines":                false,
		"a\tb":                      false,
		"a\x00b":                    false,
		"a\u0085b":                  false,
		"a\u2028b":                  false,
		"\u202Egpj.exe":             false,
		"a\u2066b":                  false,
		"a\u061Cb":                  false,
		"a\u200Bb":                  false,
		"a\u200Db":                  false,
		"a\uFEFFb":                  false,
		"a\u00ADb":                  false,
		"a\u2060b":                  false,
		"a\u00A0b":                  false,
		"a\u2003b":                  false,
		"\u3164":                    false,
		"a\u115Fb":                  false,
		"a\u2800b":                  false,
		"a\uFE0Fb":                  false,
		"a\U000E0100b":              false, // no variant of a letter
		"\U000E0100":                false,
		"a\U000E0041":               false, // a tag
		"\uE000":                    false, // private use
		"a\u034Fb":                  false,
		"Z\u0300\u0301\u0302\u0303": false,
		"\xff":                      false,
	} {
		if err := CheckText(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		} else if err != nil && len(text) > 3 && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats %q", text)
		}
	}
}

func FuzzCheckText(f *testing.F) {
	f.Add("申請書")
	f.Add("a\u202Eb")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckText(s) == nil &&
			(strings.ContainsAny(
				s, "\n\r\t\x00\x1b\u0085\u2028\u2029\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u3164",
			) || len([]rune(s)) > MaxText) {
			t.Errorf("took %q", s)
		}
	})
}

// programs puts scripts named zenity or kdialog into a folder; each writes down its arguments and ends as told.
func programs(t *testing.T, ends map[string]string) (Config, func(name string) []string) {
	t.Helper()
	dir := t.TempDir()
	for name, end := range ends {
		script := "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done >" + filepath.Join(dir, name+".args") +
			"\n" + end + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	look := func(name string) (string, error) {
		path := filepath.Join(dir, name)
		_, err := os.Stat(path)
		return path, err
	}
	arguments := func(name string) []string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name+".args"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
	}
	return Config{Mode: Documents, Look: look, Variable: func(name string) string {
		return map[string]string{"DISPLAY": ":0"}[name]
	}}, arguments
}

var question = Question{
	Origin: "https://portal.example", What: []string{"次の文書に電子署名をします", "Sign this document"},
	Items: []string{`--no-wrap \n<b>偽</b> &amp; "x" $(id)`},
}

func TestDialogs(t *testing.T) {
	for program, c := range map[string]struct {
		text     string // the argument that has the question begins so
		together []string
	}{
		"zenity":  {"--text=", []string{"--question", "--no-markup", "--default-cancel"}},
		"kdialog": {"--warningyesno=", nil},
	} {
		for end, want := range map[string]error{
			"exit 0": nil, "exit 1": ErrDeclined, "exit 2": ErrCannot, "exit 255": ErrCannot, "kill -9 $$": ErrCannot,
		} {
			config, arguments := programs(t, map[string]string{program: end})
			a := New(config)
			if !a.Documents() || a.All() {
				t.Fatalf("%s: documents %t, all %t", program, a.Documents(), a.All())
			}
			if err := a.Ask(t.Context(), question); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%s, %s: %v", program, end, err)
			}
			got := arguments(program)
			for _, argument := range got {
				if !strings.HasPrefix(argument, "--") {
					t.Errorf("%s: %q stands by itself", program, argument)
				}
			}
			for _, option := range c.together {
				if !slices.Contains(got, option) {
					t.Errorf("%s without %s", program, option)
				}
			}
			i := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, c.text) })
			if i < 0 {
				t.Fatalf("%s: no question in %q", program, got)
			}
			lines := strings.Split(strings.TrimPrefix(got[i], c.text), "\n")
			if lines[0] != "まどぐち カードブリッジ" || lines[2] != "https://portal.example" ||
				lines[len(lines)-1] != `1. --no-wrap ＼n＜b＞偽＜/b＞ ＆amp; "x" $(id)` {
				t.Errorf("%s asks %q", program, lines)
			}
		}
	}
}

func TestZenityComesFirst(t *testing.T) {
	config, arguments := programs(t, map[string]string{"zenity": "exit 0", "kdialog": "exit 1"})
	if err := New(config).Ask(t.Context(), question); err != nil {
		t.Error(err)
	}
	if len(arguments("zenity")) == 0 {
		t.Error("not asked")
	}
}

func TestQuestionsAreBoundedByTime(t *testing.T) {
	config, _ := programs(t, map[string]string{"zenity": "exec sleep 60"})
	config.Patience = 100 * time.Millisecond
	a := New(config)
	if err := a.Ask(t.Context(), question); !errors.Is(err, ErrDeclined) {
		t.Errorf("nobody answered: %v", err)
	}
	config.Patience = time.Minute
	a = New(config)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := a.Ask(ctx, question); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("given up by the page: %v", err)
	}
}

// One question stands at a time: no window hides another.
func TestOneQuestionAtATime(t *testing.T) {
	config, _ := programs(t, map[string]string{
		"zenity": `mkdir "$(dirname "$0")/open" || exit 3; sleep 0.05; rmdir "$(dirname "$0")/open"; exit 0`,
	})
	a := New(config)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := a.Ask(t.Context(), question); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestModes(t *testing.T) {
	desktop, _ := programs(t, map[string]string{"zenity": "exit 0"})
	bare, _ := programs(t, nil)
	without := desktop
	without.Variable = func(string) string { return "" }
	wayland := desktop
	wayland.Variable = func(name string) string { return map[string]string{"WAYLAND_DISPLAY": "wayland-0"}[name] }
	for name, c := range map[string]struct {
		config         Config
		mode           string
		terminal       string // what is typed there; empty: there is none
		documents, all bool
		want           error
	}{
		"auto on a desktop":                   {desktop, "auto", "", true, false, nil},
		"auto on Wayland":                     {wayland, "auto", "", true, false, nil},
		"auto without programs":               {bare, "auto", "yes\n", false, false, ErrCannot},
		"auto without a desktop":              {without, "auto", "yes\n", false, false, ErrCannot},
		"documents without programs":          {bare, "documents", "", true, false, ErrCannot},
		"documents without a desktop":         {without, "documents", "", true, false, ErrCannot},
		"documents on a terminal, yes":        {without, "documents", "yes\n", true, false, nil},
		"all on a terminal, はい":               {without, "all", "はい\n", true, true, nil},
		"all on a terminal, no":               {without, "all", "no\n", true, true, ErrDeclined},
		"all on a terminal, nothing":          {without, "all", "\n", true, true, ErrDeclined},
		"all on a terminal that is closed":    {without, "all", "closed", true, true, ErrCannot},
		"all on a desktop, with a terminal":   {desktop, "all", "no\n", true, true, nil},
		"never, though there is all of it":    {desktop, "never", "no\n", false, false, nil},
		"documents, programs gone, terminal":  {bare, "documents", "y\n", true, false, nil},
		"documents, programs gone, terminal2": {bare, "documents", "n\n", true, false, ErrDeclined},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			if c.config.Mode, err = ParseMode(c.mode); err != nil {
				t.Fatal(err)
			}
			var asked *strings.Builder
			if c.terminal != "" {
				var terminal io.ReadWriter
				terminal, asked = typing(c.terminal)
				c.config.Terminal = terminal
			}
			a := New(c.config)
			if a.Documents() != c.documents || a.All() != c.all {
				t.Errorf("documents %t, all %t", a.Documents(), a.All())
			}
			if err := a.Ask(t.Context(), question); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if asked != nil && asked.Len() > 0 && !strings.Contains(asked.String(), "https://portal.example\n次の文書") {
				t.Errorf("asked %q", asked)
			}
		})
	}
	if _, err := ParseMode("sometimes"); err == nil {
		t.Error("a mode that is none")
	}
	var nobody *Asker
	if nobody.Documents() || nobody.All() {
		t.Error("without an asker somebody is asked")
	}
}

// person types an answer once a question is written, and never before.
type person struct {
	answer string
	asked  *strings.Builder
	typed  chan string
}

func typing(answer string) (*person, *strings.Builder) {
	p := &person{answer: answer, asked: &strings.Builder{}, typed: make(chan string, 1)}
	if answer == "closed" {
		close(p.typed)
	}
	return p, p.asked
}

func (p *person) Write(b []byte) (int, error) {
	p.asked.Write(b)
	if p.answer != "closed" {
		p.typed <- p.answer
	}
	return len(b), nil
}

func (p *person) Read(b []byte) (int, error) {
	line, ok := <-p.typed
	if !ok {
		return 0, io.EOF
	}
	return copy(b, line), nil
}

// What was typed before a question is no answer to it.
func TestTypedBeforeTheQuestion(t *testing.T) {
	from, to := io.Pipe()
	defer from.Close()
	asked := make(chan struct{}, 1)
	terminal := struct {
		io.Reader
		io.Writer
	}{from, writer(func(b []byte) {
		if strings.Contains(string(b), "https://portal.example") {
			asked <- struct{}{}
		}
	})}
	a := New(Config{Mode: All, Terminal: terminal, Variable: func(string) string { return "" }})
	if _, err := to.Write([]byte("yes\nyes\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write([]byte("and more")); err != nil { // read after those lines have been dealt with
		t.Fatal(err)
	}
	answer := make(chan error)
	go func() { answer <- a.Ask(t.Context(), question) }()
	<-asked
	select {
	case err := <-answer:
		t.Fatalf("answered by what was typed before: %v", err)
	default:
	}
	if _, err := to.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; !errors.Is(err, ErrDeclined) {
		t.Errorf("%v", err)
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}
