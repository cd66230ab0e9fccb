//go:build !js

// Package explained is what the page /who says. Its texts are those of the building of the page alone: the program that
// browsers load has none of them.
package explained

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
)

// part is a headed part of the page.
type part struct {
	id    string
	title lang.Text
	body  func() []app.UI
}

var parts = []part{
	{"short", textShort, func() []app.UI {
		return []app.UI{dots(textShort1, textShort2, textShort3, textShort4), textLike.P("")}
	}},
	{"try", textTry, try},
	{"line", textLineTitle, func() []app.UI {
		return []app.UI{textLineLead.P(""), dots(textLine1, textLine2, textLine3, textLine4)}
	}},
	{"bad", textBad, func() []app.UI {
		return []app.UI{
			app.Ol().Class("numbers").Body(items(textBad1, textBad2, textBad3, textBad4)...),
			app.P().Body(kit.Link{Label: textBadLink, Href: "https://www.ppc.go.jp/", External: true}.UI()),
		}
	}},
	{"yes", textYes, func() []app.UI { return []app.UI{dots(textYes1, textYes2, textYes3, textYes4)} }},
	{"no", textNo, func() []app.UI {
		return []app.UI{dots(textNo1, textNo2, textNo3, textNo4, textNo5, textNo6, textNo7)}
	}},
	{"auditor", textAuditor, auditor},
	{"witness", textWitness, witness},
}

// Article draws all of it.
func Article() app.UI {
	body := []app.UI{textLead.P("lead"), contents()}
	for _, p := range parts {
		body = append(body, app.Section().Class("part").Body(
			append([]app.UI{app.H2().ID(p.id).Class("part-title").Body(p.title.UI())}, p.body()...)...,
		))
	}
	return app.Div().Class("article").Body(body...)
}

func contents() app.UI {
	list := make([]app.UI, len(parts))
	for i, p := range parts {
		list[i] = app.Li().Body(app.A().Class("link").Href("#" + p.id).Body(p.title.UI()))
	}
	return app.Nav().Class("contents").Aria("label", textContents.String()).Body(
		app.P().Class("contents-title").Aria("hidden", "true").Body(textContents.UI()), app.Ul().Body(list...),
	)
}

func items(texts ...lang.Text) []app.UI {
	list := make([]app.UI, len(texts))
	for i, t := range texts {
		list[i] = t.Li("")
	}
	return list
}

func dots(texts ...lang.Text) app.UI { return app.Ul().Class("dots").Body(items(texts...)...) }

// try is a chain of three records that one may bend. The script works it; without one it is not there.
func try() []app.UI {
	rows := []app.UI{}
	for i, record := range []lang.Text{textTryRow1, textTryRow2, textTryRow3} {
		n := strconv.Itoa(i + 1)
		rows = append(rows, app.Li().Class("who-row").Body(
			app.Label().For("who-"+n).Body(textTryRow.UI(), app.Span().Text(" "+n)),
			app.Textarea().ID("who-"+n).Rows(2).DataSet("record", plain(record)).Attr("autocomplete", "off"),
			app.P().Class("who-prints").Body(
				textTryBook.Span(""), app.Code().Class("who-book"), textTryNow.Span(""), app.Code().Class("who-now"),
			),
			app.P().Class("who-verdict").Attr("role", "status"),
		))
	}
	return []app.UI{
		textTryLead.P(""),
		app.Ol().ID("who-try").Class("who-try").Hidden(true).
			DataSet("fits", plain(textTryFits)).DataSet("not", plain(textTryNot)).Body(rows...),
		app.P().Body(app.Button().ID("who-back").Class("button").Type("button").Hidden(true).Body(textTryBack.UI())),
	}
}

// plain is a text without its readings.
func plain(t lang.Text) string { return t.String() }

// commitment is what the SHA-256 of a line is of, as proto/ledger writes it.
const commitment = `"madoguchi ledger line 1" 0x00
kind: 1 byte (1 exchange, 2 usage, 3 receipt)
chain: 1 byte (1 exchanges, 3 usages)
number: 8 bytes (1 is the chain's first)
previous: 32 bytes (commitment of the line before, zero for the first)
salt: 32 bytes
time: 8 bytes (milliseconds since 1970)
length: 8 bytes
content: length bytes`

func auditor() []app.UI {
	return []app.UI{
		textAuditor1.P(""),
		app.Ul().Class("dots").Body(
			app.Li().Body(app.A().Class("link").Href("/log/vkey").Body(textAuditorKey.UI())),
			app.Li().Body(app.A().Class("link").Href("/log/checkpoint").Body(textAuditorCheckpoint.UI())),
		),
		textAuditorTiles.P(""), textAuditorCommitment.P(""), code(commitment), textAuditorProof.P(""),
		code(`go install filippo.io/torchwood/cmd/spicy@v0.6.1
spicy -verify "$(curl -s https://PORTAL/log/vkey)" madoguchi-1-18.leaf`),
		app.P().Body(kit.Link{Label: textAuditorCheck, Href: "/check"}.UI()),
	}
}

// becoming is how one becomes a witness, with programs that others made. A test does it, line by line.
const becoming = `go install filippo.io/torchwood/cmd/litewitness@v0.6.1
ssh-keygen -t ed25519 -N "" -f witness.pem
ssh-agent -a litewitness.sock
SSH_AUTH_SOCK=litewitness.sock ssh-add witness.pem
KEY=$(curl -s https://PORTAL/log/vkey)
sqlite3 litewitness.db "
CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY (origin) REFERENCES log (origin));
INSERT INTO log VALUES ('${KEY%%+*}', 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
INSERT INTO key VALUES ('${KEY%%+*}', '$KEY')"
litewitness -name witness.example.jp/w1 -listen localhost:7380 -ssh-agent litewitness.sock \
-key "$(ssh-keygen -lf witness.pem.pub | cut -d' ' -f2)"`

func witness() []app.UI {
	return []app.UI{textWitnessLead.P(""), code(becoming), textWitnessKey.P(""), textWitnessChange.P("")}
}

// code is what is to be typed, or read, as it stands: a line each.
func code(text string) app.UI {
	var lines []app.UI
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, app.Code().Text(line))
	}
	return app.Div().Class("who-code").TabIndex(0).Attr("role", "group").Attr("translate", "no").Body(lines...)
}
