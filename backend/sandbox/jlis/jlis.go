// Package jlis plays J-LIS: it answers for the certificates of bridge/softcard (OCSP, revocation lists, which
// certificate followed which) and introduces residents to offices.
//
// It serves, below its base:
//
//	POST ocsp                      RFC 6960; a nonce is answered with (RFC 9654)
//	GET  crl/{issuer}.crl          DER, the list of one authority; auth.crl and sign.crl are the same lists
//	GET  lineage/{issuer}/{serial} {"card":{"issuer":"…","serial":"…"},"predecessors":[{…},…],"successors":[{…},…]}:
//	                               the holder's certificates before this one, newest first, and since, oldest first;
//	                               404 for an unknown one
//	GET  holder/{issuer}/{serial}  {"certificate":{"issuer":"…","serial":"…"},"cards":[{…},…]}: the
//	                               user-authentication certificates of who holds a signing certificate; 404 likewise
//	POST introductions             {"card":{"issuer":"…","serial":"…"},"offices":["id",…]} gives
//	                               {"introductions":{"id":"base64",…}}; 404 likewise
//
// An issuer is named by the SHA-256 of its public key (SubjectPublicKeyInfo) in hex, a serial is lower-case hex without
// leading zeros: two authorities may give the same serial. An office that has no business with the resident is left
// out.
package jlis

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/part"
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

// Server answers.
type Server struct {
	offices map[string]Office
	now     func() time.Time
	// strange has it answer in another's name: signed by the authority that was not asked, and about somebody else.
	strange bool
	// ended are signing certificates that a developer had end, by their serial numbers, with when.
	ended *sync.Map
}

// New makes a server. Offices are by identifier.
func New(offices map[string]Office, now func() time.Time) *Server {
	return &Server{offices: offices, now: now, ended: &sync.Map{}}
}

// Handler serves the paths of the package comment, below "/".
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ocsp", s.ocsp)
	mux.HandleFunc("GET /crl/{file}", s.crl)
	mux.HandleFunc("GET /lineage/{issuer}/{serial}", s.lineage)
	mux.HandleFunc("GET /holder/{issuer}/{serial}", s.holder)
	mux.HandleFunc("POST /introductions", s.introductions)
	return mux
}

// Wrong are the ways in which it can be wrong. Whoever answers in its name has no key of the authority's.
func (s *Server) Wrong() part.Ways[http.Handler] {
	ways := part.WrongAnswers()
	strange := &Server{offices: s.offices, now: s.now, strange: true, ended: s.ended}
	ways[part.Stranger] = func(http.Handler) http.Handler { return strange.Handler() }
	return ways
}

func (s *Server) crl(w http.ResponseWriter, r *http.Request) {
	name, isList := strings.CutSuffix(r.PathValue("file"), ".crl")
	for _, a := range authorities(s.now()) {
		if isList && (name == a.issuer || name == a.short) {
			if s.strange {
				a = a.other(s.now())
			}
			w.Header().Set("Content-Type", "application/pkix-crl")
			w.Write(a.list(s.now()))
			return
		}
	}
	http.Error(w, "no list of that name", http.StatusNotFound)
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
	w.Write(respond(request, s.now(), s.strange, s.revoked))
}

// revoked tells whether and when a certificate was revoked.
func (s *Server) revoked(serial string) (time.Time, bool) {
	if at, is := s.ended.Load(serial); is {
		return at.(time.Time), true
	}
	return softcard.Revoked(serial)
}

// end has a person's signing certificate end, as when they move, or be good again ("is" is "good"); for developers. The
// one for logging in goes on. Revocation lists do not tell of it.
func (s *Server) end(w http.ResponseWriter, r *http.Request) {
	person, ok := softcard.PersonByID(r.PostFormValue("person"))
	if !ok {
		http.Error(w, "there is nobody of that name", http.StatusBadRequest)
		return
	}
	serial := softcard.SerialHex(person.SignSerial())
	if s.ended.Delete(serial); r.PostFormValue("is") != "good" {
		s.ended.Store(serial, s.now().UTC().Truncate(time.Second))
	}
	fmt.Fprintln(w, "ok")
}

func (s *Server) lineage(w http.ResponseWriter, r *http.Request) {
	of := cardID{r.PathValue("issuer"), r.PathValue("serial")}
	if _, ok := of.holder(s.now()); !ok {
		http.Error(w, "unknown card", http.StatusNotFound)
		return
	}
	if s.strange {
		of.Serial += "1"
	}
	answer(w, struct {
		Card         cardID   `json:"card"`
		Predecessors []cardID `json:"predecessors"`
		Successors   []cardID `json:"successors"`
	}{of, of.others(softcard.Predecessors), of.others(softcard.Successors)})
}

func (s *Server) holder(w http.ResponseWriter, r *http.Request) {
	of, now := cardID{r.PathValue("issuer"), r.PathValue("serial")}, s.now()
	both := authorities(now)
	who, ok := of.holder(now)
	if !ok || of.Issuer != both[1].issuer {
		http.Error(w, "unknown certificate", http.StatusNotFound)
		return
	}
	cards := []cardID{}
	if auth := who.AuthCertificate(now); auth != nil {
		its := cardID{both[0].issuer, softcard.SerialHex(auth.SerialNumber)}
		cards = slices.Concat([]cardID{its}, its.others(softcard.Predecessors), its.others(softcard.Successors))
	}
	if s.strange {
		of.Serial += "1"
	}
	answer(w, struct {
		Certificate cardID   `json:"certificate"`
		Cards       []cardID `json:"cards"`
	}{of, cards})
}

type introductionsRequest struct {
	Card    cardID   `json:"card"`
	Offices []string `json:"offices"`
}

func (s *Server) introductions(w http.ResponseWriter, r *http.Request) {
	request, err := readIntroductions(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.strange {
		http.Error(w, "a stranger has no office's key", http.StatusForbidden)
		return
	}
	holder, ok := request.Card.holder(s.now())
	if !ok {
		http.Error(w, "unknown card", http.StatusNotFound)
		return
	}
	who, ok := resident.ByID(holder.ID)
	if !ok {
		http.Error(w, "no resident holds that card", http.StatusNotFound)
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
	if request.Card.Issuer == "" || request.Card.Serial == "" {
		return request, errors.New("card is missing, its issuer or its serial")
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
