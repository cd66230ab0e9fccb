package login

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"connectrpc.com/connect"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// party is the portal as the one that passkeys are made for (relying party): what it asks devices for, and the checks
// of what they answer. It keeps nothing.
type party struct {
	web  *webauthn.WebAuthn
	id   string // the host of the origin
	name string
}

const (
	partyName = "まどぐち"
	// deviceWaits is how long a device shows its question.
	deviceWaits = 2 * time.Minute
)

// newParty is nil where there can be no passkeys: at an address that is no name.
func newParty(origin string) *party {
	address, err := url.Parse(origin)
	if err != nil {
		return nil
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: address.Hostname(), RPDisplayName: partyName, RPOrigins: []string{origin},
	})
	if err != nil {
		return nil
	}
	return &party{web: web, id: address.Hostname(), name: partyName}
}

// What is written for browsers (PublicKeyCredentialCreationOptionsJSON, …RequestOptionsJSON), as much of it as is
// asked.
type (
	creation struct {
		RP         map[string]string              `json:"rp"`
		User       map[string]string              `json:"user"`
		Challenge  string                         `json:"challenge"`
		Parameters []protocol.CredentialParameter `json:"pubKeyCredParams"`
		Timeout    int64                          `json:"timeout"`
		Exclude    []map[string]string            `json:"excludeCredentials"`
		Selection  map[string]any                 `json:"authenticatorSelection"`
		Attest     string                         `json:"attestation"`
	}
	request struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		Timeout   int64  `json:"timeout"`
		Verify    string `json:"userVerification"`
	}
)

const required = "required"

// algorithms are those of the keys that are taken, the best first.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// creation asks for a passkey that is none of those that there are. The person's devices show it under label.
func (p *party) creation(challenge, handle []byte, label string, but [][]byte) ([]byte, error) {
	c := creation{
		RP:        map[string]string{"id": p.id, "name": p.name},
		User:      map[string]string{"id": base64url(handle), "name": label, "displayName": label},
		Challenge: base64url(challenge), Timeout: deviceWaits.Milliseconds(), Attest: "none", Parameters: algorithms,
		Exclude: []map[string]string{},
		Selection: map[string]any{
			"residentKey": required, "requireResidentKey": true, "userVerification": required,
		},
	}
	for _, id := range but {
		c.Exclude = append(c.Exclude, map[string]string{"type": "public-key", "id": base64url(id)})
	}
	return json.Marshal(c)
}

// request asks for whichever passkey of ours the device has.
func (p *party) request(challenge []byte) ([]byte, error) {
	return json.Marshal(request{base64url(challenge), p.id, deviceWaits.Milliseconds(), required})
}

// holder is whose passkey it is, as the library asks for it.
type holder struct {
	handle  []byte
	passkey []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return "" }
func (h holder) WebAuthnDisplayName() string                { return "" }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.passkey }

func asked(challenge, handle []byte) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge: base64url(challenge), UserID: handle, UserVerification: protocol.VerificationRequired,
		CredParams: algorithms,
	}
}

// made is a passkey that a device has made, and that has been found good.
type made struct {
	credentialID, publicKey []byte
	count                   int64
	eligible, backedUp      bool
}

// most of what an authenticator may call a passkey (Web Authentication), and of a public key
const (
	maxCredentialID = 1023
	maxPublicKey    = 2 << 10
)

// create reads and checks what a device made.
func (p *party) create(response, challenge, handle []byte) (made, *refusal) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return made{}, malformed(err)
	}
	answer := parsed.Response
	if refused := p.judge(answer.CollectedClientData, protocol.CreateCeremony, answer.AttestationObject.AuthData,
		challenge); refused != nil {
		return made{}, refused
	}
	credential, err := p.web.CreateCredential(holder{handle: handle}, asked(challenge, handle), parsed)
	if err != nil {
		return made{}, malformed(err)
	}
	if len(credential.ID) == 0 || len(credential.ID) > maxCredentialID || len(credential.PublicKey) > maxPublicKey {
		return made{}, malformed(errors.New("the passkey's name or key is too long"))
	}
	if _, err := webauthncose.ParsePublicKey(credential.PublicKey); err != nil {
		return made{}, malformed(errors.New("its key is none"))
	}
	return made{
		credentialID: credential.ID, publicKey: credential.PublicKey,
		count:    int64(credential.Authenticator.SignCount),
		eligible: credential.Flags.BackupEligible, backedUp: credential.Flags.BackupState,
	}, nil
}

// answered is what a device answered to be let in, read but not checked.
type answered struct {
	parsed       *protocol.ParsedCredentialAssertionData
	credentialID []byte
	challenge    []byte
}

func readShown(response []byte) (answered, *refusal) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return answered{}, malformed(err)
	}
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return answered{}, malformed(errors.New("the challenge is no base64url"))
	}
	return answered{parsed, parsed.RawID, challenge}, nil
}

// checked is what a good answer says beside.
type checked struct {
	count    int64
	backedUp bool
	copied   bool // the counter went back
}

// check checks an answer against the passkey that it names.
func (p *party) check(s answered, of db.Passkey) (checked, *refusal) {
	if refused := p.judge(s.parsed.Response.CollectedClientData, protocol.AssertCeremony,
		s.parsed.Response.AuthenticatorData, s.challenge); refused != nil {
		return checked{}, refused
	}
	known := webauthn.Credential{
		ID: of.CredentialID, PublicKey: of.PublicKey,
		Flags:         webauthn.CredentialFlags{BackupEligible: of.BackupEligible, BackupState: of.BackedUp},
		Authenticator: webauthn.Authenticator{SignCount: uint32(of.SignCount)},
	}
	session := asked(s.challenge, nil)
	_, credential, err := p.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(handle, of.UserHandle) {
			return nil, errors.New("the passkey is another person's")
		}
		return holder{of.UserHandle, []webauthn.Credential{known}}, nil
	}, session, s.parsed)
	if err != nil {
		return checked{}, &refusal{
			connect.CodeInvalidArgument, portalv1.Reason_REASON_PASSKEY_SIGNATURE, plain(err), nil,
		}
	}
	return checked{
		count:    int64(s.parsed.Response.AuthenticatorData.Counter),
		backedUp: credential.Flags.BackupState, copied: credential.Authenticator.CloneWarning,
	}, nil
}

// judge looks at what has words of its own, before the library looks at everything.
func (p *party) judge(
	client protocol.CollectedClientData, ceremony protocol.CeremonyType, device protocol.AuthenticatorData,
	challenge []byte,
) *refusal {
	invalid := func(reason portalv1.Reason, why string) *refusal {
		return &refusal{connect.CodeInvalidArgument, reason, errors.New(why), nil}
	}
	site := sha256.Sum256([]byte(p.id))
	switch {
	case client.Type != ceremony:
		return malformed(errors.New("it is an answer to another question"))
	case subtle.ConstantTimeCompare([]byte(client.Challenge), []byte(base64url(challenge))) != 1:
		return invalid(portalv1.Reason_REASON_CHALLENGE_INVALID, "it answers another challenge")
	case client.CrossOrigin || !protocol.IsOriginInHaystack(client.Origin, p.web.Config.RPOrigins):
		return invalid(portalv1.Reason_REASON_PASSKEY_ORIGIN, "it was made at another origin")
	case !bytes.Equal(device.RPIDHash, site[:]):
		return invalid(portalv1.Reason_REASON_PASSKEY_SITE, "it was made for another site")
	case !device.Flags.UserPresent() || !device.Flags.UserVerified():
		return invalid(portalv1.Reason_REASON_PASSKEY_UNVERIFIED, "the device did not make sure who holds it")
	}
	return nil
}

func malformed(err error) *refusal {
	return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_PASSKEY_MALFORMED, plain(err), nil}
}

// plain is what the library says without what it quotes.
func plain(err error) error {
	if known, ok := errors.AsType[*protocol.Error](err); ok {
		return fmt.Errorf("%s: %s", known.Type, known.Details)
	}
	return errors.New("it cannot be read")
}

// digest stands for a passkey where the card signs.
func (m made) digest() []byte {
	sum := sha256.New()
	sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(m.credentialID))))
	sum.Write(m.credentialID)
	sum.Write(m.publicKey)
	return sum.Sum(nil)
}
