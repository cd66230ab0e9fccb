// Package catalog is what pages share of the catalogue of procedures: the address and the name of one, the words for
// its categories and fields, and what a device keeps of the places that one has visited, so that they can be read and
// searched without a network. Choosing a place is the place package's, the to-do list todo's.
package catalog

import (
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// SearchPath is where procedures are searched for.
	SearchPath = "/procedures"
	// ComparePath is where places are compared.
	ComparePath = SearchPath + "/compare"
	// Nation stands in the address of a procedure for the whole country.
	Nation = "nation"
)

// Path is the address of a procedure in a place, or in the whole country.
func Path(place, number string) string {
	if place == "" {
		place = Nation
	}
	return SearchPath + "/" + place + "/" + number
}

// Search is the search in a place.
func Search(code string) string {
	if code == "" {
		return SearchPath
	}
	return SearchPath + "?place=" + code
}

// Title is the name of the procedure; what an office calls its own is the same in every language.
func Title(r *portalv1.GetProcedureResponse) lang.Text {
	if r.GetContent().GetDefinition() == "" {
		return lang.Plain(r.GetContent().GetTitle())
	}
	return lang.Local(r.GetName())
}

// Signature says what must be shown of the card to apply online.
func Signature(s portalv1.Signature) lang.Text {
	switch s {
	case portalv1.Signature_SIGNATURE_SIGN:
		return TextSign
	case portalv1.Signature_SIGNATURE_LOGIN:
		return TextLogin
	case portalv1.Signature_SIGNATURE_NONE:
		return TextNoSign
	}
	return lang.Text{}
}

// free is what offices write where nothing is to be paid, so many of them that it is said in each language.
const free = "無料"

// AsWritten is a text as the office wrote it: Japanese whatever the language of the page.
func AsWritten(text string) app.UI {
	if text == free {
		return textFree.UI()
	}
	return app.Span().Lang("ja").Text(text)
}

// categories are the words for the catalogue's categories, whose Japanese name is also what the portal calls them.
var categories = sync.OnceValue(func() map[string]lang.Text {
	return map[string]lang.Text{
		"子育て":          textRaisingChildren,
		"妊娠・出産":        textPregnancyAndBirth,
		"高齢者・介護":       textOlderPeopleAndCare,
		"防災・被災者支援":     textDisasters,
		"自動車":          textCars,
		"引越し・住まい":      textMovingAndHousing,
		"戸籍・住民票・印鑑登録等": textRegistersAndCertificates,
		"税金":           textTaxes,
		"水道・くらし":       textWaterAndDailyLife,
		"ごみ・環境保全":      textWasteAndEnvironment,
		"文化・スポーツ・生涯学習": textCultureSportAndLearning,
		"就職・退職":        textWork,
		"選挙・市政":        textElectionsAndCityAffairs,
		"事業者":          textBusinesses,
		"健康・医療":        textHealth,
		"障がい者支援":       textDisability,
		"教育":           textSchools,
		"国民健康保険・年金":    textHealthInsuranceAndPension,
		"ご不幸":          textBereavement,
		"結婚・離婚":        textMarriageAndDivorce,
	}
})

// Categories are all of them, as a grid lists them: what more people look for first.
var Categories = []string{
	"子育て", "妊娠・出産", "引越し・住まい", "戸籍・住民票・印鑑登録等", "国民健康保険・年金", "税金", "高齢者・介護", "健康・医療", "障がい者支援", "教育", "結婚・離婚", "ご不幸",
	"就職・退職", "ごみ・環境保全", "水道・くらし", "防災・被災者支援",
	"自動車", "文化・スポーツ・生涯学習", "選挙・市政", "事業者",
}

// Category is the word for a category.
func Category(name string) lang.Text {
	if t, ok := categories()[name]; ok {
		return t
	}
	return lang.Plain(name)
}
