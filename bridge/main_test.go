package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bridge": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			os.Exit(program(ctx, os.Args[1:]))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"PORT", "PAGE"} {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				e.Setenv(name, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
				if err := l.Close(); err != nil {
					return err
				}
			}
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"answers": answers, "occupy": occupy},
	})
}

// answers URL ORIGIN waits until the URL answers with 200 (or, with !, checks at once that it answers with something else).
func answers(ts *testscript.TestScript, neg bool, args []string) {
	var last string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		q, err := http.NewRequest("GET", args[0], nil)
		ts.Check(err)
		if len(args) > 1 {
			q.Header.Set("Origin", args[1])
		}
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			last = err.Error()
			continue
		}
		r.Body.Close()
		if last = r.Status; neg != (r.StatusCode == http.StatusOK) {
			return
		}
		if neg {
			break
		}
	}
	ts.Fatalf("%s: %s", strings.Join(args, " "), last)
}

// occupy PORT listens on the port until the script ends.
func occupy(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%s", args[0]))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}
