package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"madoguchi/bridge/cms"
	"madoguchi/bridge/softcard"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

// conformanceOffice is to whom the applications of the kit are addressed (portal office conformance).
const conformanceOffice = "conformance"

// errSignature: what was fetched is not what somebody with a card signed.
var errSignature = errors.New("what was signed is something else")

// verify finds out whether an application is what the person signed: the answers, under this form, to this office,
// with a card's key that counted when it arrived, as J-LIS said, and with these files. A signature that has its time
// stamp by now is held against that, too; false where one has not, which comes of a job.
func verify(
	ctx context.Context, client officev1connect.ApplicationServiceClient, officeID string, roots *x509.CertPool,
	a *officev1.FetchApplicationResponse,
) (stampedAll bool, err error) {
	f, err := form.Read(a.GetDefinition())
	if err != nil {
		return false, fmt.Errorf("reading a form: %w", err)
	}
	var signed struct {
		Answers json.RawMessage
		Form    struct{ ID, Version, SHA256 string }
		Office  string
		Origin  string
	}
	if err := json.Unmarshal(a.GetSigned(), &signed); err != nil {
		return false, fmt.Errorf("reading what was signed: %w", err)
	}
	switch {
	case !bytes.Equal(signed.Answers, a.GetAnswers()):
		return false, fmt.Errorf("%w: the answers", errSignature)
	case signed.Form.ID != f.ID || signed.Form.Version != f.Version || signed.Form.SHA256 != f.Hash():
		return false, fmt.Errorf("%w: the form", errSignature)
	case signed.Office != officeID && signed.Office != conformanceOffice:
		return false, fmt.Errorf("%w: it is addressed to %s", errSignature, signed.Office)
	case f.Sign == form.SignCard && len(a.GetSignatures()) == 0:
		return false, fmt.Errorf("%w: nobody signed", errSignature)
	}
	if signed.Office == conformanceOffice {
		roots = nil // the kit has an authority of its own
	}
	at := time.UnixMilli(a.GetApplication().GetArrivedAt())
	stampedAll = true
	for _, s := range a.GetSignatures() {
		signature, err := cms.Read(s.GetSignature())
		if err == nil {
			err = signature.Verify(a.GetSigned(), signed.Origin)
		}
		if err != nil {
			return false, errors.Join(errSignature, err)
		}
		authority, _ := softcard.SignCA(at)
		if err := signature.Certificate.CheckSignatureFrom(authority); err != nil {
			return false, errors.Join(errSignature, err)
		}
		if at.Before(signature.Certificate.NotBefore) || at.After(signature.Certificate.NotAfter) {
			return false, fmt.Errorf("%w: with a certificate that did not count", errSignature)
		}
		if err := checked(s, signature.Certificate, authority, at); err != nil {
			return false, errors.Join(errSignature, err)
		}
		if len(s.GetStamp()) == 0 {
			stampedAll = false
			continue
		}
		if err := stamped(s.GetStamp(), s.GetSignature(), signature.Certificate, at, roots); err != nil {
			return false, errors.Join(errSignature, err)
		}
	}
	for _, attached := range a.GetAttachments() {
		sum := sha256.New()
		for offset := int64(0); ; {
			part, err := client.FetchAttachment(ctx, &officev1.FetchAttachmentRequest{
				Id: a.GetApplication().GetId(), Attachment: attached.GetId(), Offset: offset,
			})
			if err != nil {
				return false, fmt.Errorf("fetching what is attached: %w", err)
			}
			sum.Write(part.GetPart())
			if offset += int64(len(part.GetPart())); part.GetLast() || len(part.GetPart()) == 0 {
				break
			}
		}
		digest := hex.EncodeToString(sum.Sum(nil))
		if digest != attached.GetDigest() || !bytes.Contains(a.GetSigned(), []byte(digest)) {
			return false, fmt.Errorf("%w: a file", errSignature)
		}
	}
	return stampedAll, nil
}
