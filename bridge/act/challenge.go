package act

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"madoguchi/bridge/apdu"
)

const (
	maxChallenge = 1024
	maxPurpose   = 64
	nonceBytes   = 32
)

// Challenge is a text of the portal for the card to sign. Only ParseChallenge makes one.
type Challenge struct {
	text []byte
	// Purpose is "login", or that of an act that wants the card again.
	Purpose string
}

// ParseChallenge takes, byte for byte, the form that portal.v1's CreateChallengeResponse documents, for this origin,
// and nothing else: a page must not get a signature over anything that some other site would take for its own. When it
// ends is the portal's to judge, since this machine's clock may be wrong.
func ParseChallenge(text []byte, origin string) (Challenge, error) {
	if len(text) > maxChallenge {
		return Challenge{}, fmt.Errorf("%w: %d bytes", ErrNotAChallenge, len(text))
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 6 || lines[0] != "madoguchi-challenge-v1" || lines[5] != "" {
		return Challenge{}, fmt.Errorf("%w: its lines", ErrNotAChallenge)
	}
	values := [4]string{}
	for i, name := range []string{"origin", "purpose", "nonce", "expires"} {
		value, ok := strings.CutPrefix(lines[1+i], name+": ")
		if !ok {
			return Challenge{}, fmt.Errorf("%w: line %d is not the %s", ErrNotAChallenge, 2+i, name)
		}
		values[i] = value
	}
	switch {
	case !isPurpose(values[1]):
		return Challenge{}, fmt.Errorf("%w: its purpose", ErrNotAChallenge)
	case !isNonce(values[2]):
		return Challenge{}, fmt.Errorf("%w: its nonce", ErrNotAChallenge)
	case !isTime(values[3]):
		return Challenge{}, fmt.Errorf("%w: its end", ErrNotAChallenge)
	case values[0] != origin || origin == "":
		return Challenge{}, ErrForeignOrigin
	}
	return Challenge{text: bytes.Clone(text), Purpose: values[1]}, nil
}

func isPurpose(s string) bool {
	if s == "" || len(s) > maxPurpose {
		return false
	}
	for _, c := range []byte(s) {
		letter, digit := 'a' <= c && c <= 'z', '0' <= c && c <= '9'
		if !letter && !digit && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func isNonce(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == nonceBytes && base64.RawURLEncoding.EncodeToString(b) == s
}

func isTime(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// Sign has the card sign a challenge with the user-authentication key, in five APDUs: RSASSA-PKCS1-v1_5 with SHA-256.
// The certificate is the card's.
func Sign(ctx context.Context, t apdu.Transmitter, s Secret, c Challenge, certificate []byte) ([]byte, error) {
	if len(c.text) == 0 {
		return nil, ErrNotAChallenge
	}
	return signature(ctx, t, s, c.text, certificate)
}
