package todo

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/rule"
)

func FuzzRead(f *testing.F) {
	f.Add(
		`[{"id":"a","title":"印鑑","due":"2026-12-01"},{"title":"a\u0000b","place":"131105","number":"P0001","done":-1},7]`,
	)
	f.Add(`[[]]`)
	f.Fuzz(func(t *testing.T, text string) {
		tasks := read(text)
		if len(tasks) > rule.MaxTasks {
			t.Errorf("%d tasks", len(tasks))
		}
		ids := map[string]bool{}
		for _, k := range tasks {
			title := k.GetTitle()
			if ids[k.GetId()] || k.GetId() == "" || title == "" ||
				utf8.RuneCountInString(title) > portalv1limit.TaskTitle ||
				strings.ContainsFunc(title, unicode.IsControl) || k.GetDoneAt() < 0 {
				t.Errorf("%q gives %v", text, k)
			}
			ids[k.GetId()] = true
		}
	})
}
