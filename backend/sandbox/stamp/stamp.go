// Package stamp is a time stamping authority (RFC 3161) for development: it stamps whatever it is asked to with the
// time of this machine, under an authority of its own whose key lies beside it.
package stamp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/digitorus/timestamp"

	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
)

func init() { room.Register(room.Room{Name: "stamp", Prepare: prepare, Open: open}) }

const (
	life = 10 * 365 * 24 * time.Hour
	// CAName is the authority's: a portal for people does not trust it.
	CAName = "Madoguchi sandbox time stamps CA"

	maxQuestion = 16 << 10
)

// Authority stamps.
type Authority struct {
	// CA is who is trusted; certificate is what signs, with key.
	CA          []byte // PEM
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         func() time.Time
}

// New makes an authority.
func New(now func() time.Time) (*Authority, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of the time stamps' authority: %w", err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: CAName},
		NotBefore: now().Add(-time.Hour), NotAfter: now().Add(life),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("making the time stamps' authority: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of time stamps: %w", err)
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return nil, fmt.Errorf("writing what time stamps' certificate is for: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Madoguchi sandbox time stamps"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		// RFC 3161, 2.3: for nothing else, and critical.
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("making the certificate of time stamps: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of time stamps: %w", err)
	}
	return &Authority{CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), certificate: certificate,
		key: key, now: now}, nil
}

// ServeHTTP answers a question.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question, err := io.ReadAll(io.LimitReader(r.Body, maxQuestion))
	if err != nil {
		http.Error(w, "the question cannot be read", http.StatusBadRequest)
		return
	}
	asked, err := timestamp.ParseRequest(question)
	if err != nil || asked.HashAlgorithm != crypto.SHA256 {
		http.Error(w, "this is no question for a time stamp (SHA-256)", http.StatusBadRequest)
		return
	}
	stamp := timestamp.Timestamp{
		HashAlgorithm: asked.HashAlgorithm, HashedMessage: asked.HashedMessage, Time: a.now(), Nonce: asked.Nonce,
		Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, AddTSACertificate: asked.Certificates,
	}
	answer, err := stamp.CreateResponseWithOpts(a.certificate, a.key, crypto.SHA256)
	if err != nil {
		http.Error(w, "the time stamp cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(answer)
}

func paths(dir string) (ca, leaf string) {
	return filepath.Join(dir, "stamp-ca.pem"), filepath.Join(dir, "stamp.pem")
}

// prepare writes whom the portal has to trust; what is there stays.
func prepare(dir string, now time.Time) error {
	if _, err := load(dir, time.Now); err == nil {
		return nil
	}
	a, err := New(func() time.Time { return now })
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return fmt.Errorf("writing the key of time stamps: %w", err)
	}
	ca, leaf := paths(dir)
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})...)
	if err := file.Replace(leaf, both, 0o600); err != nil {
		return err
	}
	return file.Replace(ca, a.CA, 0o644)
}

// Trusted is whom an office in this world has to believe: what prepare wrote.
func Trusted(dir string) (*x509.CertPool, error) {
	ca, _ := paths(dir)
	content, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("reading the time stamps' authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("the time stamps' authority is damaged")
	}
	return pool, nil
}

// load reads what prepare wrote.
func load(dir string, now func() time.Time) (*Authority, error) {
	caPath, leafPath := paths(dir)
	a := &Authority{now: now}
	var err error
	if a.CA, err = os.ReadFile(caPath); err != nil {
		return nil, fmt.Errorf("reading the time stamps' authority: %w", err)
	}
	both, err := os.ReadFile(leafPath)
	if err != nil {
		return nil, fmt.Errorf("reading the key of time stamps: %w", err)
	}
	keyBlock, rest := pem.Decode(both)
	block, _ := pem.Decode(rest)
	if keyBlock == nil || block == nil {
		return nil, errors.New("the key of time stamps is damaged")
	}
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key of time stamps: %w", err)
	}
	var ok bool
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok {
		return nil, errors.New("the key of time stamps is of another kind")
	}
	if a.certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, fmt.Errorf("reading the certificate of time stamps: %w", err)
	}
	return a, nil
}

func open(ground room.Ground) (room.Work, error) {
	p, err := ground.World.Add("stamp", "時刻認証局", "タイムスタンプ（RFC 3161）")
	if err != nil {
		return room.Work{}, err
	}
	a, err := load(ground.State, time.Now)
	if err != nil {
		return room.Work{}, err
	}
	ways := part.WrongAnswers()
	ways[part.Stranger] = func(http.Handler) http.Handler {
		other, err := New(time.Now)
		if err != nil {
			return http.NotFoundHandler()
		}
		return other
	}
	return room.Work{
		Served:   map[string]http.Handler{"/stamp": part.Handler(p, a, ways)},
		Programs: []string{"/stamp"},
	}, nil
}
