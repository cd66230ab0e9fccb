package showroom

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/scene"
)

var allScenes = []struct {
	name string
	draw func(scene.Size) app.UI
}{
	{"Lit", scene.Lit}, {"Reading", scene.Reading}, {"Dusk", scene.Dusk}, {"Locked", scene.Locked},
	{"Empty", scene.Empty}, {"Rain", scene.Rain}, {"Cradle", scene.Cradle}, {"SchoolBag", scene.SchoolBag},
	{"MovingBox", scene.MovingBox}, {"Briefcase", scene.Briefcase}, {"Rings", scene.Rings},
	{"WalkingStick", scene.WalkingStick}, {"Wheelchair", scene.Wheelchair}, {"CrackedHouse", scene.CrackedHouse},
	{"Candle", scene.Candle},
}

func scenes() []app.UI {
	var rows []app.UI
	for _, size := range []scene.Size{scene.Large, scene.Medium, scene.Small} {
		row := make([]app.UI, len(allScenes))
		for i, s := range allScenes {
			row[i] = shown(s.name, s.draw(size))
		}
		rows = append(rows, app.Div().Class("showroom-row showroom-"+string(size)).Body(row...))
	}
	return append(rows, scene.Told(scene.Reading(scene.Medium), says("カードを読み取っています")))
}

func signs() app.UI {
	return app.Div().Class("showroom-row").Body(
		shown("Find", scene.SignFind()), shown("Guide", scene.SignGuide()), shown("Notices", scene.SignNotices()),
		shown("Todo", scene.SignTodo()), shown("Person", scene.SignPerson()), shown("Reader", scene.SignReader()),
		shown("Help", scene.SignHelp()), shown("Apply", scene.SignApply()), shown("Pay", scene.SignPay()),
		shown("History", scene.SignHistory()), shown("Records", scene.SignRecords()),
		shown("Family", scene.SignFamily()), shown("Place", scene.SignPlace()), shown("Device", scene.SignDevice()),
		shown("Compare", scene.SignCompare()), shown("Safe", scene.SignSafe()),
	)
}

func icons() app.UI {
	var all []app.UI
	for _, icon := range kit.Icons() {
		name, _, _ := strings.Cut(string(icon), " ")
		all = append(all, shown(name, kit.Icon(icon)))
	}
	return app.Div().Class("showroom-row").Body(all...)
}

func nothing() kit.Empty {
	return kit.Empty{
		Picture: scene.Empty(scene.Medium), Text: says("まだ何もありません。"),
		WayOn: []app.UI{kit.Link{Label: says("できごとから探す"), Href: "/guide", Kind: kit.Secondary}.UI()},
	}
}
