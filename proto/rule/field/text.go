package field

import (
	"errors"

	rulev1 "madoguchi/proto/gen/rule/v1"
	"madoguchi/proto/link"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// text judges one text; an empty one is fine.
func (r *Rules) text(o own, s string) (Fault, bool) {
	if s == "" {
		return Fault{}, false
	}
	if o.text == rulev1.Text_TEXT_NAME || o.text == rulev1.Text_TEXT_MAIL_ADDRESS {
		s = plaintext.Clean(s) // what the services do with them, too
	}
	if o.characters > 0 && rule.TooLong(s, o.characters) {
		return Fault{Rule: "characters", Most: o.characters, Has: plaintext.Count(s), Err: errTooLong}, true
	}
	if err := r.kind(o.text, s); err != nil {
		return Fault{Rule: "text", Err: err}, true
	}
	return Fault{}, false
}

var (
	errTooLong        = errors.New("it is too long")
	errNoDay          = errors.New("it is no day from 1900 to 2199, written YYYY-MM-DD")
	errNoMunicipality = errors.New("there is no such municipality")
	errNoPlace        = errors.New("there is no such place")
	errNoNumber       = errors.New("it is no number of a procedure")
)

func (r *Rules) kind(kind rulev1.Text, s string) error {
	switch kind {
	case rulev1.Text_TEXT_LINE:
		return plaintext.Title(s)
	case rulev1.Text_TEXT_LINES:
		return plaintext.Body(s)
	case rulev1.Text_TEXT_NAME:
		return plaintext.Name(s)
	case rulev1.Text_TEXT_DAY:
		_, ok := rule.Day(s)
		return unless(ok, errNoDay)
	case rulev1.Text_TEXT_MUNICIPALITY:
		return unless(r.places.IsMunicipality(s), errNoMunicipality)
	case rulev1.Text_TEXT_PLACE:
		return unless(r.places.IsPlace(s), errNoPlace)
	case rulev1.Text_TEXT_PROCEDURE_NUMBER:
		return unless(rule.ProcedureNumber(s), errNoNumber)
	case rulev1.Text_TEXT_MAIL_ADDRESS:
		if fault := rule.MailAddress(s); s != "" && fault != rule.MailGood {
			return fault
		}
	case rulev1.Text_TEXT_LINK:
		return link.Check(s)
	case rulev1.Text_TEXT_UNSPECIFIED:
	}
	return nil
}

func unless(fine bool, err error) error {
	if fine {
		return nil
	}
	return err
}
