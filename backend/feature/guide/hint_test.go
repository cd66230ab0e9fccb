package guide

import (
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	for query, want := range map[string]string{
		"引っ越し": "move", "ひっこしの手続": "move", "ﾋｯｺｼ": "move", "引越": "move", "転勤で引っ越す": "move", "住所が変わった": "move",
		"赤ちゃんが生まれた": "birth", "妊娠したら": "birth", "離婚したい 子ども": "marriage", "けっこん": "marriage",
		"会社を辞めた": "work", "親の介護": "care",
		"障害者手帳": "disability", "台風で屋根が壊れた": "disaster", "祖母が亡くなった": "death", "お葬式": "death", "Moving": "move",
		"got married": "marriage",
		"引っ越しと出産":     "move birth", "出産して引っ越して離婚": "birth move",
		"": "", "住民票": "", "パスポート": "", "犬": "", "水道": "", "年金": "",
	} {
		var ids []string
		for _, h := range Hints(query) {
			ids = append(ids, h.GetId())
			if h.GetTitle().GetJa() == "" || h.GetTitle().GetEn() == "" || h.GetTitle().GetEasy() == "" {
				t.Errorf("%s has no title in some language", h.GetId())
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
