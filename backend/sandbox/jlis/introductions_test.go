package jlis

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzIntroductions(f *testing.F) {
	f.Add([]byte(`{"serial":"0a","offices":["nenkin","131105"]}`))
	f.Add([]byte(`{"serial":" ","offices":null}{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, err := readIntroductions(bytes.NewReader(body))
		if err == nil && (strings.TrimSpace(request.Serial) == "" || len(request.Offices) > maxOffices) {
			t.Errorf("%q passes", body)
		}
	})
}
