// Package catalog is what pages share of the catalogue of procedures: the address and the name of one, the words for its categories and
// fields, and what a device keeps of the places that one has visited, so that they can be read and searched without a network. Choosing a
// place is the place package's, the to-do list todo's.
package catalog

import (
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

// Words for what a procedure says of itself, the same on each page.
var (
	TextOnline   = lang.New("オンライン申請可", "Can be applied for online", "インターネットで できます")
	TextDeskOnly = lang.New("窓口・郵送", "At the desk or by mail", "窓口《まどぐち》か 郵便《ゆうびん》")
	TextSign     = lang.New("電子署名が必要", "Needs an electronic signature", "電子署名《でんししょめい》が いります")
	TextLogin    = lang.New("ログインが必要", "Needs a login", "ログインが いります")
	TextNoSign   = lang.New("電子署名・ログインは不要", "No signature or login needed", "電子署名《でんししょめい》も ログインも いりません")
	TextTarget   = lang.New("対象", "For whom", "だれの ため")
	TextCost     = lang.New("費用", "Cost", "お金《かね》")
	TextDocs     = lang.New("必要な書類", "Documents", "いる 書類《しょるい》")
	TextBring    = lang.New("持ちもの", "What to bring", "持《も》っていく もの")
	TextOffice   = lang.New("担当", "Department", "担当《たんとう》")
	TextWhere    = lang.New("住所", "Address", "住所《じゅうしょ》")
	TextPhone    = lang.New("電話", "Phone", "電話《でんわ》")
	TextHours    = lang.New("受付時間", "Hours", "開《あ》いている 時間《じかん》")
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

// AsWritten is a text as the office wrote it: Japanese whatever the language of the page.
func AsWritten(text string) app.UI { return app.Span().Lang("ja").Text(text) }

// categories are the words for the catalogue's categories, whose Japanese name is also what the portal calls them.
var categories = map[string]lang.Text{
	"子育て":          lang.New("子育て", "Raising children", "子《こ》どもを 育《そだ》てる"),
	"妊娠・出産":        lang.New("妊娠・出産", "Pregnancy and birth", "赤《あか》ちゃんが 生《う》まれる"),
	"高齢者・介護":       lang.New("高齢者・介護", "Older people and care", "お年寄《としよ》り・介護《かいご》"),
	"防災・被災者支援":     lang.New("防災・被災者支援", "Disasters", "災害《さいがい》"),
	"自動車":          lang.New("自動車", "Cars", "車《くるま》"),
	"引越し・住まい":      lang.New("引越し・住まい", "Moving and housing", "引《ひ》っ越《こ》し・住《す》む ところ"),
	"戸籍・住民票・印鑑登録等": lang.New("戸籍・住民票・印鑑登録等", "Registers and certificates", "住民票《じゅうみんひょう》・戸籍《こせき》"),
	"税金":           lang.New("税金", "Taxes", "税金《ぜいきん》"),
	"水道・くらし":       lang.New("水道・くらし", "Water and daily life", "水道《すいどう》・くらし"),
	"ごみ・環境保全":      lang.New("ごみ・環境保全", "Waste and environment", "ごみ"),
	"文化・スポーツ・生涯学習": lang.New("文化・スポーツ・生涯学習", "Culture, sport and learning", "スポーツ・勉強《べんきょう》"),
	"就職・退職":        lang.New("就職・退職", "Work", "仕事《しごと》"),
	"選挙・市政":        lang.New("選挙・市政", "Elections and city affairs", "選挙《せんきょ》・市《し》の こと"),
	"事業者":          lang.New("事業者", "Businesses", "会社《かいしゃ》・お店《みせ》"),
	"健康・医療":        lang.New("健康・医療", "Health", "健康《けんこう》・病院《びょういん》"),
	"障がい者支援":       lang.New("障がい者支援", "Disability", "障《しょう》がい"),
	"教育":           lang.New("教育", "Schools", "学校《がっこう》"),
	"国民健康保険・年金":    lang.New("国民健康保険・年金", "Health insurance and pension", "健康保険《けんこうほけん》・年金《ねんきん》"),
	"ご不幸":          lang.New("ご不幸", "Bereavement", "家族《かぞく》が 亡《な》くなった"),
	"結婚・離婚":        lang.New("結婚・離婚", "Marriage and divorce", "結婚《けっこん》・離婚《りこん》"),
}

// Categories are all of them, as a grid lists them: what more people look for first.
var Categories = []string{
	"子育て", "妊娠・出産", "引越し・住まい", "戸籍・住民票・印鑑登録等", "国民健康保険・年金", "税金", "高齢者・介護", "健康・医療", "障がい者支援", "教育", "結婚・離婚", "ご不幸", "就職・退職", "ごみ・環境保全", "水道・くらし", "防災・被災者支援",
	"自動車", "文化・スポーツ・生涯学習", "選挙・市政", "事業者",
}

// Category is the word for a category.
func Category(name string) lang.Text {
	if t, ok := categories[name]; ok {
		return t
	}
	return lang.Plain(name)
}
