package procedure

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"google.golang.org/protobuf/proto"

	"madoguchi/frontend/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// keptPlaces is how many places a device keeps; the one not visited for longest goes.
	keptPlaces = 8
	// keptFor is how long what is kept is not fetched again.
	keptFor = 24 * time.Hour
)

// keptHead says which place is kept, and since when.
type keptHead struct {
	Code string
	Name string
	At   time.Time
}

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

// keeping are the places that are being fetched, or were a moment ago. Only the UI goroutine touches it.
var keeping = map[string]time.Time{}

// keepPlace fetches everything of a place for when there is no network, unless the device has it already.
func keepPlace(ctx app.Context, p *portalv1.Place) {
	code := p.GetCode()
	if p.GetKind() == portalv1.Place_KIND_PREFECTURE || time.Since(keeping[code]) < keptFor {
		return
	}
	keeping[code] = time.Now()
	name := p.GetName()
	ctx.Async(func() {
		bg := context.Background()
		heads, err := storedHeads(bg)
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
				ctx.Dispatch(func(app.Context) { delete(keeping, code) })
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
		if err := store(bg, keptHead{code, name, time.Now()}, data); err != nil {
			app.Log("keeping a place: ", err)
			return
		}
		for _, code := range surplus(heads, code) {
			if err := remove(bg, code); err != nil {
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
		at, data, err := stored(context.Background(), code)
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
		heads, err := storedHeads(context.Background())
		if err != nil {
			heads = nil
		}
		slices.SortFunc(heads, func(a, b keptHead) int { return b.At.Compare(a.At) })
		ctx.Dispatch(func(ctx app.Context) { done(ctx, heads) })
	})
}

// search looks for words in what is kept: in title, summary, category and keywords. It is plainer than the portal's search; what fits more
// words, and in the title, comes first.
func (k *kept) search(state searchState) *portalv1.SearchProceduresResponse {
	response := &portalv1.SearchProceduresResponse{Place: k.place}
	words := strings.Fields(fold(state.query))
	counts := map[string]int32{}
	type ranked struct {
		hit   *portalv1.ProcedureHit
		score int
	}
	var found []ranked
	for _, p := range k.procedures {
		c := p.GetContent()
		score := 1
		if len(words) > 0 {
			score = fits(words, fold(c.GetTitle()+" "+p.GetName().GetJa()), fold(strings.Join(c.GetKeywords(), " ")+" "+c.GetSummary()+" "+p.GetPlain().GetJa()+" "+c.GetCategory()+" "+c.GetTarget()))
		}
		if score == 0 || state.online && !c.GetOnline() {
			continue
		}
		counts[c.GetCategory()]++
		if len(state.categories) > 0 && !slices.Contains(state.categories, c.GetCategory()) {
			continue
		}
		hit := &portalv1.ProcedureHit{
			Place: k.place, Number: c.GetNumber(), Definition: c.GetDefinition(), Title: c.GetTitle(), Category: c.GetCategory(), Online: c.GetOnline(),
			Signature: c.GetSignature(), Deadline: c.GetDeadline(), PlaceCount: 1,
		}
		if p.GetName().GetEn() != c.GetTitle() {
			hit.Name = p.GetName()
		}
		found = append(found, ranked{hit, score})
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return b.score - a.score })
	for _, f := range found {
		response.Hits = append(response.Hits, f.hit)
	}
	response.Total = int32(len(found)) //nolint:gosec // some hundreds
	for _, name := range categoryOrder {
		if counts[name] > 0 {
			response.Categories = append(response.Categories, &portalv1.CategoryCount{Category: name, Count: counts[name]})
		}
	}
	return response
}

// fits counts two for each word in the title and one elsewhere; 0 when a word is nowhere.
func fits(words []string, title, rest string) int {
	score := 0
	for _, w := range words {
		switch {
		case strings.Contains(title, w):
			score += 2
		case strings.Contains(rest, w):
			score++
		default:
			return 0
		}
	}
	return score
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
