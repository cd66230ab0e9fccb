// Package jlis plays J-LIS: it answers for the certificates of bridge/softcard (OCSP, revocation lists, which certificate followed which)
// and introduces residents to offices.
//
// It serves, below its base:
//
//	POST ocsp                    RFC 6960
//	GET  crl/auth.crl, sign.crl  DER
//	GET  lineage/{serial}        {"serial":"…","predecessors":["…"],"successors":["…"]}: the holder's certificates before this one, newest
//	                             first, and since, oldest first; 404 for an unknown serial
//	POST introductions           {"serial":"…","offices":["id",…]} gives {"introductions":{"id":"base64",…}}; 404 likewise
//
// Serials are lower-case hex without leading zeros. An office that has no business with the resident is left out.
package jlis

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/bridge/softcard"
)

const (
	maxRequest = 64 << 10
	maxOffices = 2000
	// goodFor is how long an answer about a certificate may be used.
	goodFor = 5 * time.Minute
)

// Office is what J-LIS knows of an office.
type Office struct {
	// Key seals introductions to it.
	Key []byte
	// Serves tells whether it has business with a resident.
	Serves func(resident.Resident) bool
}

// Server answers. It can be taken down, to see what others do without it.
type Server struct {
	offices map[string]Office
	now     func() time.Time
	down    atomic.Bool
}

// New makes a server that is up. Offices are by identifier.
func New(offices map[string]Office, now func() time.Time) *Server {
	return &Server{offices: offices, now: now}
}

// Up tells whether it answers; SetUp changes that.
func (s *Server) Up() bool      { return !s.down.Load() }
func (s *Server) SetUp(up bool) { s.down.Store(!up) }

// Handler serves the paths of the package comment, below "/". While down, all of them answer 503.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ocsp", s.ocsp)
	mux.HandleFunc("GET /crl/auth.crl", func(w http.ResponseWriter, _ *http.Request) { crl(w, softcard.CRL(s.now())) })
	mux.HandleFunc("GET /crl/sign.crl", func(w http.ResponseWriter, _ *http.Request) { crl(w, softcard.SignCRL(s.now())) })
	mux.HandleFunc("GET /lineage/{serial}", lineage)
	mux.HandleFunc("POST /introductions", s.introductions)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.down.Load() {
			http.Error(w, "J-LIS is down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func crl(w http.ResponseWriter, der []byte) {
	w.Header().Set("Content-Type", "application/pkix-crl")
	w.Write(der)
}

func (s *Server) ocsp(w http.ResponseWriter, r *http.Request) {
	if kind := r.Header.Get("Content-Type"); kind != "application/ocsp-request" {
		http.Error(w, "the content type is application/ocsp-request", http.StatusUnsupportedMediaType)
		return
	}
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request is too large or broken off", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(Respond(request, s.now()))
}

// Respond answers an OCSP request, DER to DER. It always answers: what is wrong with the request stands in the response.
func Respond(request []byte, now time.Time) []byte {
	asked, err := ocsp.ParseRequest(request)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse
	}
	authority, key, serials, ok := authorityOf(asked, now)
	if !ok {
		return ocsp.UnauthorizedErrorResponse
	}
	answer := ocsp.Response{
		SerialNumber: asked.SerialNumber,
		IssuerHash:   asked.HashAlgorithm,
		Status:       ocsp.Unknown,
		ThisUpdate:   now.UTC().Truncate(time.Second),
		NextUpdate:   now.UTC().Truncate(time.Second).Add(goodFor),
	}
	if serials(asked.SerialNumber) {
		answer.Status = ocsp.Good
		if at, revoked := softcard.Revoked(softcard.SerialHex(asked.SerialNumber)); revoked {
			answer.Status, answer.RevokedAt, answer.RevocationReason = ocsp.Revoked, at, ocsp.AffiliationChanged
		}
	}
	response, err := ocsp.CreateResponse(authority, authority, answer, key)
	if err != nil {
		slog.Error("signing an OCSP response", "err", err)
		return ocsp.InternalErrorErrorResponse
	}
	return response
}

// authorityOf finds which of the two authorities is asked, by the hashes of its name and key, and which serials it has given.
func authorityOf(asked *ocsp.Request, now time.Time) (*x509.Certificate, *rsa.PrivateKey, func(*big.Int) bool, bool) {
	cert, key := softcard.AuthCA(now)
	if issued(asked, cert) {
		return cert, key, given(now, softcard.Person.AuthCertificate), true
	}
	cert, key = softcard.SignCA(now)
	if issued(asked, cert) {
		return cert, key, given(now, softcard.Person.SignCertificate), true
	}
	return nil, nil, nil, false
}

func issued(asked *ocsp.Request, authority *x509.Certificate) bool {
	if !asked.HashAlgorithm.Available() {
		return false
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(authority.RawSubjectPublicKeyInfo, &info); err != nil {
		return false
	}
	return bytes.Equal(asked.IssuerNameHash, digest(asked.HashAlgorithm, authority.RawSubject)) &&
		bytes.Equal(asked.IssuerKeyHash, digest(asked.HashAlgorithm, info.Key.RightAlign()))
}

func digest(algorithm crypto.Hash, content []byte) []byte {
	h := algorithm.New()
	h.Write(content)
	return h.Sum(nil)
}

func given(now time.Time, certificate func(softcard.Person, time.Time) *x509.Certificate) func(*big.Int) bool {
	return func(serial *big.Int) bool {
		for _, p := range softcard.People() {
			if cert := certificate(p, now); cert != nil && cert.SerialNumber.Cmp(serial) == 0 {
				return true
			}
		}
		return false
	}
}

func lineage(w http.ResponseWriter, r *http.Request) {
	serial := r.PathValue("serial")
	if _, ok := softcard.PersonBySerial(serial); !ok {
		http.Error(w, "unknown serial", http.StatusNotFound)
		return
	}
	answer(w, struct {
		Serial       string   `json:"serial"`
		Predecessors []string `json:"predecessors"`
		Successors   []string `json:"successors"`
	}{serial, listed(softcard.Predecessors(serial)), listed(softcard.Successors(serial))})
}

// listed makes nothing an empty list, where JSON would have null.
func listed(serials []string) []string { return append([]string{}, serials...) }

type introductionsRequest struct {
	Serial  string   `json:"serial"`
	Offices []string `json:"offices"`
}

func (s *Server) introductions(w http.ResponseWriter, r *http.Request) {
	request, err := readIntroductions(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	who, ok := resident.BySerial(request.Serial)
	if !ok {
		http.Error(w, "unknown serial", http.StatusNotFound)
		return
	}
	sealed := map[string][]byte{}
	for _, id := range request.Offices {
		office, ok := s.offices[id]
		if !ok || !office.Serves(who) {
			continue
		}
		if sealed[id], err = introduction.Seal(office.Key, id, who.Record); err != nil {
			slog.Error("sealing an introduction", "office", id, "err", err)
			http.Error(w, "the introduction could not be made", http.StatusInternalServerError)
			return
		}
	}
	answer(w, map[string]any{"introductions": sealed})
}

func readIntroductions(body io.Reader) (introductionsRequest, error) {
	var request introductionsRequest
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return request, fmt.Errorf("the request cannot be read: %w", err)
	}
	if strings.TrimSpace(request.Serial) == "" {
		return request, errors.New("serial is missing")
	}
	if len(request.Offices) > maxOffices {
		return request, fmt.Errorf("at most %d offices", maxOffices)
	}
	return request, nil
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("answering", "err", err)
	}
}
