package account

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/mail"
	"madoguchi/backend/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const maxDisplayName = 20

// entry is registration data that has been checked.
type entry struct {
	displayName, mailAddress, municipalityCode, language string
	mailOnLogin, mailOnNotice                            bool
}

type fields interface {
	GetDisplayName() string
	GetMailAddress() string
	GetMunicipalityCode() string
	GetLanguage() string
	GetMailOnLogin() bool
	GetMailOnNotice() bool
}

// check names the first field at fault.
func check(ctx context.Context, f fields) (entry, error) {
	e := entry{
		displayName: strings.TrimSpace(f.GetDisplayName()), mailAddress: strings.TrimSpace(f.GetMailAddress()),
		municipalityCode: f.GetMunicipalityCode(), language: f.GetLanguage(), mailOnLogin: f.GetMailOnLogin(), mailOnNotice: f.GetMailOnNotice(),
	}
	invalid := func(field string, err error) (entry, error) {
		return entry{}, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, err)
	}
	switch err := checkDisplayName(e.displayName); {
	case errors.Is(err, errTooLong):
		return entry{}, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_FIELD_TOO_LONG, "display_name", err)
	case err != nil:
		return invalid("display_name", err)
	}
	if e.mailAddress != "" {
		if err := mail.CheckAddress(e.mailAddress); err != nil {
			return invalid("mail_address", err)
		}
	}
	if _, ok := municipality.ByCode(e.municipalityCode); !ok {
		return invalid("municipality_code", nil)
	}
	switch e.language {
	case "":
		e.language = "ja"
	case "ja", "en", "easy":
	default:
		return invalid("language", nil)
	}
	return e, nil
}

var errTooLong = errors.New("too long")

func checkDisplayName(name string) error {
	if name == "" || !utf8.ValidString(name) {
		return errors.New("empty, or not text")
	}
	if len(name) > 20*maxDisplayName {
		return errTooLong
	}
	characters, visible := 0, false
	var before rune // the last one that stands for itself
	joined := false
	for _, r := range name {
		switch {
		case r == joiner:
			if !unicode.Is(unicode.So, before) {
				return errors.New("a character that cannot be seen")
			}
			joined = true
			continue
		case unicode.In(r, unicode.Mn, unicode.Me) || isVariationSelector(r) || unicode.Is(unicode.Sk, r) && r > 0xffff:
			if before == 0 || r == graphemeJoiner {
				return errors.New("a mark that belongs to nothing")
			}
			continue // belongs to the character before: accents, 外字 variants, skin tones
		case !unicode.IsPrint(r) && r != '\u3000', slices.Contains(blanks, r), joined && !unicode.Is(unicode.So, r):
			return errors.New("a character that cannot be seen")
		}
		visible = visible || !unicode.IsSpace(r)
		if !joined {
			characters++
		}
		before, joined = r, false
	}
	if !visible {
		return errors.New("nothing to be seen")
	}
	if characters > maxDisplayName {
		return errTooLong
	}
	return nil
}

const (
	joiner         = '\u200d' // makes one emoji of two
	graphemeJoiner = '\u034f'
)

// Letters and symbols by category, and yet nothing to be seen: Hangul fillers, the empty braille cell.
var blanks = []rune{'\u115f', '\u1160', '\u3164', '\uffa0', '\u2800'}

func isVariationSelector(r rune) bool {
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

var nation = sync.OnceValue(func() *portalv1.ListMunicipalitiesResponse {
	list := &portalv1.ListMunicipalitiesResponse{}
	for _, m := range municipality.All() {
		list.Municipalities = append(list.Municipalities, municipalityMessage(m))
	}
	return list
})

func municipalityMessage(m municipality.Municipality) *portalv1.Municipality {
	return &portalv1.Municipality{Code: m.Code, Prefecture: m.Prefecture, Name: m.Name, Kana: m.Kana}
}
