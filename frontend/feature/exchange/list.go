package exchange

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/evidence"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// list is the page of all exchanges, the last first.
type list struct {
	app.Compo
	visit    ask.Visit
	asked    ask.Question
	chosen   ask.Question // what the person chose
	narrowed narrowed
	told
	facts    *portalv1.ListExchangesResponse // with by what the list can be narrowed
	last     *portalv1.ListExchangesResponse // whose lines are checked
	next     string
	loaded   bool
	settings *portalv1.ExchangeSettings
}

// narrowed is by what the list is narrowed, as it stands in the address.
type narrowed struct{ from, to, year, office, duty, result string }

func narrowedBy(q url.Values) narrowed {
	return narrowed{q.Get("from"), q.Get("to"), q.Get("year"), q.Get("office"), q.Get("duty"), q.Get("result")}
}

func (n narrowed) query() url.Values {
	q := url.Values{}
	for _, one := range [][2]string{
		{"from", n.from}, {"to", n.to}, {"year", n.year}, {"office", n.office}, {"duty", n.duty}, {"result", n.result},
	} {
		if one[1] != "" {
			q.Set(one[0], one[1])
		}
	}
	return q
}

func (n narrowed) any() bool { return n != narrowed{} }

// days is from when to when.
func (n narrowed) days() (from, to string) {
	if n.year != "" {
		return n.year + "-01-01", n.year + "-12-31"
	}
	return n.from, n.to
}

func (n narrowed) request() *portalv1.ListExchangesRequest {
	request := &portalv1.ListExchangesRequest{Office: n.office, Duty: n.duty}
	request.From, request.To = n.days()
	if r, err := strconv.ParseInt(n.result, 10, 32); err == nil {
		request.Result = portalv1.ExchangeResult(r)
	}
	return request
}

// OnMount loads the list, and again whenever something came.
func (l *list) OnMount(ctx app.Context) {
	l.visit.Begin(ctx)
	l.asked.Keeps = true
	l.visit.Until(listen(func() { ctx.Dispatch(func(app.Context) { l.load("") }) }))
	l.narrowed = narrowedBy(ctx.Page().URL().Query())
	l.load("")
	ask.For(&l.visit, &l.chosen, portal().GetExchangeSettings, &portalv1.GetExchangeSettingsRequest{},
		func(_ app.Context, response *portalv1.GetExchangeSettingsResponse, err error) {
			if err == nil {
				l.settings = response.GetSettings()
			}
		})
}

// OnNav goes by what the address says, where the browser leads back.
func (l *list) OnNav(ctx app.Context) {
	if n := narrowedBy(ctx.Page().URL().Query()); l.loaded && n != l.narrowed {
		l.narrowed = n
		l.load("")
	}
}

// OnDismount stops listening.
func (l *list) OnDismount() { l.visit.End() }

func (l *list) load(token string) {
	request := l.narrowed.request()
	request.PageToken = token
	ask.For(&l.visit, &l.asked, portal().ListExchanges, request,
		func(_ app.Context, response *portalv1.ListExchangesResponse, err error) {
			if rpc.ListChanged(err) && token != "" {
				l.load("")
				return
			}
			if err != nil {
				return
			}
			if token == "" {
				l.told, l.facts = told{}, response
			}
			l.add(response.GetExchanges(), response.GetLines(), response.GetWords())
			l.last, l.next, l.loaded = response, response.GetNextPageToken(), true
		})
}

// narrow changes by what the list is narrowed, in the address too.
func (l *list) narrow(ctx app.Context, change func(n *narrowed)) {
	change(&l.narrowed)
	address := *ctx.Page().URL()
	address.RawQuery = l.narrowed.query().Encode()
	flow.Rewrite(ctx, &address)
	l.load("")
}

// Render draws the page.
func (l *list) Render() app.UI {
	return app.Div().Class("page column page-exchange").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		l.asked.Failure.Banner("exchange-failure"),
		l.asked.AsOf("exchange"),
		app.Div().Body(l.body()...),
	)
}

func (l *list) body() []app.UI {
	if !l.loaded {
		return []app.UI{l.asked.Waiting("exchange", 8)}
	}
	return []app.UI{
		app.Div().Body(app.If(l.facts.GetWithheld(), func() app.UI {
			return kit.NotificationBanner{ID: "exchange-withheld", Tone: kit.Info, Title: textWithheld,
				Body: []app.UI{textWithheldMeans.P(""), textWithheldAppeal.P("")}}.UI()
		})),
		&evidence.Panel{ID: "exchange-evidence", Chain: ledger.Exchanges, Lines: l.last.GetLines(),
			State: l.last.GetState(), Kept: l.asked.Age.Kept},
		l.filter(),
		app.P().Class("exchange-count").Attr("role", "status").Body(textCount.F(l.count()).UI()),
		l.rows(),
		app.Div().Body(app.If(len(l.all) > 0, func() app.UI {
			return kit.Pager{ID: "exchange-more", Shown: len(l.all), More: l.next != "", Busy: l.asked.Busy,
				OnMore: func(app.Context) { l.load(l.next) }}.UI()
		})),
		app.Div().Class("actions no-print").Body(
			kit.Link{ID: "exchange-ask", Label: textAsk, Href: askPath, Kind: kit.Secondary}.UI(),
			kit.PrintButton("exchange-print"),
		),
		app.Div().Class("exchange-more no-print").Body(
			l.files(), l.telling(),
			kit.Disclosure{ID: "exchange-never", Summary: textNever, Body: []app.UI{
				textNeverBody.P(""),
				app.P().Body(kit.Link{ID: "exchange-rules", Label: textRules, Href: rulesPath}.UI()),
			}}.UI(),
			kit.Disclosure{ID: "exchange-words", Summary: textWords, Body: []app.UI{textWordsBody.P("")}}.UI(),
		),
	}
}

// count is how many there are of what the list is narrowed to. An answer that was kept may not tell.
func (l *list) count() int { return max(int(l.facts.GetFound()), len(l.all)) }

func (l *list) filter() app.UI {
	summary := textFilter
	if l.narrowed.any() {
		summary = textFiltered
	}
	pick := func(id string, label lang.Text, value string, counts []*portalv1.ExchangeCount,
		name func(key string) lang.Text, set func(n *narrowed, value string)) app.UI {
		options := []kit.Option{{Label: textAll}}
		is := func(c *portalv1.ExchangeCount) bool { return c.GetKey() == value }
		if value != "" && !slices.ContainsFunc(counts, is) { // a link may name what the person has none of
			counts = append([]*portalv1.ExchangeCount{{Key: value}}, counts...)
		}
		for _, c := range counts {
			options = append(options, kit.Option{
				Value: c.GetKey(), Label: textCounted.F(name(c.GetKey()), int(c.GetCount())),
			})
		}
		return kit.Select{ID: id, Label: label, Options: options, Value: value, Unmarked: true,
			OnChange: func(ctx app.Context, value string) {
				l.narrow(ctx, func(n *narrowed) { set(n, value) })
			}}.UI()
	}
	return kit.Disclosure{ID: "exchange-filter", Summary: summary, Open: l.narrowed.any(), Body: []app.UI{
		app.Div().Class("exchange-filter").Body(
			pick("exchange-year", textYear, l.narrowed.year, l.facts.GetYears(),
				func(key string) lang.Text { return textYearOf.F(key) },
				func(n *narrowed, value string) { n.year, n.from, n.to = value, "", "" }),
			pick("exchange-office", textOffice, l.narrowed.office, l.facts.GetOffices(),
				func(key string) lang.Text { return lang.Plain(key) },
				func(n *narrowed, value string) { n.office = value }),
			pick("exchange-duty", textDuty, l.narrowed.duty, l.facts.GetDuties(),
				l.words.dutyOfLaw,
				func(n *narrowed, value string) { n.duty = value }),
			pick("exchange-result", textResult, l.narrowed.result, l.facts.GetResults(),
				func(key string) lang.Text {
					r, _ := strconv.ParseInt(key, 10, 32)
					return resultName(portalv1.ExchangeResult(r))
				},
				func(n *narrowed, value string) { n.result = value }),
		),
		app.Div().Body(app.If(l.narrowed.any() && len(l.all) > 0, func() app.UI {
			return l.clear("exchange-clear", kit.TextOnly)
		})),
	}}.UI()
}

// clear is the way back to all of them.
func (l *list) clear(id string, kind kit.Kind) app.UI {
	return kit.Button{ID: id, Label: textClear, Kind: kind, OnPress: func(ctx app.Context) {
		l.narrow(ctx, func(n *narrowed) { *n = narrowed{} })
	}}.UI()
}

// rows are the exchanges, those of one application together.
func (l *list) rows() app.UI {
	var items []app.UI
	for _, group := range l.groups() {
		if len(group) == 1 {
			items = append(items, l.row(group[0]))
			continue
		}
		r := l.record(group[0])
		rows := make([]app.UI, len(group))
		for i, e := range group {
			rows[i] = app.Li().Body(l.row(e))
		}
		items = append(items, app.Div().Class("exchange-group").Body(
			textGroup.F(l.words.why(r.GetDuty(), r.GetProcedure()), len(group)).P("exchange-group-title"),
			app.Ul().Class("exchange-group-rows").Body(rows...),
		))
	}
	empty := kit.Empty{Picture: scene.Empty(scene.Medium), Text: textNoneAtAll}
	if l.narrowed.any() {
		empty.Text, empty.WayOn = textNoneOfFilter, []app.UI{l.clear("exchange-all", kit.Secondary)}
	}
	return kit.List{Label: textTitle, Items: items, Empty: empty}.UI()
}

// files are the forms that the portal answers with a file of what the list is narrowed to.
func (l *list) files() app.UI {
	from, to := l.narrowed.days()
	forms := make([]app.UI, 0, 4)
	for _, f := range []struct {
		format string
		label  lang.Text
	}{{"pdf", textPDF}, {"csv", textCSV}, {"json", textJSON}, {"zip", textZIP}} {
		fields := []app.UI{}
		for _, v := range [][2]string{
			{"format", f.format}, {"language", string(lang.Current())}, {"from", from}, {"to", to},
			{"office", l.narrowed.office}, {"duty", l.narrowed.duty}, {"result", l.narrowed.result},
		} {
			fields = append(fields, app.Input().Type("hidden").Name(v[0]).Value(v[1]))
		}
		forms = append(forms, app.Form().Method("post").Action(filePath).Body(append(fields,
			kit.Button{ID: "exchange-" + f.format, Label: f.label, Icon: kit.IconDownload, Submit: true}.UI())...))
	}
	return kit.Disclosure{ID: "exchange-file", Summary: textFile, Body: []app.UI{
		textFileMeans.P(""), app.Div().Class("exchange-files").Body(forms...),
	}}.UI()
}

// telling is whether the person is told of offices that ask for the first time.
func (l *list) telling() app.UI {
	hint := textMailHint
	if !l.settings.GetMailPossible() {
		hint = textMailNone
	}
	return kit.Disclosure{ID: "exchange-telling", Summary: textTelling, Body: []app.UI{
		l.chosen.Failure.Banner("exchange-telling-failure"),
		kit.Checkbox{ID: "exchange-mail", Label: textMail, Hint: hint, Checked: l.settings.GetMail(),
			OnChange: func(_ app.Context, on bool) { l.tellByMail(on) }}.UI(),
	}}.UI()
}

func (l *list) tellByMail(on bool) {
	ask.Do(&l.visit, &l.chosen, portal().UpdateExchangeSettings, &portalv1.UpdateExchangeSettingsRequest{Mail: on},
		func(ctx app.Context, response *portalv1.UpdateExchangeSettingsResponse, err error) {
			if err == nil {
				l.settings = response.GetSettings()
				kit.Announce(ctx, textSaved)
			}
		})
}
