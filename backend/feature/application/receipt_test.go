package application

import (
	"testing"

	"madoguchi/backend/japan/forms"
	"madoguchi/proto/form"
)

// Who reads a receipt years later reads names, and the codes that were signed beside them.
func TestCodesStandWithTheirNames(t *testing.T) {
	place := form.Field{ID: "where", Type: form.Place}
	bank := form.Field{ID: "pay_bank", Type: form.Digits, Length: 4, Register: form.Bank}
	branch := form.Field{ID: "pay_branch", Type: form.Digits, Length: 3, Register: form.Branch}
	digits := form.Field{ID: "number", Type: form.Digits, Length: 4}
	for want, of := range map[string]struct {
		field form.Field
		bank  string
		code  string
	}{
		"東京都目黒区（131105）": {place, "", "131105"}, "999999": {place, "", "999999"},
		"みずほ（0001）": {bank, "", "0001"}, "8888": {bank, "", "8888"},
		"本店（100）": {branch, "0001", "100"}, "999": {branch, "0001", "999"}, "101": {branch, "8888", "101"},
		"0005": {digits, "", "0005"},
	} {
		answers := form.Answers{"pay_bank": form.TextOf(of.bank)}
		answers[of.field.ID] = form.TextOf(of.code)
		if got := cellOf(&form.Form{}, of.field, answers, nil, "ja"); got != want {
			t.Errorf("%v instead of %q", got, want)
		}
	}
}

// Who reads English reads the name of a place in Latin letters, and the name by which offices know it.
func TestAPlaceOnAReceiptInEnglish(t *testing.T) {
	field := form.Field{ID: "where", Type: form.Place}
	for code, want := range map[string]string{"131105": "Meguro-ku, Tokyo (東京都目黒区, 131105)", "999999": "999999"} {
		if got := cellOf(&form.Form{}, field, form.Answers{"where": form.TextOf(code)}, nil, "en"); got != want {
			t.Errorf("%v instead of %q", got, want)
		}
	}
}

// A passbook of ゆうちょ銀行 has 記号 and 番号: an office that compares its copy finds them beside what was signed.
func TestAnAccountOfThePostBankStandsAsInItsPassbook(t *testing.T) {
	f, _ := forms.ByID("jido-teate-nintei")
	field := form.Field{ID: "bank_number", Type: form.Digits, Length: 7}
	answers := form.Answers{
		"bank_bank": form.TextOf("9900"), "bank_branch": form.TextOf("718"), "bank_kind": form.TextOf("ordinary"),
		"bank_number": form.TextOf("3933933"),
	}
	for language, want := range map[string]string{
		"ja": "3933933（ゆうちょ銀行の記号 17190 番号 39339331）",
		"en": "3933933 (Japan Post Bank: symbol 17190, number 39339331)",
	} {
		if got := cellOf(f, field, answers, nil, language); got != want {
			t.Errorf("%v instead of %q", got, want)
		}
	}
	answers["bank_bank"] = form.TextOf("0001")
	if got := cellOf(f, field, answers, nil, "ja"); got != "3933933" {
		t.Errorf("another bank's is %v", got)
	}
}
