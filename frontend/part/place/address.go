package place

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// OfAddress finds the municipality of a whole address (東京都目黒区上目黒九丁目1番1号), and what of it comes after. The
// address stays here: the portal is asked for the municipalities of the prefecture. done gets no place where the
// address names none.
func OfAddress(
	v *ask.Visit, q *ask.Question, address string,
	done func(ctx app.Context, p *portalv1.Place, rest string, err error),
) {
	for i, pref := range prefectures {
		inside, is := strings.CutPrefix(address, pref.ja)
		if !is {
			continue
		}
		code := string([]byte{'0' + byte((i+1)/10), '0' + byte((i+1)%10)})
		ask.For(v, q, rpc.To(portalv1web.NewPlaceService).ListPlaces, &portalv1.ListPlacesRequest{Code: code},
			func(ctx app.Context, got *portalv1.ListPlacesResponse, err error) {
				know(got.GetPlaces())
				p := longest(got.GetPlaces(), inside)
				done(ctx, p, strings.TrimPrefix(inside, p.GetName()), err)
			})
		return
	}
	done(v.Page, nil, "", nil)
}

// longest is the place whose name an address begins with, the ward rather than its city; nil when there is none.
func longest(places []*portalv1.Place, address string) (found *portalv1.Place) {
	for _, p := range places {
		if strings.HasPrefix(address, p.GetName()) && len(p.GetName()) > len(found.GetName()) {
			found = p
		}
	}
	return found
}
