package news

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

type answers struct {
	news []*portalv1.News
	err  error
}

func (a answers) ListNews(context.Context, *portalv1.ListNewsRequest) (*portalv1.ListNewsResponse, error) {
	return &portalv1.ListNewsResponse{News: a.news}, a.err
}

// shown is what the page draws once its portal has answered.
func shown(t *testing.T, of answers) string {
	t.Helper()
	before := portal
	portal = func() portalv1web.NewsService { return of }
	t.Cleanup(func() { portal = before })
	ctx, engine := pagetest.Context(t)
	p := &page{}
	p.OnMount(ctx)
	t.Cleanup(p.OnDismount)
	engine.ConsumeAll()
	drawn := app.Div().Body(append(p.body(), p.asked.Failure.Banner("news-failure"))...)
	return strings.Join(strings.Fields(app.HTMLString(drawn)), " ")
}

var stop = &portalv1.News{
	Id: "stop", Kind: portalv1.News_KIND_STOP, Day: "2026-11-26", From: 1796400000000, Until: 1796414400000,
	Title: &portalv1.LocalText{Ja: "点検のため止めます", Easy: "点検《てんけん》"},
	Body:  &portalv1.LocalText{Ja: "一。\n\n二。", En: "One only."},
}

func TestNewsInEveryLanguage(t *testing.T) {
	for code, want := range map[lang.Code][]string{
		lang.Japanese: {"停止の予定", "点検のため止めます", "2026年11月26日", "から", "まで", "一。", "二。"},
		lang.English:  {"Planned stop", `<h2 lang="ja">`, "One only."},
		lang.Easy:     {"<rt>てんけん</rt>", "一。"},
	} {
		pagetest.In(t, code)
		pagetest.Has(t, shown(t, answers{news: []*portalv1.News{stop}}), want...)
	}
}

func TestNoNews(t *testing.T) {
	pagetest.Has(t, shown(t, answers{}), "今、お知らせすることはありません。")
	pagetest.Has(t, shown(t, answers{err: errors.New("no")}), `class="banner banner-failure"`, "news-again")
}

func TestATroubleWithoutAnEnd(t *testing.T) {
	html := app.HTMLString(item(&portalv1.News{
		Kind: portalv1.News_KIND_TROUBLE, Day: "2026-11-26", From: 1796400000000,
		Title: &portalv1.LocalText{Ja: "題"}, Body: &portalv1.LocalText{Ja: "文"},
	}))
	pagetest.Has(t, html, "終わる時刻は未定", "障害")
}
