package web

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Who asks and does not read must not hold a handler for ever; who reads slowly but steadily gets everything.
func TestAReaderThatTakesNothingIsLetGoOf(t *testing.T) {
	t.Parallel()
	const patience = 1500 * time.Millisecond // a busy machine may stop for a second between two writes
	block := make([]byte, 256<<10)
	ended := make(chan error, 1)
	server := Server(logged(patience, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slowly" {
			for range 6 {
				if _, err := w.Write([]byte("x")); err != nil {
					t.Error(err)
				}
				_ = http.NewResponseController(w).Flush()
				time.Sleep(patience / 5) // six of these are more than its patience
			}
			return
		}
		for {
			if _, err := w.Write(block); err != nil {
				ended <- err
				return
			}
		}
	})))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	defer server.Close()

	for range 2 { // the second on the same connection, whose last deadline is over
		response, err := http.Get("http://" + l.Addr().String() + "/slowly")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(body) != strings.Repeat("x", 6) {
			t.Fatalf("%q, %v", body, err)
		}
		time.Sleep(patience + patience/5)
	}
	connection, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the handler still waits for somebody who does not read")
	}
}
