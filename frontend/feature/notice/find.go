package notice

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	kindNotice = vault.Kind("notice")
	mostFound  = 50
)

// read asks for a notice and has it be found in the vault, in an era, before it is shown.
func read(era int) func(context.Context, *portalv1.GetNoticeRequest) (*portalv1.GetNoticeResponse, error) {
	return func(ctx context.Context, request *portalv1.GetNoticeRequest) (*portalv1.GetNoticeResponse, error) {
		response, err := rpc.To(portalv1web.NewNoticeService).GetNotice(ctx, request)
		if err == nil && rpc.KeptAt(ctx).IsZero() {
			note(ctx, era, response.GetNotice())
		}
		return response, err
	}
}

func note(ctx context.Context, era int, n *portalv1.Notice) {
	vault.Shortly(ctx, func() {
		request, err := rpc.Pack(&portalv1.GetNoticeRequest{Id: n.GetId()})
		if err != nil {
			return
		}
		head, err := rpc.Pack(&portalv1.Notice{
			Id: n.GetId(), Office: n.GetOffice(), Title: n.GetTitle(), SentAt: n.GetSentAt(), Read: true,
			ActionRequired: n.GetActionRequired(), Action: n.GetAction(), ActionDue: n.GetActionDue(),
			Broadcast: n.GetBroadcast(),
		})
		if err != nil {
			return
		}
		err = vault.Note(context.Background(), era, kindNotice, vault.Entry{
			ID: rpc.KeptID(portalv1web.NoticeServiceGetNotice, request), At: n.GetSentAt(), Head: head,
			Text: n.GetTitle() + " " + n.GetOffice() + " " + n.GetAction() + " " + n.GetBody(),
		})
		if err != nil {
			app.Log("having a notice be found: ", err)
		}
	})
}

// finder looks for words in the notices that the vault keeps.
type finder struct {
	words  string
	asked  bool
	busy   bool
	failed bool
	found  []*portalv1.Notice
	more   bool
}

func (f *finder) look(ctx app.Context) {
	if f.busy {
		return
	}
	f.busy = true
	words := f.words
	ctx.Async(func() {
		if f.show(ctx, words, vault.FirstFound) {
			f.show(ctx, words, mostFound)
		}
	})
}

// show looks for so many, and says whether there are more.
func (f *finder) show(ctx app.Context, words string, most int) (more bool) {
	entries, more, err := vault.Find(context.Background(), kindNotice, words, most)
	var found []*portalv1.Notice
	for _, e := range entries {
		n := &portalv1.Notice{}
		if rpc.Unpack(e.Head, n) == nil {
			found = append(found, n)
		}
	}
	last := !more || most == mostFound
	ctx.Dispatch(func(ctx app.Context) {
		if !f.busy {
			return // turned from meanwhile
		}
		*f = finder{
			words: f.words, asked: words != "", busy: !last, found: found, more: more && last, failed: err != nil,
		}
		if f.asked && last {
			kit.Announce(ctx, textFound.F(len(found)))
		}
	})
	return more
}

// form is the field; nothing while there is no vault to search in.
func (f *finder) form(page app.Context) app.UI {
	if !vault.Now().IsOpen() {
		return app.Div().Class("notices-find")
	}
	return app.Form().Class("notices-find").Attr("role", "search").OnSubmit(func(_ app.Context, e app.Event) {
		e.PreventDefault()
		f.look(page)
	}).Body(
		kit.Field{
			ID: "notices-words", Label: textFind, Hint: textFindHint, Value: f.words,
			OnInput: func(_ app.Context, words string) { f.words = words },
		}.UI(),
		kit.Button{ID: "notices-find", Label: textFindGo, Kind: kit.Secondary, Submit: true, Busy: f.busy}.UI(),
	)
}

// result stands in the place of the list.
func (f *finder) result() []app.UI {
	items := make([]app.UI, len(f.found))
	for i, n := range f.found {
		items[i] = entry(n, "")
	}
	many := app.P()
	if f.more {
		many = many.Body(textFoundMore.F(len(items)).UI())
	}
	return []app.UI{
		many,
		kit.List{Label: textFind, Items: items, Empty: kit.Empty{
			Picture: scene.Empty(scene.Medium), Text: textFoundNone, WayOn: []app.UI{kit.Button{
				ID: "notices-back", Label: textFindAll, Kind: kit.Secondary, OnPress: f.leave,
			}.UI()},
		}}.UI(),
		app.Div().Class("actions").Body(app.If(len(items) > 0, func() app.UI {
			return kit.Button{ID: "notices-all-again", Label: textFindAll, Kind: kit.Secondary, OnPress: f.leave}.UI()
		})),
	}
}

func (f *finder) leave(ctx app.Context) {
	*f = finder{}
	kit.Focus(ctx, "notices-words")
}

// followVault has a page drawn again when the vault is opened or locked.
func followVault(ctx app.Context) (stop func()) {
	return vault.OnChange(func(vault.State) { ctx.Dispatch(func(app.Context) {}) })
}
