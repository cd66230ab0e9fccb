package help

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

var (
	abilities = []struct {
		icon        kit.IconName
		href        string
		title, text lang.Text
	}{
		{kit.IconSearch, "/procedures", textFindAProcedure,
			textProceduresOfEveryMunicipalityIn},
		{kit.IconTask, "/guide", textSearchByEventOfLife,
			textWhatToDoWhenYou},
		{kit.IconBell, "", textReceiveNotices,
			textNoticesFromYourMunicipalityAnd},
		{kit.IconPerson, "", textManageYourRegistration,
			textRegisterTheNameToBe},
		{kit.IconPlug, "/prepare", textCheckThatYouAreReady,
			textBrowserCardReaderAndCard},
		{kit.IconHelp, "/help", textSeeHowItWorks,
			textHowToLogInAnd},
	}

	needs = []lang.Text{
		textYourMyNumberCardWith,
		textItsFourDigitPINThree,
		textAComputerAndACard,
	}

	promises = []lang.Text{
		textYourPINNeverLeavesYour,
		textTheTwelveDigitMyNumber,
		textYouAreAlwaysToldBefore,
		textEverythingAboutHowItWorks,
	}
)

// top is the first page for a visitor.
type top struct{ app.Compo }

// OnMount has it follow the language and the session.
func (t *top) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render draws the page.
func (t *top) Render() app.UI {
	var cards []app.UI
	for _, a := range abilities {
		cards = append(cards, kit.Card{
			Heading: a.title, Level: 3, Icon: a.icon, Href: a.href, Body: []app.UI{app.P().Body(a.text.UI())},
		}.UI())
	}
	enter := kit.Link{ID: "top-login", Label: textTopLogIn, Href: "/login", Kind: kit.Primary, Icon: kit.IconLogIn}
	if shell.CurrentSession().State == shell.CitizenState {
		enter = kit.Link{ID: "top-login", Label: textToHome, Href: "/home", Kind: kit.Primary, Icon: kit.IconHome}
	}
	return app.Div().Class("top").Body(
		app.Section().Class("welcome").Body(
			app.Div().Body(
				app.H1().ID("page-title").Class("welcome-title").TabIndex(-1).Body(textTopTitle.UI()),
				app.P().Class("welcome-lead").Body(textTopLead.UI()),
				app.Div().Class("actions").Body(enter.UI(), kit.Link{
					Label: textTopPrepare, Href: "/prepare", Kind: kit.Secondary, Icon: kit.IconPlug,
				}.UI()),
				app.P().Class("welcome-phone if-handheld").Body(textTopPhone.UI(), app.Text(" "), kit.Link{
					Label: textTopPhoneMore, Href: "/login",
				}.UI()),
				app.P().Class("welcome-note").Body(kit.Icon(kit.IconInfo), textIndependent.UI()),
			),
			picture(),
		),
		app.Section().Class("part").Body(app.H2().Class("part-title").Body(textCanDo.UI()),
			app.Div().Class("cards").Body(cards...)),
		app.Section().Class("part").Body(app.H2().Class("part-title").Body(textNeeds.UI()), app.Ul().Class("dots").Body(
			items(needs)...,
		)),
		app.Section().Class("part").Body(
			app.H2().Class("part-title").Body(textPromise.UI()), app.Ul().Class("dots").Body(items(promises)...),
		),
	)
}

// picture is a quiet drawing of a counter: a window, a card on its ledge.
func picture() app.UI {
	return kit.Drawing(
		"welcome-picture", "0 0 320 260",
		`<path class="picture-wall" d="M60 200V110a100 92 0 0 1 200 0v90z"/><path class="picture-light" d="M86 200v-86a74 68 0 0 1 148 0v86z"/><path class="picture-line" d="M60 200V110a100 92 0 0 1 200 0v90M160 46v154M86 128h148"/><path class="picture-counter" d="M24 200h272v16H24z"/><g class="picture-card"><rect x="128" y="172" width="84" height="52" rx="7"/><path d="M140 190h14v11h-14zM164 190h36M164 198h36M140 212h60"/></g>`,
	)
}
