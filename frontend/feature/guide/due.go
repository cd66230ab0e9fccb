package guide

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
)

// halfway are the events whose questions were begun in this tab and are not all answered, as last looked up.
var halfway struct {
	sync.Mutex
	of []happening
}

// dues are rows of the home page: the questions to go on with.
func dues() (rows []shell.Due, more int, known bool) {
	halfway.Lock()
	defer halfway.Unlock()
	for _, h := range halfway.of {
		rows = append(rows, shell.Due{
			ID: "guide-" + h.id, Begun: true, Title: textDue.F(h.title), Do: textDueGoOn, Href: guidePath + "/" + h.id,
		})
	}
	return rows, 0, true
}

// follow looks up what was begun, once a visit of the home page. Only the plan that was kept knows whether more is
// asked.
func follow(ctx app.Context, heard func(ctx app.Context, err error)) (stop func()) {
	var begun []happening
	for _, h := range happenings {
		given := answers{}
		if vault.Load(draftOf(h.id), &given) && len(given) > 0 {
			begun = append(begun, h)
		}
	}
	ctx.Async(func() {
		within, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var open []happening
		for _, h := range begun {
			if kept, ok := planKept(within, h.id); ok && !kept.plan.GetComplete() {
				open = append(open, h)
			}
		}
		halfway.Lock()
		halfway.of = open
		halfway.Unlock()
		ctx.Dispatch(func(ctx app.Context) { heard(ctx, nil) })
	})
	return func() {}
}
