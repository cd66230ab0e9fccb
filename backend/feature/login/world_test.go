package login_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/session"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/keys"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const origin = "https://portal.example.jp"

// world is a portal that can log people in, behind HTTPS, with a J-LIS.
type world struct {
	t        testing.TB
	db       *db.DB
	service  *login.Service
	sessions *session.Store
	server   *httptest.Server
	offset   atomic.Int64 // of the clock, nanoseconds
	base     time.Time
	jlisDown atomic.Bool
	asked    atomic.Int64 // OCSP requests
	keys     *keys.File

	acts        acts
	authorities []authority
	stopped     sync.Map // card.ID
	ended       sync.Map // cards of which the service said that they were stopped
}

// authority gives certificates for logins.
type authority struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

func (w *world) cas() []*x509.Certificate {
	var list []*x509.Certificate
	for _, a := range w.authorities {
		list = append(list, a.cert)
	}
	return list
}

func (w *world) now() time.Time          { return w.base.Add(time.Duration(w.offset.Load())) }
func (w *world) advance(d time.Duration) { w.offset.Add(int64(d)) }

// newWorld trusts the authority of bridge/softcard, and more if they are given.
func newWorld(t testing.TB, d *db.DB, more ...authority) *world {
	t.Helper()
	return newWorldAt(t, d, origin, more...)
}

// newWorldAt is one at another address.
func newWorldAt(t testing.TB, d *db.DB, origin string, more ...authority) *world {
	t.Helper()
	w := &world{t: t, db: d, base: time.Now().Truncate(time.Millisecond)}
	w.acts.w = w
	ca, key := softcard.AuthCA(w.now())
	w.authorities = append([]authority{{ca, key}}, more...)
	agency := httptest.NewServer(http.HandlerFunc(w.serveJLIS))
	t.Cleanup(agency.Close)
	client, err := jlis.New(jlis.Config{Base: agency.URL, CAs: w.cas(), DB: d, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := access.Check(portalv1connect.LoginServiceName, portalv1connect.AccountServiceName,
		portalv1connect.PasskeyServiceName, portalv1connect.QrServiceName)
	if err != nil {
		t.Fatal(err)
	}
	w.sessions = session.New(d, session.Limits{}, w.now)
	w.service = w.newService(origin, client, rules)
	w.server = w.serve(w.sessions, w.service, rules)
	return w
}

// serve has a service answer behind HTTPS.
func (w *world) serve(sessions *session.Store, service *login.Service, rules access.Rules) *httptest.Server {
	mux := http.NewServeMux()
	interceptor := connect.WithInterceptors(access.NewInterceptor(rules, w.db, w.now))
	mux.Handle(portalv1connect.NewLoginServiceHandler(service, interceptor))
	mux.Handle(portalv1connect.NewPasskeyServiceHandler(service, interceptor))
	mux.Handle(portalv1connect.NewQrServiceHandler(service, interceptor))
	mux.Handle(portalv1connect.NewAccountServiceHandler(&w.acts, interceptor))
	server := httptest.NewTLSServer(cameFrom(sessions.Door(mux)))
	w.t.Cleanup(server.Close)
	return server
}

func (w *world) newService(origin string, authority login.Authority, rules access.Rules) *login.Service {
	w.t.Helper()
	return w.newServiceOn(w.sessions, origin, authority, rules)
}

func (w *world) newServiceOn(
	sessions *session.Store, origin string, authority login.Authority, rules access.Rules,
) *login.Service {
	w.t.Helper()
	if w.keys == nil {
		var err error
		if w.keys, err = keys.Make(filepath.Join(w.t.TempDir(), "portal.keys"), w.now); err != nil {
			w.t.Fatal(err)
		}
	}
	service, err := login.New(login.Config{
		Challenges: w.keys.Ring(keys.Challenge), Cookies: w.keys.Ring(keys.Cookie), Countries: countries,
		DB: w.db, Sessions: sessions, JLIS: authority, CAs: w.cas(), Origin: origin,
		Purposes: rules.CardPurposes, Now: w.now,
		Stopped: func(_ context.Context, of card.ID) error {
			w.ended.Store(of, true)
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return service
}

// mails counts those that wait to be sent since it was asked last.
func (w *world) mails() (waiting int) {
	w.t.Helper()
	err := w.db.Tx(context.Background(), func(q *db.Queries) error {
		waiting = 0
		for {
			job, err := q.JobLease(context.Background(), db.JobLeaseParams{
				Now: w.now().Add(time.Hour).UnixMilli(), Until: w.now().Add(1000 * time.Hour).UnixMilli(),
			})
			if errors.Is(err, db.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			if job.Kind == mail.JobKind {
				waiting++
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return waiting
}

func (w *world) serveJLIS(rw http.ResponseWriter, r *http.Request) {
	if w.jlisDown.Load() {
		http.Error(rw, "down", http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path != "/ocsp" {
		of := card.ID{Issuer: path.Base(path.Dir(r.URL.Path)), Serial: path.Base(r.URL.Path)}
		others := func(serials []string) (list []card.ID) {
			for _, serial := range serials {
				if of.Issuer == card.Issuer(w.authorities[0].cert) {
					list = append(list, card.ID{Issuer: of.Issuer, Serial: serial})
				}
			}
			return list
		}
		json.NewEncoder(rw).Encode(map[string]any{
			"card": of, "predecessors": others(softcard.Predecessors(of.Serial)),
			"successors": others(softcard.Successors(of.Serial)),
		})
		return
	}
	w.asked.Add(1)
	body, _ := io.ReadAll(r.Body)
	request, err := ocsp.ParseRequest(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	from := w.authorities[slices.IndexFunc(w.authorities, func(a authority) bool {
		return bytes.Equal(keyHash(a.cert), request.IssuerKeyHash)
	})]
	id := card.ID{Issuer: card.Issuer(from.cert), Serial: softcard.SerialHex(request.SerialNumber)}
	answer := ocsp.Response{
		SerialNumber: request.SerialNumber, Status: ocsp.Good, ThisUpdate: w.now(),
		NextUpdate: w.now().Add(time.Minute),
	}
	_, stopped := w.stopped.Load(id)
	if _, revoked := softcard.Revoked(id.Serial); stopped || revoked {
		answer.Status, answer.RevokedAt = ocsp.Revoked, w.now()
	}
	der, err := ocsp.CreateResponse(from.cert, from.cert, answer, from.key)
	if err != nil {
		panic(err)
	}
	rw.Write(der)
}

func keyHash(ca *x509.Certificate) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(ca.PublicKey.(*rsa.PublicKey)))
	return sum[:]
}

// browser is one with its own cookies.
func (w *world) browser() portalv1connect.LoginServiceClient {
	b, _ := w.browserOfBoth()
	return b
}

// browserOfBoth also makes the acts that ask for the card again.
func (w *world) browserOfBoth() (portalv1connect.LoginServiceClient, portalv1connect.AccountServiceClient) {
	jar, _ := cookiejar.New(nil)
	client := *w.server.Client()
	client.Jar = jar
	return portalv1connect.NewLoginServiceClient(&client, w.server.URL),
		portalv1connect.NewAccountServiceClient(&client, w.server.URL)
}

// reader is one with a card on it.
type reader struct {
	t      testing.TB
	person softcard.Person
	card   *jpki.Card
}

func (w *world) card(id string) reader {
	w.t.Helper()
	return reader{w.t, softcardtest.Person(w.t, id), jpki.Attach(softcardtest.CardAt(w.t, id, w.now))}
}

func (c reader) answer(challenge *portalv1.CreateChallengeResponse) *portalv1.CardProof {
	c.t.Helper()
	signature, err := c.card.SignDigest(context.Background(), jpki.AuthKey, []byte(c.person.AuthPIN),
		sha256.Sum256(challenge.GetChallenge()))
	if err != nil {
		c.t.Fatal(err)
	}
	certificate, err := c.card.ReadCertificate(context.Background(), jpki.AuthCertificate)
	if err != nil {
		c.t.Fatal(err)
	}
	return &portalv1.CardProof{
		Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Signature: signature, Certificate: certificate,
	}
}

func (w *world) challenge(b portalv1connect.LoginServiceClient, purpose string) *portalv1.CreateChallengeResponse {
	w.t.Helper()
	challenge, err := b.CreateChallenge(context.Background(), &portalv1.CreateChallengeRequest{Purpose: purpose})
	if err != nil {
		w.t.Fatal(err)
	}
	return challenge
}

func (w *world) logIn(b portalv1connect.LoginServiceClient, id string) (*portalv1.Session, error) {
	w.t.Helper()
	response, err := b.LogIn(context.Background(), &portalv1.LogInRequest{
		Proof: w.card(id).answer(w.challenge(b, "login")),
	})
	return response.GetSession(), err
}

func (w *world) openFolder(folder, person string) {
	w.t.Helper()
	w.openFolderOf(folder, cardtest.Of(w.t, person))
}

func (w *world) openFolderOf(folder string, of card.ID) {
	w.t.Helper()
	foldertest.Create(w.t, w.db, db.FolderCreateParams{
		ID: folder, DisplayName: "はなこ", MunicipalityCode: foldertest.Meguro, Language: "ja",
		TermsVersion: "1", LastLoginAt: 1,
	})
	foldertest.GiveCards(w.t, w.db, folder, of)
}

func (w *world) session(b portalv1connect.LoginServiceClient) *portalv1.Session {
	w.t.Helper()
	response, err := b.GetSession(context.Background(), &portalv1.GetSessionRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return response.GetSession()
}

// reasonOf is what the page is told; unspecified when there is no error.
func reasonOf(t testing.TB, err error) portalv1.Reason {
	t.Helper()
	if err == nil {
		return portalv1.Reason_REASON_UNSPECIFIED
	}
	info := accesstest.InfoOf(err)
	if info == nil {
		t.Fatalf("no reason in %v", err)
	}
	if len(info.GetReference()) < 6 {
		t.Errorf("no reference to quote: %v", info)
	}
	return info.GetReason()
}

// forge changes a good certificate's template and signs it with the given key (nil: the authority's).
func (w *world) forge(id string, change func(template, parent *x509.Certificate), key *rsa.PrivateKey) []byte {
	w.t.Helper()
	person := softcardtest.Person(w.t, id)
	good := person.AuthCertificate(w.now())
	ca, caKey := softcard.AuthCA(w.now())
	parent := *ca
	template := *good
	// Everything but what CreateCertificate writes by itself is taken over as it is.
	template.ExtraExtensions = nil
	for _, extension := range good.Extensions {
		if s := extension.Id.String(); s == "2.5.29.31" || s == "2.5.29.17" {
			template.ExtraExtensions = append(template.ExtraExtensions, extension)
		}
	}
	template.CRLDistributionPoints, template.DNSNames = nil, nil
	change(&template, &parent)
	if key == nil {
		key = caKey
	}
	der, err := x509.CreateCertificate(bytes.NewReader(nil), &template, &parent, good.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	return der
}
