package certificate

import (
	"crypto/x509"
	"testing"
	"time"

	"madoguchi/frontend/reach/certificate/certificatetest"
)

func TestEnds(t *testing.T) {
	for _, want := range []time.Time{
		time.Date(2026, 10, 1, 14, 59, 59, 0, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2051, 2, 28, 0, 0, 0, 0, time.UTC),
	} {
		der := certificatetest.Until(t, want)
		if got, ok := Ends(der); !ok || !got.Equal(want) {
			t.Errorf("%s, %v; want %s", got, ok, want)
		}
		if got, ok := Ends(der[:60]); ok {
			t.Errorf("half a certificate ends %s", got)
		}
	}
}

// Whatever a card sends does no harm, and what the library takes for a certificate ends here as there.
func FuzzEnds(f *testing.F) {
	f.Add(certificatetest.Until(f, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
	f.Add(certificatetest.Until(f, time.Date(2060, 1, 2, 3, 4, 5, 0, time.UTC)))
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, der []byte) {
		got, ok := Ends(der)
		parsed, err := x509.ParseCertificate(der)
		if err == nil && (!ok || !got.Equal(parsed.NotAfter)) {
			t.Errorf("%s, %v; want %s", got, ok, parsed.NotAfter)
		}
	})
}
