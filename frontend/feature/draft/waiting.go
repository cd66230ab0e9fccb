package draft

import (
	"context"
	"slices"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// What was signed without a network waits in the vault, and is sent once there is one. What the portal then refuses is
// not lost: it is put right in the form, and signed anew.

func declare() {
	waiting.Declare(portalv1web.ApplicationServiceSendApplication, waiting.Sort{
		Kind:  outbox.Kind{Subject: subject, Fault: faultIn, Settled: settled},
		Words: func([]byte, string) lang.Text { return textDoSend },
		Mend:  mend, MendAs: textMend, Why: why,
	})
}

func requestIn(write []byte) *portalv1.SendApplicationRequest {
	r := &portalv1.SendApplicationRequest{}
	if rpc.Unpack(write, r) != nil {
		return &portalv1.SendApplicationRequest{}
	}
	return r
}

func subject(request []byte) outbox.Subject {
	r := requestIn(request)
	if r.GetId() == "" {
		return outbox.Subject{}
	}
	return outbox.Subject{
		About: []string{"application/" + r.GetId(), "draft/" + r.GetDraft()}, Title: r.GetForm(),
	}
}

// faultIn: an answer that says what is wrong with what was filled in says that nothing was sent.
func faultIn(answer []byte) outbox.Fault {
	got := &portalv1.SendApplicationResponse{}
	if rpc.Unpack(answer, got) != nil || len(got.GetFaults()) == 0 {
		return outbox.Fault{}
	}
	return outbox.Fault{Reason: portalv1.Reason_REASON_INVALID_FIELD, Field: got.GetFaults()[0].GetField()}
}

func why(w outbox.Write) lang.Text {
	switch w.Reason {
	case portalv1.Reason_REASON_INVALID_FIELD:
		return textWhyFaults
	case portalv1.Reason_REASON_CERTIFICATE_EXPIRED, portalv1.Reason_REASON_CERTIFICATE_REVOKED:
		return textWhyCertificate
	}
	return lang.Text{}
}

// mend puts what was signed back into the form of this tab.
func mend(ctx app.Context, w outbox.Write) (safe bool) {
	r := requestIn(w.Request)
	k := kept{
		Draft: r.GetDraft(), Version: r.GetVersion(), Answers: r.GetAnswers(), Seen: map[string]int64{}, Mended: true,
	}
	if !vault.Save(draftName(r.GetPlace(), r.GetForm()), k) {
		return false
	}
	ctx.Navigate(prefix + r.GetPlace() + "/" + r.GetForm() + "?draft=" + r.GetDraft())
	return true
}

// arrivals are what was sent since the page was loaded, by the ids under which it was.
var arrivals struct {
	sync.Mutex
	of map[string]*portalv1.Application
}

func settled(_ context.Context, request, answer []byte) (map[string]string, error) {
	got := &portalv1.SendApplicationResponse{}
	if rpc.Unpack(answer, got) != nil || got.GetApplication() == nil {
		return nil, nil
	}
	arrivals.Lock()
	defer arrivals.Unlock()
	if arrivals.of == nil {
		arrivals.of = map[string]*portalv1.Application{}
	}
	arrivals.of[requestIn(request).GetId()] = got.GetApplication()
	return nil, nil
}

// signed finds what was signed of a draft, and waits; "" when nothing does.
func signed(draft string) (send string) {
	for _, w := range outbox.Known() {
		if w.Procedure == portalv1web.ApplicationServiceSendApplication && slices.Contains(w.About, "draft/"+draft) {
			return requestIn(w.Request).GetId()
		}
	}
	return ""
}

// follow has the page look whenever what waits moves, and say when it was sent.
func (a *apply) follow(ctx app.Context) {
	a.visit.Until(outbox.OnChange(func() {
		ctx.Dispatch(func(ctx app.Context) {
			writing := a.sheet != nil && a.at() != stepSign && a.at() != stepReview
			if a.waits == "" && writing && waiting.Of("draft/"+a.kept.Draft) == waiting.Waits {
				a.waits = signed(a.kept.Draft) // the vault was opened only now
			}
			if a.waits == "" {
				ctx.PreventUpdate()
				return
			}
			if sent, words := a.arrived(); sent != nil && !a.said {
				a.said = true
				kit.Announce(ctx, words)
			}
		})
	}))
}

// arrived is what came of what waited, as soon as it was sent.
func (a *apply) arrived() (*portalv1.Application, lang.Text) {
	arrivals.Lock()
	sent := arrivals.of[a.waits]
	arrivals.Unlock()
	if sent.GetNumber() == "" {
		return sent, textSentSecond
	}
	return sent, textSentNow.F(sent.GetNumber())
}

// waiting says how it stands with what was signed.
func (a *apply) waiting() []app.UI {
	sent, words := a.arrived()
	lead, body := textWaits, textWaitsBody.P("")
	way := kit.Link{ID: "apply-to-list", Label: textToList, Href: "/applications", Kind: kit.Secondary}
	if a.form.Sign != engine.SignCard {
		lead = waiting.Told()
	}
	switch {
	case sent != nil:
		lead, body = words, app.P()
		way = kit.Link{ID: "apply-open", Label: textOpenSent, Href: "/applications/" + sent.GetId(), Kind: kit.Primary}
	case waiting.Of("application/"+a.waits) == waiting.Stuck:
		lead, body = textNotTaken, app.P()
		way = kit.Link{ID: "apply-decide", Label: textToWaiting, Href: "/outbox", Kind: kit.Primary}
	}
	return []app.UI{app.Section().ID("apply-waits").TabIndex(-1).Class("part").Body(
		lead.H2("part-title"), body, app.P().Body(way.UI()),
	)}
}

// mended has everything of what was put back be saved, but for what is attached: that is there.
func (a *apply) mended(answers engine.Answers) {
	if !a.kept.Mended {
		return
	}
	a.kept.Mended = false
	for field := range answers {
		if !a.isFiles(field) {
			a.kept.Dirty[field] = true
		}
	}
}
