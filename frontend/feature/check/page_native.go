//go:build !js

package check

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

// page is the document, with the words of everything that the script may have to say.
type page struct{ app.Compo }

// faults are what is wrong with a file, by the names that the script has for them.
var faults = []struct {
	result      string
	title, body lang.Text
}{
	{"changed", textChanged, textChangedBody},
	{"foreign", textForeign, textForeignBody},
	{"unreadable", textUnreadable, textUnreadableBody},
	{"missing", textMissing, textMissingBody},
	{"withdrawn", textWithdrawn, textWithdrawnBody},
	{"late", textLate, textLateBody},
	{"large", textLarge, textLargeBody},
	{"failed", textFailed, textFailedBody},
	{"not-in-log", textNotInLog, textNotInLogBody},
	{"foreign-log", textForeignLog, textForeignLogBody},
	{"unproven", textUnproven, textUnprovenBody},
	{"unable", textUnable, textUnableBody},
}

// Render draws it.
func (p *page) Render() app.UI {
	return app.Div().Class("page column page-check").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		textPrivate.P(""),
		app.Elem("noscript").Body(textNoScript.P("")),
		app.Div().ID("check-field").Class("check-field").Hidden(true).Body(
			kit.FileUpload{ID: "check-files", Label: textField, Hint: textHint, Several: true}.UI(),
		),
		app.Div().ID("check-result").Class("check-result").Attr("role", "status").TabIndex(-1).Body(results()...),
		app.Ul().ID("check-names").Class("dots check-names").Hidden(true),
		app.Section().Class("part").Body(
			textOther.H2("part-title"),
			textOtherBody.P(""),
			app.Ul().Class("dots").Body(
				file("/takeaway/certificates.pem", textCertificates),
				file("/takeaway/stamp-authorities.pem", textAuthorities),
				file("/takeaway/schema/1.json", textSchema),
			),
		),
	)
}

func file(path string, label lang.Text) app.UI {
	return app.Li().Body(app.A().Class("link").Href(path).Body(label.UI()))
}

func results() []app.UI {
	list := []app.UI{
		result("working").Body(textWorking.UI()),
		result("good").Class("check-good").Body(
			app.H2().Body(kit.Icon(kit.IconCheck), textGood.UI()),
			textGoodBody.P(""),
			app.Dl().Class("check-times").Body(
				textOrigin.Dt(""), filled("{origin}"), textSaid.Dt(""), filled("{said}"),
			),
		),
		result("line").Class("check-good").Body(
			app.H2().Body(kit.Icon(kit.IconCheck), textLine.UI()),
			textLineBody.P(""),
			app.Dl().Class("check-times").Body(
				textLineLog.Dt(""), filled("{log}"), textLineNumber.Dt(""), filled("{number}"),
				textLineRecorded.Dt(""), filled("{said}"), textLinePlace.Dt(""), filled("{place}"),
				textLineWitnesses.Dt(""), filled("{witnesses}"), textLineSeen.Dt(""), filled("{seen}"),
			),
		),
		app.Div().DataSet("with", "stamp").Hidden(true).Body(
			app.Dl().Class("check-times").Body(textStamped.Dt(""), filled("{stamped}")),
		),
		app.P().DataSet("with", "none").Hidden(true).Body(textNoStamp.UI()),
	}
	for _, f := range faults {
		list = append(list, result(f.result).Class("check-bad").Body(
			app.H2().Body(kit.Icon(kit.IconWarning), f.title.UI()), f.body.P(""),
		))
	}
	return list
}

func result(name string) app.HTMLDiv { return app.Div().DataSet("result", name).Hidden(true) }

// filled is where the script writes what it found.
func filled(pattern string) app.UI { return app.Dd().DataSet("pattern", pattern) }
