package relay

import (
	"errors"
	"fmt"
	"regexp"

	"madoguchi/bridge/act"
	"madoguchi/bridge/ask"
	"madoguchi/bridge/jpki"
	bridgev2 "madoguchi/proto/gen/bridge/v2"

	"google.golang.org/protobuf/proto"
)

const (
	// maxFrame is the largest frame of a page, and maxReply the largest of the bridge, in bytes.
	maxFrame = 16 << 10
	maxReply = 32 << 10
	// maxReader is the longest name of a reader that is looked for (PC/SC's own limit is 128).
	maxReader    = 256
	maxMediaType = 100
	maxSize      = 1 << 50
)

// parse decodes one frame of a page and checks what the protocol says of its form.
func parse(frame []byte) (*bridgev2.Request, error) {
	if len(frame) > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes", len(frame))
	}
	r := &bridgev2.Request{}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(frame, r); err != nil {
		return nil, errors.New("no protobuf of a Request") // the decoder's own words may quote the frame
	}
	if r.GetId() == 0 {
		wipe(r)
		return nil, errors.New("a request without id")
	}
	switch body := r.GetBody().(type) {
	case nil:
		return r, errors.New("a request without a body that this bridge knows")
	case *bridgev2.Request_Hello:
		if err := ask.CheckText(body.Hello.GetPurpose()); err != nil {
			return r, fmt.Errorf("the purpose: %w", err)
		}
	}
	return r, nil
}

// wipe clears the PINs of a request.
func wipe(r *bridgev2.Request) {
	for _, s := range []*bridgev2.Secret{
		r.GetSign().GetSecret(), r.GetSignDocument().GetSecret(), r.GetVerifyAttributes().GetSecret(),
		r.GetChangePin().GetOld(), r.GetDeriveKey().GetSecret(),
	} {
		clear(s.GetPin())
	}
	clear(r.GetChangePin().GetNew())
}

// invalid says which field of a request is not what the contract says.
func invalid(field string, why any) error {
	return &refusal{code: bridgev2.ErrorCode_ERROR_CODE_INVALID, detail: fmt.Sprintf("%s: %v", field, why)}
}

var pinKinds = map[bridgev2.PINKind]jpki.PIN{
	bridgev2.PINKind_PIN_KIND_AUTH: jpki.AuthPIN,
	bridgev2.PINKind_PIN_KIND_SIGN: jpki.SignPIN,
	bridgev2.PINKind_PIN_KIND_TEXT: jpki.TextPIN,
}

func kindOf(p jpki.PIN) bridgev2.PINKind {
	for kind, pin := range pinKinds {
		if pin == p {
			return kind
		}
	}
	return bridgev2.PINKind_PIN_KIND_UNSPECIFIED
}

// mediaType is a type and a subtype (RFC 6838, 4.2), without parameters.
var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$`)

// documentsOf checks the documents of a frame.
func documentsOf(body *bridgev2.SignDocument) ([]act.Document, error) {
	list := body.GetDocuments()
	if len(list) == 0 || len(list) > act.MaxDocuments {
		return nil, invalid("documents", fmt.Sprintf("%d of them", len(list)))
	}
	var documents []act.Document
	for i, d := range list {
		field := func(name string) string { return fmt.Sprintf("documents[%d].%s", i, name) }
		if d.GetTitle() == "" {
			return nil, invalid(field("title"), "it is empty")
		}
		if err := ask.CheckText(d.GetTitle()); err != nil {
			return nil, invalid(field("title"), err)
		}
		if len(d.GetMediaType()) > maxMediaType || !mediaType.MatchString(d.GetMediaType()) {
			return nil, invalid(field("media_type"), "it is none")
		}
		if d.GetSize() > maxSize {
			return nil, invalid(field("size"), "more than any document")
		}
		next := act.Document{PAdES: d.GetPades()}
		if len(d.GetDigest()) != len(next.Digest) {
			return nil, invalid(field("digest"), fmt.Sprintf("%d bytes", len(d.GetDigest())))
		}
		copy(next.Digest[:], d.GetDigest())
		documents = append(documents, next)
	}
	return documents, nil
}

// birthDate is YYYYMMDD; month and day are 00 where they are not known.
var birthDate = regexp.MustCompile(`^[0-9]{8}$`)

func expectOf(body *bridgev2.Expect) (act.Expect, error) {
	if len(body.GetName()) > 1024 {
		return act.Expect{}, invalid("expect.name", fmt.Sprintf("%d bytes", len(body.GetName())))
	}
	if b := body.GetBirthDate(); b != "" && !birthDate.MatchString(b) {
		return act.Expect{}, invalid("expect.birth_date", "not YYYYMMDD")
	}
	return act.Expect{Name: body.GetName(), BirthDate: body.GetBirthDate()}, nil
}
