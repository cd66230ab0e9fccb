package outbox_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// thing is an object of the model's portal.
type thing struct {
	title string
	due   string
	count int // of what would not be seen to be done twice otherwise
}

// request is a write of the model: "add 3 x1 title", "due 4 x1 old new", "count 5 x1", "remove 6 x1". The number is
// that of the act.
type request []string

func read(r []byte) request     { return strings.Fields(string(r)) }
func (r request) act() int      { n, _ := strconv.Atoi(r[1]); return n }
func (r request) about() string { return r[2] }
func (r request) bytes() []byte { return []byte(strings.Join(r, " ")) }

var kinds = outbox.Kind{
	Subject: func(r []byte) outbox.Subject {
		s := outbox.Subject{About: []string{read(r).about()}}
		if read(r)[0] == "add" {
			s.Makes = s.About
		}
		return s
	},
	Settled: func(_ context.Context, r, answer []byte) (map[string]string, error) {
		if own := read(r).about(); read(r)[0] == "add" && string(answer) != own {
			return map[string]string{own: string(answer)}, nil
		}
		return nil, nil
	},
	Rename: func(r []byte, names map[string]string) []byte {
		renamed := read(r)
		renamed[2] = names[renamed[2]]
		return renamed.bytes()
	},
	Over: func(r []byte) []byte {
		over := read(r)
		if over[0] == "due" {
			over[3] = "-"
		}
		return over.bytes()
	},
}

// answered is what the portal keeps under a key.
type answered struct {
	request, answer string
	at              time.Time
}

// portal is the model of the real one: what it keeps of a key, and for how long, is backend/store/once's.
type portal struct {
	now     time.Time
	things  map[string]thing
	keys    map[string]answered
	session string // whose it is
	log     []int  // the acts that were done
	broken  int    // how many calls to come it fails at
}

func refuse(reason portalv1.Reason) error {
	return &rpc.Error{Code: rpc.CodeInvalidArgument, Info: &portalv1.ErrorInfo{Reason: reason}}
}

func (p *portal) call(owner, key, sent string) (answer string, err error) {
	if p.session != owner {
		return "", refuse(portalv1.Reason_REASON_OTHER_PERSON)
	}
	if before, there := p.keys[key]; there && p.now.Sub(before.at) <= 7*24*time.Hour {
		if before.request != sent {
			return "", refuse(portalv1.Reason_REASON_KEY_REUSED)
		}
		return before.answer, nil
	}
	if p.broken > 0 {
		p.broken--
		return "", refuse(portalv1.Reason_REASON_INTERNAL)
	}
	answer, err = p.do(read([]byte(sent)))
	if err == nil {
		p.keys[key] = answered{sent, answer, p.now}
		p.log = append(p.log, read([]byte(sent)).act())
	}
	return answer, err
}

func (p *portal) do(r request) (string, error) {
	id := r.about()
	t, there := p.things[id]
	switch {
	case r[0] == "add" && r[3] == "bad":
		return "", refuse(portalv1.Reason_REASON_INVALID_FIELD)
	case r[0] == "add":
		for other, t := range p.things {
			if t.title == r[3] {
				return other, nil
			}
		}
		p.things[id] = thing{title: r[3], due: "0"}
		return id, nil
	case r[0] == "remove":
		delete(p.things, id)
		return "", nil
	case !there:
		return "", refuse(portalv1.Reason_REASON_NOT_FOUND)
	case r[0] == "due" && r[3] != "-" && r[3] != t.due && r[4] != t.due:
		return "", refuse(portalv1.Reason_REASON_CHANGED)
	case r[0] == "due":
		t.due = r[4]
	case r[0] == "count":
		t.count++
	}
	p.things[id] = t
	return "", nil
}

// The ways in which a call is cut.
const (
	whole   = iota
	before  // it does not arrive
	after   // it is done, and the answer is lost
	foreign // something on the way answers instead
	busy    // the portal's store cannot be written to
	cuts
)

// errKilled is what a tab dies of.
var errKilled = errors.New("the tab was errKilled")

// memory is a store. It kills the tab at one of its acts, before or after it was done.
type memory struct {
	writes map[string]outbox.Write
	kill   int // at the how manieth act; 0 never
}

func (m *memory) act(do func()) {
	m.kill--
	if m.kill == 0 {
		panic(errKilled)
	}
	do()
	m.kill--
	if m.kill == 0 {
		panic(errKilled)
	}
}

func (m *memory) All(context.Context) ([]outbox.Write, error) {
	var all []outbox.Write
	for _, w := range m.writes {
		w.About, w.Makes = slices.Clone(w.About), slices.Clone(w.Makes)
		all = append(all, w)
	}
	return all, nil
}

func (m *memory) Put(_ context.Context, w outbox.Write) error {
	m.act(func() { m.writes[w.ID] = w })
	return nil
}

func (m *memory) Remove(_ context.Context, id string) error {
	m.act(func() { delete(m.writes, id) })
	return nil
}

// world is a device with the portal, as a random course of events finds them.
type world struct {
	t      *rapid.T
	portal *portal
	store  *memory
	queue  *outbox.Queue
	heard  time.Time // what the device knows of the portal's clock
	locks  map[string]bool
	leaky  bool // the browser has no locks: two tabs may both send
	depth  int
	steady bool // no more cuts

	acts     int
	dropped  map[int]bool // by the person
	insisted map[int]int
}

func newWorld(t *rapid.T) *world {
	w := &world{
		t: t, portal: &portal{
			now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), things: map[string]thing{}, keys: map[string]answered{},
			session: "hanako",
		},
		store: &memory{writes: map[string]outbox.Write{}}, locks: map[string]bool{}, dropped: map[int]bool{},
		insisted: map[int]int{}, leaky: rapid.Bool().Draw(t, "leaky"),
	}
	for _, id := range []string{"a", "b"} {
		w.portal.things[id] = thing{title: "of-" + id, due: "0"}
	}
	w.queue = &outbox.Queue{
		Store: w.store, Send: w.send, Alone: w.alone, Kind: func(string) outbox.Kind { return kinds },
		Now: func() (time.Time, bool) { return w.heard, !w.heard.IsZero() },
	}
	return w
}

// alone is a lock of the browser's: it ends with the tab.
func (w *world) alone(_ context.Context, name string, wait bool, do func() error) error {
	if w.locks[name] && !wait && !w.leaky {
		return nil
	}
	held := w.locks[name]
	w.locks[name] = true
	defer func() { w.locks[name] = held }()
	return do()
}

// send is the way to the portal, on which everything may happen: what the other tab does meanwhile, too.
func (w *world) send(_ context.Context, write outbox.Write) ([]byte, error) {
	for _, other := range w.all() {
		if other.Number < write.Number && slices.Contains(write.About, other.About[0]) {
			w.t.Errorf("%s is sent before %s", write.Request, other.Request)
		}
	}
	cut := whole
	if !w.steady {
		cut = rapid.IntRange(0, cuts-1).Draw(w.t, "cut")
		if w.depth < 2 && rapid.Bool().Draw(w.t, "meanwhile") {
			w.meanwhile(rapid.SampledFrom([]string{"begin", "drain", "sleep", "decide", "elsewhere"}).Draw(w.t, "what"))
		}
	}
	switch cut {
	case before:
		return nil, &rpc.Error{Code: rpc.CodeUnavailable}
	case foreign:
		return nil, &rpc.Error{Code: rpc.CodeUnknown}
	case busy:
		return nil, refuse(portalv1.Reason_REASON_STORE_UNAVAILABLE)
	}
	answer, err := w.portal.call("hanako", write.Key, string(write.Request))
	if cut == after {
		return nil, &rpc.Error{Code: rpc.CodeDeadlineExceeded}
	}
	w.heard = w.portal.now
	return []byte(answer), err
}

// meanwhile is what the other tab does.
func (w *world) meanwhile(what string) {
	w.depth++
	defer func() { w.depth-- }()
	w.happen(what)
}

// step has something happen; the tab may die of it.
func (w *world) step(what string) {
	if !w.steady && rapid.IntRange(0, 3).Draw(w.t, "dies") == 0 {
		w.store.kill = rapid.IntRange(1, 8).Draw(w.t, "when")
	}
	defer func() {
		w.store.kill = 0
		if died := recover(); died != nil {
			if died != errKilled { //nolint:errorlint // a panic's value
				panic(died)
			}
			w.locks, w.heard = map[string]bool{}, time.Time{}
		}
	}()
	w.happen(what)
}

func (w *world) happen(what string) {
	switch what {
	case "begin":
		w.begin()
	case "drain":
		if !w.steady && rapid.IntRange(0, 4).Draw(w.t, "nobody") == 0 {
			w.heard = time.Time{}        // without a word of the portal's clock
			w.queue.Drain(w.t.Context()) // ends when the portal is out of reach
			return
		}
		w.heard = w.portal.now // asks who is there first
		if w.portal.session == "hanako" {
			w.queue.Drain(w.t.Context()) // ends when the portal is out of reach
		}
	case "sleep":
		long := []int{1, 24, 6*24 - 1, 6*24 + 1, 7*24 + 1}
		if w.depth > 0 {
			long = []int{1, 23} // a call does not live longer than what lies between the six days and the seven
		}
		w.portal.now = w.portal.now.Add(time.Duration(rapid.SampledFrom(long).Draw(w.t, "hours")) * time.Hour)
	case "decide":
		w.decide()
	case "elsewhere":
		w.elsewhere()
	case "breaks":
		w.portal.broken = rapid.IntRange(1, 5).Draw(w.t, "calls")
	case "another person":
		w.portal.session = rapid.SampledFrom([]string{"hanako", "taro"}).Draw(w.t, "who")
	}
}

// begin has the person do something to what they see: what the portal has, and what waits.
func (w *world) begin() {
	w.acts++
	ids := slices.Sorted(maps.Keys(w.portal.things))
	for _, write := range w.all() {
		ids = append(ids, write.About...)
	}
	verb := "add"
	if len(ids) > 0 {
		verb = rapid.SampledFrom([]string{"add", "due", "count", "count", "remove"}).Draw(w.t, "verb")
	}
	r := request{verb, strconv.Itoa(w.acts), ""}
	switch verb {
	case "add":
		r[2] = "x" + strconv.Itoa(w.acts)
		r = append(r, rapid.SampledFrom([]string{"bad", "of-a", "new", "t" + r[1]}).Draw(w.t, "title"))
	case "due":
		r[2] = rapid.SampledFrom(ids).Draw(w.t, "id")
		r = append(r, rapid.SampledFrom([]string{"0", "1", "2"}).Draw(w.t, "was"),
			rapid.SampledFrom([]string{"1", "2"}).Draw(w.t, "due"))
	default:
		r[2] = rapid.SampledFrom(ids).Draw(w.t, "id")
	}
	key := "key" + r[1]
	// When the tab dies here, the person has not been told that it is kept.
	w.dropped[w.acts] = true
	lost := false
	behind := slices.ContainsFunc(w.all(), func(other outbox.Write) bool { return slices.Contains(other.About, r[2]) })
	if !w.steady && w.portal.session == "hanako" && !behind && rapid.Bool().Draw(w.t, "direct") {
		lost = true
		w.heard = w.portal.now
		if rapid.Bool().Draw(w.t, "arrives") {
			w.portal.call("hanako", key, string(r.bytes())) // the answer is lost
		}
	}
	if err := w.queue.Begin(w.t.Context(), "/p/M", key, r.bytes(), lost); err != nil {
		w.t.Fatal(err)
	}
	w.dropped[w.acts] = false
}

func (w *world) all() []outbox.Write {
	all, err := w.queue.All(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// decide has the person look at what waits: at what is stuck above all.
func (w *world) decide() {
	all := w.all()
	if len(all) == 0 {
		return
	}
	write := rapid.SampledFrom(all).Draw(w.t, "which")
	act := read(write.Request).act()
	if write.Stuck() && rapid.Bool().Draw(w.t, "mine") {
		w.insisted[act]++
		if err := w.queue.Insist(w.t.Context(), write.ID); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	// Noted before: the tab may die in the middle of it.
	ends := w.goesWith(write, all)
	for _, n := range ends {
		w.dropped[n] = true
	}
	dropped, err := w.queue.Drop(w.t.Context(), write.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range dropped {
		if n := read(d.Request).act(); !slices.Contains(ends, n) {
			w.t.Fatalf("act %d was dropped with act %d", n, act)
		}
	}
	if rapid.Bool().Draw(w.t, "undo") {
		if err := w.queue.Restore(w.t.Context(), dropped); err != nil {
			w.t.Fatal(err)
		}
		for _, d := range dropped {
			w.dropped[read(d.Request).act()] = false
		}
	}
}

// goesWith are the acts that may go with a write: those after it to the same object.
func (w *world) goesWith(write outbox.Write, all []outbox.Write) (acts []int) {
	for _, other := range all {
		if other.ID == write.ID || other.Number > write.Number && other.About[0] == write.About[0] {
			acts = append(acts, read(other.Request).act())
		}
	}
	return acts
}

// elsewhere is another device.
func (w *world) elsewhere() {
	for id, t := range w.portal.things {
		switch rapid.IntRange(0, 3).Draw(w.t, "elsewhere") {
		case 0:
			delete(w.portal.things, id)
		case 1:
			t.due = "9"
			w.portal.things[id] = t
		}
		break
	}
	if rapid.Bool().Draw(w.t, "adds") {
		w.portal.things["e"+strconv.Itoa(w.acts)] = thing{title: "new", due: "0"}
	}
}

// Whatever happens on the way, everything that a person did and did not take back arrives once, in the order in which
// they did it to each object, and nothing of it in anybody else's session.
//
// It is tried with a thousand sequences of acts.
func TestEverythingArrivesOnce(t *testing.T) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		steps := []string{
			"begin", "begin", "begin", "drain", "drain", "drain", "sleep", "decide", "elsewhere", "breaks",
			"another person",
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			w.step(rapid.SampledFrom(steps).Draw(t, "step"))
		}
		w.steady, w.portal.session, w.portal.broken = true, "hanako", 0
		for round := 0; len(w.all()) > 0; round++ {
			if round > 200 {
				t.Fatalf("still waiting: %v", w.all())
			}
			w.step("drain")
			for _, write := range w.all() {
				if write.Stuck() {
					w.settleByHand(write)
					break
				}
			}
		}
		w.judge()
	})
}

// settleByHand has the person decide: for their own side as long as that can be had.
func (w *world) settleByHand(write outbox.Write) {
	act := read(write.Request).act()
	if write.Reason == portalv1.Reason_REASON_CHANGED || write.State == outbox.Unsure {
		w.insisted[act]++
		if err := w.queue.Insist(w.t.Context(), write.ID); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	dropped, err := w.queue.Drop(w.t.Context(), write.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range dropped {
		w.dropped[read(d.Request).act()] = true
	}
}

func (w *world) judge() {
	times := map[int]int{}
	for _, act := range w.portal.log {
		times[act]++
	}
	for act := 1; act <= w.acts; act++ {
		if most := 1 + w.insisted[act]; times[act] > most {
			w.t.Errorf("act %d was done %d times, %d at most", act, times[act], most)
		}
		if times[act] == 0 && !w.dropped[act] {
			w.t.Errorf("act %d was not done", act)
		}
	}
	if w.t.Failed() {
		w.t.Log(fmt.Sprint(w.portal.log))
	}
}

// A button that is pressed twice before the page draws that it was has one act done: its key is the same.
func TestTheSameKeyWaitsOnce(t *testing.T) {
	store := &memory{writes: map[string]outbox.Write{}}
	queue := &outbox.Queue{
		Store: store, Kind: func(string) outbox.Kind { return kinds },
		Now:   func() (time.Time, bool) { return time.Time{}, false },
		Alone: func(_ context.Context, _ string, _ bool, do func() error) error { return do() },
	}
	for range 2 {
		if err := queue.Begin(t.Context(), "/p/M", "key", request{"count", "1", "a"}.bytes(), false); err != nil {
			t.Fatal(err)
		}
	}
	if len(store.writes) != 1 {
		t.Errorf("%d wait", len(store.writes))
	}
}

// What was sent once is sent again by itself, under the key that it had, for six days by the portal's clock; not later,
// and not where nobody knows how late it is.
func TestWhatWasSentIsSentAgainForSixDays(t *testing.T) {
	first := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what  string
		now   time.Time
		known bool
		state outbox.State // of what is left; what is sent again is gone
		again bool
	}{
		{"a minute later", first.Add(time.Minute), true, 0, true},
		{"six days later", first.Add(outbox.Resend), true, 0, true},
		{"a second after that", first.Add(outbox.Resend + time.Second), true, outbox.Unsure, false},
		{"a year later", first.AddDate(1, 0, 0), true, outbox.Unsure, false},
		{"a year before", first.AddDate(-1, 0, 0), true, outbox.Unsure, false},
		{"at a time that nobody knows", time.Time{}, false, outbox.Unsure, false},
	} {
		store := &memory{writes: map[string]outbox.Write{}}
		at, known, sent := first, true, ""
		queue := &outbox.Queue{
			Store: store, Kind: func(string) outbox.Kind { return kinds },
			Now:   func() (time.Time, bool) { return at, known },
			Alone: func(_ context.Context, _ string, _ bool, do func() error) error { return do() },
			Send: func(_ context.Context, w outbox.Write) ([]byte, error) {
				sent += w.Key
				return nil, nil
			},
		}
		err := queue.Begin(t.Context(), "/p/M", "key", request{"count", "1", "a"}.bytes(), true)
		if err != nil {
			t.Fatal(err)
		}
		at, known = c.now, c.known
		if err := queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c.again != (sent == "key") || !c.again && sent != "" || len(store.writes) == 1 == c.again {
			t.Errorf("%s: sent %q, left %v", c.what, sent, store.writes)
		}
		for _, w := range store.writes {
			if w.State != c.state {
				t.Errorf("%s: it is %v", c.what, w.State)
			}
		}
	}
}
