package notice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/office"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	maxIdentifier = 64

	dutyNotice = "notice"        // to send notices to people and, a municipality, to those registered in it
	dutyNation = "notice-nation" // to address everyone
)

// Intake implements office.v1's NoticeService: what offices send.
type Intake struct {
	db   *db.DB
	wake func()
	now  func() time.Time
}

// NewIntake makes the service; wake is called when a mail is to go out.
func NewIntake(d *db.DB, wake func()) *Intake {
	return &Intake{db: d, wake: wake, now: time.Now}
}

// SendNotice takes one notice in. The same reference with the same content is the same notice; with another content it
// is refused.
func (s *Intake) SendNotice(
	ctx context.Context, request *officev1.SendNoticeRequest,
) (*officev1.SendNoticeResponse, error) {
	if field, err := checkNotice(request); err != nil {
		return nil, access.Invalid(ctx, field, err)
	}
	caller := access.FromContext(ctx)
	var response *officev1.SendNoticeResponse
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		from, err := office.Calling(ctx, q)
		if err != nil {
			return err
		}
		to, err := audience(ctx, q, caller, from, request)
		if err != nil {
			return err
		}
		if response, err = known(ctx, q, from.ID, to, request); err != nil || response != nil {
			return err
		}
		id, err := s.store(ctx, q, from, to, request)
		response = &officev1.SendNoticeResponse{NoticeId: id, Created: true}
		return err
	})
	if refused, ok := errors.AsType[*refusal](err); ok {
		return nil, access.Error(ctx, refused.code, refused.reason, refused.field, refused)
	}
	if err != nil {
		return nil, fmt.Errorf("taking a notice in: %w", err)
	}
	if response.GetCreated() {
		s.wake()
	}
	return response, nil
}

// recipients is either one folder or a code ("" for the nation).
type recipients struct {
	folder, code string
}

type refusal struct {
	code   connect.Code
	reason portalv1.Reason
	field  string
	why    string
}

func (r *refusal) Error() string { return r.why }

// audience decides whom an office may write to.
func audience(
	ctx context.Context, q *db.Queries, caller access.Caller, from db.Office, request *officev1.SendNoticeRequest,
) (recipients, error) {
	notAllowed := func(field, why string) error {
		return &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, field, why}
	}
	national := from.MunicipalityCode == "" && slices.Contains(caller.OfficeDuties, dutyNation)
	switch a := request.GetAudience().(type) {
	case *officev1.SendNoticeRequest_Person:
		nobody := &refusal{
			connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, "person",
			"the office knows nobody by this identifier",
		}
		// no question for the database, which takes no NUL
		if len(a.Person) > maxIdentifier || plaintext.Line(a.Person) != nil {
			return recipients{}, nobody
		}
		folder, err := office.FolderOf(ctx, q, from.ID, a.Person)
		if errors.Is(err, db.ErrNotFound) {
			return recipients{}, nobody
		}
		return recipients{folder: folder}, err
	case *officev1.SendNoticeRequest_MunicipalityCode:
		m, _ := municipality.ByCode(a.MunicipalityCode)
		// A designated city may also write to one of its wards.
		if !national && m.Code != from.MunicipalityCode && m.Office() != from.MunicipalityCode {
			return recipients{}, notAllowed("municipality_code", "a municipality may address itself only")
		}
		return recipients{code: m.Code}, nil
	case *officev1.SendNoticeRequest_Nation:
		if !national {
			return recipients{}, notAllowed("nation", "only a national office with the duty may address everyone")
		}
		return recipients{}, nil
	}
	return recipients{}, errors.New("a notice without an audience got past the rules on fields")
}

// known finds the notice of this reference; nil when there is none.
func known(
	ctx context.Context, q *db.Queries, officeID string, to recipients, request *officev1.SendNoticeRequest,
) (*officev1.SendNoticeResponse, error) {
	var id string
	var same bool
	n, err := q.NoticeByReference(ctx, db.NoticeByReferenceParams{
		OfficeID: officeID, Reference: request.GetReference(),
	})
	switch {
	case err == nil:
		id, same = n.ID, to.folder == n.FolderID && marked(request) == n.Marked &&
			equal(request, n.Title, n.Body, n.Action, n.ActionDue, n.ActionUrl)
	case errors.Is(err, db.ErrNotFound):
		b, err := q.BroadcastByReference(ctx, db.BroadcastByReferenceParams{
			OfficeID: officeID, Reference: request.GetReference(),
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		id, same = b.ID, to.folder == "" && to.code == b.MunicipalityCode && marked(request) == b.Marked &&
			equal(request, b.Title, b.Body, b.Action, b.ActionDue, b.ActionUrl)
	default:
		return nil, err
	}
	if !same {
		return nil, &refusal{
			connect.CodeAlreadyExists, portalv1.Reason_REASON_INVALID_FIELD, "reference",
			"the reference stands for another notice",
		}
	}
	return &officev1.SendNoticeResponse{NoticeId: id}, nil
}

func equal(r *officev1.SendNoticeRequest, title, body, action, due, address string) bool {
	return r.GetTitle() == title && r.GetBody() == body && r.GetAction() == action && r.GetActionDue() == due &&
		r.GetActionUrl() == address
}

// store writes a notice, has its reader told as they wish, and the open pages of all whom it is for. Of what goes to
// everybody nobody is told by mail.
func (s *Intake) store(
	ctx context.Context, q *db.Queries, from db.Office, to recipients, r *officev1.SendNoticeRequest,
) (id string, err error) {
	now := s.now()
	random := strings.ToLower(rand.Text())
	if to.folder == "" {
		id = "b" + random
		_, err = q.BroadcastCreate(ctx, db.BroadcastCreateParams{
			ID: id, OfficeID: from.ID, Reference: r.GetReference(), MunicipalityCode: to.code, Title: r.GetTitle(),
			Body: r.GetBody(), Marked: marked(r),
			Action: r.GetAction(), ActionDue: r.GetActionDue(), ActionUrl: r.GetActionUrl(), SentAt: now.UnixMilli(),
		})
		if err != nil {
			return "", err
		}
		return id, live.TellPlace(ctx, q, to.code, portalv1.ChangeKind_CHANGE_KIND_NOTICE, id)
	}
	id = "n" + random
	_, err = q.NoticeCreate(ctx, db.NoticeCreateParams{
		FolderID: to.folder, ID: id, OfficeID: from.ID, Reference: r.GetReference(), Title: r.GetTitle(),
		Body: r.GetBody(), Marked: marked(r),
		Action: r.GetAction(), ActionDue: r.GetActionDue(), ActionUrl: r.GetActionUrl(), SentAt: now.UnixMilli(),
	})
	if err != nil {
		return "", err
	}
	if _, err = tell.Tell(ctx, q, to.folder, tell.Notice, tell.About{At: now}); err != nil {
		return "", err
	}
	return id, live.Tell(ctx, q, to.folder, portalv1.ChangeKind_CHANGE_KIND_NOTICE, id)
}

// Answered puts a notice into a folder that says that an office answered what the person asked of it, of which mails
// are for わたしの情報 to send. The reference is one that no office can give.
func Answered(ctx context.Context, q *db.Queries, folderID, officeID, reference string, at time.Time) error {
	id := "n" + strings.ToLower(rand.Text())
	written, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
		FolderID: folderID, ID: id, OfficeID: officeID,
		Reference: "portal.v1.MyInfoService.GetInfoAnswer.of.an.answer.that.an.office.gave#" + reference,
		Title:     "「わたしの情報」の回答が届きました",
		Body:      "行政機関に確かめた「わたしの情報」に、回答が届きました。\n\nメニューの「わたしの情報」を開くと、回答を見ることができます。",
		SentAt:    at.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("writing a notice of an answer: %w", err)
	}
	if written == 0 {
		return nil
	}
	return live.Tell(ctx, q, folderID, portalv1.ChangeKind_CHANGE_KIND_NOTICE, id)
}

// marked tells whether the body is to be read with its marks.
func marked(r *officev1.SendNoticeRequest) bool {
	return r.GetBodyForm() == officev1.TextForm_TEXT_FORM_MARKED
}

// checkNotice names the first field that does not go with another, and why; what each may be by itself stands in the
// contract.
func checkNotice(r *officev1.SendNoticeRequest) (string, error) {
	if _, known := officev1.TextForm_name[int32(r.GetBodyForm())]; !known {
		return "body_form", errors.New("this portal does not know the form")
	}
	if marked(r) {
		if _, err := tree(r.GetBody()); err != nil {
			return "body", err
		}
	}
	switch {
	case r.GetAction() != "":
	case r.GetActionDue() != "":
		return "action_due", errors.New("there is a day and nothing to do")
	case r.GetActionUrl() != "":
		return "action_url", errors.New("there is an address and nothing to do")
	}
	return "", nil
}
