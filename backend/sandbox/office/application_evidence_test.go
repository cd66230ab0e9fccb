package office

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/sandbox/stamp"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	officev1 "madoguchi/proto/gen/office/v1"
)

// answered is what J-LIS says of a person's signing certificate at a time: that it counts.
func answered(t *testing.T, person string, at time.Time) (answer []byte, of *x509.Certificate) {
	t.Helper()
	of = softcardtest.Person(t, person).SignCertificate(at)
	return says(t, of, ocsp.Response{Status: ocsp.Good, ThisUpdate: at}), of
}

func says(t *testing.T, of *x509.Certificate, what ocsp.Response) []byte {
	t.Helper()
	authority, key := softcard.SignCA(what.ThisUpdate)
	what.SerialNumber, what.NextUpdate = of.SerialNumber, what.ThisUpdate.Add(time.Hour)
	answer, err := ocsp.CreateResponse(authority, authority, what, key)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestWhatJLISAnswered(t *testing.T) {
	now := time.Now()
	authority, _ := softcard.SignCA(now)
	good, of := answered(t, "yamada-hanako", now)
	others, _ := answered(t, "yamada-taro", now)
	old, _ := answered(t, "yamada-hanako", now.Add(-2*time.Hour))
	bent := bytes.Clone(good)
	bent[len(bent)-1] ^= 1
	revoked := says(t, of, ocsp.Response{Status: ocsp.Revoked, ThisUpdate: now, RevokedAt: now.Add(-time.Hour)})
	type signature = officev1.ApplicationSignature
	at := now.UnixMilli()
	for name, c := range map[string]struct {
		s    *signature
		fine bool
	}{
		"good":                {&signature{Ocsp: good, CheckedAt: at}, true},
		"a list":              {&signature{RevocationList: "a.crl", CheckedAt: at}, true},
		"nothing":             {&signature{CheckedAt: at}, false},
		"of somebody else":    {&signature{Ocsp: others, CheckedAt: at}, false},
		"of two hours before": {&signature{Ocsp: old, CheckedAt: at}, false},
		"bent":                {&signature{Ocsp: bent, CheckedAt: at}, false},
		"revoked":             {&signature{Ocsp: revoked, CheckedAt: at}, false},
		"no answer":           {&signature{Ocsp: []byte("yes"), CheckedAt: at}, false},
		"asked afterwards":    {&signature{Ocsp: good, CheckedAt: now.Add(time.Hour).UnixMilli()}, false},
	} {
		if err := checked(c.s, of, authority, now); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, stranger := answered(t, "yamada-taro", now)
	if err := checked(&signature{Ocsp: good, CheckedAt: at}, of, stranger, now); err == nil {
		t.Error("an answer of another authority counts")
	}
}

// tokenOf has an authority stamp content.
func tokenOf(t *testing.T, a *stamp.Authority, content []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(content)
	nonce, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	question, err := (&timestamp.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce,
	}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(question)))
	answer, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	read, err := timestamp.ParseResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	return read.RawToken
}

func authorityAt(t *testing.T, now time.Time) (*stamp.Authority, *x509.CertPool) {
	t.Helper()
	a, err := stamp.New(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(a.CA)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return a, roots
}

func TestTimeStampsOfSignatures(t *testing.T) {
	now := time.Now()
	signature := []byte("what somebody signed")
	_, of := answered(t, "yamada-hanako", now)
	a, roots := authorityAt(t, now)
	stranger, _ := authorityAt(t, now)
	token := tokenOf(t, a, signature)
	for name, c := range map[string]struct {
		token   []byte
		arrived time.Time
		roots   *x509.CertPool
		fine    bool
	}{
		"good":                   {token, now, roots, true},
		"a day after":            {token, now.Add(-24 * time.Hour), roots, true},
		"before it arrived":      {token, now.Add(time.Hour), roots, false},
		"of something else":      {tokenOf(t, a, []byte("other")), now, roots, false},
		"a stranger's":           {tokenOf(t, stranger, signature), now, roots, false},
		"a stranger's, unasked":  {tokenOf(t, stranger, signature), now, nil, true},
		"nothing that stamps":    {[]byte("12:00"), now, roots, false},
		"cut off":                {token[:len(token)-1], now, roots, false},
		"with another signature": {bentAt(token, len(token)-4), now, roots, false},
	} {
		if err := stamped(c.token, signature, of, c.arrived, c.roots); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended := *of
	ended.NotAfter = now.Add(-time.Minute)
	if err := stamped(token, signature, &ended, now, roots); err == nil {
		t.Error("a certificate that had ended at the stamp counts")
	}
}

func bentAt(b []byte, at int) []byte {
	bent := bytes.Clone(b)
	bent[at] ^= 1
	return bent
}
