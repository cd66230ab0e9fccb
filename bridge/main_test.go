package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
			e.Values["slots"] = slots{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers": answers, "occupy": occupy, "vpcd": vpcd, "slot": slot,
		},
	})
}

// answers URL ORIGIN waits until the URL answers with 200 (or, with !, checks at once that it answers with something
// else, or hangs up).
func answers(ts *testscript.TestScript, neg bool, args []string) {
	var last string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		q, err := http.NewRequest("GET", args[0], nil)
		ts.Check(err)
		if len(args) > 1 {
			q.Header.Set("Origin", args[1])
		}
		r, err := http.DefaultClient.Do(q)
		if neg && errors.Is(err, io.EOF) {
			return
		}
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

// slots are the listeners of vpcd by port.
type slots map[string]*net.TCPListener

// vpcd PORT waits for cards until the script ends.
func vpcd(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Value("slots").(slots)[args[0]] = l.(*net.TCPListener)
}

// slot PORT COMMAND=STATUS… takes the card that comes to vpcd's port, powers it, sends the commands and wants these
// status words (both in hexadecimal), and hangs up.
func slot(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value("slots").(slots)[args[0]]
	deadline := time.Now().Add(time.Minute)
	ts.Check(l.SetDeadline(deadline))
	conn, err := l.Accept()
	ts.Check(err)
	defer conn.Close()
	ts.Check(conn.SetDeadline(deadline))
	send := func(message ...byte) {
		_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
		ts.Check(err)
	}
	send(1) // power
	for _, exchange := range args[1:] {
		command, want, _ := strings.Cut(exchange, "=")
		b, err := hex.DecodeString(command)
		ts.Check(err)
		send(b...)
		var length [2]byte
		_, err = io.ReadFull(conn, length[:])
		ts.Check(err)
		answer := make([]byte, binary.BigEndian.Uint16(length[:]))
		_, err = io.ReadFull(conn, answer)
		ts.Check(err)
		if got := fmt.Sprintf("%X", answer[max(0, len(answer)-2):]); got != want {
			ts.Fatalf("%s was answered with %s, want %s", command, got, want)
		}
	}
}
