package jlis_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/jlis"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

var key = bytes.Repeat([]byte{7}, introduction.KeySize)

func serve(t *testing.T) (*jlis.Server, string) {
	t.Helper()
	s := jlis.New(map[string]jlis.Office{
		"131105": {Key: key, Serves: func(r resident.Resident) bool { return r.MunicipalityCode == "131105" }},
		"172014": {Key: key, Serves: func(r resident.Resident) bool { return r.MunicipalityCode == "172014" }},
		"nenkin": {Key: key, Serves: func(resident.Resident) bool { return true }},
	}, time.Now)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return s, server.URL
}

func serialOf(t *testing.T, id string) string {
	t.Helper()
	return softcard.SerialHex(softcardtest.Person(t, id).AuthSerial())
}

func writePEM(t *testing.T, cert *x509.Certificate) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cert.pem")
	err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// OpenSSL asks, and checks the answer's signature and times by its own lights.
func TestOpenSSLGetsItsAnswers(t *testing.T) {
	_, base := serve(t)
	now := time.Now()
	ca, _ := softcard.AuthCA(now)
	signCA, _ := softcard.SignCA(now)
	for _, c := range []struct {
		person, hash, want string
		issuer             *x509.Certificate
		certificate        func(softcard.Person, time.Time) *x509.Certificate
	}{
		{"yamada-hanako", "-sha1", "good", ca, softcard.Person.AuthCertificate},
		{"yamada-hanako", "-sha256", "good", ca, softcard.Person.AuthCertificate},
		{"ito-revoked", "-sha256", "revoked", ca, softcard.Person.AuthCertificate},
		{"yamada-taro", "-sha1", "good", signCA, softcard.Person.SignCertificate},
	} {
		t.Run(c.person+c.hash, func(t *testing.T) {
			p := softcardtest.Person(t, c.person)
			cert := c.certificate(p, now)
			issuer := writePEM(t, c.issuer)
			command := exec.Command("openssl", "ocsp", c.hash, "-issuer", issuer, "-cert", writePEM(t, cert), "-url",
				base+"/ocsp", "-CAfile", issuer)
			out, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			text := string(out)
			if !strings.Contains(text, "Response verify OK") || strings.Contains(text, "no nonce") ||
				!strings.Contains(text, ": "+c.want+"\n") {
				t.Errorf("openssl says:\n%s", text)
			}
		})
	}
}

func TestOpenSSLReadsTheRevocationList(t *testing.T) {
	_, base := serve(t)
	list := get(t, base+"/crl/auth.crl", http.StatusOK)
	path := filepath.Join(t.TempDir(), "auth.crl")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	ca, _ := softcard.AuthCA(time.Now())
	out, err := exec.Command("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text", "-CAfile",
		writePEM(t, ca)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	revoked := softcardtest.Person(t, "ito-revoked")
	if !strings.Contains(string(out), "verify OK") ||
		!strings.Contains(strings.ReplaceAll(string(out), ":", ""), fmt.Sprintf("%X", revoked.AuthSerial())) {
		t.Errorf("openssl says:\n%s", out)
	}
	signCA, _ := softcard.SignCA(time.Now())
	for path, want := range map[string]*x509.Certificate{
		"sign.crl": signCA, issuerOf(signCA) + ".crl": signCA, "auth.crl": ca, issuerOf(ca) + ".crl": ca,
	} {
		parsed, err := x509.ParseRevocationList(get(t, base+"/crl/"+path, http.StatusOK))
		if err != nil || parsed.CheckSignatureFrom(want) != nil {
			t.Errorf("%s is not the list of %s: %v", path, want.Subject, err)
		}
	}
	get(t, base+"/crl/"+issuerOf(ca), http.StatusNotFound)
	get(t, base+"/crl/other.crl", http.StatusNotFound)
}

func TestOCSPDoesNotKnowStrangers(t *testing.T) {
	now := time.Now()
	ca, _ := softcard.AuthCA(now)
	signCA, _ := softcard.SignCA(now)
	hanako := softcardtest.Person(t, "yamada-hanako")
	ask := func(serial *big.Int, issuer *x509.Certificate) []byte {
		request, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: serial}, issuer,
			&ocsp.RequestOptions{Hash: crypto.SHA256})
		if err != nil {
			t.Fatal(err)
		}
		return jlis.Respond(request, now)
	}
	status := func(response []byte, issuer *x509.Certificate) int {
		r, err := ocsp.ParseResponse(response, issuer)
		if err != nil {
			t.Fatal(err)
		}
		return r.Status
	}
	if got := status(ask(big.NewInt(42), ca), ca); got != ocsp.Unknown {
		t.Errorf("a serial never given: %d", got)
	}
	if got := status(ask(hanako.AuthSerial(), signCA), signCA); got != ocsp.Unknown {
		t.Errorf("a serial of the other authority: %d", got)
	}
	other := hanako.AuthCertificate(now)
	if got := ask(hanako.AuthSerial(), other); !bytes.Equal(got, ocsp.UnauthorizedErrorResponse) {
		t.Errorf("an authority that is none: %x", got)
	}
	if got := jlis.Respond([]byte{0x30}, now); !bytes.Equal(got, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("nonsense: %x", got)
	}
}

// requestWithNonce is a request of x/crypto/ocsp, which knows no nonce, with the value of one.
func requestWithNonce(t testing.TB, request, value []byte) []byte {
	t.Helper()
	var outer struct{ TBS asn1.RawValue }
	if _, err := asn1.Unmarshal(request, &outer); err != nil {
		t.Fatal(err)
	}
	nonce := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: value}}
	extensions, err := asn1.MarshalWithParams(nonce, "explicit,tag:2")
	if err != nil {
		t.Fatal(err)
	}
	outer.TBS = asn1.RawValue{
		Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(outer.TBS.Bytes, extensions),
	}
	made, err := asn1.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestANonceIsAnsweredWith(t *testing.T) {
	now := time.Now()
	ca, _ := softcard.AuthCA(now)
	hanako := softcardtest.Person(t, "yamada-hanako")
	plain, err := ocsp.CreateRequest(hanako.AuthCertificate(now), ca, nil)
	if err != nil {
		t.Fatal(err)
	}
	good := append([]byte{4, 32}, bytes.Repeat([]byte{9}, 32)...)
	response := jlis.Respond(requestWithNonce(t, plain, good), now)
	if answer, err := ocsp.ParseResponse(response, ca); err != nil || answer.Status != ocsp.Good ||
		!bytes.Contains(answer.TBSResponseData, good) {
		t.Errorf("%v, %v", answer, err)
	}
	if bytes.Contains(jlis.Respond(plain, now), []byte{0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2}) {
		t.Error("a nonce that nobody asked for")
	}
	for name, value := range map[string][]byte{
		"empty": {4, 0}, "none": {}, "no octets": {2, 1, 1}, "more behind": slices.Concat(good, []byte{5, 0}),
		"too long": append([]byte{4, 0x81, 129}, make([]byte, 129)...),
	} {
		got := jlis.Respond(requestWithNonce(t, plain, value), now)
		if !bytes.Equal(got, ocsp.MalformedRequestErrorResponse) {
			t.Errorf("%s: %x", name, got)
		}
	}
}

func get(t *testing.T, address string, status int) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, response, status)
}

func post(t *testing.T, address, kind, content string, status int) []byte {
	t.Helper()
	response, err := http.Post(address, kind, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return body(t, response, status)
}

func body(t *testing.T, response *http.Response, status int) []byte {
	t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s: %s\n%s", response.Request.URL, response.Status, content)
	}
	return content
}

func issuerOf(ca *x509.Certificate) string {
	sum := sha256.Sum256(ca.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

func cardOf(issuer, serial string) string {
	return `{"issuer":"` + issuer + `","serial":"` + serial + `"}`
}

func TestLineage(t *testing.T) {
	_, base := serve(t)
	auth, _ := softcard.AuthCA(time.Now())
	sign, _ := softcard.SignCA(time.Now())
	ca := issuerOf(auth)
	old, renewed := serialOf(t, "yamada-hanako"), serialOf(t, "yamada-hanako-2")
	for serial, want := range map[string]string{
		renewed: `{"card":` + cardOf(ca, renewed) + `,"predecessors":[` + cardOf(ca, old) + `],"successors":[]}`,
		old:     `{"card":` + cardOf(ca, old) + `,"predecessors":[],"successors":[` + cardOf(ca, renewed) + `]}`,
	} {
		if got := strings.TrimSpace(string(get(t, base+"/lineage/"+ca+"/"+serial, http.StatusOK))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, unknown := range []string{
		ca + "/1", ca + "/0" + old, issuerOf(sign) + "/" + old, strings.Repeat("0", 64) + "/" + old, old,
	} {
		get(t, base+"/lineage/"+unknown, http.StatusNotFound)
	}
}

func TestIntroductionsReachTheOfficesConcerned(t *testing.T) {
	_, base := serve(t)
	ca, _ := softcard.AuthCA(time.Now())
	request := `{"card":` + cardOf(issuerOf(ca), serialOf(t, "yamada-hanako-2")) +
		`,"offices":["131105","172014","nenkin","nobody"]}`
	var got struct{ Introductions map[string][]byte }
	err := json.Unmarshal(post(t, base+"/introductions", "application/json", request, http.StatusOK), &got)
	if err != nil {
		t.Fatal(err)
	}
	hanako, _ := resident.ByID("yamada-hanako")
	opened := map[string]string{}
	for office, sealed := range got.Introductions {
		if bytes.Contains(sealed, []byte(hanako.Record)) {
			t.Errorf("the introduction to %s can be read on the way", office)
		}
		record, err := introduction.Open(key, office, sealed)
		if err != nil {
			t.Error(err)
		}
		opened[office] = record
	}
	if diff := cmp.Diff(map[string]string{"131105": hanako.Record, "nenkin": hanako.Record}, opened); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	_, base := serve(t)
	ca, _ := softcard.AuthCA(time.Now())
	hanako := serialOf(t, "yamada-hanako")
	for name, c := range map[string]struct {
		path, kind, content string
		status              int
	}{
		"unknown serial": {
			"/introductions", "application/json", `{"card":` + cardOf(issuerOf(ca), "1") + `,"offices":[]}`,
			http.StatusNotFound,
		},
		"another's serial": {
			"/introductions", "application/json", `{"card":` + cardOf("00", hanako) + `,"offices":[]}`,
			http.StatusNotFound,
		},
		"no card": {"/introductions", "application/json", `{"offices":[]}`, http.StatusBadRequest},
		"a serial alone": {
			"/introductions", "application/json", `{"card":{"serial":"` + hanako + `"},"offices":[]}`,
			http.StatusBadRequest,
		},
		"unknown field": {
			"/introductions", "application/json", `{"card":` + cardOf("00", "1") + `,"name":"x"}`,
			http.StatusBadRequest,
		},
		"no JSON": {"/introductions", "application/json", `<xml>`, http.StatusBadRequest},
		"too large": {
			"/introductions", "application/json", `{"serial":"` + strings.Repeat("1", 70<<10) + `"}`,
			http.StatusBadRequest,
		},
		"too large for OCSP": {"/ocsp", "application/ocsp-request", strings.Repeat("0", 70<<10), http.StatusBadRequest},
		"another type":       {"/ocsp", "text/plain", "0", http.StatusUnsupportedMediaType},
		"another path":       {"/", "text/plain", "0", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) { post(t, base+c.path, c.kind, c.content, c.status) })
	}
}

// Whoever answers in its name is found out by whoever checks.
func TestAStrangerIsFoundOut(t *testing.T) {
	s, base := serve(t)
	world, err := part.In(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p, err := world.Add("jlis", "J-LIS", "")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(part.Handler(p, s.Handler(), s.Wrong()))
	t.Cleanup(server.Close)
	if err := p.Set(part.Setting{Is: part.Wrong, Way: part.Stranger}); err != nil {
		t.Fatal(err)
	}
	ca, _ := softcard.AuthCA(time.Now())
	hanako := softcardtest.Person(t, "yamada-hanako")
	request, err := ocsp.CreateRequest(hanako.AuthCertificate(time.Now()), ca, nil)
	if err != nil {
		t.Fatal(err)
	}
	for address, good := range map[string]bool{base: true, server.URL: false} {
		response := post(t, address+"/ocsp", "application/ocsp-request", string(request), http.StatusOK)
		if _, err := ocsp.ParseResponse(response, ca); (err == nil) != good {
			t.Errorf("%s: OCSP: %v", address, err)
		}
		list, err := x509.ParseRevocationList(get(t, address+"/crl/auth.crl", http.StatusOK))
		if err != nil || (list.CheckSignatureFrom(ca) == nil) != good {
			t.Errorf("%s: list: %v", address, err)
		}
		card := cardOf(issuerOf(ca), serialOf(t, "yamada-hanako"))
		lineage := get(t, address+"/lineage/"+issuerOf(ca)+"/"+serialOf(t, "yamada-hanako"), http.StatusOK)
		if bytes.Contains(lineage, []byte(`"card":`+card)) != good {
			t.Errorf("%s: %s", address, lineage)
		}
	}
	post(t, server.URL+"/introductions", "application/json",
		`{"card":`+cardOf(issuerOf(ca), serialOf(t, "yamada-hanako"))+`,"offices":["nenkin"]}`, http.StatusForbidden)
}

func FuzzRespond(f *testing.F) {
	now := time.Now()
	ca, _ := softcard.AuthCA(now)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512} {
		p := softcardtest.Person(f, "ito-revoked")
		request, err := ocsp.CreateRequest(p.AuthCertificate(now), ca, &ocsp.RequestOptions{Hash: hash})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(request)
		f.Add(requestWithNonce(f, request, []byte{4, 1, 7}))
	}
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, request []byte) {
		response := jlis.Respond(request, now)
		if len(response) < 5 {
			t.Fatalf("no response: %x", response)
		}
	})
}
