package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

const (
	pollInterval = time.Second
	maxBackoff   = 5 * time.Second
	callTimeout  = 10 * time.Second
	pageSize     = 1000
)

// ErrNotIntroduced says that the portal has not introduced this resident to the office: no user folder yet.
var ErrNotIntroduced = errors.New("the portal has not introduced this person to the office yet: the person logs in first")

// Clerk does one office's work at the gateway: learns who was introduced, sends notices, and keeps the office's entries of the catalogue.
type Clerk struct {
	Office     Office
	persons    officev1connect.PersonServiceClient
	notices    officev1connect.NoticeServiceClient
	procedures officev1connect.ProcedureServiceClient
	key        []byte
	path       string
	outbox     *Outbox
	now        func() time.Time

	mu sync.Mutex // held during a whole sync
	// met is false until the gateway answered since it was last out of reach.
	met   bool
	state state
}

// state is what an office keeps between runs.
type state struct {
	Cursor string `json:"cursor"`
	// Records maps identifiers (機関別符号) to record numbers of residents.
	Records map[string]string `json:"records"`
}

// Config is what a clerk needs.
type Config struct {
	Gateway string // base URL
	TLS     *tls.Config
	// Key opens introductions.
	Key []byte
	// StatePath is the file of the cursor and of the people known.
	StatePath string
	Outbox    *Outbox
}

// NewClerk reads the office's state. The gateway is not called yet and may be down.
func NewClerk(o Office, c Config) (*Clerk, error) {
	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: c.TLS, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute},
		Timeout:   callTimeout,
	}
	clerk := &Clerk{
		Office:     o,
		persons:    officev1connect.NewPersonServiceClient(client, c.Gateway, connect.WithGRPC()),
		notices:    officev1connect.NewNoticeServiceClient(client, c.Gateway, connect.WithGRPC()),
		procedures: officev1connect.NewProcedureServiceClient(client, c.Gateway, connect.WithGRPC()),
		key:        c.Key,
		path:       c.StatePath,
		outbox:     c.Outbox,
		now:        time.Now,
	}
	content, err := os.ReadFile(c.StatePath)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the state of %s: %w", o.Name, err)
	}
	// A damaged state is begun again: the gateway tells everything from the beginning, and references keep notices single.
	if json.Unmarshal(content, &clerk.state) != nil || clerk.state.Records == nil {
		clerk.state = state{Records: map[string]string{}}
	}
	return clerk, nil
}

// Run works until the context ends. While the gateway is out of reach it keeps trying.
func (c *Clerk) Run(ctx context.Context) {
	wait := pollInterval
	for {
		err := c.Sync(ctx)
		if ctx.Err() != nil {
			return
		}
		c.outbox.reached(c.Office, err)
		if err != nil {
			wait = min(2*wait, maxBackoff)
		} else {
			wait = pollInterval
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Sync asks the gateway once for what is new and sends newcomers their letters.
func (c *Clerk) Sync(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.sync(ctx); err != nil {
		c.met = false
		return err
	}
	return nil
}

func (c *Clerk) sync(ctx context.Context) error {
	if !c.met {
		if err := c.meet(ctx); err != nil {
			return err
		}
	}
	for {
		page, err := c.persons.ListPersons(ctx, &officev1.ListPersonsRequest{Cursor: c.state.Cursor, PageSize: pageSize})
		if connect.CodeOf(err) == connect.CodeInvalidArgument && c.state.Cursor != "" {
			c.state = state{Records: map[string]string{}} // a cursor of another portal's
			continue
		}
		if err != nil {
			return fmt.Errorf("listing persons: %w", err)
		}
		for _, p := range page.GetPersons() {
			if err := c.take(ctx, p); err != nil {
				return err
			}
		}
		if page.GetCursor() != "" && page.GetCursor() != c.state.Cursor {
			c.state.Cursor = page.GetCursor()
			if err := c.save(); err != nil {
				return err
			}
		}
		if len(page.GetPersons()) == 0 {
			return nil
		}
	}
}

// meet does what is due when the gateway is reached after a silence: it may be a portal that was begun anew, to which the kept
// state means nothing, and it may lack the broadcasts and the changes of the catalogue.
func (c *Clerk) meet(ctx context.Context) error {
	first, err := c.persons.ListPersons(ctx, &officev1.ListPersonsRequest{PageSize: 1})
	if err != nil {
		return fmt.Errorf("listing persons: %w", err)
	}
	known := len(first.GetPersons()) > 0 && c.state.Records[first.GetPersons()[0].GetIdentifier()] != ""
	if !known {
		// Wrongly so when the first one is new or has left since: then all is read again, which does no harm.
		c.state = state{Records: map[string]string{}}
	}
	for _, b := range broadcasts(c.Office, c.now()) {
		if err := c.deliver(ctx, b, ""); err != nil {
			return err
		}
	}
	if err := c.amend(ctx); err != nil {
		return err
	}
	c.met = true
	return nil
}

// take learns of one person. Letters go out before the cursor moves on: after a crash they go again, under the same references.
func (c *Clerk) take(ctx context.Context, p *officev1.Person) error {
	if p.GetLeft() || len(p.GetIntroduction()) == 0 {
		delete(c.state.Records, p.GetIdentifier())
		return nil
	}
	record, err := introduction.Open(c.key, c.Office.ID, p.GetIntroduction())
	if err != nil {
		slog.Warn("passing over a person", "office", c.Office.Name, "err", err)
		return nil
	}
	r, ok := resident.ByRecord(record)
	if !ok {
		slog.Warn("passing over a person: the record number is unknown", "office", c.Office.Name)
		return nil
	}
	c.state.Records[p.GetIdentifier()] = record
	for _, l := range letters(c.Office, r, c.now()) {
		if err := c.deliver(ctx, l.to(p.GetIdentifier()), r.Name); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends what the office sends by itself. A notice that the portal refuses is reported in the outbox and not tried again; an
// error means that the gateway could not be asked.
func (c *Clerk) deliver(ctx context.Context, request *officev1.SendNoticeRequest, name string) error {
	_, err := c.send(ctx, request, name)
	if connect.CodeOf(err) == connect.CodeAlreadyExists {
		return nil // it went out on an earlier day, with the dates of that day
	}
	if Refused(err) {
		slog.Error("the portal refused a notice", "office", c.Office.Name, "reference", request.GetReference(), "err", err)
		return nil
	}
	return err
}

func (c *Clerk) send(ctx context.Context, request *officev1.SendNoticeRequest, name string) (*officev1.SendNoticeResponse, error) {
	answer, err := c.notices.SendNotice(ctx, request)
	if answer.GetCreated() || err != nil && connect.CodeOf(err) != connect.CodeAlreadyExists {
		c.outbox.add(c.now(), c.Office, request, name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("sending a notice: %w", err)
	}
	return answer, nil
}

// Draft is a notice that a developer sends by hand.
type Draft struct {
	// Reference makes sending idempotent; empty draws one.
	Reference string
	// Resident is empty for everyone whom the office may address: its municipality, or the nation.
	Resident resident.Resident
	Title    string
	Body     string
	Action   string
	Due      string // YYYY-MM-DD or empty
	URL      string // https or empty
}

// SendNow sends a draft and gives the portal's identifier of the notice. Errors are [ErrNotIntroduced] or the gateway's.
func (c *Clerk) SendNow(ctx context.Context, d Draft) (string, error) {
	if d.Reference == "" {
		d.Reference = "hand-" + rand.Text()
	}
	request := &officev1.SendNoticeRequest{
		Reference: d.Reference, Title: d.Title, Body: d.Body, Action: d.Action, ActionDue: d.Due, ActionUrl: d.URL,
	}
	c.Office.addressAll(request)
	if d.Resident.ID != "" {
		// The folder may have been opened a moment ago.
		if err := c.Sync(ctx); err != nil {
			return "", err
		}
		identifier, ok := c.identifier(d.Resident.Record)
		if !ok {
			return "", ErrNotIntroduced
		}
		request.Audience = &officev1.SendNoticeRequest_Person{Person: identifier}
	}
	answer, err := c.send(ctx, request, d.Resident.Name)
	return answer.GetNoticeId(), err
}

func (c *Clerk) identifier(record string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for identifier, r := range c.state.Records {
		if r == record {
			return identifier, true
		}
	}
	return "", false
}

// Knows tells whether a resident has been introduced.
func (c *Clerk) Knows(r resident.Resident) bool {
	_, ok := c.identifier(r.Record)
	return ok
}

func (c *Clerk) save() error {
	content, err := json.MarshalIndent(c.state, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the state of %s: %w", c.Office.Name, err)
	}
	return file.Replace(c.path, content, 0o600)
}

// personReference names a letter to one person: who opens a new folder under a new identifier gets the letters anew.
func personReference(key, identifier string) string {
	sum := sha256.Sum256([]byte(identifier))
	return key + "-" + hex.EncodeToString(sum[:8])
}

// Refused tells whether the portal refused a notice for good, rather than being out of reach.
func Refused(err error) bool {
	if err == nil {
		return false
	}
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodePermissionDenied, connect.CodeFailedPrecondition, connect.CodeAlreadyExists:
		return true
	}
	return false
}
