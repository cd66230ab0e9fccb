package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

func init() { register(notices{}) }

// notices (お知らせ): broadcasts to everyone whom an office may address, letters to who was introduced, and what a
// developer writes by hand.
type notices struct{}

func (notices) Name() string { return "notice" }

func (notices) Title() (name, what string) {
	return "お知らせの送付", "全機関が、お知らせをポータルへ送るしくみ"
}

func (notices) Granted(o Office) []string {
	if o.Quiet {
		return nil
	}
	if o.MunicipalityCode == "" {
		return []string{"notice", "notice-nation"}
	}
	return []string{"notice"}
}

func (notices) Meet(ctx context.Context, c *Clerk) error {
	for _, b := range broadcasts(c.Office, c.now()) {
		if err := c.deliver(ctx, b, ""); err != nil {
			return err
		}
	}
	return nil
}

func (notices) Person(ctx context.Context, c *Clerk, p Person) error {
	for _, l := range letters(c.Office, p.Resident, c.now()) {
		if err := c.deliver(ctx, l.to(p.Identifier), p.Name); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends what the office sends by itself. A notice that the portal refuses is reported in the outbox and not
// tried again; an error means that the gateway could not be asked.
func (c *Clerk) deliver(ctx context.Context, request *officev1.SendNoticeRequest, name string) error {
	_, err := c.send(ctx, request, name)
	if connect.CodeOf(err) == connect.CodeAlreadyExists {
		return nil // it went out on an earlier day, with the dates of that day
	}
	if Refused(err) {
		slog.Error("the portal refused a notice", "office", c.Office.Name,
			"reference", request.GetReference(), "err", err)
		return nil
	}
	return err
}

func (c *Clerk) send(
	ctx context.Context, request *officev1.SendNoticeRequest, name string,
) (*officev1.SendNoticeResponse, error) {
	answer, err := dial(c, notices{}, officev1connect.NewNoticeServiceClient).SendNotice(ctx, request)
	refused := err != nil && connect.CodeOf(err) != connect.CodeAlreadyExists && !errors.Is(err, part.ErrBroken)
	if answer.GetCreated() || refused {
		c.outbox.add(sent(c.now(), c.Office, request, name, err))
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
	Marked   bool   // whether the body is to be read with its marks
	Due      string // YYYY-MM-DD or empty
	URL      string // https or empty
}

// SendNow sends a draft and gives the portal's identifier of the notice. Errors are [ErrNotIntroduced] or the
// gateway's.
func (c *Clerk) SendNow(ctx context.Context, d Draft) (string, error) {
	if d.Reference == "" {
		d.Reference = "hand-" + rand.Text()
	}
	request := &officev1.SendNoticeRequest{
		Reference: d.Reference, Title: d.Title, Body: d.Body, Action: d.Action, ActionDue: d.Due, ActionUrl: d.URL,
	}
	if d.Marked {
		request.BodyForm = officev1.TextForm_TEXT_FORM_MARKED
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

// personReference names a letter to one person: who opens a new folder under a new identifier gets the letters anew.
func personReference(key, identifier string) string {
	sum := sha256.Sum256([]byte(identifier))
	return key + "-" + hex.EncodeToString(sum[:8])
}

// addressAll addresses a notice to everyone whom the office may address.
func (o Office) addressAll(request *officev1.SendNoticeRequest) {
	if o.MunicipalityCode == "" {
		request.Audience = &officev1.SendNoticeRequest_Nation{Nation: true}
		return
	}
	request.Audience = &officev1.SendNoticeRequest_MunicipalityCode{MunicipalityCode: o.MunicipalityCode}
}

// sent is the line of the outbox about a notice.
func sent(at time.Time, o Office, request *officev1.SendNoticeRequest, name string, err error) Sent {
	s := Sent{
		At: at, Office: o.Name, Audience: name,
		Title: request.GetTitle(), Action: request.GetAction(), Due: request.GetActionDue(),
	}
	switch {
	case request.GetNation():
		s.Audience = "全国の利用者"
	case request.GetMunicipalityCode() != "":
		s.Audience = o.Name + "の利用者全員"
	}
	if err != nil {
		s.Trouble = err.Error()
	}
	return s
}
