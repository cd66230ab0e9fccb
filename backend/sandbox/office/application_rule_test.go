package office

import (
	"fmt"
	"testing"

	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// For what the municipality returns an application, and at which field of its top level.
func TestForWhatItIsReturned(t *testing.T) {
	for name, c := range map[string]struct {
		answers     string
		attachments []*portalv1.Attachment
		want        string
	}{
		"nothing":            {`{"me_kana":"ヤマダ　ハナコ","bank_holder":"ヤマダ ハナコ"}`, nil, "[]"},
		"small kana":         {`{"me_kana":"ショウジ　リョウ","bank_holder":"シヨウジ リヨウ"}`, nil, "[]"},
		"no account":         {`{"me_kana":"ヤマダ　ハナコ"}`, nil, "[]"},
		"somebody's account": {`{"me_kana":"ヤマダ　ハナコ","bank_holder":"ヤマダ タロウ"}`, nil, "[R03 [bank_holder]]"},
		"no answers":         {`nonsense`, nil, "[]"},
		"a photo":            {`{"photo":[{}]}`, []*portalv1.Attachment{{Field: "photo"}}, "[]"},
		"a blurred photo":    {`{"photo":[{}]}`, []*portalv1.Attachment{{Field: "photo", Doubtful: true}}, "[R04 [photo]]"},
		"a blurred one in rows": {
			`{"photos":[{"place":"a"},{"picture":[{}]}]}`,
			[]*portalv1.Attachment{{Field: "picture", Doubtful: true}}, "[R04 [photos]]",
		},
		"both": {
			`{"photo":[{}],"me_kana":"ヤマダ","bank_holder":"スズキ"}`,
			[]*portalv1.Attachment{{Field: "photo", Doubtful: true}}, "[R03 [bank_holder] R04 [photo]]",
		},
	} {
		var said []string
		for _, r := range faultsOf(&officev1.FetchApplicationResponse{
			Answers: []byte(c.answers), Attachments: c.attachments,
		}) {
			said = append(said, fmt.Sprint(r.GetCode(), " ", r.GetFields()))
			if r.GetText() == "" {
				t.Errorf("%s: nobody is told why", name)
			}
		}
		if got := fmt.Sprint(said); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
