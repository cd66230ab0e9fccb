package application

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// asked is what a second person is asked to sign (連署).
type asked struct {
	row  db.Application
	sent *sent
	form *form.Form
}

// asked finds what a link asks for. Whoever it was sent for by is not asked themself.
func (s *Service) asked(ctx context.Context, q *db.Queries, token string) (*asked, error) {
	return s.askedBy(ctx, q, hashOf(token))
}

func (s *Service) askedBy(ctx context.Context, q *db.Queries, hash string) (*asked, error) {
	found, err := q.ApplicationOfCosign(ctx, hash)
	if errors.Is(err, db.ErrNotFound) || err == nil && found.FolderID == access.Subject(ctx) {
		return nil, access.NotFound(ctx, "token", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for what is to be signed: %w", err)
	}
	a := &asked{}
	a.row, err = q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: found.FolderID, ID: found.ApplicationID})
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
	}
	if a.sent, err = readSent(ctx, q, a.row.FolderID, a.row.ID, found.Revision); err != nil {
		return nil, err
	}
	open := state(a.row) == cosigning && a.row.Revision == found.Revision && a.row.DueAt >= s.Now().UnixMilli()
	if !open && a.sent.CosignedAt == 0 {
		return nil, access.NotFound(ctx, "token", errors.New("it is not to be signed any more"))
	}
	if a.sent.CosignedAt > 0 && a.sent.CosignedBy != access.Subject(ctx) {
		return nil, access.NotFound(ctx, "token", errors.New("somebody else has signed it"))
	}
	a.form, err = s.formOf(ctx, q, a.row)
	return a, err
}

// cosignMessage is what the second person is shown: what is to be signed, and nothing of what passed between the first
// one and the office.
func (s *Service) cosignMessage(ctx context.Context, q *db.Queries, a *asked) (*portalv1.Application, error) {
	m, err := s.reader(q).line(ctx, a.row)
	if err != nil {
		return nil, err
	}
	m.Twin, m.MayWithdraw = "", false
	m.Answers, m.Signing, m.Cosign = a.sent.Answers, a.sent.signing(), a.sent.cosign()
	if m.Cosign != nil {
		m.Cosign.Token = ""
	}
	m.Attachments, err = a.sent.attachments()
	return m, err
}

// GetCosign shows what is to be signed, by the link.
func (s *Service) GetCosign(
	ctx context.Context, request *portalv1.GetCosignRequest,
) (*portalv1.GetCosignResponse, error) {
	q := s.DB.Read()
	a, err := s.asked(ctx, q, request.GetToken())
	if err != nil {
		return nil, err
	}
	one, err := s.cosignMessage(ctx, q, a)
	if err != nil {
		return nil, err
	}
	return &portalv1.GetCosignResponse{
		Application: one, Definition: a.form.Canonical(), Signed: a.sent.Document,
		Envelope: &portalv1.ApplicationEnvelope{
			Language: a.sent.Language, Nonce: a.sent.Nonce, Day: a.sent.Day,
		},
	}, nil
}

// SignCosign takes the second signature in: that is when the application arrives.
func (s *Service) SignCosign(
	ctx context.Context, request *portalv1.SignCosignRequest,
) (*portalv1.SignCosignResponse, error) {
	a, err := s.asked(ctx, s.DB.Read(), request.GetToken())
	if err != nil {
		return nil, err
	}
	if a.sent.CosignedAt > 0 { // sent again, as the answer was lost; or it is too late
		if !bytes.Equal(a.sent.Signatures[1].CMS, request.GetSignature()) {
			return nil, access.NotFound(ctx, "token", errors.New("it is signed"))
		}
		one, err := s.cosignMessage(ctx, s.DB.Read(), a)
		return &portalv1.SignCosignResponse{Application: one}, err
	}
	who, err := s.examine(ctx, a.sent.Document, request.GetSignature())
	if err != nil {
		return nil, err
	}
	if !(cosigner{a.sent.CosignName, a.sent.CosignBirth}).is(who) {
		return nil, otherPerson(ctx, errors.New("the signer is not the one who is named"))
	}
	if err := s.ofFolder(ctx, access.Subject(ctx), who); err != nil {
		return nil, err
	}
	var one *portalv1.Application
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.asked(ctx, q, request.GetToken()) // nothing has changed meanwhile
		if err != nil {
			return err
		}
		if a.sent.CosignedAt > 0 {
			return access.NotFound(ctx, "token", errors.New("it was signed a moment ago"))
		}
		at := s.Now()
		kept := a.sent.content
		kept.Signatures = append(kept.Signatures[:1:1], who.signature)
		kept.CosignToken, kept.CosignedAt, kept.CosignedBy = "", at.UnixMilli(), access.Subject(ctx)
		sealed, err := sealJSON(ctx, q, a.row.FolderID, "content", a.sent.SendID, kept)
		if err != nil {
			return err
		}
		_, err = q.ApplicationCosigned(ctx, db.ApplicationCosignedParams{
			FolderID: a.row.FolderID, ApplicationID: a.row.ID, Revision: a.row.Revision, Content: sealed,
		})
		if err != nil {
			return fmt.Errorf("writing a second signature: %w", err)
		}
		if err := s.arrive(ctx, q, &a.row, kept, at); err != nil {
			return err
		}
		a.sent.content = kept
		one, err = s.cosignMessage(ctx, q, a)
		return err
	})
	if err != nil {
		return nil, told(err, "taking a second signature in")
	}
	s.Wake()
	return &portalv1.SignCosignResponse{Application: one}, nil
}

// OpenCosignFile gives leave to download what is attached to something that one is asked to sign, once.
func (s *Service) OpenCosignFile(
	ctx context.Context, request *portalv1.OpenCosignFileRequest,
) (*portalv1.OpenCosignFileResponse, error) {
	var ticket string
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.asked(ctx, q, request.GetToken())
		if err != nil {
			return err
		}
		if _, err := a.attachment(ctx, request.GetAttachment()); err != nil {
			return err
		}
		ticket, err = s.ticket(ctx, q, db.ApplicationTicketAddParams{
			CosignHash: hashOf(request.GetToken()), Attachment: request.GetAttachment(),
		})
		return err
	})
	if err != nil {
		return nil, told(err, "giving leave to download an attachment")
	}
	return &portalv1.OpenCosignFileResponse{Ticket: ticket, GoodForMs: ticketFor.Milliseconds()}, nil
}

// attachment is one of those that are to be signed.
func (a *asked) attachment(ctx context.Context, id string) (*portalv1.Attachment, error) {
	attached, err := a.sent.attachments()
	if err != nil {
		return nil, err
	}
	for _, one := range attached {
		if one.GetId() == id {
			return one, nil
		}
	}
	return nil, access.NotFound(ctx, "attachment", nil)
}

// attached is what a ticket of OpenCosignFile is for, if it is still to be signed, or was signed, by who holds it.
func (s *Service) attached(
	ctx context.Context, hash, id string,
) (file *portalv1.Attachment, content []byte, err error) {
	q := s.DB.Read()
	a, err := s.askedBy(ctx, q, hash)
	if err != nil {
		return nil, nil, err
	}
	if file, err = a.attachment(ctx, id); err != nil {
		return nil, nil, err
	}
	from, err := s.Drafts.Open(ctx, q, a.row.FolderID, id)
	if err != nil {
		return nil, nil, fmt.Errorf("opening an attachment: %w", err)
	}
	defer from.Close()
	if content, err = io.ReadAll(from); err != nil {
		return nil, nil, fmt.Errorf("reading an attachment: %w", err)
	}
	return file, content, nil
}
