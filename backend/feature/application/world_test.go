package application

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/digitorus/timestamp"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/stamp"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/ledger/ledgertest"
	"madoguchi/bridge/act"
	"madoguchi/bridge/cms"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	"madoguchi/proto/form/source"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	origin = "https://portal.example.jp"
	meguro = "131105"
)

// dogs is a form with what others have: a person from the card, a day from which a deadline counts, a file, a number
// that is computed, a second person, and what is shown only sometimes.
const dogs = `schema: 1
id: inu-toroku
version: "1"
procedure: P0001
valid_from: 2020-04-01
laws: [狂犬病予防法第4条]
sign: card
applicant: [self, agent]
cosign: {name: owner_name, birth: owner_birth, show_if: shared}
deadline: {from: since, days: 30}
retention_years: 3
title: 犬《いぬ》の登録《とうろく》 | Registering a dog
decision: {outcomes: [approve, reject]}
sections:
- id: who
  label: 申請者《しんせいしゃ》 | Applicant
  fields:
  - {use: agent, id: filer}
  - {use: person, id: me, without: [sex]}
- id: dog
  label: 犬《いぬ》 | Dog
  fields:
  - {id: name, type: line, required: true, label: 名前《なまえ》 | Name}
  - {id: since, type: day, required: true, max: today, label: 飼《か》い始《はじ》めた日《ひ》 | Since}
  - {id: legs, type: int, required: true, label: 足《あし》の数《かず》 | Legs}
  - {id: twice, type: int, calc: legs * 2, label: 倍《ばい》 | Twice}
  - {id: photo, type: file, min: 1, max: 3, accept: [jpg, png], label: 写真《しゃしん》 | Photo}
  - {id: shared, type: yes, required: true, label: 二人《ふたり》で飼《か》う | Shared}
  - {id: owner_name, type: name, max: 40, show_if: shared, required: true, label: もう一人《ひとり》 | The other}
  - {id: owner_birth, type: day, show_if: shared, required: true, label: その生年月日《せいねんがっぴ》 | Date of birth}
`

// world is people with cards, an office, J-LIS and a time stamping authority, and the feature.
type world struct {
	t       testing.TB
	db      *db.DB
	people  *Service
	offices *Intake
	form    *form.Form
	drafts  *drafts
	offset  atomic.Int64
	base    time.Time
	stamps  *httptest.Server
	noStamp atomic.Bool
	woken   atomic.Int64
	filed   atomic.Int64
	noJLIS  atomic.Bool
	stopped atomic.Value // the serial number of a certificate that was stopped meanwhile
	asked   atomic.Int64 // who holds a certificate
}

func (w *world) now() time.Time          { return w.base.Add(time.Duration(w.offset.Load())) }
func (w *world) advance(d time.Duration) { w.offset.Add(int64(d)) }

// drafts stand for the feature of that name, of which these tests want files and nothing else.
type drafts struct {
	mu    sync.Mutex
	forms []*form.Form
	files map[string][]*portalv1.Attachment // by draft
	data  map[string][]byte                 // by attachment
	begun map[string]form.Answers           // by application
	gone  map[string]bool                   // drafts that were sent, where that is looked at
}

func (d *drafts) Take(_ context.Context, _ *db.Queries, _, draft, _ string) ([]*portalv1.Attachment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone[draft] {
		return nil, db.ErrNotFound
	}
	return d.files[draft], nil
}

func (d *drafts) Open(_ context.Context, _ *db.Queries, _, id string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(d.data[id])), nil
}

func (d *drafts) Begin(
	_ context.Context, _ *db.Queries, _, application, place, id, version string, answers form.Answers,
	attachments []*portalv1.Attachment,
) (*portalv1.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun[application] = answers
	return &portalv1.Draft{Id: application, Place: place, Form: id, Version: version, Attachments: attachments}, nil
}

func (d *drafts) Forget(context.Context, *db.Queries, string, string) error { return nil }

func (d *drafts) Form(_ context.Context, _ *db.Queries, place, id, version string) (*form.Form, bool, error) {
	for _, f := range d.forms {
		if place == meguro && f.ID == id && f.Version == version {
			return f, true, nil
		}
	}
	return nil, false, nil
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := worldOn(t, d, t.TempDir())
	officetest.Register(t, d,
		db.OfficeRegisterParams{ID: meguro, Name: "目黒区", Duties: "person application", MunicipalityCode: meguro},
		db.OfficeRegisterParams{ID: "202029", Name: "松本市", Duties: "person application", MunicipalityCode: "202029"},
	)
	for folder, person := range map[string]string{
		"hanako": "yamada-hanako", "taro": "yamada-taro", "gaiji": "watanabe-gaiji", "revoked": "ito-revoked",
		"expired": "kato-expired",
	} {
		foldertest.Open(t, d, folder)
		foldertest.GiveCards(t, d, folder, cardtest.Of(t, person))
	}
	officetest.Introduce(t, d, "hanako", meguro)
	return w
}

// worldOn is a world on a store in which the people are, with its log in a folder.
func worldOn(t testing.TB, d *db.DB, dir string) *world {
	t.Helper()
	w := &world{t: t, db: d, base: time.Now().Truncate(time.Millisecond)}
	var err error
	if w.form, err = source.Read([]byte(dogs)); err != nil {
		t.Fatal(err)
	}
	w.drafts = &drafts{
		forms: []*form.Form{w.form}, files: map[string][]*portalv1.Attachment{}, data: map[string][]byte{},
		begun: map[string]form.Answers{}, gone: map[string]bool{},
	}
	auth, _ := softcard.AuthCA(w.now())
	sign, _ := softcard.SignCA(w.now())
	cas := []*x509.Certificate{auth, sign}
	tsa := newTSA(t, w.now)
	w.stamps = httptest.NewServer(tsa)
	t.Cleanup(w.stamps.Close)
	roots := []*x509.Certificate{tsa.root}
	authority := &stamp.Authority{URL: w.stamps.URL, Roots: roots, Now: w.now}
	w.people = New(Config{
		DB: d, Origin: origin, Now: w.now, Wake: func() { w.woken.Add(1) }, Drafts: w.drafts, JLIS: agency{w}, CAs: cas,
		Log: ledgertest.NewIn(t, d, dir), StampCAs: roots,
		Stamp: func(ctx context.Context, content []byte) ([]byte, error) {
			if w.noStamp.Load() {
				return nil, errors.New("the authority is out of reach")
			}
			return authority.Stamp(ctx, content)
		},
		Filed: func(context.Context, *db.Queries, string, string, string, time.Time) error {
			w.filed.Add(1)
			return nil
		},
	})
	w.offices = &Intake{w.people}
	return w
}

// each runs a test on both engines.
func each(t *testing.T, test func(*testing.T, *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func (w *world) as(folder string) context.Context {
	return accesstest.AsCitizen(context.Background(), folder)
}

func (w *world) from(office string) context.Context { return officetest.Calling(w.t, w.db, office) }

// agency is what J-LIS knows of the test people.
type agency struct{ w *world }

func (a agency) Evidence(_ context.Context, cert, issuer *x509.Certificate) (jlis.Evidence, error) {
	if a.w.noJLIS.Load() {
		return jlis.Evidence{}, jlis.ErrUnknown
	}
	serial := card.Of(cert, issuer).Serial
	if _, revoked := softcard.Revoked(serial); revoked || a.w.stopped.Load() == serial {
		return jlis.Evidence{}, jlis.ErrRevoked
	}
	return jlis.Evidence{At: a.w.now(), OCSP: []byte("not revoked")}, nil
}

func (a agency) Holder(_ context.Context, of card.ID) ([]card.ID, error) {
	a.w.asked.Add(1)
	for _, p := range softcard.People() {
		if sign := p.SignCertificate(a.w.now()); sign != nil && softcard.SerialHex(sign.SerialNumber) == of.Serial {
			return []card.ID{cardtest.Of(a.w.t, p.ID)}, nil
		}
	}
	return nil, jlis.ErrUnknownCard
}

// tsa stamps whatever it is asked to.
type tsa struct {
	root, leaf *x509.Certificate
	key        *ecdsa.PrivateKey
	now        func() time.Time
}

func newTSA(t testing.TB, now func() time.Time) *tsa {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	make := func(template, parent *x509.Certificate, public any) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	a := &tsa{key: key, now: now}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stamps CA"}, IsCA: true,
		NotBefore: now().Add(-time.Hour), NotAfter: now().AddDate(30, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	a.root = make(ca, ca, key.Public())
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	a.leaf = make(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "stamps"}, NotBefore: ca.NotBefore,
		NotAfter: ca.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}, a.root, key.Public())
	return a
}

func (a *tsa) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	asked, err := timestamp.ParseRequest(question)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := (&timestamp.Timestamp{
		HashAlgorithm: asked.HashAlgorithm, HashedMessage: asked.HashedMessage, Time: a.now(), Nonce: asked.Nonce,
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, AddTSACertificate: true, SerialNumber: big.NewInt(nonces.Add(1)),
	}).CreateResponseWithOpts(a.leaf, a.key, crypto.SHA256)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(answer)
}

// filled is what 花子 fills in; more changes it.
func (w *world) filled(more form.Answers) form.Answers {
	a := form.Answers{
		"filer_who": form.TextOf("self"),
		"me_name":   form.TextOf("山田 花子"), "me_kana": form.TextOf("ヤマダ　ハナコ"), "me_birth": form.TextOf("1990-04-15"),
		"name": form.TextOf("ポチ"), "since": form.TextOf(clock.Day(w.now().AddDate(0, 0, -3))), "legs": form.IntOf(4),
		"shared": form.BoolOf(false),
	}
	for field, v := range more {
		if v.Kind == 0 {
			delete(a, field)
			continue
		}
		a[field] = v
	}
	return a
}

var nonces atomic.Int64

func hexID(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:16])
}

// request is what a page sends of answers, not yet signed, and the bytes that are to be signed.
func (w *world) request(answers form.Answers, of *portalv1.Application) (*portalv1.SendApplicationRequest, []byte) {
	n := nonces.Add(1)
	r := &portalv1.SendApplicationRequest{
		Id: hexID(fmt.Sprint("send", n)), Draft: hexID(fmt.Sprint("draft", n)), Place: meguro, Form: w.form.ID,
		Version: w.form.Version, Tell: true,
		Envelope: &portalv1.ApplicationEnvelope{
			Language: "ja", Nonce: hexID(fmt.Sprint("nonce", n)), Day: clock.Day(w.now()),
		},
	}
	r.Answers = w.form.Evaluate(answers, form.Moment{
		Today: r.GetEnvelope().GetDay(), Office: meguro,
	}).Answers().Canonical()
	var number, previous string
	if of != nil {
		r.Application, number, previous = of.GetId(), of.GetNumber(), of.GetSigning().GetDigest()
	}
	return r, w.document(answers, r, number, previous)
}

// document is what is to be signed of a request.
func (w *world) document(answers form.Answers, r *portalv1.SendApplicationRequest, number, previous string) []byte {
	result := w.form.Evaluate(answers, form.Moment{Today: r.GetEnvelope().GetDay(), Office: meguro})
	return result.Document(form.Envelope{
		Language: "ja", Origin: origin, Office: meguro, Nonce: r.GetEnvelope().GetNonce(), Number: number,
		Previous: previous,
	})
}

// signed is a request that a person's card has signed.
func (w *world) signed(person string, answers form.Answers, of *portalv1.Application) *portalv1.SendApplicationRequest {
	w.t.Helper()
	r, document := w.request(answers, of)
	r.Signature = w.sign(person, document, origin)
	return r
}

// sign has a person's card sign a document by the bridge, for a page of an origin, and puts CMS together as a page
// does.
func (w *world) sign(person string, document []byte, origin string) []byte {
	w.t.Helper()
	who := softcardtest.Person(w.t, person)
	card := softcardtest.CardAt(w.t, person, w.now)
	cert, signed, err := act.SignDocuments(context.Background(), card, act.Secret{PIN: []byte(who.SignPIN)}, origin,
		[]act.Document{{Digest: sha256.Sum256(document)}}, act.Expect{}, w.now(), func(int) {})
	if err != nil {
		w.t.Fatal(err)
	}
	return assemble(w.t, cert, signed[0])
}

func assemble(t testing.TB, certificate []byte, d act.SignedDocument) []byte {
	t.Helper()
	der, err := cms.Write(certificate, d.Attributes, d.Signature)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// send sends what must be taken.
func (w *world) send(folder string, r *portalv1.SendApplicationRequest) *portalv1.Application {
	w.t.Helper()
	answer, err := w.people.SendApplication(w.as(folder), r)
	if err != nil || len(answer.GetFaults()) > 0 {
		w.t.Fatalf("%v, %v", answer.GetFaults(), err)
	}
	return answer.GetApplication()
}

func (w *world) get(folder, id string) *portalv1.Application {
	w.t.Helper()
	answer, err := w.people.GetApplication(w.as(folder), &portalv1.GetApplicationRequest{Id: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.GetApplication()
}

// reason is why a call was refused.
func reason(err error) portalv1.Reason {
	refused, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return portalv1.Reason_REASON_UNSPECIFIED
	}
	for _, detail := range refused.Details() {
		if value, err := detail.Value(); err == nil {
			if info, ok := value.(*portalv1.ErrorInfo); ok {
				return info.GetReason()
			}
		}
	}
	return portalv1.Reason_REASON_UNSPECIFIED
}

func second[A any](_ A, err error) error { return err }
