package passkey

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/chance"
)

func kind() js.Value { return js.Global().Get("PublicKeyCredential") }

// Supported tells whether the browser knows passkeys.
func Supported() bool { return kind().Truthy() && credentials().Truthy() }

func credentials() js.Value { return js.Global().Get("navigator").Get("credentials") }

// OwnReader tells whether the device itself can make sure who holds it: by face, finger or screen lock.
func OwnReader(ctx context.Context) bool {
	const asks = "isUserVerifyingPlatformAuthenticatorAvailable"
	if !Supported() || !kind().Get(asks).Truthy() {
		return false
	}
	there, err := browser.Await(ctx, kind().Call(asks))
	return err == nil && there.Truthy()
}

// Nearby tells whether the browser can have a phone that is near answer, which reads the browser's own code (hybrid).
// Browsers say no where there is no Bluetooth: by that the phone proves that it is near.
func Nearby(ctx context.Context) bool {
	const asks = "getClientCapabilities"
	if !Supported() || !kind().Get(asks).Truthy() {
		return false
	}
	can, err := browser.Await(ctx, kind().Call(asks))
	return err == nil && can.Truthy() && can.Get("hybridTransport").Truthy()
}

// Create has the device make a passkey, by PublicKeyCredentialCreationOptionsJSON, that can make secrets.
func Create(ctx context.Context, options []byte) (Answer, error) {
	asked, err := read(options)
	if err != nil {
		return Answer{}, err
	}
	return ask(ctx, "create", asked, map[string]any{"prf": map[string]any{}})
}

// Get has the device answer with a passkey, by PublicKeyCredentialRequestOptionsJSON, and make a secret for the salt.
func Get(ctx context.Context, options, salt []byte) (Answer, error) {
	asked, err := read(options)
	if err != nil {
		return Answer{}, err
	}
	return ask(ctx, "get", asked, prf(salt))
}

// GetNearby is Get with a phone that is near: the browser shows its own code at once. It makes no secret.
func GetNearby(ctx context.Context, options []byte) (Answer, error) {
	asked, err := read(options)
	if err != nil {
		return Answer{}, err
	}
	asked.Set("hints", []any{"hybrid"})
	return ask(ctx, "get", asked, map[string]any{})
}

// Secret has one of these passkeys make a secret, without a network: nobody else hears what the device answers.
func Secret(ctx context.Context, of [][]byte, salt []byte) (Answer, error) {
	allowed := make([]any, len(of))
	for i, id := range of {
		allowed[i] = map[string]any{"type": "public-key", "id": browser.Bytes(id)}
	}
	asked := js.Global().Get("Object").New()
	asked.Set("challenge", browser.Bytes(chance.Bytes(32)))
	asked.Set("allowCredentials", allowed)
	asked.Set("userVerification", "required")
	return ask(ctx, "get", asked, prf(salt))
}

func prf(salt []byte) map[string]any {
	return map[string]any{"prf": map[string]any{"eval": map[string]any{"first": browser.Bytes(salt)}}}
}

// read makes of what the portal wrote what the browser takes: the standard's own functions for that are newer than
// passkeys.
func read(options []byte) (asked js.Value, err error) {
	defer func() {
		if wrong := recover(); wrong != nil {
			err = fmt.Errorf("reading what a passkey is asked: %v", wrong)
		}
	}()
	asked = js.Global().Get("JSON").Call("parse", string(options))
	decode := func(in js.Value, name string) {
		raw, err := base64.RawURLEncoding.DecodeString(in.Get(name).String())
		if err != nil {
			panic(err)
		}
		in.Set(name, browser.Bytes(raw))
	}
	decode(asked, "challenge")
	if user := asked.Get("user"); user.Truthy() {
		decode(user, "id")
	}
	if but := asked.Get("excludeCredentials"); but.Truthy() {
		for i := range but.Length() {
			decode(but.Index(i), "id")
		}
	}
	return asked, nil
}

// ask asks the device, until ctx ends. Not for the goroutine of an event handler.
func ask(ctx context.Context, verb string, asked js.Value, extensions map[string]any) (Answer, error) {
	if !Supported() {
		return Answer{}, ErrUnsupported
	}
	asked.Set("extensions", extensions)
	stop := js.Global().Get("AbortController").New()
	answered, err := browser.Await(ctx, credentials().Call(verb, map[string]any{
		"publicKey": asked, "signal": stop.Get("signal"),
	}))
	if ctx.Err() != nil {
		stop.Call("abort")
	}
	if err != nil {
		return Answer{}, meant(err)
	}
	if !answered.Truthy() {
		return Answer{}, ErrDeclined
	}
	return written(answered), nil
}

// written is the answer for the portal, and what is not for it.
func written(answered js.Value) Answer {
	made := Answer{Credential: bytesOf(answered.Get("rawId"))}
	response, told := answered.Get("response"), map[string]any{}
	for _, name := range []string{
		"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle",
	} {
		// A new passkey's authenticatorData stands in its attestationObject.
		part := response.Get(name)
		if part.Truthy() && (name != "authenticatorData" || told["attestationObject"] == nil) {
			told[name] = base64.RawURLEncoding.EncodeToString(bytesOf(part))
		}
	}
	id := base64.RawURLEncoding.EncodeToString(made.Credential)
	made.JSON = []byte(js.Global().Get("JSON").Call("stringify", map[string]any{
		"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": told,
	}).String())
	results := answered.Call("getClientExtensionResults")
	for _, name := range []string{"prf", "results", "first"} {
		if results = results.Get(name); !results.Truthy() {
			return made
		}
	}
	made.Secret = bytesOf(results)
	return made
}

// bytesOf copies an ArrayBuffer.
func bytesOf(buffer js.Value) []byte {
	return browser.FromBytes(js.Global().Get("Uint8Array").New(buffer))
}

// meant is an error of the browser's by its name.
func meant(err error) error {
	for name, is := range map[string]error{
		"NotAllowedError": ErrDeclined, "AbortError": ErrDeclined, "InvalidStateError": ErrKnown,
		"SecurityError": ErrAddress, "NotSupportedError": ErrUnable, "ConstraintError": ErrUnable,
	} {
		if err != nil && strings.HasPrefix(err.Error(), name) {
			return fmt.Errorf("%w: %w", is, err)
		}
	}
	return err
}
