package notice

import (
	"context"
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/words"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// mostHits is how many notices stand among the answers of all features.
const mostHits = 3

// find looks among the newest notices, and among those that the vault keeps, in all of their text.
func find(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	kept, err := inVault(ctx, a.Words)
	if err != nil {
		return nil, err
	}
	newest, err := rpc.To(portalv1web.NewNoticeService).ListNotices(ctx, &portalv1.ListNoticesRequest{})
	typed, rest := words.Of(a.Words), shell.InTurns(ctx)
	var hits []shell.Hit
	seen := map[string]bool{}
	for _, n := range append(newest.GetNotices(), kept...) {
		rest()
		held := typed.In(words.Fold(n.GetTitle()+" "+n.GetOffice()+" "+n.GetAction())) > 0
		for _, k := range kept {
			held = held || k.GetId() == n.GetId()
		}
		if !held || seen[n.GetId()] || len(hits) == mostHits {
			continue
		}
		seen[n.GetId()] = true
		hits = append(hits, shell.Hit{
			Title: lang.Plain(n.GetTitle()).UI(), Href: "/notice/" + url.PathEscape(n.GetId()),
			Note: app.Span().Class("ask-notes").Body(
				lang.Plain(n.GetOffice()).UI(), kit.DateText(time.UnixMilli(n.GetSentAt())),
			),
		})
	}
	if len(hits) > 0 {
		err = nil
	}
	return hits, err
}

// inVault are those of the vault that hold the words; none while it is locked.
func inVault(ctx context.Context, typed string) ([]*portalv1.Notice, error) {
	if !vault.Now().IsOpen() {
		return nil, nil
	}
	entries, _, err := vault.Find(ctx, kindNotice, typed, mostHits)
	var found []*portalv1.Notice
	for _, e := range entries {
		n := &portalv1.Notice{}
		if rpc.Unpack(e.Head, n) == nil {
			found = append(found, n)
		}
	}
	return found, err
}
