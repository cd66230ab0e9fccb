package account

import (
	"time"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
)

// renewal is how long before its end a certificate can be renewed.
const renewal = 3 // months

// dues are rows of the home page: a change that was begun, and a certificate that ends.
func dues() (rows []shell.Due, more int, known bool) {
	if vault.Load(draftSettings, &form{}) {
		rows = append(rows, shell.Due{
			ID: "account-draft", Begun: true, Title: textDueDraft, Do: textDueGoOn, Href: "/account?step=" + stepEdit,
		})
	}
	ends := shell.CurrentSession().CertificateEnds
	if !ends.IsZero() && time.Now().AddDate(0, renewal, 0).After(ends) {
		rows = append(rows, shell.Due{
			ID: "account-certificate", Title: textDueCertificate, By: clock.Day(ends), Words: textDueCertificateWords,
			Do: textDueCertificateDo, Href: "/procedures/nation/P0112",
		})
	}
	return rows, 0, true
}
