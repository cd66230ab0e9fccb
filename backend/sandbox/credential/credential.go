// Package credential makes the certificates that the sandbox's offices and the portal's gateway meet under: a
// certificate authority of the sandbox's own, the gateway's server certificate, a client certificate for each office,
// and the registry file that tells the portal which office holds which.
//
// It is for development: the authority's key lies beside what it signs. It has nothing to do with the certificates on
// cards.
package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"madoguchi/backend/sandbox/file"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour
	// renewBefore is how long before its end a certificate is made again.
	renewBefore = 30 * 24 * time.Hour
)

// Registration is one office in the registry file that the portal reads at its start.
type Registration struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// CertificateHash is the hex SHA-256 of the client certificate's DER.
	CertificateHash string   `json:"certificate_hash"`
	Duties          []string `json:"duties"`
	// MunicipalityCode has six digits; empty for a national office.
	MunicipalityCode string `json:"municipality_code"`
}

// Set is the directory in which everything lies.
type Set struct{ dir string }

// In names the directory of a set; nothing is touched.
func In(dir string) Set { return Set{dir} }

func (s Set) authority() string { return filepath.Join(s.dir, "gateway-ca") }
func (s Set) gateway() string   { return filepath.Join(s.dir, "gateway") }
func (s Set) office(id string) string {
	return filepath.Join(s.dir, "offices", id)
}

// Make writes what is missing, damaged or within 30 days of its end, leaves the rest as it is, and writes the registry
// file `offices.json`. Only ID, Name, Duties and MunicipalityCode of the offices are read.
func (s Set) Make(offices []Registration, now time.Time) error {
	if err := os.MkdirAll(filepath.Join(s.dir, "offices"), 0o700); err != nil {
		return fmt.Errorf("making the directory for certificates: %w", err)
	}
	ca, err := s.makeAuthority(now)
	if err != nil {
		return err
	}
	server := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Office gateway"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if _, err := makeLeaf(s.gateway(), server, ca, now); err != nil {
		return fmt.Errorf("making the gateway's certificate: %w", err)
	}
	offices = slices.Clone(offices)
	for i := range offices {
		client := &x509.Certificate{
			Subject:     pkix.Name{CommonName: offices[i].ID, Organization: []string{offices[i].Name}},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}
		cert, err := makeLeaf(s.office(offices[i].ID), client, ca, now)
		if err != nil {
			return fmt.Errorf("making the certificate of %s: %w", offices[i].Name, err)
		}
		sum := sha256.Sum256(cert.Raw)
		offices[i].CertificateHash = hex.EncodeToString(sum[:])
	}
	registry, err := json.MarshalIndent(offices, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the registry of offices: %w", err)
	}
	return file.Replace(filepath.Join(s.dir, "offices.json"), append(registry, '\n'), 0o644)
}

// ClientTLS is the configuration with which an office calls the gateway.
func (s Set) ClientTLS(officeID string) (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(s.office(officeID)+".pem", s.office(officeID)+".key")
	if err != nil {
		return nil, fmt.Errorf("reading the client certificate of office %s: %w", officeID, err)
	}
	roots, err := os.ReadFile(s.authority() + ".pem")
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		return nil, fmt.Errorf("%s.pem holds no certificate", s.authority())
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, RootCAs: pool, MinVersion: tls.VersionTLS13}, nil
}

// Stranger makes a certificate that names an office and that nobody has registered: what somebody has who pretends to
// be the office.
func Stranger(officeID, name string, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a stranger's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: officeID, Organization: []string{name}},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a stranger's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (s Set) makeAuthority(now time.Time) (issuer, error) {
	cert, key, err := load(s.authority())
	if err != nil {
		return issuer{}, err
	}
	if cert != nil && cert.IsCA && cert.CheckSignatureFrom(cert) == nil && fresh(cert, now) {
		return issuer{cert, key}, nil
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Madoguchi sandbox gateway CA"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(authorityLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return issuer{}, fmt.Errorf("making the authority's key: %w", err)
	}
	cert, err = write(s.authority(), template, issuer{template, key}, key)
	if err != nil {
		return issuer{}, fmt.Errorf("making the gateway's authority: %w", err)
	}
	return issuer{cert, key}, nil
}

func makeLeaf(path string, template *x509.Certificate, ca issuer, now time.Time) (*x509.Certificate, error) {
	cert, _, err := load(path)
	if err != nil {
		return nil, err
	}
	if cert != nil && fresh(cert, now) && says(cert, template) && cert.CheckSignatureFrom(ca.cert) == nil {
		return cert, nil
	}
	template.NotBefore = now.Add(-time.Hour)
	template.NotAfter = now.Add(leafLife)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return write(path, template, ca, key)
}

func fresh(cert *x509.Certificate, now time.Time) bool {
	return now.After(cert.NotBefore) && now.Add(renewBefore).Before(cert.NotAfter)
}

// says tells whether a certificate already names what the template names.
func says(cert, template *x509.Certificate) bool {
	return cert.Subject.String() == template.Subject.String() &&
		slices.Equal(cert.DNSNames, template.DNSNames) &&
		slices.Equal(cert.ExtKeyUsage, template.ExtKeyUsage) &&
		slices.EqualFunc(cert.IPAddresses, template.IPAddresses, net.IP.Equal)
}

// write signs and stores a certificate with its key. The key goes first: a certificate on disk always has its key.
func write(path string, template *x509.Certificate, ca issuer, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	if err := file.Replace(path+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		0o600); err != nil {
		return nil, err
	}
	if err := file.Replace(path+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		0o644); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// load reads a certificate with its key. A missing, damaged or unmatched pair is no error: it is nil, and made again.
func load(path string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certPEM, err := os.ReadFile(path + ".pem")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading a certificate: %w", err)
	}
	keyPEM, err := os.ReadFile(path + ".key")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading a key: %w", err)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, nil, nil //nolint:nilerr // what does not fit together is made anew
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, nil
	}
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, nil, nil //nolint:nilerr // as above
	}
	return cert, key, os.Chmod(path+".key", 0o600)
}
