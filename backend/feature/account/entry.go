package account

import (
	"context"
	"errors"
	"sync"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// entry is registration data that has been checked.
type entry struct {
	displayName, mailAddress, municipalityCode, language string
	mailOnLogin, mailOnNotice                            bool
}

// The switches of a registration.
var (
	mailOnLogin  = tell.Mail.Preference(tell.Login)
	mailOnNotice = tell.Mail.Preference(tell.Notice)
)

// in gives a folder with what was entered.
func (e entry) in(f folder.Folder) folder.Folder {
	f.DisplayName, f.MailAddress, f.MunicipalityCode, f.Language = e.displayName, e.mailAddress, e.municipalityCode, e.language
	f.Prefers = map[folder.Preference]bool{mailOnLogin: e.mailOnLogin, mailOnNotice: e.mailOnNotice}
	return f
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
		displayName: plaintext.Clean(f.GetDisplayName()), mailAddress: plaintext.Clean(f.GetMailAddress()),
		municipalityCode: f.GetMunicipalityCode(), language: f.GetLanguage(), mailOnLogin: f.GetMailOnLogin(), mailOnNotice: f.GetMailOnNotice(),
	}
	invalid := func(field string, err error) (entry, error) {
		return entry{}, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, err)
	}
	switch rule.DisplayName(e.displayName) {
	case rule.NameGood:
	case rule.NameLong:
		return entry{}, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_FIELD_TOO_LONG, "display_name", errTooLong)
	default:
		return invalid("display_name", plaintext.Name(e.displayName))
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
