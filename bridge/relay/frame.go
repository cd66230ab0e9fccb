package relay

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"google.golang.org/protobuf/proto"
)

const (
	// maxFrame is the largest frame either way, in bytes.
	maxFrame = 4096
	// maxPurpose is the longest purpose, in characters.
	maxPurpose = 60
)

// parse decodes one frame of a page and checks what the protocol says of its form.
func parse(frame []byte) (*bridgev1.Request, error) {
	if len(frame) > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes", len(frame))
	}
	r := &bridgev1.Request{}
	if err := proto.Unmarshal(frame, r); err != nil {
		return nil, errors.New("no protobuf of a Request") // the decoder's own words may quote the frame
	}
	if r.GetId() == 0 {
		return nil, errors.New("a request without id")
	}
	switch body := r.GetBody().(type) {
	case nil:
		return r, errors.New("a request without a body that this bridge knows")
	case *bridgev1.Request_Hello:
		return r, checkPurpose(body.Hello.GetPurpose())
	case *bridgev1.Request_Transmit:
		if len(body.Transmit.GetCommand()) == 0 {
			return r, errors.New("an empty command")
		}
	}
	return r, nil
}

// checkPurpose keeps out what would mislead the people of other pages who read it.
func checkPurpose(s string) error {
	if n := utf8.RuneCountInString(s); n > maxPurpose {
		return fmt.Errorf("a purpose of %d characters", n)
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) {
			return fmt.Errorf("a purpose with the character %U", r)
		}
	}
	return nil
}
