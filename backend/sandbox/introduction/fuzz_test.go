package introduction

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzOpen(f *testing.F) {
	key := bytes.Repeat([]byte{7}, KeySize)
	sealed, err := Seal(key, "nenkin", "R0001")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("nenkin", sealed)
	f.Add("131105", sealed[:20])
	f.Fuzz(func(t *testing.T, office string, data []byte) {
		record, err := Open(key, office, data)
		if err != nil && !errors.Is(err, ErrUnreadable) || err == nil && (office != "nenkin" || record != "R0001") {
			t.Errorf("%q, %x: %q, %v", office, data, record, err)
		}
	})
}
