package jlis

import (
	"bytes"
	"testing"
)

func FuzzIntroductions(f *testing.F) {
	f.Add([]byte(`{"card":{"issuer":"aa","serial":"0a"},"offices":["nenkin","131105"]}`))
	f.Add([]byte(`{"card":{"issuer":"","serial":" "},"offices":null}{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, err := readIntroductions(bytes.NewReader(body))
		if err == nil && (request.Card.Serial == "" || request.Card.Issuer == "" || len(request.Offices) > maxOffices) {
			t.Errorf("%q passes", body)
		}
	})
}
