package loopback_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"madoguchi/bridge/loopback"
)

// Who is hung up on gets no byte, and what stands behind the door never hears of it.
func TestAForeignerHearsNothing(t *testing.T) {
	heard := make(chan string, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	server := httptest.NewUnstartedServer(loopback.Only(
		loopback.HostsOf(port), nil,
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { heard <- r.URL.Path }),
	))
	server.Listener = l
	server.Start()
	defer server.Close()
	ask := func(host, fields string) string {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n", host, fields)
		answer, err := io.ReadAll(bufio.NewReader(c))
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	for _, host := range loopback.HostsOf(port) {
		if answer := ask(host, ""); answer == "" {
			t.Errorf("%s is not served", host)
		}
		<-heard
	}
	for _, c := range [][2]string{
		{"evil.example:" + port, ""}, {"127.0.0.1", ""}, {"", ""}, {"127.0.0.1:" + port, "Origin: null\r\n"},
		{"127.0.0.1:" + port, "Origin: http://127.0.0.1:" + port + "\r\nOrigin: https://evil.example\r\n"},
		{"127.0.0.1:" + port, "Sec-Fetch-Site: cross-site\r\n"}, {"127.0.0.1:" + port, "Sec-Fetch-Site: nonsense\r\n"},
	} {
		if answer := ask(c[0], c[1]); answer != "" {
			t.Errorf("%q gets %q", c, answer)
		}
	}
	if len(heard) != 0 {
		t.Error("the page heard of a foreigner")
	}
}
