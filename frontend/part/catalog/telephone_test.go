package catalog

import "testing"

func TestTelephoneNumbers(t *testing.T) {
	for phone, want := range map[string]string{
		"03-5722-9645": "0357229645", "０３－５７２２－９６４５": "0357229645", "03-5722-9645（内線12）": "0357229645",
		"03（5722）9645":              "0357229645",
		"0120-95-0178、03-1111-2222": "0120950178", "代表": "", "": "", "110": "", "内線 1234": "",
	} {
		if got := digits(phone); got != want {
			t.Errorf("%s: %q, want %q", phone, got, want)
		}
	}
}
