package application

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/bridge/cms"
	"madoguchi/bridge/jpki"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// signature is one over what was sent, with all by which it was found good.
type signature struct {
	CMS         []byte
	Name, Birth string // as the certificate has them; YYYY-MM-DD
	SignedAt    int64  // as the card's machine said
	CheckedAt   int64
	OCSP        []byte `json:",omitempty"`
	List        string `json:",omitempty"`
}

// examined is a signature that is good, and whose it is.
type examined struct {
	signature
	card   card.ID
	person jpki.CertifiedAttributes
}

// examine finds out whether a signature is good over a document, going from cheap to dear: its form, the key, the
// certificate's kind, authority and days, and then what J-LIS says of it.
func (s *Service) examine(ctx context.Context, document, der []byte) (examined, error) {
	refuse := func(code connect.Code, reason portalv1.Reason, err error) (examined, error) {
		return examined{}, access.Error(ctx, code, reason, "signature", err)
	}
	c, err := cms.Read(der)
	if err == nil {
		err = c.Verify(document, s.Origin)
	}
	if err != nil {
		return refuse(connect.CodeInvalidArgument, portalv1.Reason_REASON_SIGNATURE_INVALID, err)
	}
	if err := jpki.CheckSignCertificate(c.Certificate); err != nil {
		return refuse(connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err)
	}
	issuer, err := card.Chain(s.trusted, c.Certificate, s.Now())
	switch {
	case errors.Is(err, card.ErrExpired):
		return refuse(connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_EXPIRED, nil)
	case errors.Is(err, card.ErrNotYet):
		return refuse(connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID, nil)
	case err != nil:
		return refuse(connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err)
	}
	person, err := jpki.AttributesOf(c.Certificate)
	if err != nil || len(person.BirthDate) != 8 {
		return refuse(connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err)
	}
	evidence, err := s.JLIS.Evidence(ctx, c.Certificate, issuer)
	switch {
	case errors.Is(err, jlis.ErrRevoked):
		return refuse(connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, err)
	case err != nil:
		return refuse(connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, err)
	}
	b := person.BirthDate
	return examined{
		signature: signature{
			CMS: der, Name: person.Name, Birth: b[:4] + "-" + b[4:6] + "-" + b[6:], SignedAt: c.SignedAt.UnixMilli(),
			CheckedAt: evidence.At.UnixMilli(), OCSP: evidence.OCSP, List: evidence.List,
		},
		card: card.Of(c.Certificate, issuer), person: person,
	}, nil
}

// ofFolder refuses a signer who is not the person of the folder: J-LIS says which cards are the holder's.
func (s *Service) ofFolder(ctx context.Context, folder string, who examined) error {
	q := s.DB.Read()
	known, err := q.ApplicationSignerKnown(ctx, db.ApplicationSignerKnownParams{
		FolderID: folder, Issuer: who.card.Issuer, Serial: who.card.Serial,
	})
	if err != nil {
		return fmt.Errorf("asking whether a signer is known: %w", err)
	}
	if known {
		return nil
	}
	held, err := s.JLIS.Holder(ctx, who.card)
	if err != nil && !errors.Is(err, jlis.ErrUnknownCard) {
		return access.Error(ctx, connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, "signature", err)
	}
	cards, err := q.FolderCards(ctx, folder)
	if err != nil {
		return fmt.Errorf("reading the cards of a folder: %w", err)
	}
	for _, c := range cards {
		if !slices.Contains(held, card.ID{Issuer: c.Issuer, Serial: c.Serial}) {
			continue
		}
		return s.DB.Tx(db.Alone(ctx), func(q *db.Queries) error {
			return q.ApplicationSignerKnow(ctx, db.ApplicationSignerKnowParams{
				FolderID: folder, Issuer: who.card.Issuer, Serial: who.card.Serial, KnownAt: s.Now().UnixMilli(),
			})
		})
	}
	return otherPerson(ctx, errors.New("the signing certificate is of nobody whose card opens the folder"))
}

func otherPerson(ctx context.Context, err error) error {
	return access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_OTHER_PERSON, "signature", err)
}

// whoSigns are the names and days of birth of whom a form lets sign, as they were answered: the person whom it asks
// from the card, or where an agent files it, the agent. None: the form does not ask who somebody is.
func whoSigns(f *form.Form, result *form.Result, answers form.Answers) []cosigner {
	var person cosigner
	for _, section := range f.Sections {
		for _, field := range section.Fields {
			switch said := answers[field.ID].Text; {
			case person.name == "" && slices.Contains(field.Prefill, "card.name"):
				person.name = said
			case person.birth == "" && slices.Contains(field.Prefill, "card.birth"):
				person.birth = said
			}
		}
	}
	if person.name == "" && person.birth == "" {
		return nil
	}
	if slices.Contains(f.Applicant, "agent") {
		for _, section := range f.Sections {
			for _, field := range section.Fields {
				part, ok := strings.CutSuffix(field.ID, "_who") // of the part agent (proto/form/source)
				if who := answers[field.ID].Text; ok && who != "" && who != "self" && result.Shown(part+"_name", -1) {
					return []cosigner{{answers[part+"_name"].Text, answers[part+"_birth"].Text}}
				}
			}
		}
	}
	return []cosigner{person}
}

// cosigner is who is to sign.
type cosigner struct{ name, birth string }

// is compares with what the certificate says of its holder. Names are compared character by character without blanks;
// where the certificate's stands for another that it cannot hold, any one may stand.
func (c cosigner) is(who examined) bool {
	return (c.name == "" || sameName(c.name, who.person.Name, who.person.NameSubstitutions)) &&
		(c.birth == "" || c.birth == who.Birth)
}

// sameName says whether a name is the certificate's, of which marks tell, a digit a character, what was substituted.
func sameName(name, certified, marks string) bool {
	named := letters(name)
	var at int
	for i, r := range []rune(certified) {
		if isBlank(r) || isVariation(r) {
			continue
		}
		if at == len(named) {
			return false
		}
		substituted := i < len(marks) && marks[i] != '0'
		if named[at] != r && !substituted {
			return false
		}
		at++
	}
	return at == len(named)
}

// letters are the characters of a name that count.
func letters(name string) []rune {
	return slices.DeleteFunc([]rune(name), func(r rune) bool { return isBlank(r) || isVariation(r) })
}

func isBlank(r rune) bool { return r == ' ' || r == '\u3000' }

// isVariation: it chooses among the shapes of the character before it.
func isVariation(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF }

// trust gathers whose certificates count.
func trust(cas []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, ca := range cas {
		pool.AddCert(ca)
	}
	return pool
}
