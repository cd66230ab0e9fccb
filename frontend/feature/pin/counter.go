package pin

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// resetDefinition is マイナンバーカードの暗証番号の再設定 in the catalogue, resetQuery what finds it.
const resetDefinition, resetQuery = "P0111", "暗証番号の再設定"

// counter is where the municipality that this device remembers resets a PIN: its desk with telephone and hours. Without
// a place, a desk or a network there is nothing but the way to all desks, which stands below it.
type counter struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	found *portalv1.GetProcedureResponse
}

// OnMount asks for the desk.
func (c *counter) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	if at := place.Remembered(); at != nil {
		ask.For(&c.visit, &c.asked, desk, at, func(_ app.Context, found *portalv1.GetProcedureResponse, _ error) {
			c.found = found
		})
	}
}

// OnDismount gives the question up.
func (c *counter) OnDismount() { c.visit.End() }

// desk is the entry of the place itself, with its desk; nil when it has none.
func desk(ctx context.Context, at *portalv1.Place) (*portalv1.GetProcedureResponse, error) {
	service := rpc.To(portalv1web.NewProcedureService)
	hits, err := service.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{
		PlaceCode: at.GetCode(), Query: resetQuery,
	})
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(hits.GetHits(), func(h *portalv1.ProcedureHit) bool {
		return h.GetDefinition() == resetDefinition && !h.GetUnregistered()
	})
	if n < 0 {
		return nil, nil
	}
	hit := hits.GetHits()[n]
	return service.GetProcedure(ctx, &portalv1.GetProcedureRequest{
		PlaceCode: hit.GetPlace().GetCode(), Number: hit.GetNumber(),
	})
}

// Render draws the desk.
func (c *counter) Render() app.UI {
	d := c.found.GetContent().GetDesk()
	if d.GetDepartment() == "" {
		return app.Div()
	}
	rows := []kit.Row{{Name: catalog.TextOffice, Value: catalog.AsWritten(d.GetDepartment())}}
	for _, row := range []struct {
		name  lang.Text
		text  string
		value app.UI
	}{
		{catalog.TextWhere, d.GetAddress(), catalog.AsWritten(d.GetAddress())},
		{catalog.TextPhone, d.GetPhone(), catalog.Telephone(d.GetPhone())},
		{catalog.TextHours, d.GetHours(), catalog.AsWritten(d.GetHours())},
	} {
		if row.text != "" {
			rows = append(rows, kit.Row{Name: row.name, Value: row.value})
		}
	}
	at := c.found.GetPlace()
	return kit.Card{
		ID: "pin-counter", Heading: textCounter.F(place.Name(at)), Icon: kit.IconPlace, Body: []app.UI{
			kit.Facts(rows...),
			app.Div().Class("actions").Body(kit.Link{
				Label: textCounterMore, Href: catalog.Path(at.GetCode(), c.found.GetContent().GetNumber()),
				Kind: kit.Secondary,
			}.UI()),
		},
	}.UI()
}
