package account

import (
	"cmp"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

// entry is registration data.
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
	f.DisplayName, f.MailAddress, f.MunicipalityCode, f.Language = e.displayName, e.mailAddress,
		e.municipalityCode, e.language
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

// entryOf reads registration data, of which each field keeps the rule that stands on it in the contract.
func entryOf(f fields) entry {
	return entry{
		displayName: plaintext.Clean(f.GetDisplayName()), mailAddress: plaintext.Clean(f.GetMailAddress()),
		municipalityCode: f.GetMunicipalityCode(), language: cmp.Or(f.GetLanguage(), "ja"),
		mailOnLogin: f.GetMailOnLogin(), mailOnNotice: f.GetMailOnNotice(),
	}
}

// entryIn is the registration data of a folder.
func entryIn(f folder.Folder) entry {
	return entry{
		displayName: f.DisplayName, mailAddress: f.MailAddress, municipalityCode: f.MunicipalityCode,
		language:    f.Language,
		mailOnLogin: f.Prefers[mailOnLogin], mailOnNotice: f.Prefers[mailOnNotice],
	}
}

var errMask = errors.New("the mask names no field of a registration")

// masked is e as far as the mask names its fields, and stays what it was in the rest; all of e without a mask.
func (e entry) masked(mask *fieldmaskpb.FieldMask, was entry) (entry, error) {
	if mask == nil {
		return e, nil
	}
	for _, path := range mask.GetPaths() {
		switch path {
		case "display_name":
			was.displayName = e.displayName
		case "mail_address":
			was.mailAddress = e.mailAddress
		case "municipality_code":
			was.municipalityCode = e.municipalityCode
		case "mail_on_login":
			was.mailOnLogin = e.mailOnLogin
		case "mail_on_notice":
			was.mailOnNotice = e.mailOnNotice
		case "language":
			was.language = e.language
		default:
			return entry{}, fmt.Errorf("%w: %.40q", errMask, path)
		}
	}
	return was, nil
}

// changedElsewhere says that a field is not what the page took it to be.
type changedElsewhere struct{ field string }

func (c changedElsewhere) Error() string { return c.field + " was changed elsewhere" }

// changedSince names the field that a change would take for another than it is; "" when there is none. One that is as
// it is asked to be is no trouble.
func changedSince(was *portalv1.AccountFields, wanted, now entry) string {
	words := func(was *string, wanted, now string) bool { return was != nil && *was != now && wanted != now }
	switched := func(was *bool, wanted, now bool) bool { return was != nil && *was != now && wanted != now }
	switch {
	case was == nil:
		return ""
	case words(was.DisplayName, wanted.displayName, now.displayName):
		return "display_name"
	case words(was.MailAddress, wanted.mailAddress, now.mailAddress):
		return "mail_address"
	case words(was.MunicipalityCode, wanted.municipalityCode, now.municipalityCode):
		return "municipality_code"
	case switched(was.MailOnLogin, wanted.mailOnLogin, now.mailOnLogin):
		return "mail_on_login"
	case switched(was.MailOnNotice, wanted.mailOnNotice, now.mailOnNotice):
		return "mail_on_notice"
	}
	return ""
}

var nation = sync.OnceValue(func() *portalv1.ListMunicipalitiesResponse {
	list := &portalv1.ListMunicipalitiesResponse{}
	for _, m := range municipality.All() {
		list.Municipalities = append(list.Municipalities, municipalityMessage(m))
	}
	return list
})

func municipalityMessage(m municipality.Municipality) *portalv1.Municipality {
	return &portalv1.Municipality{
		Code: m.Code, Prefecture: m.Prefecture, Name: m.Name, Kana: m.Kana, English: municipality.English(m.Code),
	}
}
