// Package scene holds the pictures: scenes of one window, made of the parts of the project's mark (an arch, its warm
// light, the sill), and the signs of services, two-toned in the same hand. Each is a function of its own, so that only
// those that a page shows weigh in it.
//
// They are drawn on a grid of eight, 96 × 96 a scene and 48 × 48 a sign, in the colour of the text and one accent, the
// light (static/scene.css). A picture is decoration beside words that say the same; where it stands alone, Told
// gives it its words.
package scene

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
)

// Size is how large a picture is. Lines are as wide at every size as they should be there.
type Size string

const (
	Small  Size = "small"  // 48 px: in a list
	Medium Size = "medium" // 96 px: in a card, in an empty state
	Large  Size = "large"  // 240 px: what a page is about
)

// What scenes share. What stands on the sill ends where its line begins.
const (
	// glow is the light alone, behind what an event of life is about.
	glow = `<path class="scene-glow" d="M20 84V40a28 28 0 0 1 56 0v44z"/>`
	// frame and pane are the window of the mark.
	frame = `<path d="M20 76V40a28 28 0 0 1 56 0v36"/>`
	pane  = `d="M30 76V40a18 18 0 0 1 36 0v36z"/>`
	sill  = `<path d="M8 84h80"/>`
)

func draw(size Size, within string) app.UI {
	return kit.Drawing("scene scene-"+string(size), "0 0 96 96", within)
}

// Told is a picture that stands alone, with what it says for those who do not see it.
func Told(picture app.UI, says lang.Text) app.UI {
	return app.Span().Class("scene-told").Attr("role", "img").Aria("label", says.String()).Body(picture)
}

// Event is the picture of an event of life by its id; of one that this page does not know yet, the lit window.
func Event(id string, size Size) app.UI {
	switch id {
	case "birth":
		return Cradle(size)
	case "child":
		return SchoolBag(size)
	case "move":
		return MovingBox(size)
	case "work":
		return Briefcase(size)
	case "marriage":
		return Rings(size)
	case "care":
		return WalkingStick(size)
	case "disability":
		return Wheelchair(size)
	case "disaster":
		return CrackedHouse(size)
	case "death":
		return Candle(size)
	}
	return Lit(size)
}
