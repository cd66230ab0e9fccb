package application

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/act"
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

// askedBy finds what a link, of which this is the hash, asks for. Whoever it was sent for by is not asked themself. Why
// a link is of no use, nobody is told: what became of an application is its people's.
func (s *Service) askedBy(ctx context.Context, q *db.Queries, hash string) (*asked, error) {
	found, err := q.ApplicationOfCosign(ctx, hash)
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.NotFound(ctx, "token", nil)
	}
	if err == nil && found.FolderID == access.Subject(ctx) {
		return nil, access.Forbidden(ctx, "token", errors.New("who sent it for the first person"))
	}
	if err != nil {
		return nil, fmt.Errorf("looking for what is to be signed: %w", err)
	}
	a := &asked{}
	a.row, err = q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: found.FolderID, ID: found.ApplicationID})
	if err == nil {
		a.sent, err = readSent(ctx, q, a.row.FolderID, a.row.ID, found.Revision)
	}
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.NotFound(ctx, "token", errors.New("it was deleted a moment ago"))
	}
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
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
	if a.sent.CosignedAt > 0 {
		// What became of it since, the first person tells or does not: the second has signed what was sent then.
		then := arrived
		if a.sent.Revision > 1 {
			then = resent
		}
		m = &portalv1.Application{
			State: then, Id: m.GetId(), Place: m.GetPlace(), PlaceName: m.GetPlaceName(),
			PlaceEnglish: m.GetPlaceEnglish(), Office: m.GetOffice(), OfficeName: m.GetOfficeName(), Form: m.GetForm(),
			Version: m.GetVersion(), Procedure: m.GetProcedure(), Title: m.GetTitle(), Name: m.GetName(),
		}
	}
	m.Twin, m.MayWithdraw = "", false
	m.Answers, m.Signing, m.Cosign = a.sent.Answers, a.sent.signing(), a.sent.cosign()
	if m.Cosign != nil {
		m.Cosign.Token = ""
	}
	m.Attachments, err = a.sent.attachments()
	return m, err
}

// GetCosign shows what is to be signed to who has proven to be the one who is asked, and has it stand in the history of
// who asks.
func (s *Service) GetCosign(
	ctx context.Context, request *portalv1.GetCosignRequest,
) (*portalv1.GetCosignResponse, error) {
	if err := s.mayErr(ctx); err != nil {
		return nil, err
	}
	var response *portalv1.GetCosignResponse
	hash := hashOf(request.GetToken())
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.proven(ctx, q, hash)
		if err != nil {
			return err
		}
		one, err := s.cosignMessage(ctx, q, a)
		if err != nil {
			return err
		}
		response = &portalv1.GetCosignResponse{
			Application: one, Definition: a.form.Canonical(), Signed: a.sent.Document,
			Envelope: &portalv1.ApplicationEnvelope{
				Language: a.sent.Language, Nonce: a.sent.Nonce, Day: a.sent.Day,
			},
		}
		return s.noteRead(ctx, q, a, hash)
	})
	if err != nil {
		return nil, s.missed(ctx, told(err, "showing what is to be signed"))
	}
	return response, nil
}

// noteRead has it stand in the history of who asks that the caller reads: once for as long as a proof lasts, whatever
// is read then and however often, and at most mostNotes times of one link.
func (s *Service) noteRead(ctx context.Context, q *db.Queries, a *asked, hash string) error {
	now, caller := s.Now(), access.FromContext(ctx)
	fresh, err := q.ApplicationProofNote(ctx, db.ApplicationProofNoteParams{
		FolderID: caller.Subject(), SessionHash: caller.SessionHash, CosignHash: hash,
		ExpiresAt: now.Add(provenFor).UnixMilli(), Now: now.UnixMilli(), Since: now.Add(-provenFor).UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("noting who has read: %w", err)
	}
	if fresh == 0 {
		return nil
	}
	if noted, err := counted(ctx, q, a, mostNotes); err != nil || !noted {
		return err
	}
	return act.ByItself(ctx, q, actOpened, "", act.By{Folder: a.row.FolderID}, now)
}

// SignCosign takes the second signature in: that is when the application arrives.
func (s *Service) SignCosign(
	ctx context.Context, request *portalv1.SignCosignRequest,
) (*portalv1.SignCosignResponse, error) {
	if err := s.mayErr(ctx); err != nil {
		return nil, err
	}
	hash := hashOf(request.GetToken())
	a, err := s.askedBy(ctx, s.DB.Read(), hash)
	if err != nil {
		return nil, s.missed(ctx, err)
	}
	if a.sent.CosignedAt > 0 {
		return s.signedBefore(ctx, s.DB.Read(), a, request.GetSignature())
	}
	who, err := s.examine(ctx, a.sent.Document, request.GetSignature())
	if err != nil {
		return nil, s.erred(ctx, err)
	}
	if err := s.isAsked(ctx, a, who); err != nil {
		return nil, s.refusedTo(ctx, a, err)
	}
	var response *portalv1.SignCosignResponse
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.askedBy(ctx, q, hash) // nothing has changed meanwhile
		if err != nil {
			return err
		}
		if a.sent.CosignedAt > 0 { // it came twice at once
			response, err = s.signedBefore(ctx, q, a, request.GetSignature())
			return err
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
		one, err := s.cosignMessage(ctx, q, a)
		response = &portalv1.SignCosignResponse{Application: one}
		return err
	})
	if err != nil {
		return nil, told(err, "taking a second signature in")
	}
	s.Wake()
	return response, nil
}

// signedBefore answers a signature that comes again, as its answer was lost; another one comes too late.
func (s *Service) signedBefore(
	ctx context.Context, q *db.Queries, a *asked, signature []byte,
) (*portalv1.SignCosignResponse, error) {
	if len(a.sent.Signatures) < 2 || !bytes.Equal(a.sent.Signatures[1].CMS, signature) {
		return nil, access.NotFound(ctx, "token", errors.New("it is signed"))
	}
	one, err := s.cosignMessage(ctx, q, a)
	return &portalv1.SignCosignResponse{Application: one}, err
}

// OpenCosignFile gives leave to download what is attached to something that one is asked to sign, once.
func (s *Service) OpenCosignFile(
	ctx context.Context, request *portalv1.OpenCosignFileRequest,
) (*portalv1.OpenCosignFileResponse, error) {
	if err := s.mayErr(ctx); err != nil {
		return nil, err
	}
	var ticket string
	hash := hashOf(request.GetToken())
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.proven(ctx, q, hash)
		if err != nil {
			return err
		}
		if _, err := a.attachment(ctx, request.GetAttachment()); err != nil {
			return err
		}
		ticket, err = s.ticket(ctx, q, db.ApplicationTicketAddParams{
			CosignHash: hash, Attachment: request.GetAttachment(),
		})
		if err != nil {
			return err
		}
		return s.noteRead(ctx, q, a, hash)
	})
	if err != nil {
		return nil, s.missed(ctx, told(err, "giving leave to download an attachment"))
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

// attached is what a ticket of OpenCosignFile is for, if who holds it may still read it.
func (s *Service) attached(
	ctx context.Context, hash, id string,
) (file *portalv1.Attachment, content []byte, err error) {
	q := s.DB.Read()
	a, err := s.proven(ctx, q, hash)
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
