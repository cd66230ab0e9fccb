package office_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/sandbox/credential"
	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

// gateway is a portal's gateway that remembers what it was told, behind real TLS with client certificates.
type gateway struct {
	applications *counter // nil: the portal takes none
	address      string
	dir          string

	mu      sync.Mutex
	offices map[string]string // certificate hash to office id
	persons map[string][]*officev1.Person
	notices map[string]*officev1.SendNoticeRequest // office id + reference
	calls   int
	entries map[string][]*officev1.OwnProcedure // office id to the latest versions
	history []string                            // what was registered and ended
	refuse  connect.Code                        // what SendNotice answers when not 0
	server  *http.Server
	world   *part.World // of the clerk that was begun last
	begun   int         // calls of which the headers came
	refused int         // calls under a certificate that nobody knows

	exchanges exchangeDesk
}

type officeKey struct{}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{dir: t.TempDir()}
	var registrations []credential.Registration
	for _, o := range office.All() {
		registrations = append(registrations, credential.Registration{
			ID: o.ID, Name: o.Name, Duties: o.Duties(), MunicipalityCode: o.MunicipalityCode,
		})
	}
	if err := credential.In(g.dir).Make(registrations, time.Now()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(g.dir, "offices.json"))
	if err != nil {
		t.Fatal(err)
	}
	var registry []credential.Registration
	if err := json.Unmarshal(content, &registry); err != nil {
		t.Fatal(err)
	}
	g.offices = map[string]string{}
	for _, r := range registry {
		g.offices[r.CertificateHash] = r.ID
	}
	g.forget()
	g.start(t, "127.0.0.1:0")
	t.Cleanup(g.stop)
	return g
}

// forget makes it a portal begun anew.
func (g *gateway) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.persons = map[string][]*officev1.Person{}
	g.notices = map[string]*officev1.SendNoticeRequest{}
}

func (g *gateway) start(t *testing.T, address string) {
	t.Helper()
	certificate, err := tls.LoadX509KeyPair(filepath.Join(g.dir, "gateway.pem"), filepath.Join(g.dir, "gateway.key"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	// Whoever tries the closed port may hold it for a moment, as the local end of its own attempt.
	for deadline := time.Now().Add(10 * time.Second); errors.Is(err, syscall.EADDRINUSE) &&
		time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
		listener, err = net.Listen("tcp", address)
	}
	if err != nil {
		t.Fatal(err)
	}
	g.address = listener.Addr().String()
	mux := http.NewServeMux()
	mux.Handle(officev1connect.NewPersonServiceHandler(g))
	mux.Handle(officev1connect.NewNoticeServiceHandler(g))
	mux.Handle(officev1connect.NewProcedureServiceHandler(g))
	mux.Handle(officev1connect.NewExchangeServiceHandler(&g.exchanges))
	mux.HandleFunc("/"+officev1connect.ApplicationServiceName+"/", func(w http.ResponseWriter, r *http.Request) {
		if g.applications == nil {
			http.NotFound(w, r)
			return
		}
		_, handler := officev1connect.NewApplicationServiceHandler(g.applications)
		handler.ServeHTTP(w, r)
	})
	g.server = &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sum := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
			id, ok := g.offices[hex.EncodeToString(sum[:])]
			g.mu.Lock()
			g.begun++
			if !ok {
				g.refused++
			}
			g.mu.Unlock()
			if !ok || r.ProtoMajor != 2 || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), officeKey{}, id)))
		}),
	}
	go g.server.ServeTLS(listener, "", "")
}

func (g *gateway) stop() { g.server.Close() }

func (g *gateway) ListPersons(
	ctx context.Context, request *officev1.ListPersonsRequest,
) (*officev1.ListPersonsResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	all := g.persons[ctx.Value(officeKey{}).(string)]
	from := 0
	if request.Cursor != "" {
		number, ok := strings.CutPrefix(request.Cursor, "after-")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("no such cursor"))
		}
		from = min(n, len(all))
	}
	size := int(request.PageSize)
	if size == 0 {
		size = 100
	}
	to := min(from+min(size, 2), len(all)) // small pages, so that there are several
	answer := &officev1.ListPersonsResponse{Persons: all[from:to], Cursor: request.Cursor}
	if to > from {
		answer.Cursor = "after-" + strconv.Itoa(to)
	}
	return answer, nil
}

func (g *gateway) SendNotice(
	ctx context.Context, request *officev1.SendNoticeRequest,
) (*officev1.SendNoticeResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse != 0 {
		return nil, connect.NewError(g.refuse, errors.New("not now"))
	}
	key := ctx.Value(officeKey{}).(string) + " " + request.Reference
	old, known := g.notices[key]
	if known && !proto.Equal(old, request) {
		return nil, connect.NewError(connect.CodeAlreadyExists, errors.New("the reference stands for another notice"))
	}
	if !known {
		g.notices[key] = request
	}
	return &officev1.SendNoticeResponse{NoticeId: key, Created: !known}, nil
}

// introduce tells an office of a resident, as J-LIS and the portal do together.
func (g *gateway) introduce(t *testing.T, officeID, identifier, person string) {
	t.Helper()
	r, ok := resident.ByID(person)
	if !ok {
		t.Fatalf("no resident %s", person)
	}
	sealed, err := introduction.Seal(g.key(t, officeID), officeID, r.Record)
	if err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.persons[officeID] = append(g.persons[officeID], &officev1.Person{Identifier: identifier, Introduction: sealed})
}

func (g *gateway) key(t *testing.T, officeID string) []byte {
	t.Helper()
	key, err := introduction.Key(filepath.Join(g.dir, "offices", officeID+".seal"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (g *gateway) sentTo(identifier string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var titles []string
	for _, n := range g.notices {
		if n.GetPerson() == identifier {
			titles = append(titles, n.Title)
		}
	}
	slices.Sort(titles)
	return titles
}

func (g *gateway) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.notices)
}

// clerk begins an office's work in a state of its own that outlives it.
func (g *gateway) clerk(t *testing.T, officeID string) (*office.Clerk, *office.Outbox) {
	t.Helper()
	all := office.All()
	at := slices.IndexFunc(all, func(o office.Office) bool { return o.ID == officeID })
	config, err := credential.In(g.dir).ClientTLS(officeID)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := credential.Stranger(officeID, all[at].Name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	world, err := part.In(filepath.Join(g.dir, "parts"))
	if err != nil {
		t.Fatal(err)
	}
	g.world = world
	outbox := &office.Outbox{}
	c, err := office.NewClerk(all[at], office.Config{
		Gateway: "https://" + g.address, TLS: config, Stranger: stranger, Key: g.key(t, officeID),
		Outbox: outbox, World: world,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, outbox
}

func synced(t *testing.T, c *office.Clerk) {
	t.Helper()
	if err := c.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestANewcomerGetsFittingLetters(t *testing.T) {
	g := newGateway(t)
	c, outbox := g.clerk(t, "131105")
	synced(t, c)
	broadcasts := g.count()
	if broadcasts == 0 {
		t.Fatal("no broadcast at the start")
	}
	g.introduce(t, "131105", "id-hanako", "yamada-hanako")
	g.introduce(t, "131105", "id-ren", "kobayashi-ren")
	g.introduce(t, "131105", "id-taro", "yamada-taro")
	synced(t, c)
	if titles := strings.Join(g.sentTo("id-hanako"), "\n"); !strings.Contains(titles, "予防接種") ||
		!strings.Contains(titles, "児童手当") {
		t.Errorf("the mother got:\n%s", titles)
	}
	if titles := strings.Join(g.sentTo("id-ren"), "\n"); strings.Contains(titles, "児童手当") {
		t.Errorf("the student got:\n%s", titles)
	}
	if titles := strings.Join(g.sentTo("id-taro"), "\n"); !strings.Contains(titles, "住民税") {
		t.Errorf("the father got:\n%s", titles)
	}
	after := g.count()
	if len(outbox.All()) != after {
		t.Errorf("%d sent, %d in the outbox", after, len(outbox.All()))
	}

	again, _ := g.clerk(t, "131105")
	synced(t, again)
	if g.count() != after {
		t.Error("after a restart something was sent twice")
	}
	hanako, _ := resident.ByID("yamada-hanako")
	if !again.Knows(hanako) {
		t.Error("after a restart the person is not known")
	}
}

func TestAPortalBegunAnewIsToldAnew(t *testing.T) {
	g := newGateway(t)
	g.introduce(t, "131105", "id-1", "yamada-hanako")
	c, _ := g.clerk(t, "131105")
	synced(t, c)
	before := g.count()
	address := g.address
	g.stop()
	if err := c.Sync(context.Background()); err == nil {
		t.Fatal("a gateway that is down answered")
	}
	g.forget()
	g.introduce(t, "131105", "id-2", "yamada-hanako")
	g.start(t, address)
	synced(t, c)
	if g.count() != before || len(g.sentTo("id-2")) == 0 {
		t.Errorf("%d notices before, %d after, %d to the person", before, g.count(), len(g.sentTo("id-2")))
	}
}

func TestRunComesBackByItself(t *testing.T) {
	g := newGateway(t)
	address := g.address
	c, _ := g.clerk(t, "nenkin")
	g.stop()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	g.start(t, address)
	g.introduce(t, "nenkin", "id-1", "kobayashi-ren")
	deadline := time.Now().Add(time.Minute)
	for len(g.sentTo("id-1")) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no letter came")
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-done
}

func TestWhoeverLeftIsForgotten(t *testing.T) {
	g := newGateway(t)
	g.introduce(t, "131105", "id-1", "yamada-taro")
	c, _ := g.clerk(t, "131105")
	synced(t, c)
	taro, _ := resident.ByID("yamada-taro")
	if !c.Knows(taro) {
		t.Fatal("not known")
	}
	g.mu.Lock()
	g.persons["131105"] = append(g.persons["131105"], &officev1.Person{Identifier: "id-1", Left: true})
	g.mu.Unlock()
	synced(t, c)
	if c.Knows(taro) {
		t.Error("still known")
	}
	_, err := c.SendNow(context.Background(), office.Draft{Resident: taro, Title: "x", Body: "y"})
	if !errors.Is(err, office.ErrNotIntroduced) {
		t.Errorf("sending: %v", err)
	}
}

func TestStrangeIntroductionsStopNobody(t *testing.T) {
	g := newGateway(t)
	g.mu.Lock()
	g.persons["131105"] = []*officev1.Person{
		{Identifier: "torn", Introduction: []byte("torn")},
		{Identifier: "other", Introduction: func() []byte {
			sealed, err := introduction.Seal(g.key(t, "131105"), "131105", "00000000000")
			if err != nil {
				t.Error(err)
			}
			return sealed
		}()},
	}
	g.mu.Unlock()
	g.introduce(t, "131105", "id-1", "yamada-taro")
	c, _ := g.clerk(t, "131105")
	synced(t, c)
	if len(g.sentTo("id-1")) == 0 {
		t.Error("the one after them got nothing")
	}
}

func TestARefusedLetterIsReportedAndNotRepeated(t *testing.T) {
	g := newGateway(t)
	g.introduce(t, "131105", "id-1", "yamada-taro")
	g.refuse = connect.CodeInvalidArgument
	c, outbox := g.clerk(t, "131105")
	synced(t, c)
	reported := len(outbox.All())
	synced(t, c)
	if reported == 0 || outbox.All()[0].Trouble == "" || len(outbox.All()) != reported {
		t.Errorf("%d reported, then %d", reported, len(outbox.All()))
	}
}

// On another day the same broadcast has other dates.
func TestWhatWentOutEarlierIsNoTrouble(t *testing.T) {
	g := newGateway(t)
	c, _ := g.clerk(t, "131105")
	synced(t, c)
	g.mu.Lock()
	for _, n := range g.notices {
		n.ActionDue, n.Body = "2020-01-01", "as it was said then"
	}
	before := len(g.notices)
	g.mu.Unlock()
	again, outbox := g.clerk(t, "131105")
	synced(t, again)
	if len(outbox.All()) != 0 || g.count() != before {
		t.Errorf("%d in the outbox, %d notices after %d", len(outbox.All()), g.count(), before)
	}
}

func TestALetterOutOfReachIsSentLater(t *testing.T) {
	g := newGateway(t)
	c, _ := g.clerk(t, "131105")
	synced(t, c)
	g.introduce(t, "131105", "id-1", "yamada-taro")
	g.refuse = connect.CodeUnavailable
	if err := c.Sync(context.Background()); connect.CodeOf(err) != connect.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
	g.mu.Lock()
	g.refuse = 0
	g.mu.Unlock()
	synced(t, c)
	if len(g.sentTo("id-1")) == 0 {
		t.Error("the letter was lost")
	}
}

func TestSendNow(t *testing.T) {
	g := newGateway(t)
	c, _ := g.clerk(t, "131105")
	taro, _ := resident.ByID("yamada-taro")
	g.introduce(t, "131105", "id-1", "yamada-taro")
	ctx := context.Background()
	if _, err := c.SendNow(ctx, office.Draft{
		Reference: "r-1", Resident: taro, Title: "題", Body: "文", Due: "2026-12-01", URL: "https://example.jp/",
	}); err != nil {
		t.Fatal(err)
	}
	if n := g.notices["131105 r-1"]; n.GetPerson() != "id-1" || n.ActionDue != "2026-12-01" ||
		n.ActionUrl != "https://example.jp/" {
		t.Errorf("to one person: %v", n)
	}
	if _, err := c.SendNow(ctx, office.Draft{Reference: "r-2", Title: "題", Body: "文"}); err != nil {
		t.Fatal(err)
	}
	if n := g.notices["131105 r-2"]; n.GetMunicipalityCode() != "131105" {
		t.Errorf("to everyone of a municipality: %v", n)
	}
	nation, _ := g.clerk(t, "nta")
	if _, err := nation.SendNow(ctx, office.Draft{Reference: "r-3", Title: "題", Body: "文"}); err != nil {
		t.Fatal(err)
	}
	if n := g.notices["nta r-3"]; !n.GetNation() {
		t.Errorf("to the nation: %v", n)
	}
}

// Every letter to everyone keeps the contract's limits and leaves no placeholder; everyone gets something.
func TestEveryLetterIsFitToSend(t *testing.T) {
	g := newGateway(t)
	var clerks []*office.Clerk
	for _, o := range office.All() {
		for _, r := range resident.All() {
			if o.Serves(r) {
				g.introduce(t, o.ID, o.ID+"/"+r.ID, r.ID)
			}
		}
		c, _ := g.clerk(t, o.ID)
		synced(t, c)
		clerks = append(clerks, c)
	}
	if len(clerks) < 5 {
		t.Fatalf("%d offices", len(clerks))
	}
	got := map[string]int{}
	for key, n := range g.notices {
		_, person, _ := strings.Cut(n.GetPerson(), "/")
		got[person]++
		if l := utf8.RuneCountInString(n.Reference); l < 1 || l > 64 {
			t.Errorf("%s: reference of %d characters", key, l)
		}
		if l := utf8.RuneCountInString(n.Title); l < 1 || l > 100 {
			t.Errorf("%s: title of %d characters", key, l)
		}
		if l := utf8.RuneCountInString(n.Body); l < 50 || l > 10000 {
			t.Errorf("%s: body of %d characters", key, l)
		}
		if l := utf8.RuneCountInString(n.Action); l > 100 || (n.ActionDue != "" && l == 0) {
			t.Errorf("%s: action %q by %q", key, n.Action, n.ActionDue)
		}
		if n.ActionDue != "" {
			due, err := time.Parse(time.DateOnly, n.ActionDue)
			if err != nil || due.Before(time.Now()) {
				t.Errorf("%s: due %s", key, n.ActionDue)
			}
		}
		if n.ActionUrl != "" && (!strings.HasPrefix(n.ActionUrl, "https://") || n.Action == "") {
			t.Errorf("%s: address %s", key, n.ActionUrl)
		}
		if found := regexp.MustCompile(`[{}]`).FindString(n.Title + n.Body + n.Action); found != "" {
			t.Errorf("%s: a placeholder is left in\n%s", key, n.Body)
		}
	}
	for _, r := range resident.All() {
		if got[r.ID] == 0 {
			t.Errorf("%s gets nothing", r.ID)
		}
	}
}

// broken sets the switch of a part of the world in which the last clerk was begun.
func (g *gateway) broken(t *testing.T, id string, s part.Setting) {
	t.Helper()
	if err := g.world.Get(id).Set(s); err != nil {
		t.Fatal(err)
	}
}

// Whatever is wrong with the office, it knows that its letter has not gone out, and sends it when it is well.
func TestABrokenOfficeSendsItsLettersLater(t *testing.T) {
	g := newGateway(t)
	c, outbox := g.clerk(t, meguro)
	synced(t, c)
	taro, _ := resident.ByID("yamada-taro")
	for i, s := range []part.Setting{
		{Is: part.Dead}, {Is: part.Wrong, Way: part.Garbage}, {Is: part.Wrong, Way: part.Half},
		{Is: part.Wrong, Way: part.Stranger},
	} {
		identifier := "id-" + strconv.Itoa(i)
		g.introduce(t, meguro, identifier, "yamada-taro")
		for _, id := range []string{meguro, "notice"} {
			g.broken(t, id, s)
			before := len(outbox.All())
			if err := c.Sync(context.Background()); !errors.Is(err, part.ErrBroken) {
				t.Errorf("%s %+v: %v", id, s, err)
			}
			_, err := c.SendNow(context.Background(), office.Draft{Resident: taro, Title: "x", Body: "y"})
			if !errors.Is(err, part.ErrBroken) {
				t.Errorf("%s %+v, by hand: %v", id, s, err)
			}
			if got := g.sentTo(identifier); len(got) > 0 || len(outbox.All()) != before {
				t.Errorf("%s %+v: sent %q, the outbox says %v", id, s, got, outbox.All()[0])
			}
			g.broken(t, id, part.Setting{Is: part.Well})
		}
		synced(t, c)
		if len(g.sentTo(identifier)) == 0 {
			t.Errorf("%+v: the letter was lost", s)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused == 0 {
		t.Error("no stranger was seen at the gateway")
	}
}

// What an office cannot do of one feature holds up no other.
func TestADutyFailsAlone(t *testing.T) {
	g := newGateway(t)
	g.imported(meguro, "P0052")
	g.introduce(t, meguro, "id-1", "yamada-taro")
	c, _ := g.clerk(t, meguro)
	g.broken(t, "procedure", part.Setting{Is: part.Dead})
	if err := c.Sync(context.Background()); !errors.Is(err, part.ErrBroken) {
		t.Fatalf("got %v", err)
	}
	if told := g.told(); len(told) != 0 || len(g.sentTo("id-1")) == 0 {
		t.Errorf("with a dead catalogue: told %q, letters %q", told, g.sentTo("id-1"))
	}
	g.broken(t, "procedure", part.Setting{Is: part.Well})
	g.broken(t, "notice", part.Setting{Is: part.Dead})
	synced(t, c) // nothing is to be sent
	if told := g.told(); !slices.Contains(told, "end 131105 P0052 ") {
		t.Errorf("well again: told %q", told)
	}
}

// A slow office's page is not slow: what it knows is read while it waits.
func TestASlowOfficeCanBeAskedWhatItKnows(t *testing.T) {
	g := newGateway(t)
	g.introduce(t, meguro, "id-1", "yamada-taro")
	c, _ := g.clerk(t, meguro)
	synced(t, c)
	g.broken(t, meguro, part.Setting{Is: part.Slow, Wait: time.Minute})
	g.mu.Lock()
	before := g.begun
	g.mu.Unlock()
	done := make(chan error, 1)
	go func() { done <- c.Sync(context.Background()) }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		begun := g.begun
		g.mu.Unlock()
		if begun > before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the gateway sees nothing of the call")
		}
	}
	if taro, _ := resident.ByID("yamada-taro"); !c.Knows(taro) {
		t.Error("not known")
	}
	select {
	case err := <-done:
		t.Fatalf("it waited for nothing: %v", err)
	default:
	}
	g.broken(t, meguro, part.Setting{Is: part.Well})
	if err := <-done; err != nil {
		t.Errorf("well in the middle of a call: %v", err)
	}
}
