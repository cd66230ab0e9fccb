package inquiry

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/plaintext"
)

const (
	idSubject = "inquiry-subject"
	idText    = "inquiry-text"
	idFaults  = "inquiry-faults"
)

// typed is what the person has typed: this tab keeps it until it is sent.
type typed struct {
	Office, Subject, Text string
	Attach                bool
}

// asking is a new inquiry.
type asking struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question // whom one can ask
	sent    ask.Question
	offices []*portalv1.InquiryOffice
	typed   typed
	draft   flow.Draft
	code    string // of an error from which the person comes
	from    string // the page that they were at
	faults  []kit.FieldError
}

func newAsking() app.Composer {
	a := &asking{}
	a.draft = flow.Draft{Name: "inquiry", Of: &a.typed}
	return a
}

// OnMount takes up what was typed before, and asks whom one can ask.
func (a *asking) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	query := ctx.Page().URL().Query()
	a.code, a.from = short(query.Get("code"), 40), pagePath(query.Get("page"))
	a.draft.Load()
	ask.For(&a.visit, &a.asked, portal().ListInquiryOffices, &portalv1.ListInquiryOfficesRequest{},
		func(_ app.Context, got *portalv1.ListInquiryOfficesResponse, err error) {
			if err == nil {
				a.offices = got.GetOffices()
			}
		})
}

// OnDismount gives up what is asked for.
func (a *asking) OnDismount() {
	a.draft.LetGo()
	a.visit.End()
}

// short is a code as this portal makes them; anything else is none.
func short(code string, most int) string {
	if len(code) > most || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return ""
	}
	return code
}

// pagePath is a path of this portal's, without what may stand behind it.
func pagePath(address string) string {
	path, _, _ := strings.Cut(address, "?")
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 200 {
		return ""
	}
	return path
}

// attached is what is sent along if the person wishes.
func (a *asking) attached() *portalv1.InquiryAttachment {
	return &portalv1.InquiryAttachment{Code: a.code, Page: a.from, State: standing()}
}

// standing is how the device and the page stand, a line each.
func standing() string {
	lines := []string{"language: " + string(lang.Current())}
	if !app.IsServer {
		lines = append(lines, "browser: "+cut(app.Window().Get("navigator").Get("userAgent").String(), 300),
			"window: "+strconv.Itoa(app.Window().Get("innerWidth").Int())+" x "+
				strconv.Itoa(app.Window().Get("innerHeight").Int()))
	}
	online := "yes"
	if !shell.Online() {
		online = "no"
	}
	return strings.Join(append(lines, "online: "+online), "\n")
}

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}

// check is what is wrong with what was typed.
func (a *asking) check() (faults []kit.FieldError) {
	if f := fault(a.typed.Subject, portalv1limit.OpenInquiryRequestSubject, textSubjectMissing); !f.Empty() {
		faults = append(faults, kit.FieldError{Field: idSubject, Message: f})
	}
	if f := fault(a.typed.Text, portalv1limit.OpenInquiryRequestText, textMissing); !f.Empty() {
		faults = append(faults, kit.FieldError{Field: idText, Message: f})
	}
	return faults
}

func (a *asking) send(ctx app.Context) {
	if a.faults = a.check(); len(a.faults) > 0 {
		kit.Focus(ctx, idFaults)
		return
	}
	request := &portalv1.OpenInquiryRequest{
		OfficeId: a.typed.Office, Subject: plaintext.Clean(a.typed.Subject), Text: plaintext.Clean(a.typed.Text),
	}
	if a.typed.Attach {
		request.Attached = a.attached()
	}
	ask.Do(&a.visit, &a.sent, portal().OpenInquiry, request,
		func(ctx app.Context, got *portalv1.OpenInquiryResponse, err error) {
			if err != nil {
				if rpc.Info(err).GetField() == "text" {
					a.faults = []kit.FieldError{{Field: idText, Message: textRefusedText}}
				}
				return // what was typed stays
			}
			a.draft.Drop()
			kit.Announce(ctx, textSent.F(got.GetInquiry().GetNumber()))
			ctx.Navigate(path + "/" + got.GetInquiry().GetId())
		})
}

// Render draws the form.
func (a *asking) Render() app.UI {
	set := func(into *string) func(app.Context, string) {
		return func(_ app.Context, value string) {
			*into = value
			a.draft.Touched()
		}
	}
	shown := app.Div()
	if a.typed.Attach {
		shown = shown.Body(attachment(a.attached()))
	}
	return app.Div().Class("page column page-inquiry").Body(
		shell.Heading(textNew), textNewLead.P("lead"),
		app.P().Body(kit.Link{ID: "inquiry-mails", Label: textAnswerMails, Href: "/myinfo/settings"}.UI()),
		a.sent.Failure.Banner("inquiry-failure"),
		kit.ErrorSummary{ID: idFaults, Errors: a.faults}.UI(),
		kit.Select{
			ID: "inquiry-office", Label: textWhom, Hint: textWhomHint, Options: officeOptions(a.offices),
			Value: a.typed.Office, OnChange: set(&a.typed.Office),
		}.UI(),
		kit.Field{
			ID: idSubject, Label: textSubject, Value: a.typed.Subject, Required: true, Kept: true,
			Max:   portalv1limit.OpenInquiryRequestSubject,
			Error: kit.FaultOf(a.faults, idSubject), OnInput: set(&a.typed.Subject),
		}.UI(),
		kit.TextArea{
			ID: idText, Label: textText, Hint: textTextHint, Value: a.typed.Text, Required: true, Rows: 8,
			Max:   portalv1limit.OpenInquiryRequestText,
			Error: kit.FaultOf(a.faults, idText), OnInput: set(&a.typed.Text),
		}.UI(),
		kit.Checkbox{
			ID: "inquiry-attach", Label: textAttach, Hint: textAttachHint, Checked: a.typed.Attach,
			OnChange: func(_ app.Context, yes bool) {
				a.typed.Attach = yes
				a.draft.Touched()
			},
		}.UI(),
		shown,
		app.Div().Class("actions").Body(kit.Button{
			ID: "inquiry-send", Label: textSend, Kind: kit.Primary, Busy: a.sent.Busy, OnPress: a.send,
		}.UI()),
	)
}
