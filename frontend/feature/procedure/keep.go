package procedure

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"google.golang.org/protobuf/proto"

	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// keptPlaces is how many places a device keeps; the one fetched longest ago goes.
	keptPlaces = 8
	// keptFor is how long what is kept is not fetched again.
	keptFor = 24 * time.Hour
)

type keptHead = vault.PlaceHead

// kept is everything registered for a place, as it was when the device fetched it. Nothing of it is of a person.
type kept struct {
	place      *portalv1.Place
	at         time.Time
	procedures []*portalv1.GetProcedureResponse
}

// find returns a procedure by its number; nil when it is not there, or nothing is kept.
func (k *kept) find(number string) *portalv1.GetProcedureResponse {
	if k == nil {
		return nil
	}
	for _, p := range k.procedures {
		if p.GetContent().GetNumber() == number {
			return p
		}
	}
	return nil
}

// fetched is a place that is fetched for the device. What was wiped is to be fetched anew when somebody looks there again.
type fetched struct {
	code  string
	wipes int
}

// keeping are the places that are being fetched, or were a moment ago. Only the UI goroutine touches it.
var keeping = map[fetched]time.Time{}

// keepPlace fetches everything of a place for when there is no network, unless the device has it already.
func keepPlace(ctx app.Context, p *portalv1.Place) {
	code := p.GetCode()
	this := fetched{code, vault.Wipes(vault.Procedures)}
	if p.GetKind() == portalv1.Place_KIND_PREFECTURE || time.Since(keeping[this]) < keptFor || sparing() {
		return
	}
	keeping[this] = time.Now()
	name := p.GetName()
	ctx.Async(func() {
		bg := context.Background()
		awaitIdle(bg)
		heads, err := vault.KeptPlaces(bg)
		if err != nil {
			return // a device that keeps nothing goes without
		}
		for _, h := range heads {
			if h.Code == code && time.Since(h.At) < keptFor {
				return
			}
		}
		whole := &portalv1.ListProceduresResponse{}
		for {
			page, err := rpc.Procedures().ListProcedures(bg, &portalv1.ListProceduresRequest{PlaceCode: code, PageToken: whole.GetNextPageToken()})
			if err != nil {
				ctx.Dispatch(func(app.Context) { delete(keeping, this) })
				return
			}
			whole.Place, whole.NextPageToken = page.GetPlace(), page.GetNextPageToken()
			whole.Procedures = append(whole.Procedures, page.GetProcedures()...)
			if whole.GetNextPageToken() == "" {
				break
			}
		}
		data, err := proto.Marshal(whole)
		if err != nil {
			app.Log("keeping a place: ", err)
			return
		}
		if err := vault.KeepPlace(bg, keptHead{Code: code, Name: name, At: time.Now()}, data); err != nil {
			app.Log("keeping a place: ", err)
			return
		}
		gone := surplus(heads, code)
		if vault.Wipes(vault.Procedures) != this.wipes { // wiped meanwhile
			gone = []string{code}
		}
		for _, code := range gone {
			if err := vault.ForgetPlace(bg, code); err != nil {
				app.Log("forgetting a place: ", err)
			}
		}
	})
}

// surplus names the places that must go once another one is kept.
func surplus(heads []keptHead, added string) []string {
	heads = slices.DeleteFunc(slices.Clone(heads), func(h keptHead) bool { return h.Code == added })
	slices.SortFunc(heads, func(a, b keptHead) int { return b.At.Compare(a.At) })
	var codes []string
	for i, h := range heads {
		if i >= keptPlaces-1 {
			codes = append(codes, h.Code)
		}
	}
	return codes
}

// loadKept reads what the device keeps of a place; nil when it keeps nothing of it.
func loadKept(ctx app.Context, code string, done func(ctx app.Context, k *kept)) {
	if code == "" {
		done(ctx, nil)
		return
	}
	ctx.Async(func() {
		at, data, err := vault.KeptPlace(context.Background(), code)
		var k *kept
		if err == nil && len(data) > 0 {
			list := &portalv1.ListProceduresResponse{}
			if err := proto.Unmarshal(data, list); err == nil {
				k = &kept{place: list.GetPlace(), at: at, procedures: list.GetProcedures()}
			}
		}
		ctx.Dispatch(func(ctx app.Context) { done(ctx, k) })
	})
}

// listKept lists the places that the device keeps, the newest first.
func listKept(ctx app.Context, done func(ctx app.Context, heads []keptHead)) {
	ctx.Async(func() {
		heads, err := vault.KeptPlaces(context.Background())
		if err != nil {
			heads = nil
		}
		slices.SortFunc(heads, func(a, b keptHead) int { return b.At.Compare(a.At) })
		ctx.Dispatch(func(ctx app.Context) { done(ctx, heads) })
	})
}

// search looks for words in what is kept: in title, keywords, summary and category, also by their readings. It is plainer than the portal's
// search: what has more of the words in its title comes first, and what has only some of the words is close.
func (k *kept) search(state searchState) *portalv1.SearchProceduresResponse {
	response := &portalv1.SearchProceduresResponse{Place: k.place}
	words := strings.Fields(fold(state.query))
	var found []match
	whole := 0
	for _, p := range k.procedures {
		c := p.GetContent()
		m := matching(words, p)
		if m.words == 0 && len(words) > 0 || state.online && !c.GetOnline() {
			continue
		}
		if m.words == len(words) {
			whole++
		}
		m.hit = &portalv1.ProcedureHit{
			Place: k.place, Number: c.GetNumber(), Definition: c.GetDefinition(), Title: c.GetTitle(), Category: c.GetCategory(), Online: c.GetOnline(),
			Signature: c.GetSignature(), Deadline: c.GetDeadline(), PlaceCount: 1,
		}
		if p.GetName().GetEn() != c.GetTitle() {
			m.hit.Name = p.GetName()
		}
		found = append(found, m)
	}
	slices.SortStableFunc(found, func(a, b match) int { return b.score - a.score })
	counts := map[string]int32{}
	for _, m := range found {
		if m.words < len(words) && whole > 0 {
			continue
		}
		m.hit.Close = m.words < len(words)
		if !m.hit.GetClose() {
			counts[m.hit.GetCategory()]++
		}
		if len(state.categories) > 0 && !slices.Contains(state.categories, m.hit.GetCategory()) {
			continue
		}
		response.Hits = append(response.Hits, m.hit)
		if !m.hit.GetClose() {
			response.Total++
		}
	}
	for _, name := range categoryOrder {
		if counts[name] > 0 {
			response.Categories = append(response.Categories, &portalv1.CategoryCount{Category: name, Count: counts[name]})
		}
	}
	return response
}

// match says how well a procedure fits: how many of the words are in it, and two for each in the title, one elsewhere.
type match struct {
	hit          *portalv1.ProcedureHit
	words, score int
}

func matching(words []string, p *portalv1.GetProcedureResponse) match {
	c := p.GetContent()
	title := fold(strings.Join([]string{c.GetTitle(), p.GetName().GetJa(), p.GetName().GetEn(), p.GetName().GetEasy()}, "\n"))
	rest := fold(strings.Join([]string{
		strings.Join(c.GetKeywords(), "\n"), c.GetSummary(), p.GetPlain().GetJa(), p.GetPlain().GetEn(), p.GetPlain().GetEasy(), c.GetCategory(), c.GetTarget(),
	}, "\n"))
	var m match
	for _, w := range words {
		switch {
		case strings.Contains(title, w):
			m.words, m.score = m.words+1, m.score+2
		case strings.Contains(rest, w):
			m.words, m.score = m.words+1, m.score+1
		}
	}
	return m
}

// fold makes what people take for the same the same: width, case, katakana and hiragana.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, strings.ToLower(compatible(s)))
}
