package shell

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/order"
)

// Tile is what a visit may begin with: an event of life, on the first page.
type Tile struct {
	Href    string
	Title   lang.Text
	Picture func() app.UI
}

// Asked is what somebody types into the field that finds everything.
type Asked struct {
	Words string
	Place string // six digits; empty for the whole country
}

// Hit is an answer to it: one line that leads on.
type Hit struct {
	Title app.UI
	Note  app.UI // who, by when; may be nil
	Href  string
}

// Finder has a feature answer in the field that finds everything. What it gives is a few; All leads to the rest.
type Finder struct {
	// Title heads its answers: 手続, お知らせ.
	Title lang.Text
	// Order sorts the finders, small first.
	Order int
	// For says who may ask it.
	For Access
	// Find looks; it may ask the portal. An error says that nothing can be had now.
	Find func(ctx context.Context, a Asked) ([]Hit, error)
	// Ready reads what Find looks in, in an idle moment before anybody asks; nil where there is nothing to read.
	Ready func()
	// All is the address of all that there is; nil where Find gives it all.
	All func(a Asked) string
}

// Tiles are those of all features, in their order.
func Tiles() []Tile { return house.tiles }

// Finders are those that the person who is there may ask, in order.
func Finders() []Finder {
	var asked []Finder
	for _, f := range house.finders {
		if f.For == Anyone || Reading() {
			asked = append(asked, f)
		}
	}
	order.By(asked, func(a, b Finder) int { return a.Order - b.Order })
	return asked
}
