package application

import (
	"cmp"
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// cosign is where the second person proves who they are, reads what the first has signed, and signs the very same. The
// link's secret stands in the fragment of the address, which no server sees.
type cosign struct {
	app.Compo
	visit     ask.Visit
	begun     ask.Question
	asked     ask.Question
	acted     ask.Question
	leave     leave
	token     string
	invited   *portalv1.BeginCosignResponse // what whoever holds the link is told
	got       *portalv1.GetCosignResponse   // what only the person is told who has proven who they are
	form      *engine.Form
	certified string // the name as the certificate writes it
	until     int64  // when the proof ends
	covered   bool   // what was read, since the proof has ended
	failure   trouble.Message
	done      bool
}

// OnMount opens the link.
func (c *cosign) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.OnNav(ctx)
}

// OnNav opens another link: the page stays when only the fragment is another.
func (c *cosign) OnNav(ctx app.Context) {
	token := ctx.Page().URL().Fragment
	if token == c.token {
		return
	}
	c.asked.Drop()
	c.token, c.invited, c.got, c.form, c.certified = token, nil, nil, nil, ""
	c.failure, c.covered, c.done = trouble.Message{}, false, false
	if token != "" {
		c.begin()
	}
}

// begin asks what the link is for, and for a challenge.
func (c *cosign) begin() {
	ask.For(&c.visit, &c.begun, portal().BeginCosign, &portalv1.BeginCosignRequest{Token: c.token},
		func(_ app.Context, got *portalv1.BeginCosignResponse, err error) {
			if err != nil {
				c.begun.Failure = linkFailure(err, c.begun.Failure)
				return
			}
			c.invited, c.done = got, got.GetSigned()
			switch {
			case c.done:
			case got.GetProvenUntil() > 0:
				c.until = got.GetProvenUntil()
				c.read()
			default:
				c.renew(got.GetExpiresAt())
			}
		})
}

// renew asks for another challenge before this one ends.
func (c *cosign) renew(expires int64) {
	const before = time.Minute
	token := c.token
	c.after(max(before, left(expires)-before), func() {
		if c.token == token && c.got == nil && c.invited.GetExpiresAt() == expires {
			c.begin()
		}
	})
}

// left is how long it is until a moment of the portal's clock: this device's may be wrong by days.
func left(until int64) time.Duration {
	now, ok := rpc.Now()
	if !ok {
		now = time.Now()
	}
	return moment(until).Sub(now)
}

// after has something done later, while the page is there.
func (c *cosign) after(wait time.Duration, do func()) {
	late := time.AfterFunc(wait, func() { c.visit.Page.Dispatch(func(app.Context) { do() }) })
	c.visit.Until(func() { late.Stop() })
}

// coverLater takes what is read off the page when the proof ends: the portal gives it no more, and whoever passes the
// screen by then is not to read it.
func (c *cosign) coverLater() {
	got := c.got
	c.after(left(c.until), func() {
		if c.got == got && !c.done {
			c.cover()
		}
	})
}

// cover has the proof asked for again, and nothing left of what was read.
func (c *cosign) cover() {
	c.invited, c.got, c.form, c.certified, c.covered = nil, nil, nil, "", true
	c.begin()
}

// read asks for what is to be signed.
func (c *cosign) read() {
	ask.For(&c.visit, &c.asked, portal().GetCosign, &portalv1.GetCosignRequest{Token: c.token},
		func(_ app.Context, got *portalv1.GetCosignResponse, err error) {
			if err != nil {
				c.asked.Failure = linkFailure(err, c.asked.Failure)
				c.again(err)
				return
			}
			read, err := engine.ReadChecked(got.GetDefinition())
			if err != nil {
				c.failure = trouble.Words(err)
				return
			}
			c.got, c.form, c.covered = got, read, false
			c.coverLater()
		})
}

// again asks for the proof again when it has ended.
func (c *cosign) again(err error) {
	if rpc.Reason(err) == portalv1.Reason_REASON_CARD_AGAIN {
		c.cover()
	}
}

// linkFailure is why a link opens nothing, in words of its own where it has them.
func linkFailure(err error, usual trouble.Message) trouble.Message {
	switch rpc.Reason(err) {
	case portalv1.Reason_REASON_NOT_FOUND:
		usual.What, usual.Means, usual.Do = textCosignGone, textCosignGoneMeans, textCosignGoneDo
	case portalv1.Reason_REASON_NOT_ALLOWED:
		usual.What, usual.Means, usual.Do = textCosignOwn, textCosignOwnMeans, textCosignOwnDo
	}
	return usual
}

// OnDismount gives up what is asked for.
func (c *cosign) OnDismount() { c.visit.End() }

// Render draws what the link is for, or what is to be signed, and the pad.
func (c *cosign) Render() app.UI {
	return app.Div().Class("page page-cosign").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(textCosignTitle),
				trouble.First(c.failure, c.begun.Failure, c.asked.Failure, c.acted.Failure).Banner("cosign-failure"),
				app.Div().Body(c.lead().P("lead")),
			},
			Rail: c.rail(),
			Body: []app.UI{app.Div().Body(c.body()...)},
		}.UI(),
		c.leave.form(),
	)
}

// lead says what is asked of whom.
func (c *cosign) lead() lang.Text {
	switch {
	case c.done:
		return lang.Text{}
	case c.form != nil:
		return textCosignLead.F(c.got.GetApplication().GetSigning().GetSigner())
	case c.invited != nil && c.invited.GetProvenUntil() == 0:
		return textCosignAsked
	}
	return lang.Text{}
}

// rail says by when, and to which office it goes.
func (c *cosign) rail() kit.Rail {
	of, english, office, due := c.invited.GetPlaceName(), c.invited.GetPlaceEnglish(), c.invited.GetOfficeName(),
		c.invited.GetDueAt()
	if it := c.got.GetApplication(); it != nil {
		of, english, office, due = it.GetPlaceName(), it.GetPlaceEnglish(), it.GetOfficeName(), it.GetDueAt()
	}
	if c.done || due == 0 {
		return kit.Rail{}
	}
	return kit.Rail{ID: "cosign-rail", Until: kit.DateText(moment(due)), Where: place.Office(of, english, office).UI()}
}

func (c *cosign) body() []app.UI {
	switch {
	case c.token == "":
		return []app.UI{textCosignNoLink.P("")}
	case c.done:
		return []app.UI{kit.NotificationBanner{
			ID: "cosign-done", Tone: kit.Success, Title: textCosignDone, Body: []app.UI{textCosignDoneBody.P("")},
		}.UI()}
	case c.form == nil && c.invited == nil:
		return []app.UI{c.begun.Waiting("cosign", 6)}
	case c.form == nil && c.invited.GetProvenUntil() > 0:
		return []app.UI{c.asked.Waiting("cosign-read", 6)}
	case c.form == nil:
		return c.invitation()
	}
	return c.application()
}

// invitation is all that is shown before the proof.
func (c *cosign) invitation() []app.UI {
	covered := lang.Text{}
	if c.covered {
		covered = textCosignCovered
	}
	return []app.UI{
		kit.NotificationBanner{ID: "cosign-covered", Tone: kit.Info, Title: covered}.UI(),
		kit.Facts(
			kit.Row{
				Name: textCosignWhat, Value: app.Span().ID("cosign-what").Body(lang.Local(c.invited.GetName()).UI()),
			},
		),
		app.Section().Class("part").Aria("labelledby", "cosign-prove").Body(
			app.H2().ID("cosign-prove").Class("part-title").TabIndex(-1).Body(textCosignProveTitle.UI()),
			textCosignProve.P(""), textCosignTwice.P(""), textCosignUnasked.P("hint"),
			&sign.Pad{
				Action: textCosignProveAction, Documents: c.challenge, Use: c.prove,
				Done: func(app.Context) { c.proven() },
			},
		),
	}
}

func (c *cosign) challenge(app.Context) ([]sign.Document, bool) {
	return []sign.Document{{Title: textCosignProveDocument.String(), Content: c.invited.GetChallenge()}}, true
}

// prove sends the proof. Whose card it is the portal finds out: whom the link asks, this page does not know.
func (c *cosign) prove(ctx context.Context, signatures [][]byte, by certificate.Holder) error {
	got, err := portal().ProveCosign(ctx, &portalv1.ProveCosignRequest{Token: c.token, Signature: signatures[0]})
	c.visit.Page.Dispatch(func(app.Context) {
		c.certified, c.until = by.Name, got.GetProvenUntil()
		switch rpc.Reason(err) {
		case portalv1.Reason_REASON_CHALLENGE_EXPIRED, portalv1.Reason_REASON_CHALLENGE_INVALID:
			c.begin()
		}
	})
	if rpc.Reason(err) == portalv1.Reason_REASON_OTHER_PERSON {
		return card.ErrOtherPerson // the words for it are those of the bridge, which finds it out elsewhere
	}
	return err
}

func (c *cosign) proven() {
	c.invited = &portalv1.BeginCosignResponse{ProvenUntil: c.until}
	c.read()
}

// application is what is to be signed, and the pad.
func (c *cosign) application() []app.UI {
	it := c.got.GetApplication()
	var body []app.UI
	if sent, err := c.form.ReadAnswers(it.GetAnswers()); err == nil {
		then := engine.Moment{Today: c.got.GetEnvelope().GetDay(), Office: it.GetPlace()}
		body = form.Review(c.form.Evaluate(sent, then), c.form, nil, nil)
	}
	for _, file := range it.GetAttachments() {
		body = append(body, attached(file, c.acted.Busy, func(app.Context) { c.open(file.GetId()) }))
	}
	what := []app.UI{kit.Facts(kit.Row{Name: textCosignWhat, Value: titleOf(it).UI()})}
	return append(append(what, body...), app.Section().Class("part").Body(
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
		Name: cmp.Or(c.certified, it.GetCosign().GetName()), Birth: it.GetCosign().GetBirth(),
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
			if err != nil {
				c.again(err)
				return
			}
			c.leave.use(ctx, "/application/file", got.GetTicket())
		})
}

func (c *cosign) over() {
	c.done = true
	kit.Focus(c.visit.Page, "cosign-done")
}
