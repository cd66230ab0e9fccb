package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Who asks and does not read must not hold a handler for ever; who reads slowly but steadily gets everything.
func TestAReaderThatTakesNothingIsLetGoOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const patience = time.Minute
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
		l := pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
		go server.Serve(l)
		defer server.Close()
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return l.dial(), nil
		}}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}

		for range 2 { // the second on the same connection, whose last deadline is over
			response, err := client.Get("http://portal/slowly")
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
		connection := l.dial()
		defer connection.Close()
		if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		asked := time.Now()
		select {
		case <-ended:
			if after := time.Since(asked); after != patience {
				t.Errorf("the handler waited %v for somebody who does not read, not %v", after, patience)
			}
		case <-time.After(2 * patience):
			t.Error("the handler still waits for somebody who does not read")
		}
	})
}

// Who announces a form and does not send it must not hold a handler for ever; one that comes slowly, but in time, is
// read, and its answer may take longer than that.
func TestASenderOfAFormThatSendsNothingIsLetGoOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := Server(formed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(2 * bodyTimeout):
				_, _ = io.WriteString(w, r.PostFormValue("ticket"))
			case <-r.Context().Done():
				t.Error("it is cut off while it is answered")
			}
		})))
		l := pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
		go server.Serve(l)
		defer server.Close()
		post := func(length, body string) (status int, answer string, after time.Duration) {
			t.Helper()
			connection := l.dial()
			defer connection.Close()
			begun := time.Now()
			go func() {
				_, _ = io.WriteString(connection, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: "+length+
					"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n")
				time.Sleep(bodyTimeout / 2)
				_, _ = io.WriteString(connection, body)
			}()
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			read, _ := io.ReadAll(response.Body) // that of who is turned away may break off
			return response.StatusCode, string(read), time.Since(begun)
		}
		if status, answer, _ := post("8", "ticket=x"); status != http.StatusOK || answer != "x" {
			t.Errorf("slowly: %d %q", status, answer)
		}
		status, _, after := post("8", "tick")
		if status != http.StatusBadRequest || after != bodyTimeout {
			t.Errorf("never: %d after %v", status, after)
		}
	})
}

// pipes is a network whose time is the test's: a real one's runs on while the test's stands still.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
}

func (p pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.dialled <- there
	return here
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	close(p.closed)
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }
