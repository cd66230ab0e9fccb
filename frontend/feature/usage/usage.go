// Package usage shows a person what was done in their folder (利用履歴), and who is logged in there (端末とログイン). It ends
// what is not theirs, and takes in that something was not them (これは私ではない).
package usage

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	path        = "/usage"
	devicesPath = "/usage/devices"
	noticePath  = "/usage/notice/"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: path, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &history{} }},
		{
			Path: devicesPath, Title: textDevices, Parent: path, For: shell.Citizen,
			New: func() app.Composer { return &devices{} },
		},
		{
			Pattern: "^/usage/[0-9]+-[A-Za-z0-9]+$", Title: textLine, Parent: path, For: shell.Citizen,
			New: func() app.Composer { return &detail{} },
		},
		{
			Pattern: "^/usage/notice/[^/]+$", Title: textStrange, Parent: path, For: shell.Citizen,
			New: func() app.Composer { return &strange{} },
		},
	},
	Entries: []shell.Entry{{Path: path, Label: textTitle, Icon: kit.IconClock, For: shell.Citizen, Order: 55}},
	Services: []shell.Service{{
		ID: "usage", Path: path, Title: textTitle, Text: textService, Sign: scene.SignPerson, Order: 60,
	}},
	Timelines: []shell.Timeline{{Rows: dues}},
	Start:     begin,
}

// dues tell on the home page of an unusual login that the person has not looked at.
func dues() (rows []shell.Due, more int, known bool) {
	line := shell.CurrentSession().Unusual
	if line == "" {
		return nil, 0, true
	}
	at, _ := lineOf(path + "/" + line)
	return []shell.Due{{
		ID: "usage-unusual", Title: textDueUnusual, By: clock.Day(time.Now()), Words: lang.DateTime(when(at)),
		Do: textDueLook, Href: path + "/" + line,
	}}, 0, true
}

// portal answers; tests have one of their own.
var portal = func() portalv1web.UsageService { return rpc.To(portalv1web.NewUsageService) }

// open are the pages that look again when sessions end, devices are named or forgotten, and when something else was
// done that stands in the history.
var open live.Pages

func begin(app.Context) {
	open.Begin(portalv1.ChangeKind_CHANGE_KIND_SESSION, portalv1.ChangeKind_CHANGE_KIND_ACCOUNT,
		portalv1.ChangeKind_CHANGE_KIND_PASSKEY, portalv1.ChangeKind_CHANGE_KIND_INQUIRY)
}

// words are what the names in lines are called.
type words struct {
	acts, whys, fields map[string]lang.Text
	order              []string // of the acts
}

func wordsOf(r *portalv1.ListUsageWordsResponse) *words {
	w := &words{acts: named(r.GetActs()), whys: named(r.GetWhys()), fields: named(r.GetFields())}
	for _, one := range r.GetActs() {
		w.order = append(w.order, one.GetName())
	}
	return w
}

func named(list []*portalv1.UsageWord) map[string]lang.Text {
	all := map[string]lang.Text{}
	for _, one := range list {
		all[one.GetName()] = lang.Local(one.GetText())
	}
	return all
}

func word(in map[string]lang.Text, name string) lang.Text {
	if text, known := in[name]; known {
		return text
	}
	return lang.Plain(name)
}

// ahead is why of what a page fetched by itself, before the person opened it.
const ahead = "ahead"

// what is a line's title.
func (w *words) what(l *portalv1.UsageLine) lang.Text {
	what := word(w.acts, l.GetAct())
	if l.GetResult() == portalv1.UsageResult_USAGE_RESULT_REFUSED {
		return textRefusedWhat.F(what)
	}
	if l.GetWhy() == ahead {
		return textAheadWhat.F(what)
	}
	return what
}

var means = map[portalv1.Means]lang.Text{
	portalv1.Means_MEANS_CARD:    textMeansCard,
	portalv1.Means_MEANS_PASSKEY: textMeansPasskey,
	portalv1.Means_MEANS_PHONE:   textMeansPhone,
}

var places = map[portalv1.UsagePlace]lang.Text{
	portalv1.UsagePlace_USAGE_PLACE_JAPAN:  textPlaceJapan,
	portalv1.UsagePlace_USAGE_PLACE_ABROAD: textPlaceAbroad,
}

var results = map[portalv1.UsageResult]lang.Text{
	portalv1.UsageResult_USAGE_RESULT_DONE:      textDone,
	portalv1.UsageResult_USAGE_RESULT_REFUSED:   textRefused,
	portalv1.UsageResult_USAGE_RESULT_BY_ITSELF: textByItself,
}

// deviceName is what a device is called: as the person calls it, else as its browser does.
func deviceName(named []*portalv1.UsageDevice, id, browser string) lang.Text {
	for _, d := range named {
		if id != "" && d.GetId() == id && d.GetName() != "" {
			return lang.Plain(d.GetName())
		}
	}
	if browser == "" {
		return textUnknownDevice
	}
	return lang.Plain(browser)
}

// chips say what stands out about a line; none of most.
func chips(l *portalv1.UsageLine) (list []app.UI) {
	if l.GetResult() == portalv1.UsageResult_USAGE_RESULT_REFUSED {
		list = append(list, kit.ChipLabel(kit.Warning, textRefused))
	}
	if l.GetNewDevice() {
		list = append(list, kit.ChipLabel(kit.Warning, textNewDevice))
	}
	if l.GetPlace() == portalv1.UsagePlace_USAGE_PLACE_ABROAD {
		list = append(list, kit.ChipLabel(kit.Warning, textPlaceAbroad))
	}
	return list
}

// addressOf is the page of a line.
func addressOf(l *portalv1.UsageLine) string {
	return path + "/" + strconv.FormatInt(l.GetAt(), 10) + "-" + l.GetId()
}

// lineOf reads the address of a line.
func lineOf(address string) (at int64, id string) {
	moment, id, _ := strings.Cut(strings.TrimPrefix(address, path+"/"), "-")
	at, _ = strconv.ParseInt(moment, 10, 64)
	return at, id
}

func when(ms int64) time.Time { return time.UnixMilli(ms) }

// joined are texts with a mark between them.
func joined(parts ...lang.Text) []app.UI {
	parts = slices.DeleteFunc(parts, lang.Text.Empty)
	var list []app.UI
	for i, part := range parts {
		if i > 0 {
			list = append(list, app.Text("・"))
		}
		list = append(list, part.UI())
	}
	return list
}
