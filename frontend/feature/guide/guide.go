// Package guide leads from an event of life (できごと) to what is to be done: the nine events, the questions and the plan
// of one, which goes on the to-do list. What applies is the portal's to say; answers stay on the device and are no part
// of any address.
package guide

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
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
}

// happening is an event of life as the page knows it before it asks the portal.
type happening struct {
	id             string
	title, summary lang.Text
	// strokes are drawn as those of kit.Icon.
	strokes string
}

var happenings = []happening{
	{"birth", textPregnancyAndBirth,
		textWhatToDoFromA,
		`<path d="M3 8h18"/><path d="M4 8a8 7 0 0 0 16 0"/><path d="M12 8V3a8 5 0 0 1 8 5"/><circle cx="8" cy="19" r="2"/><circle cx="16" cy="19" r="2"/>`},
	{"child", textRaisingChildren,
		textChildcareMedicalCostsVaccinationsSchool,
		`<circle cx="8" cy="6" r="3"/><path d="M3 21v-5a5 5 0 0 1 9-3"/><circle cx="16.500" cy="13" r="2.500"/><path d="M12.500 21a4 4 0 0 1 8 0"/>`},
	{"move", textMoving,
		textWhatToDoBeforeAnd,
		`<path d="M4 11l8-7 8 7"/><path d="M6 10v10h12V10"/><path d="M9 15h6M12.500 12.500L15 15l-2.500 2.500"/>`},
	{"work", textStartingOrLeavingAJob,
		textHealthInsurancePensionUnemploymentBenefits,
		`<rect x="3" y="8" width="18" height="12" rx="2"/><path d="M9 8V5h6v3"/><path d="M3 13h18M12 12v2"/>`},
	{"marriage", textMarriageAndDivorce,
		textRegistrationChangesOfNameAnd,
		`<circle cx="9" cy="13" r="6"/><circle cx="15" cy="13" r="6"/>`},
	{"care", textLongTermCare,
		textWhatToDoWhenYou,
		`<path d="M12 11c-2.500-2-4-3.400-4-5.200A2.200 2.200 0 0 1 12 4.600a2.200 2.200 0 0 1 4 1.200C16 7.600 14.500 9 12 11z"/><path d="M3 15l4-2 5 2h3a1.500 1.500 0 0 1 0 3h-4"/><path d="M15 17l5-2.500M3 20l4-1 5 1.500 9-4"/>`},
	{"disability", textIllnessAndDisability,
		textHelpWithTheCostsOf,
		`<path d="M9 3h6v6h6v6h-6v6H9v-6H3V9h6z"/>`},
	{"disaster", textDisaster,
		textFirstStepsAndSupportAfter,
		`<path d="M4 11l8-7 8 7"/><path d="M6 10v10h4l2-4-2-2 3-4"/><path d="M13 20h5V10"/>`},
	{"death", textDeathAndInheritance,
		textWhatFollowsAfterADeath,
		`<path d="M12 21v-9"/><path d="M12 12c-3 0-4.500-2-4.500-4.500C9 7.500 10.500 6 12 3c1.500 3 3 4.500 4.500 4.500C16.500 10 15 12 12 12z"/><path d="M12 19c-3 0-5-1.500-5.500-4 3 0 5 1 5.500 4zM12 19c3 0 5-1.500 5.500-4-3 0-5 1-5.500 4z"/>`},
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

func (h happening) icon() app.UI {
	return kit.Drawing("icon guide-icon", "0 0 24 24", h.strokes)
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
			app.H2().Class("card-heading").Body(
				h.icon(), app.A().Class("card-link").Href(guidePath+"/"+h.id).Body(h.title.UI()), kit.Icon(
					kit.IconChevron,
				),
			),
			app.Div().Class("card-body").Body(app.P().Body(h.summary.UI())),
		)
	}
	return app.Div().Class("page page-guide").Body(
		shell.Heading(textGuide),
		app.P().Class("lead").Body(textGuideLead.UI()),
		app.Div().Class("cards guide-cards").Body(cards...),
		app.Section().Class("part no-print").Body(
			app.H2().Class("part-title").Body(textGuideElse.UI()),
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
