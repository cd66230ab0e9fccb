package conformance

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
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/digitorus/timestamp"

	"madoguchi/bridge/act"
	"madoguchi/bridge/cms"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	"madoguchi/proto/form/source"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// update writes given.json anew: go test ./backend/feature/application/conformance -update
var update = flag.Bool("update", false, "write given.json anew")

const (
	origin   = "https://conformance.example.jp"
	officeID = "conformance"
)

const dogs = `schema: 1
id: inu-toroku-kit
version: "1"
procedure: P0001
valid_from: 2020-04-01
laws: [狂犬病予防法第4条]
sign: card
applicant: [self]
retention_years: 3
title: 犬《いぬ》の登録《とうろく》 | Registering a dog
decision: {outcomes: [approve, reject]}
sections:
- id: who
  label: 申請者《しんせいしゃ》 | Applicant
  fields:
  - {use: person, id: me, without: [sex]}
- id: dog
  label: 犬《いぬ》 | Dog
  fields:
  - {id: name, type: line, required: true, label: 名前《なまえ》 | Name}
  - {id: photo, type: file, min: 1, max: 1, accept: [png], label: 写真《しゃしん》 | Photo}
`

// maker makes what the kit gives.
type maker struct {
	t      *testing.T
	form   *form.Form
	now    time.Time
	stamps *x509.Certificate
	leaf   *x509.Certificate
	key    *ecdsa.PrivateKey
	count  int
}

func (m *maker) authority() {
	m.t.Helper()
	var err error
	if m.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		m.t.Fatal(err)
	}
	issue := func(template, parent *x509.Certificate) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, m.key.Public(), m.key)
		if err != nil {
			m.t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			m.t.Fatal(err)
		}
		return made
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "conformance stamps CA"}, IsCA: true,
		NotBefore: m.now.Add(-time.Hour), NotAfter: m.now.AddDate(30, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	m.stamps = issue(ca, ca)
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		m.t.Fatal(err)
	}
	m.leaf = issue(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "conformance stamps"}, NotBefore: ca.NotBefore,
		NotAfter: ca.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}, m.stamps)
}

// stamp is the token of a time stamp.
func (m *maker) stamp(content []byte) []byte {
	m.t.Helper()
	sum := sha256.Sum256(content)
	m.count++
	answer, err := (&timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: m.now, Policy: asn1.ObjectIdentifier{1, 2, 3, 4},
		AddTSACertificate: true, SerialNumber: big.NewInt(int64(m.count)),
	}).CreateResponseWithOpts(m.leaf, m.key, crypto.SHA256)
	if err != nil {
		m.t.Fatal(err)
	}
	parsed, err := timestamp.ParseResponse(answer)
	if err != nil {
		m.t.Fatal(err)
	}
	return parsed.RawToken
}

func hexOf(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:16])
}

// sent is what was sent of a dog of some name; number and previous are of a correction.
func (m *maker) sent(name, number, previous string) (s givenSent) {
	m.t.Helper()
	answers := form.Answers{
		"me_name": form.TextOf("山田 花子"), "me_kana": form.TextOf("ヤマダ　ハナコ"), "me_birth": form.TextOf("1990-04-15"),
		"name": form.TextOf(name), "photo": form.FilesOf(form.File{
			Name: "ポチ.png", Type: "png", Size: int64(len(photo())), Digest: photoDigest(),
		}),
	}
	m.count++
	result := m.form.Evaluate(answers, form.Moment{Today: clock.Day(m.now)})
	if !result.Fine() {
		m.t.Fatal(result.Faults)
	}
	s.Answers = result.Answers().Canonical()
	s.Signed = result.Document(form.Envelope{
		Language: "ja", Origin: origin, Office: officeID, Nonce: hexOf("nonce" + string(rune(m.count))), Number: number,
		Previous: previous,
	})
	s.Name, s.Birth, s.CheckedAt = "山田　花子", "1990-04-15", m.now.UnixMilli()
	m.sign(&s, s.Signed)
	return s
}

func (m *maker) sign(s *givenSent, document []byte) {
	m.t.Helper()
	who := softcardtest.Person(m.t, "yamada-hanako")
	card := softcardtest.CardAt(m.t, who.ID, func() time.Time { return m.now })
	certificate, all, err := act.SignDocuments(context.Background(), card, act.Secret{PIN: []byte(who.SignPIN)}, origin,
		[]act.Document{{Digest: sha256.Sum256(document)}}, act.Expect{}, m.now, func(int) {})
	if err != nil {
		m.t.Fatal(err)
	}
	if s.Signature, err = cms.Write(certificate, all[0].Attributes, all[0].Signature); err != nil {
		m.t.Fatal(err)
	}
	s.Stamp = m.stamp(s.Signature)
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}

// The kit gives what it says: what is signed is good by strangers' rules, and what is not is not.
func TestWhatIsGiven(t *testing.T) {
	if *update {
		makeGiven(t)
	}
	k, err := New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range k.given.Matters {
		for n, s := range m.Sent {
			signature, err := cms.Read(s.Signature)
			if err != nil {
				t.Fatal(err)
			}
			if fine := signature.Verify(s.Signed, origin) == nil; fine != (m.Role != forged) {
				t.Errorf("%s: the signature is good: %v", m.Role, fine)
			}
			if same := bytes.Contains(s.Signed, s.Answers); same != (m.Role != other) {
				t.Errorf("%s: the answers are those that were signed: %v", m.Role, same)
			}
			if (n > 0) != bytes.Contains(s.Signed, []byte(`"number":"`+m.Number)) {
				t.Errorf("%s: a correction names what it corrects", m.Role)
			}
			if _, err := timestamp.Parse(s.Stamp); err != nil {
				t.Error(err)
			}
		}
	}
	if guide := k.Guide(); strings.Count(guide, "\n") != len(k.given.Matters) {
		t.Error(guide)
	}
}

func makeGiven(t *testing.T) {
	t.Helper()
	f, err := source.Read([]byte(dogs))
	if err != nil {
		t.Fatal(err)
	}
	m := &maker{t: t, form: f, now: time.Now().Truncate(time.Millisecond)}
	m.authority()
	ca, _ := softcard.SignCA(m.now)
	g := given{Definition: f.Canonical(), JPKI: ca.Raw, Stamps: m.stamps.Raw}
	for n, one := range []struct{ role, name, task string }{
		{forged, "クロ", "署名が別のものへの署名です。受け付けないでください。"},
		{other, "シロ", "答えが、署名されたものと違います。受け付けないでください。"},
		{good, "ポチ", "写真を取り込んで、承認してください。本人からの連絡に答えてください。"},
		{blurred, "ハチ", "写真が読めません。写真の項目で差し戻し、訂正されたら承認してください。"},
		{refuse, "却下", "理由と審査請求の教示をつけて、却下してください。"},
		{withdrawn, "コロ", "審査を始めてください。そのとき本人が取り下げます。"},
	} {
		number := numberOf(n + 1)
		made := givenMatter{
			Role: one.role, ID: hexOf(one.role), Number: number, Task: one.task, ArrivedAt: m.now.UnixMilli(),
			Sent: []givenSent{m.sent(one.name, "", "")},
		}
		switch first := &made.Sent[0]; one.role {
		case forged:
			m.sign(first, []byte(`{"answers":{}}`))
		case other:
			first.Answers = bytes.Replace(first.Answers, []byte("シロ"), []byte("アカ"), 1)
		case blurred:
			sum := sha256.Sum256(first.Signed)
			made.Sent = append(made.Sent, m.sent(one.name, number, hex.EncodeToString(sum[:])))
		}
		g.Matters = append(g.Matters, made)
	}
	data, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("given.json", append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	givenJSON = data
}

// numberOf is a 受付番号, with its check digits (ISO 7064, MOD 97-10).
func numberOf(n int) string {
	digits := "261126" + string([]byte{'0', '0', '0', '0', '0', '0', '0', byte('0' + n)})
	r := 0
	for _, d := range digits + "00" {
		r = (r*10 + int(d-'0')) % 97
	}
	check := 98 - r
	return digits[:6] + "-" + digits[6:] + "-" + string([]byte{byte('0' + check/10), byte('0' + check%10)})
}

// office is a client of an office's, which may do something wrong.
type office struct {
	t   *testing.T
	kit *Kit

	forgetful bool // begins from the beginning each time
	trusting  bool // looks at no signature
	careless  bool // looks at no answers
	renaming  bool // does again under another reference what got no answer
	changing  bool // says something else under the same reference
	silent    bool // answers nobody
	hasty     bool // decides by what it fetched first, and fetches no photo
	codeless  bool // returns without a field
	stubborn  bool // tries again what was refused
}

const (
	stateReview   = portalv1.ApplicationState_APPLICATION_STATE_REVIEW
	stateApproved = portalv1.ApplicationState_APPLICATION_STATE_APPROVED
	stateRejected = portalv1.ApplicationState_APPLICATION_STATE_REJECTED
	stateArrived  = portalv1.ApplicationState_APPLICATION_STATE_ARRIVED
	stateResent   = portalv1.ApplicationState_APPLICATION_STATE_RESENT
)

// again does something until it has an answer.
func (o *office) again(do func(reference, note string) error) {
	o.t.Helper()
	reference := "r"
	note := "メモ"
	for range 20 {
		err := do(reference, note)
		if connect.CodeOf(err) == connect.CodeFailedPrecondition && o.stubborn {
			continue
		}
		if connect.CodeOf(err) != connect.CodeUnavailable {
			return
		}
		if o.renaming {
			reference += "x"
		}
		if o.changing {
			note += "x"
		}
	}
}

func (o *office) work() {
	ctx, token := o.t.Context(), ""
	fetched := map[string]*officev1.FetchApplicationResponse{}
	for range 60 {
		page, err := o.kit.ListApplications(ctx, &officev1.ListApplicationsRequest{PageToken: token})
		if err != nil {
			continue
		}
		if !o.forgetful {
			token = page.GetNextPageToken()
		}
		for _, line := range page.GetApplications() {
			if fetched[line.GetId()] == nil || !o.hasty {
				got, err := o.kit.FetchApplication(ctx, &officev1.FetchApplicationRequest{Id: line.GetId()})
				if err != nil {
					o.t.Fatal(err)
				}
				fetched[line.GetId()] = got
			}
			o.look(ctx, line, fetched[line.GetId()])
		}
	}
}

func (o *office) look(ctx context.Context, line *officev1.ApplicationLine, got *officev1.FetchApplicationResponse) {
	if m := got.GetMessages(); len(m) > 0 && !m[len(m)-1].GetByOffice() && !o.silent {
		o.again(func(reference, note string) error {
			_, err := o.kit.WriteToApplicant(ctx, &officev1.WriteToApplicantRequest{
				Id: line.GetId(), Reference: reference, Text: note,
			})
			return err
		})
	}
	if line.GetState() != stateArrived && line.GetState() != stateResent {
		return
	}
	signature, err := cms.Read(got.GetSignatures()[0].GetSignature())
	if err != nil {
		o.t.Fatal(err)
	}
	if !o.trusting && signature.Verify(got.GetSigned(), origin) != nil ||
		!o.careless && !bytes.Contains(got.GetSigned(), got.GetAnswers()) {
		return
	}
	if !o.hasty {
		for offset := int64(0); ; {
			part, err := o.kit.FetchAttachment(ctx, &officev1.FetchAttachmentRequest{
				Id: line.GetId(), Attachment: got.GetAttachments()[0].GetId(), Offset: offset,
			})
			if err != nil {
				o.t.Fatal(err)
			}
			if offset += int64(len(part.GetPart())); part.GetLast() {
				break
			}
		}
	}
	if got.GetAttachments()[0].GetDoubtful() && (!o.hasty || line.GetRevision() == 1) {
		fields := []string{"photo"}
		if o.codeless {
			fields = nil
		}
		o.again(func(reference, note string) error {
			_, err := o.kit.ReturnApplication(ctx, &officev1.ReturnApplicationRequest{
				Id: line.GetId(), Reference: reference, Note: note,
				Reasons: []*portalv1.ReturnReason{{Code: "R04", Fields: fields}},
			})
			return err
		})
		return
	}
	o.again(func(reference, note string) error {
		_, err := o.kit.SetApplicationState(ctx, &officev1.SetApplicationStateRequest{
			Id: line.GetId(), Reference: reference + "review" + line.GetState().String(), State: stateReview,
			Note: note,
		})
		return err
	})
	outcome := stateApproved
	if bytes.Contains(got.GetAnswers(), []byte("却下")) {
		outcome = stateRejected
	}
	o.again(func(reference, note string) error {
		_, err := o.kit.DecideApplication(ctx, &officev1.DecideApplicationRequest{
			Id: line.GetId(), Reference: reference + "decide", Outcome: outcome, Ground: note, Objection: "審査請求",
		})
		return err
	})
}

func TestTheKit(t *testing.T) {
	for _, c := range []struct {
		name   string
		office office
		fails  []string // the checks that are not passed
	}{
		{"a good client", office{}, nil},
		{"one that forgets where it was", office{forgetful: true}, []string{checkOn}},
		{"one that looks at no signature", office{trusting: true}, []string{checkForged}},
		{"one that looks at no answers", office{careless: true}, []string{checkOther}},
		{"one that renames what it does again", office{renaming: true}, []string{checkSame}},
		{"one that changes what it does again", office{changing: true}, []string{checkSame}},
		{"one that answers nobody", office{silent: true}, []string{checkWrite}},
		{"one that fetches once", office{hasty: true}, []string{checkAttached, checkCorrect}},
		{"one that returns as a whole", office{codeless: true}, []string{checkReturn}},
		{"one that never gives up", office{stubborn: true}, []string{checkTaken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kit, err := New(time.Now)
			if err != nil {
				t.Fatal(err)
			}
			changed := kit.Changed()
			client := c.office
			client.t, client.kit = t, kit
			client.work()
			checks, _ := kit.Report()
			for _, check := range checks {
				failed := !check.Done || check.Wrong != ""
				if expected := slices.Contains(c.fails, check.Name); expected && !failed {
					t.Errorf("it passes %q", check.Name)
				} else if failed && !expected && len(c.fails) == 0 {
					t.Errorf("it does not pass %q: %s", check.Name, check.Wrong)
				}
			}
			select {
			case <-changed:
			default:
				t.Error("nobody is told that something changed")
			}
		})
	}
}

func TestFormsAreJudged(t *testing.T) {
	kit, err := New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	fine, err := kit.PublishForm(t.Context(), &officev1.PublishFormRequest{Definition: kit.given.Definition})
	if err != nil || !fine.GetRegistered() {
		t.Errorf("%v, %v", fine, err)
	}
	bad, err := kit.PublishForm(t.Context(), &officev1.PublishFormRequest{Definition: []byte(`{"id": 3}`)})
	if err != nil || bad.GetRegistered() || len(bad.GetErrors()) < 2 {
		t.Errorf("%v, %v", bad, err)
	}
}
