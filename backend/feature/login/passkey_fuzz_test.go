package login_test

import (
	"bytes"
	"fmt"
	"testing"

	"madoguchi/backend/feature/login"
)

// Whatever a device sends, it is refused in words or it is what was asked for; nothing of it breaks the portal.
func FuzzPasskeyAnswers(f *testing.F) {
	challenge, handle := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 32)
	creation := fmt.Appendf(nil, `{"challenge":%q,"user":{"id":%q}}`, b64(challenge), b64(handle))
	d := newDevice(f)
	made := d.make(f, creation)
	answered := d.answer(f, creation)
	credential, err := login.CreatePasskey(origin, made, challenge, handle)
	if err != nil {
		f.Fatal(err)
	}
	if err := login.CheckPasskey(origin, answered, credential, handle); err != nil {
		f.Fatal(err)
	}
	for _, whole := range [][]byte{made, answered} {
		f.Add(whole)
		f.Add(whole[:len(whole)/2])
		f.Add(bytes.ReplaceAll(whole, []byte("A"), []byte("_")))
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Add(
		[]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"attestationObject":"oA","clientDataJSON":"e30"}}`),
	)
	f.Add(bytes.Repeat([]byte("["), 10_000))
	f.Fuzz(func(t *testing.T, response []byte) {
		if got, err := login.CreatePasskey(origin, response, challenge, handle); err == nil &&
			(len(got.CredentialID) == 0 || len(got.PublicKey) == 0) {
			t.Errorf("taken, and it is nothing: %+v", got)
		}
		// Without the key nobody makes an answer that holds but the one there is.
		if err := login.CheckPasskey(origin, response, credential, handle); err == nil &&
			!bytes.Contains(response, []byte(b64(d.id))) {
			t.Errorf("taken: %s", response)
		}
	})
}
