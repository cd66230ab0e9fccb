package account

import (
	"context"
	"sync"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/wire"
)

// What is changed without a network waits, but for what the card may be asked for, or a mail goes out for: that is
// refused there and then, and stays in the form.

// object is what all changes are about.
const object = "account"

// chosen is the municipality that was chosen last: a request has its code alone.
var chosen struct {
	sync.Mutex
	code, name string
}

func declare() {
	waiting.Declare(portalv1web.AccountServiceUpdateAccount, waiting.Sort{
		Kind: outbox.Kind{
			Subject: subject,
			Settled: func(ctx context.Context, _, _ []byte) (map[string]string, error) {
				session.Changed(ctx)
				return nil, nil
			},
			Over: func(request []byte) []byte {
				r := changeIn(request)
				r.Was = nil
				over, err := rpc.Pack(r)
				if err != nil {
					return request
				}
				return over
			},
		},
		Words: func([]byte, string) lang.Text { return textDoChange },
		Sides: sides,
	})
}

func changeIn(request []byte) *portalv1.UpdateAccountRequest {
	r := &portalv1.UpdateAccountRequest{}
	if rpc.Unpack(request, r) != nil {
		return &portalv1.UpdateAccountRequest{}
	}
	return r
}

func subject(request []byte) outbox.Subject {
	r := changeIn(request)
	s := outbox.Subject{About: []string{object}}
	for _, field := range r.GetUpdateMask().GetPaths() {
		switch {
		case field == "mail_address", field == "mail_on_login" && !r.GetMailOnLogin():
			return outbox.Subject{}
		case field == "municipality_code":
			chosen.Lock()
			if chosen.code == r.GetMunicipalityCode() {
				s.Title = chosen.name
			}
			chosen.Unlock()
		}
	}
	return s
}

// fieldsOf is what the page takes to be registered.
func fieldsOf(a *portalv1.Account) *portalv1.AccountFields {
	return &portalv1.AccountFields{
		DisplayName: new(a.GetDisplayName()), MailAddress: new(a.GetMailAddress()),
		MunicipalityCode: new(a.GetMunicipality().GetCode()), MailOnLogin: new(a.GetMailOnLogin()),
		MailOnNotice: new(a.GetMailOnNotice()),
	}
}

// ahead is what is registered as what waits will leave it.
func ahead(account *portalv1.Account) *portalv1.Account {
	now := wire.Clone(account)
	for _, w := range waiting.Coming() {
		if w.Procedure == portalv1web.AccountServiceUpdateAccount {
			change(now, changeIn(w.Request), w.Title)
		}
	}
	return now
}

func change(now *portalv1.Account, r *portalv1.UpdateAccountRequest, place string) {
	for _, field := range r.GetUpdateMask().GetPaths() {
		switch field {
		case "display_name":
			now.DisplayName = r.GetDisplayName()
		case "municipality_code":
			now.Municipality = &portalv1.Municipality{Code: r.GetMunicipalityCode(), Name: place}
		case "mail_on_login":
			now.MailOnLogin = r.GetMailOnLogin()
		case "mail_on_notice":
			now.MailOnNotice = r.GetMailOnNotice()
		}
	}
}

// sides are the fields that were changed, as asked for and as the portal has them.
func sides(ctx context.Context, w outbox.Write) (rows []waiting.Side, err error) {
	response, err := rpc.To(portalv1web.NewAccountService).GetAccount(ctx, &portalv1.GetAccountRequest{})
	if err != nil {
		return nil, err
	}
	r := changeIn(w.Request)
	after := wire.Clone(response.GetAccount())
	change(after, r, w.Title)
	mine, theirs := formOf(after), formOf(response.GetAccount())
	for _, field := range r.GetUpdateMask().GetPaths() {
		var side waiting.Side
		switch field {
		case "display_name":
			side = waiting.Side{Name: textName, Mine: lang.Plain(mine.Name), Theirs: lang.Plain(theirs.Name)}
		case "municipality_code":
			side = waiting.Side{
				Name: textPlace, Mine: place.Named(mine.MunicipalityName, mine.MunicipalityEnglish),
				Theirs: place.Named(theirs.MunicipalityName, theirs.MunicipalityEnglish),
			}
		case "mail_on_login":
			side = waiting.Side{Name: textOnLogin, Mine: word(mine.MailOnLogin), Theirs: word(theirs.MailOnLogin)}
		case "mail_on_notice":
			side = waiting.Side{Name: textOnNotice, Mine: word(mine.MailOnNotice), Theirs: word(theirs.MailOnNotice)}
		default:
			continue
		}
		rows = append(rows, side)
	}
	return rows, nil
}
