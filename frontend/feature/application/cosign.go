package application

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/certificate"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// cosign is where the second person reads what the first has signed, and signs the very same. The link's secret stands
// in the fragment of the address, which no server sees.
type cosign struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	acted   ask.Question
	leave   leave
	token   string
	got     *portalv1.GetCosignResponse
	form    *engine.Form
	failure trouble.Message
	done    bool
}

// OnMount asks for what is to be signed.
func (c *cosign) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.OnNav(ctx)
}

// OnNav asks for what another link wants signed: the page stays when only the fragment is another.
func (c *cosign) OnNav(ctx app.Context) {
	token := ctx.Page().URL().Fragment
	if token == c.token {
		return
	}
	c.token, c.got, c.form, c.failure, c.done = token, nil, nil, trouble.Message{}, false
	if token == "" {
		return
	}
	ask.For(&c.visit, &c.asked, portal().GetCosign, &portalv1.GetCosignRequest{Token: c.token},
		func(_ app.Context, got *portalv1.GetCosignResponse, err error) {
			if err != nil {
				return
			}
			read, err := engine.ReadChecked(got.GetDefinition())
			if err != nil {
				c.failure = trouble.Words(err)
				return
			}
			c.got, c.form = got, read
			c.done = got.GetApplication().GetCosign().GetSignedAt() > 0 // before, by this link
		})
}

// OnDismount gives up what is asked for.
func (c *cosign) OnDismount() { c.visit.End() }

// Render draws what is to be signed, and the pad.
func (c *cosign) Render() app.UI {
	return app.Div().Class("page page-cosign").Body(
		shell.Heading(textCosignTitle),
		trouble.First(c.failure, c.asked.Failure, c.acted.Failure).Banner("cosign-failure"),
		app.Div().Body(c.body()...),
		c.leave.form(),
	)
}

func (c *cosign) body() []app.UI {
	switch {
	case c.token == "":
		return []app.UI{textCosignNoLink.P("")}
	case c.done:
		return []app.UI{kit.NotificationBanner{
			ID: "cosign-done", Tone: kit.Success, Title: textCosignDone, Body: []app.UI{textCosignDoneBody.P("")},
		}.UI()}
	case c.form == nil:
		return []app.UI{c.asked.Waiting("cosign", 6)}
	}
	it := c.got.GetApplication()
	var body []app.UI
	if sent, err := c.form.ReadAnswers(it.GetAnswers()); err == nil {
		at := engine.Moment{Today: c.got.GetEnvelope().GetDay(), Office: it.GetPlace()}
		body = form.Review(c.form.Evaluate(sent, at), c.form, nil, nil)
	}
	for _, at := range it.GetAttachments() {
		body = append(body, attached(at, c.acted.Busy, func(app.Context) { c.open(at.GetId()) }))
	}
	whom := it.GetOfficeName()
	if !strings.HasPrefix(whom, it.GetPlaceName()) {
		whom = it.GetPlaceName() + "　" + whom
	}
	lead := []app.UI{
		textCosignLead.F(it.GetSigning().GetSigner()).P("lead"), app.P().Body(titleOf(it).UI()),
		app.P().Text(whom),
	}
	return append(append(lead, body...), app.Section().Class("part").Body(
		textCosignSign.F(it.GetCosign().GetName()).P(""),
		&sign.Pad{
			Action: textCosignAction, Documents: c.documents, Use: c.use, Done: func(app.Context) { c.over() },
		},
	))
}

func (c *cosign) documents(app.Context) ([]sign.Document, bool) {
	it := c.got.GetApplication()
	return []sign.Document{{
		Title: it.GetTitle(), Content: c.got.GetSigned(),
		Name: it.GetCosign().GetName(), Birth: it.GetCosign().GetBirth(),
	}}, true
}

func (c *cosign) use(ctx context.Context, signatures [][]byte, _ certificate.Holder) error {
	_, err := portal().SignCosign(ctx, &portalv1.SignCosignRequest{Token: c.token, Signature: signatures[0]})
	return err
}

// open downloads what is attached, before it is signed.
func (c *cosign) open(id string) {
	ask.Do(&c.visit, &c.acted, portal().OpenCosignFile, &portalv1.OpenCosignFileRequest{Token: c.token, Attachment: id},
		func(ctx app.Context, got *portalv1.OpenCosignFileResponse, err error) {
			if err == nil {
				c.leave.use(ctx, "/application/file", got.GetTicket())
			}
		})
}

func (c *cosign) over() {
	c.done = true
	kit.Focus(c.visit.Page, "cosign-done")
}
