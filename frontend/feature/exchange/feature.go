// Package exchange shows a person which offices asked one another about them (やりとり履歴): the list, one exchange whole
// with what may explain it, asking offices for what they have not reported, telling an office that something is
// wrong, and the transfers of many at once. What stands in a line is read from the line of the ledger itself; the
// words beside it are the portal's.
package exchange

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	root        = "/exchange"
	onePath     = root + "/of/"
	claimEnding = "/claim"
	askPath     = root + "/ask"
	rulesPath   = root + "/rules"
	filePath    = root + "/file" // the portal's own, which answers with a file
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: root, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &list{} }},
		{
			Pattern: "^" + onePath + "[^/]+$", Title: textOne, Parent: root, For: shell.Citizen,
			New: func() app.Composer { return &one{} },
		},
		{
			Pattern: "^" + onePath + "[^/]+" + claimEnding + "$", Title: textClaim, Parent: root, For: shell.Citizen,
			New: newClaiming,
		},
		{
			Path: askPath, Title: textAsk, Parent: root, For: shell.Citizen,
			New: func() app.Composer { return &asking{} },
		},
		{Path: rulesPath, Title: textRules, Parent: root, New: func() app.Composer { return &rules{} }},
	},
	Entries: []shell.Entry{{Path: root, Label: textTitle, Icon: kit.IconMessage, For: shell.Citizen, Order: 26}},
	Services: []shell.Service{{
		ID: "exchange", Path: root, Title: textTitle, Text: textService, Sign: scene.SignHistory, Order: 55,
	}},
	Timelines: []shell.Timeline{{Rows: dues, Follow: follow}},
	Finders:   []shell.Finder{{Title: textTitle, Order: 36, For: shell.Citizen, Find: find}},
	Start:     begin,
}

// portal is the portal's side. A variable for tests.
var portal = func() portalv1web.ExchangeService { return rpc.To(portalv1web.NewExchangeService) }

// pathOf is the address of an exchange.
func pathOf(number string) string { return onePath + number }

// numberOf takes the number of an exchange from the path of its page, or of a claim.
func numberOf(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, onePath), claimEnding)
}

// mostFound is how many exchanges the field that finds everything names.
const mostFound = 3

// find answers with the kinds of work that the words name.
func find(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	response, err := portal().ListExchanges(ctx, &portalv1.ListExchangesRequest{})
	if err != nil {
		return nil, err
	}
	var hits []shell.Hit
	for _, d := range response.GetWords().GetDuties() {
		name := lang.Local(d.GetName())
		if len(hits) == mostFound || !strings.Contains(name.String()+d.GetOfficial(), strings.TrimSpace(a.Words)) {
			continue
		}
		for _, c := range response.GetDuties() {
			if c.GetKey() == d.GetKey() {
				hits = append(hits, shell.Hit{
					Title: textCounted.F(name, int(c.GetCount())).UI(), Href: root + "?duty=" + d.GetKey(),
				})
			}
		}
	}
	return hits, nil
}
