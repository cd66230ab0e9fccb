// Package myinfo shows people what offices hold about them (わたしの情報): what can be asked for, asking in steps, the
// answers and those that are waited for, an answer as a person reads it, corrections, and for how long answers are
// kept. Answers that were opened are read from the person's vault without a network, while the person keeps them.
package myinfo

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	root            = "/myinfo"
	askPath         = root + "/ask"
	answersPath     = root + "/answers"
	correctionsPath = root + "/corrections"
	settingsPath    = root + "/settings"
	correctEnding   = "/correct"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: root, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &front{} }},
		{Path: askPath, Title: textAsk, Parent: root, For: shell.Citizen, New: newAsking},
		{Path: answersPath, Title: textAnswers, Parent: root, For: shell.Citizen, New: func() app.Composer {
			return &answers{}
		}},
		{
			Pattern: "^" + answersPath + "/[^/]+$", Title: textAnswer, Parent: answersPath, For: shell.Citizen,
			New: func() app.Composer { return &answer{} },
		},
		{
			Pattern: "^" + answersPath + "/[^/]+" + correctEnding + "$", Title: textCorrect, Parent: answersPath,
			For: shell.Citizen, New: newCorrecting,
		},
		{Path: correctionsPath, Title: textCorrections, Parent: root, For: shell.Citizen, New: func() app.Composer {
			return &corrections{}
		}},
		{Path: settingsPath, Title: textSettings, Parent: root, For: shell.Citizen, New: func() app.Composer {
			return &settings{}
		}},
	},
	Entries: []shell.Entry{{Path: root, Label: textTitle, Icon: kit.IconFolder, For: shell.Citizen, Order: 25}},
	Services: []shell.Service{{
		ID: "myinfo", Path: root, Title: textTitle, Text: textService, Sign: scene.SignRecords, Order: 15,
	}},
	Timelines: []shell.Timeline{{Rows: dues, Follow: follow, Again: again}},
	Finders:   []shell.Finder{{Title: textTitle, Order: 35, For: shell.Citizen, Find: find}},
	Start:     begin,
}

// portal is the portal's side. A variable for tests.
var portal = func() portalv1web.MyInfoService { return rpc.To(portalv1web.NewMyInfoService) }

// answerPath is the address of an answer.
func answerPath(id string) string { return answersPath + "/" + id }

// idOf takes the id of a request from the path of its answer, or of a correction; empty when there is none.
func idOf(path string) string {
	id, found := strings.CutPrefix(strings.TrimSuffix(path, correctEnding), answersPath+"/")
	if !found || strings.Contains(id, "/") {
		return ""
	}
	return id
}

// elementID is a key of the catalogue, such as 16.record, as part of the id of an element.
func elementID(key string) string { return strings.ReplaceAll(key, ".", "-") }
