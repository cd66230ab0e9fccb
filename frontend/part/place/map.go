package place

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// neighbour is the prefecture that an arrow key leads to from another: the nearest one that lies more in this direction
// than beside it. The prefecture itself when there is none, or the key is no arrow.
func neighbour(from int, key string) int {
	best, bestCost := from, 0
	for i, p := range prefectures {
		across, down := p.column-prefectures[from].column, p.row-prefectures[from].row
		ahead, aside := 0, 0
		switch key {
		case "ArrowUp":
			ahead, aside = -down, across
		case "ArrowDown":
			ahead, aside = down, across
		case "ArrowLeft":
			ahead, aside = -across, down
		case "ArrowRight":
			ahead, aside = across, down
		}
		aside = max(aside, -aside)
		if ahead < 1 || aside > ahead {
			continue
		}
		if cost := ahead + 2*aside; best == from || cost < bestCost {
			best, bestCost = i, cost
		}
	}
	return best
}

// tileMap draws the prefectures as tiles, each a link. One of them, the active one, is in the order of the Tab key.
type tileMap struct {
	active int
	href   func(i int) string
	// onKey and onFocus are methods of the page, which go-app replaces only when the tile is another one.
	onKey, onFocus func(i int) app.EventHandler
}

func (m tileMap) ui() app.UI {
	tiles := make([]app.UI, len(prefectures))
	for i, p := range prefectures {
		index := -1
		if i == m.active {
			index = 0
		}
		tiles[i] = app.Li().Class(
			"tile-place tile-column-" + strconv.Itoa(p.column) + " tile-row-" + strconv.Itoa(p.row),
		).Body(
			app.A().ID(tileID(i)).Class("tile "+regionClasses[p.region]).Href(m.href(i)).TabIndex(index).Aria("label",
				p.name().String()).
				Body(app.Span().Class("tile-name").Text(p.short().String())).
				OnKeyDown(m.onKey(i), app.EventScope(i)).OnFocus(m.onFocus(i), app.EventScope(i)))
	}
	return app.Nav().Class("tiles-part").Aria("labelledby", "tiles-title").Aria("describedby", "tiles-keys").Body(
		app.H2().ID("tiles-title").Class("part-title").Body(textMap.UI()),
		app.P().ID("tiles-keys").Class("hint tiles-keys").Body(textMapKeys.UI()),
		app.Ul().Class("tiles").Body(tiles...),
	)
}

func tileID(i int) string { return "tile-" + digits(i) }
