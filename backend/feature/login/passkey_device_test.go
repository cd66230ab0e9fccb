package login_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// What an authenticator says of itself.
const (
	present   = 0x01
	verified  = 0x04
	eligible  = 0x08
	backedUp  = 0x10
	attested  = 0x40
	plainOnes = present | verified
)

const host = "portal.example.jp"

// device is a phone with one passkey at most. What it says can be made a lie.
type device struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32

	origin, site string
	flags        byte
	// change alters the answer as it goes to the portal.
	change func(answer map[string]any)
	client func(data map[string]any)
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &device{key: key, id: id, origin: origin, site: host, flags: plainOnes}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, s any) []byte {
	t.Helper()
	text, _ := s.(string)
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *device) clientData(ceremony string, challenge any) []byte {
	data := map[string]any{"type": ceremony, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.client != nil {
		d.client(data)
	}
	encoded, _ := json.Marshal(data)
	return encoded
}

func (d *device) authData(more byte) []byte {
	site := sha256.Sum256([]byte(d.site))
	return binary.BigEndian.AppendUint32(append(site[:], d.flags|more), d.count)
}

func (d *device) encode(answer map[string]any) []byte {
	if d.change != nil {
		d.change(answer)
	}
	encoded, _ := json.Marshal(answer)
	return encoded
}

func options(t testing.TB, encoded []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(encoded, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// make makes the passkey that is asked for.
func (d *device) make(t testing.TB, encoded []byte) []byte {
	t.Helper()
	asked := options(t, encoded)
	user, _ := asked["user"].(map[string]any)
	d.handle = unb64(t, user["id"])
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	data := d.authData(attested)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(data, point[1:33]...)
	data = append(append(data, 0x22, 0x58, 0x20), point[33:]...)
	object := append([]byte{0xa3}, "\x63fmt\x64none\x67attStmt\xa0\x68authData"...)
	object = append(append(object, 0x58, byte(len(data))), data...)
	return d.encode(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    b64(d.clientData("webauthn.create", asked["challenge"])),
			"attestationObject": b64(object), "transports": []string{"internal"},
		},
	})
}

// answer signs what is asked at a login.
func (d *device) answer(t testing.TB, encoded []byte) []byte {
	t.Helper()
	client, data := d.clientData("webauthn.get", options(t, encoded)["challenge"]), d.authData(0)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, sum[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return d.encode(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature),
			"userHandle": b64(d.handle),
		},
	})
}

// place is a browser with its own cookies, that calls both services.
type place struct {
	portalv1connect.LoginServiceClient
	portalv1connect.PasskeyServiceClient
	w   *world
	jar *cookiejar.Jar
}

func (w *world) place() *place {
	jar, _ := cookiejar.New(nil)
	client := *w.server.Client()
	client.Jar = jar
	return &place{
		portalv1connect.NewLoginServiceClient(&client, w.server.URL),
		portalv1connect.NewPasskeyServiceClient(&client, w.server.URL), w, jar,
	}
}

// listen opens a stream in the session of a place, and gives what ends with it.
func (p *place) listen() context.Context {
	p.w.t.Helper()
	r := httptest.NewRequestWithContext(p.w.t.Context(), http.MethodPost,
		portalv1connect.LiveServiceWatchProcedure, nil)
	address, err := url.Parse(p.w.server.URL)
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, cookie := range p.jar.Cookies(address) {
		r.AddCookie(cookie)
	}
	opened := make(chan context.Context)
	go p.w.sessions.Door(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		opened <- r.Context()
		<-r.Context().Done()
	})).ServeHTTP(httptest.NewRecorder(), r)
	open := <-opened
	if access.FromContext(open).Means != access.ByPasskey {
		p.w.t.Fatal("the stream is not of a session that was begun by a passkey")
	}
	return open
}

// desk is one where a person has logged in with the card.
func (w *world) desk(person string) *place {
	w.t.Helper()
	p := w.place()
	if _, err := w.logIn(p, person); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// make has a device make the passkey of an offer.
func (w *world) make(phone *place, token string, d *device) (code string, err error) {
	w.t.Helper()
	ctx := context.Background()
	open, err := phone.OpenPasskeyOffer(ctx, &portalv1.OpenPasskeyOfferRequest{Token: token})
	if err != nil {
		return "", err
	}
	made, err := phone.MakePasskey(ctx, &portalv1.MakePasskeyRequest{
		Token: token, Response: d.make(w.t, open.GetOptions()),
	})
	return made.GetCode(), err
}

func (w *world) offer(desk *place) string {
	w.t.Helper()
	offer, err := desk.OfferPasskey(context.Background(), &portalv1.OfferPasskeyRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return offer.GetToken()
}

const adding = portalv1connect.PasskeyServiceAddPasskeyProcedure

// sign has a person's card sign for a request to add a passkey.
func (w *world) sign(desk *place, person string, request proto.Message) {
	w.t.Helper()
	encoded, err := proto.Marshal(request)
	if err != nil {
		w.t.Fatal(err)
	}
	challenge, err := desk.CreateChallenge(context.Background(), &portalv1.CreateChallengeRequest{
		Purpose: "login.passkey", Procedure: adding, Request: encoded,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = desk.ShowCard(context.Background(), &portalv1.ShowCardRequest{Proof: w.card(person).answer(challenge)})
	if err != nil {
		w.t.Fatal(err)
	}
}

// give goes the whole way: the person at the desk has a passkey on the device.
func (w *world) give(desk *place, person string, d *device) *portalv1.Passkey {
	w.t.Helper()
	ctx, token := context.Background(), w.offer(desk)
	code, err := w.make(w.place(), token, d)
	if err != nil {
		w.t.Fatal(err)
	}
	checked, err := desk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
	if err != nil {
		w.t.Fatal(err)
	}
	request := &portalv1.AddPasskeyRequest{Digest: checked.GetDigest(), Code: code, Name: "わたしのスマホ"}
	w.sign(desk, person, request)
	added, err := desk.AddPasskey(ctx, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return added.GetPasskey()
}

// enter logs in with a device.
func (w *world) enter(at *place, d *device) (*portalv1.Session, error) {
	w.t.Helper()
	ctx := context.Background()
	begun, err := at.BeginPasskeyLogin(ctx, &portalv1.BeginPasskeyLoginRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	in, err := at.LogInByPasskey(ctx, &portalv1.LogInByPasskeyRequest{
		Response: d.answer(w.t, begun.GetOptions()), Seal: begun.GetSeal(),
	})
	return in.GetSession(), err
}

func (w *world) passkeys(at *place) []*portalv1.Passkey {
	w.t.Helper()
	list, err := at.ListPasskeys(context.Background(), &portalv1.ListPasskeysRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return list.GetPasskeys()
}

func (w *world) stop(of card.ID) { w.stopped.Store(of, true) }

// ownPasskey gives a folder of its own a passkey, as if its card had signed.
func (w *world) ownPasskey(t testing.TB, folder string, d *device) {
	t.Helper()
	of := card.ID{Issuer: card.Issuer(w.authorities[0].cert), Serial: hex.EncodeToString([]byte(folder))}
	w.openFolderOf(folder, of)
	challenge, handle := []byte("0123456789abcdef"), []byte("handle of "+folder)
	made := d.make(t, fmt.Appendf(nil, `{"challenge":%q,"user":{"id":%q}}`, b64(challenge), b64(handle)))
	passkey, err := login.CreatePasskey(origin, made, challenge, handle)
	if err != nil {
		t.Fatal(err)
	}
	err = w.db.Tx(context.Background(), func(q *db.Queries) error {
		_, err := q.PasskeyAdd(context.Background(), db.PasskeyAddParams{
			FolderID: folder, ID: folder, CredentialID: passkey.CredentialID, PublicKey: passkey.PublicKey,
			UserHandle: handle, Issuer: of.Issuer, Serial: of.Serial,
			CertificateExpiresAt: w.now().Add(1000 * time.Hour).UnixMilli(),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
