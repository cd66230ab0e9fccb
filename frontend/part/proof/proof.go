// Package proof is how a person proves with the card who they are: the live picture of the reader, the pad for the four
// digits, and the way from a fresh challenge to a signature over it. What the proof is used for (to log in, to close a
// folder) is the page's.
//
// The PIN goes to the bridge, for the card, and nowhere else: it is never logged, stored, or sent to the portal. It is
// bytes on the whole way, and cleared at its end.
package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/wire"
)

// PurposeLogin is the purpose of a login's challenge.
const PurposeLogin = "login"

// Aim is what a proof is for.
type Aim struct {
	// Purpose of the challenge, "login" or the card_purpose of an RPC.
	Purpose string
	// Procedure and Request are what will be sent once the card was shown (portalv1web has the procedures' names): the
	// proof is good for nothing else. Both are empty to log in.
	Procedure string
	Request   wire.Message
	// Also is done with the card, and the PIN that was right, after it has signed; one typed on the reader is typed
	// there again (StepPadAgain). It may be nil.
	Also func(ctx context.Context, bridge *card.Bridge, act card.Act, certificate []byte)
}

// ask asks the portal for a challenge.
func (a Aim) ask(ctx context.Context) (*portalv1.CreateChallengeResponse, error) {
	question := &portalv1.CreateChallengeRequest{Purpose: a.Purpose, Procedure: a.Procedure}
	if a.Request != nil {
		var err error
		if question.Request, err = wire.Marshal(a.Request); err != nil {
			return nil, fmt.Errorf("writing what the card is shown for: %w", err)
		}
	}
	return rpc.To(portalv1web.NewLoginService).CreateChallenge(ctx, question)
}

// Step is how far a proof has come.
type Step int

const (
	// StepChallenge: asking the portal for something to sign.
	StepChallenge Step = iota + 1
	// StepConfirm: the bridge asks the person on this machine.
	StepConfirm
	// StepPad: the person types the PIN on the reader's keys.
	StepPad
	// StepPadAgain: once more, for what is done besides.
	StepPadAgain
	// StepCard: the card checks the PIN and signs.
	StepCard
	// StepPortal: the portal checks the signature.
	StepPortal
)

// ErrChallenge: the portal's challenge is not for this site and purpose; the card was not asked.
var ErrChallenge = errors.New("the challenge is not ours")

var steps = map[bridgev2.Progress_Step]Step{
	bridgev2.Progress_STEP_CONFIRM: StepConfirm, bridgev2.Progress_STEP_PAD: StepPad,
	bridgev2.Progress_STEP_CARD: StepCard,
}

// Make has the card at a place sign a fresh challenge for the aim. It clears the PIN. progress is called at each
// step, on any goroutine.
func Make(
	ctx context.Context, bridge *card.Bridge, at card.Place, origin string, aim Aim, secret card.Secret,
	progress func(Step),
) (*portalv1.CardProof, error) {
	defer clear(secret.PIN)
	progress(StepChallenge)
	challenge, err := aim.ask(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for a challenge: %w", err)
	}
	if err := checkChallenge(challenge.GetChallenge(), origin, aim.Purpose); err != nil {
		return nil, err
	}
	progress(StepCard)
	again := bytes.Clone(secret.PIN)
	defer clear(again)
	signed, err := bridge.Sign(ctx, card.Act{At: at, Secret: secret, Told: told(progress)}, challenge.GetChallenge())
	if err != nil {
		return nil, err
	}
	if aim.Also != nil {
		aim.Also(ctx, bridge, card.Act{
			At: at, Secret: card.Secret{PIN: again, Pad: secret.Pad}, Told: func(p *bridgev2.Progress) {
				if p.GetStep() == bridgev2.Progress_STEP_PAD {
					progress(StepPadAgain)
				}
			},
		}, signed.GetCertificate())
	}
	progress(StepPortal)
	return &portalv1.CardProof{
		Challenge:   challenge.GetChallenge(),
		Seal:        challenge.GetSeal(),
		Signature:   signed.GetSignature(),
		Certificate: signed.GetCertificate(),
	}, nil
}

// told passes on how far the bridge has come.
func told(progress func(Step)) func(*bridgev2.Progress) {
	return func(p *bridgev2.Progress) {
		if step, known := steps[p.GetStep()]; known {
			progress(step)
		}
	}
}

// checkChallenge refuses what is not for this origin and purpose. The bridge, which cannot know the purpose, checks the
// whole form and the origin once more, and the portal its end: this device's clock may be wrong.
func checkChallenge(challenge []byte, origin, purpose string) error {
	beginning := "madoguchi-challenge-v1\norigin: " + origin + "\npurpose: " + purpose + "\nnonce: "
	rest, ours := strings.CutPrefix(string(challenge), beginning)
	if !ours || strings.Count(rest, "\n") != 2 {
		return fmt.Errorf("%w: it is not for %q of %s", ErrChallenge, purpose, origin)
	}
	return nil
}
