package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/order"
	"madoguchi/proto/wire"
)

const (
	// keptPlaces is how many places a device keeps; the one fetched longest ago goes.
	keptPlaces = 8
	// keptFor is how long what is kept is not fetched again.
	keptFor = 24 * time.Hour
)

// Kept is everything registered for a place, as it was when the device fetched it. Nothing of it is of a person.
type Kept struct {
	Place      *portalv1.Place
	At         time.Time
	Procedures []*portalv1.GetProcedureResponse
}

// Find returns a procedure by its number; nil when it is not there, or nothing is kept.
func (k *Kept) Find(number string) *portalv1.GetProcedureResponse {
	if k == nil {
		return nil
	}
	for _, p := range k.Procedures {
		if p.GetContent().GetNumber() == number {
			return p
		}
	}
	return nil
}

// fetched is a place that is fetched for the device. What was wiped is to be fetched anew when somebody looks there
// again.
type fetched struct {
	code  string
	wipes int
}

// keeping are the places that are being fetched, or were a moment ago. Only the UI goroutine touches it.
var keeping = map[fetched]time.Time{}

// Keep fetches everything of a place for when there is no network, unless the device has it already.
func Keep(ctx app.Context, p *portalv1.Place) {
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
			page, err := rpc.To(portalv1web.NewProcedureService).ListProcedures(bg, &portalv1.ListProceduresRequest{
				PlaceCode: code, PageToken: whole.GetNextPageToken(),
			})
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
		data, err := wire.Marshal(whole)
		if err != nil {
			app.Log("keeping a place: ", err)
			return
		}
		if err := vault.KeepPlace(bg, vault.PlaceHead{Code: code, Name: name, At: time.Now()}, data); err != nil {
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
func surplus(heads []vault.PlaceHead, added string) []string {
	heads = slices.DeleteFunc(slices.Clone(heads), func(h vault.PlaceHead) bool { return h.Code == added })
	order.By(heads, func(a, b vault.PlaceHead) int { return b.At.Compare(a.At) })
	var codes []string
	for i, h := range heads {
		if i >= keptPlaces-1 {
			codes = append(codes, h.Code)
		}
	}
	return codes
}

// Find is what the device keeps of a place; nil when it keeps nothing of it.
func Find(ctx context.Context, code string) *Kept {
	if code == "" {
		return nil
	}
	at, data, err := vault.KeptPlace(ctx, code)
	if err != nil || len(data) == 0 {
		return nil
	}
	list := &portalv1.ListProceduresResponse{}
	if err := wire.Unmarshal(data, list); err != nil {
		return nil
	}
	return &Kept{Place: list.GetPlace(), At: at, Procedures: list.GetProcedures()}
}

// List lists the places that the device keeps, the newest first.
func List(ctx context.Context) []vault.PlaceHead {
	heads, err := vault.KeptPlaces(ctx)
	if err != nil {
		return nil // what the browser does not let us see, it does not keep
	}
	order.By(heads, func(a, b vault.PlaceHead) int { return b.At.Compare(a.At) })
	return heads
}
