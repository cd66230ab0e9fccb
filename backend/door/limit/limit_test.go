package limit

import (
	"bytes"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func TestABucketIsItsOwn(t *testing.T) {
	b := NewBuckets("test", rate.Limit(1), 3)
	now := time.Now()
	for range 3 {
		if wait := b.Take("a", 1, now); wait != 0 {
			t.Fatalf("wait %v", wait)
		}
	}
	if wait := b.Take("a", 1, now); wait <= 0 || wait > time.Second || !b.Empty("a", now) {
		t.Errorf("wait %v", wait)
	}
	if wait := b.Take("b", 3, now); wait != 0 || !b.Empty("b", now) || b.Empty("c", now) {
		t.Error("one empties another's")
	}
	if wait := b.Take("a", 2, now.Add(time.Second)); wait <= 0 || wait > time.Second {
		t.Errorf("two of one: wait %v", wait)
	}
	if wait := b.Take("a", 1, now.Add(time.Second)); wait != 0 {
		t.Errorf("it does not fill again: %v", wait)
	}
	if wait := b.Take("a", 3, now.Add(time.Minute)); wait != 0 {
		t.Errorf("it does not fill to the brim: %v", wait)
	}
}

// A bucket that is widened keeps what was taken of it; one that was full is full again.
func TestBucketsAreWidened(t *testing.T) {
	b := NewBuckets("test", rate.Limit(1), 3)
	now := time.Now()
	b.Take("used", 3, now)
	b.Take("full", 1, now.Add(-time.Hour))
	b.Widen(10, now)
	b.Widen(5, now)
	if wait := b.Take("used", 1, now); wait <= 0 {
		t.Error("what was taken is there again")
	}
	if wait := b.Take("used", 10, now.Add(10*time.Second)); wait != 0 {
		t.Errorf("it does not fill to the new brim: %v", wait)
	}
	for _, key := range []string{"full", "new"} {
		if wait := b.Take(key, 10, now); wait != 0 {
			t.Errorf("%s: %v", key, wait)
		}
	}
}

func TestBucketsAreBounded(t *testing.T) {
	b := NewBuckets("test", rate.Limit(1), 3)
	now := time.Now()
	for i := range maxKeys + 1000 {
		b.Take(strconv.Itoa(i), 1, now)
	}
	if len(b.buckets) > maxKeys {
		t.Errorf("%d buckets", len(b.buckets))
	}
}

func TestPlacesAreGivenBack(t *testing.T) {
	p := NewPlaces("test", 10, 4)
	for range 3 { // emptied and filled again and again
		if !p.Take("a", 4) || p.Take("a", 1) || !p.Take("b", 4) || p.Take("c", 3) || !p.Take("c", 2) || p.Take("d", 1) {
			t.Fatal("the places are not as many as they should be")
		}
		p.Give("a", 4)
		p.Give("b", 1)
		p.Give("b", 3)
		p.Give("c", 2)
		if p.Taken() != 0 || len(p.byKey) != 0 {
			t.Fatalf("%d left, %v", p.Taken(), p.byKey)
		}
	}
}

// When all places are taken, who holds fewer gets one of who holds most: the oldest that is loose; among equals nobody
// is sent away.
func TestWhoHoldsMostGivesWay(t *testing.T) {
	p := NewPlaces("test", 6, 5)
	var evicted []string
	enter := func(name, key string) *Place {
		return p.Enter(key, func() { evicted = append(evicted, name) })
	}
	places := map[string]*Place{}
	for _, name := range []string{"a1", "a2", "a3", "a4", "b1", "b2"} {
		if places[name] = enter(name, name[:1]); places[name] == nil {
			t.Fatalf("%s finds no place", name)
		}
	}
	if !places["a1"].Keep() {
		t.Fatal("a1 was taken away")
	}
	c1 := enter("c1", "c")
	if c1 == nil || !slices.Equal(evicted, []string{"a2"}) || places["a2"].Keep() || p.Taken() != 6 {
		t.Fatalf("evicted %v, %d taken", evicted, p.Taken())
	}
	if enter("b3", "b") != nil || enter("a5", "a") != nil { // a has two loose ones, no more than b
		t.Errorf("who holds no fewer gets a place: %v", evicted)
	}
	c2 := enter("c2", "c")
	if c2 != nil { // c holds one, others two: it would only turn
		t.Errorf("evicted %v", evicted)
	}
	d1 := enter("d1", "d")
	if d1 == nil || len(evicted) != 2 {
		t.Errorf("somebody new: evicted %v", evicted)
	}
	for _, place := range places {
		place.Leave()
		place.Leave()
	}
	c1.Leave()
	d1.Leave()
	if p.Taken() != 0 || len(p.byKey) != 0 || len(p.loose) != 0 {
		t.Errorf("%d left, %v, %v", p.Taken(), p.byKey, p.loose)
	}
}

func TestAddressesAreSubscribers(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.9:4711": "203.0.113.9", "203.0.113.9": "203.0.113.9", "[2001:db8:1:2::3]:443": "2001:db8:1:2::/64",
		"[::ffff:203.0.113.9]:1": "203.0.113.9", "fe80::1%eth0": "fe80::/64", "": "", "somewhere": "",
	} {
		if got := Address(address); got != want {
			t.Errorf("%q gives %q, want %q", address, got, want)
		}
	}
}

func TestALimitIsToldOfOnceAMinute(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	b := NewBuckets("search", rate.Limit(0.001), 1)
	now := time.Now()
	for i := range 200 {
		b.Take("2001:db8:1:2::/64", 1, now.Add(time.Duration(i)*time.Second))
	}
	if lines := strings.Count(log.String(), "event=limiter_emptied limit=search from=2001:db8:1::/48"); lines != 4 {
		t.Errorf("%d lines in 200 seconds:\n%s", lines, log.String())
	}
}

// A connection too many is closed at once; one that ends makes room; whom a limit does not count by address is still
// counted.
func TestConnectionsAreFew(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	places := NewPlaces("connections", 5, 2)
	l := Listener(inner, places, func(address string) bool { return strings.HasPrefix(address, "127.0.0.9:") })
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	open := func(from string) (held net.Conn) {
		t.Helper()
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := dialer.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		ended := make(chan error, 1)
		go func() { _, err := c.Read(make([]byte, 1)); ended <- err }()
		select {
		case held := <-accepted:
			return held
		case err := <-ended:
			if err == nil {
				t.Fatal("a connection that nobody took says something")
			}
			return nil
		}
	}
	one, two := open("127.0.0.1"), open("127.0.0.1")
	if one == nil || two == nil || open("127.0.0.1") != nil {
		t.Fatal("an address has not two places")
	}
	one.Close()
	one.Close() // twice is once
	if open("127.0.0.1") == nil {
		t.Error("what was closed makes no room")
	}
	for range 3 {
		if open("127.0.0.9") == nil {
			t.Error("who is exempt is counted by address")
		}
	}
	if places.Taken() != 5 || open("127.0.0.3") != nil {
		t.Errorf("%d connections of 5", places.Taken())
	}
}
