// Package procedure is ぴったりサービス on the page: the search as one types, the page of a procedure, places side by side; and what a device
// keeps of the places one has visited, so that all of it works without a network. Choosing a place is the place package's, the to-do list
// todo's.
package procedure

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

const searchPath = "/procedures"

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: searchPath, Prerender: "procedures", Document: "search", Title: textSearchTitle, New: func() app.Composer { return &search{} }},
		{Path: searchPath + "/compare", Title: textCompareTitle, Parent: searchPath, New: newCompare},
		{Pattern: "^/procedures/(nation|[0-9]{6})/[^/]+$", Document: "procedure", Title: textPageTitle, Parent: searchPath, New: newPage},
	},
	Entries: []shell.Entry{{Path: searchPath, Label: textSearchTitle, Icon: kit.IconSearch, For: shell.Anyone, Order: 15}},
}

var textSearchTitle = lang.New("手続をさがす", "Find a procedure", "手続《てつづ》きを さがす")

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

// categoryOrder is how the grid lists them: what more people look for first.
var categoryOrder = []string{
	"子育て", "妊娠・出産", "引越し・住まい", "戸籍・住民票・印鑑登録等", "国民健康保険・年金", "税金", "高齢者・介護", "健康・医療", "障がい者支援", "教育", "結婚・離婚", "ご不幸", "就職・退職", "ごみ・環境保全", "水道・くらし", "防災・被災者支援",
	"自動車", "文化・スポーツ・生涯学習", "選挙・市政", "事業者",
}

func categoryText(name string) lang.Text {
	if t, ok := categories[name]; ok {
		return t
	}
	return lang.Plain(name)
}
