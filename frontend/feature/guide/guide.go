// Package guide leads from an event of life (できごと) to what is to be done: the nine events, the questions and the plan
// of one, which goes on the to-do list. What applies is the portal's to say; answers stay on the device and are no part
// of any address.
package guide

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/catalog"
)

const (
	guidePath  = "/guide"
	todoPath   = "/todo"
	devicePath = "/device"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: guidePath, Prerender: "guide", Title: textGuide, New: func() app.Composer { return &overview{} }},
		{
			Pattern: "^/guide/[a-z]+$", Document: "event", Title: textGuide, Parent: guidePath,
			New: func() app.Composer { return &page{} },
		},
	},
	Tiles:     tiles(),
	Timelines: []shell.Timeline{{Rows: dues, Follow: follow}},
	Services: []shell.Service{{
		ID: "guide", Path: guidePath, Title: textGuide, Text: textService, Sign: scene.SignGuide, Order: 30,
	}},
}

// happening is an event of life as the page knows it before it asks the portal.
type happening struct {
	id             string
	title, summary lang.Text
}

var happenings = []happening{
	{"birth", textPregnancyAndBirth, textWhatToDoFromA},
	{"child", textRaisingChildren, textChildcareMedicalCostsVaccinationsSchool},
	{"move", textMoving, textWhatToDoBeforeAnd},
	{"work", textStartingOrLeavingAJob, textHealthInsurancePensionUnemploymentBenefits},
	{"marriage", textMarriageAndDivorce, textRegistrationChangesOfNameAnd},
	{"care", textLongTermCare, textWhatToDoWhenYou},
	{"disability", textIllnessAndDisability, textHelpWithTheCostsOf},
	{"disaster", textDisaster, textFirstStepsAndSupportAfter},
	{"death", textDeathAndInheritance, textWhatFollowsAfterADeath},
}

func tiles() []shell.Tile {
	all := make([]shell.Tile, len(happenings))
	for i, h := range happenings {
		all[i] = shell.Tile{
			Href: guidePath + "/" + h.id, Title: h.title,
			Picture: func() app.UI { return scene.Event(h.id, scene.Medium) },
		}
	}
	return all
}

// happeningOf finds the event of an address: /guide/birth.
func happeningOf(path string) (happening, bool) {
	for _, h := range happenings {
		if path == guidePath+"/"+h.id {
			return h, true
		}
	}
	return happening{}, false
}

// overview lists the events.
type overview struct{ app.Compo }

// OnMount has it follow the language.
func (o *overview) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render draws the nine events and the ways on for what is none of them.
func (o *overview) Render() app.UI {
	cards := make([]app.UI, len(happenings))
	for i, h := range happenings {
		cards[i] = app.Section().Class("card card-linked guide-card").Body(
			scene.Event(h.id, scene.Medium),
			app.H2().Class("card-heading").Body(
				app.A().Class("card-link").Href(guidePath+"/"+h.id).Body(h.title.UI()), kit.Icon(kit.IconChevron),
			),
			app.Div().Class("card-body").Body(h.summary.P("")),
		)
	}
	return app.Div().Class("page page-guide").Body(
		shell.Heading(textGuide),
		textGuideLead.P("lead"),
		app.Div().Class("cards guide-cards").Body(cards...),
		app.Section().Class("part no-print").Body(
			textGuideElse.H2("part-title"),
			app.P().Class("guide-ways").Body(
				kit.Link{
					ID: "guide-search", Label: textGuideFind, Href: catalog.SearchPath, Icon: kit.IconSearch,
					Kind: kit.Secondary,
				}.UI(),
				kit.Link{
					ID: "guide-todo", Label: textGuideTodo, Href: todoPath, Icon: kit.IconTask, Kind: kit.Secondary,
				}.UI(),
			),
		),
	)
}
