package guide

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/shell"
	"madoguchi/frontend/todo"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var (
	textTodo        = lang.New("やること", "To do", "する こと")
	textTodoList    = lang.New("やることリスト", "Your to-do list", "する ことの リスト")
	textTodoCount   = lang.New("あと%d件あります", "%d to do", "あと %dこ あります")
	textTodoOverdue = lang.New("あと%d件あります。うち%d件は期限を過ぎています", "%d to do, %d of them past their day", "あと %dこ あります。%dこは 日《ひ》が 過《す》ぎました")
	textTodoAllDone = lang.New("すべて終わりました", "Everything is done", "全部《ぜんぶ》 終《お》わりました")
	textTodoEmpty   = lang.New("やることはまだありません。できごとから手続をさがすと、必要なものをまとめて入れられます。", "There is nothing on the list yet. Find what an event of life brings, and put it on the list in one go.", "まだ 何《なに》も ありません。できごとから さがすと、リストに 入《い》れられます。")

	textHere      = lang.New("このリストは、この端末だけにあります。ログインすると利用者フォルダに移して、どの端末からでも見られます。", "This list is on this device only. Log in to move it into your folder and see it from any device.", "この リストは、この 機械《きかい》だけに あります。ログインすると、フォルダに 入《い》れられます。")
	textHereLogIn = lang.New("ログインする", "Log in", "ログインする")
	textNotHere   = lang.New("オフラインです。このリストは見られますが、変更はつながってからできます。", "You are offline. You can read the list; changes need a connection.", "オフラインです。見《み》る ことは できます。変《か》えるのは、つながってからです。")

	textTake     = lang.New("この端末に%d件のやることがあります", "There are %d things to do on this device", "この 機械《きかい》に する ことが %dこ あります")
	textTakeBody = lang.New("利用者フォルダに移すと、この端末からは消えます。フォルダに同じものがあるときは、フォルダのほうを残します。ほかの方のものかもしれないときは、移さないでください。", "Moved into your folder, they leave this device. What your folder has already stays as it is there. Do not move them if they may be somebody else's.", "フォルダに 入《い》れると、この 機械《きかい》から 消《き》えます。ほかの 人《ひと》の ものなら、入《い》れないでください。")
	textTakeDo   = lang.New("フォルダに移す", "Move into the folder", "フォルダに 入《い》れる")
	textTakeNot  = lang.New("移さない", "Do not move", "入《い》れない")
	textTaken    = lang.New("%d件を利用者フォルダに移しました", "%d moved into your folder", "%dこ フォルダに 入《い》れました")
	textTakenAll = lang.New("同じものがフォルダにありました。この端末からは消しました", "Your folder had all of them already. They are removed from this device", "もう フォルダに ありました。この 機械《きかい》から 消《け》しました")

	textOverdue = lang.New("期限が過ぎた", "Past their day", "日《ひ》が 過《す》ぎた もの")
	textMonth   = lang.New("今月", "This month", "今月《こんげつ》")
	textLater   = lang.New("これから", "Later", "これから")
	textUndated = lang.New("期限なし", "No day", "日《ひ》が ない もの")
	textDone    = lang.New("終わった", "Done", "終《お》わった もの")
	textGroup   = lang.New("%s（%d件）", "%s (%d)", "%s（%d）")

	textDue       = lang.New("%sまで", "by %s", "%sまで")
	textDueToday  = lang.New("今日まで（%s）", "today (%s)", "今日《きょう》まで（%s）")
	textDoneOn    = lang.New("%sに終わりました", "done on %s", "%sに 終《お》わりました")
	textSee       = lang.New("手続を見る", "See the procedure", "手続《てつづき》を 見《み》る")
	textSeeEvent  = lang.New("できごとを見る", "See the event", "できごとを 見《み》る")
	textSeeOf     = lang.New("%s: %s", "%s: %s", "%s: %s")
	textDay       = lang.New("期限を変える", "Change the day", "日《ひ》を 変《か》える")
	textDayLabel  = lang.New("期限の日", "Do it by", "いつまで")
	textDayHint   = lang.New("自分で決めた日でもかまいません", "It may be a day of your own", "自分《じぶん》で 決《き》めても いいです")
	textDayWrong  = lang.New("日付を入力してください（期限をなくすには「期限なしにする」）", "Please give a day, or choose “No day”", "日《ひ》を 書《か》いてください")
	textDaySave   = lang.New("この日にする", "Set this day", "この 日《ひ》に する")
	textDayNone   = lang.New("期限なしにする", "No day", "日《ひ》を なくす")
	textDayKeep   = lang.New("変えない", "Keep it", "変《か》えない")
	textRemove    = lang.New("削除", "Remove", "消《け》す")
	textRemoved   = lang.New("「%s」を削除しました", "“%s” is removed", "「%s」を 消《け》しました")
	textTicked    = lang.New("「%s」を終わりにしました", "“%s” is done", "「%s」が 終《お》わりました")
	textUnticked  = lang.New("「%s」をやることに戻しました", "“%s” is to be done again", "「%s」を もどしました")
	textDayNow    = lang.New("「%s」の期限を変えました", "The day of “%s” is changed", "「%s」の 日《ひ》を 変《か》えました")
	textUndo      = lang.New("元に戻す", "Undo", "もどす")
	textUndone    = lang.New("元に戻しました", "Undone", "もどしました")
	textTodoFind  = lang.New("手続をさがす", "Search procedures", "手続《てつづき》を さがす")
	textTodoMore  = lang.New("やることをさがして加える", "Find more to do", "もっと さがす")
	textTodoEvent = lang.New("できごとからさがす", "Find by event of life", "できごとから さがす")
)

// list is the to-do list.
type list struct {
	app.Compo

	ctx     app.Context
	stop    func()
	asked   bool // for the folder's list, of this login
	loading bool
	failure rpc.Message

	// told is what was done last, and undo what takes it back; nil when nothing does.
	told lang.Text
	undo func()
	// working are the tasks that something is being done with: what is pressed there meanwhile is not done, too.
	working map[string]bool

	declined bool // to move what lies on the device
	taking   bool
	taken    lang.Text

	editing string // the task whose day is being changed
	day     string
	dayBad  bool
}

// OnMount follows the shell, and the list wherever it is changed.
func (l *list) OnMount(ctx app.Context) {
	l.ctx = ctx
	if app.IsServer {
		shell.Follow(ctx)
		return
	}
	shell.Watch(ctx, func(app.Context) { l.learn() })
	l.stop = todo.OnChange(func() { ctx.Dispatch(nil) })
	l.learn()
}

// OnDismount stops listening.
func (l *list) OnDismount() {
	if l.stop != nil {
		l.stop()
	}
}

// learn asks for the folder's list once a login.
func (l *list) learn() {
	if !todo.InFolder() {
		if l.asked { // what was told is of the one who was logged in
			l.asked, l.told, l.undo, l.taken, l.failure, l.declined = false, lang.Text{}, nil, lang.Text{}, rpc.Message{}, false
		}
		return
	}
	if !l.asked {
		l.asked = true
		l.load(l.ctx)
	}
}

func (l *list) load(app.Context) {
	l.loading, l.failure = true, rpc.Message{}
	todo.List(l.ctx, func(_ app.Context, _ []*portalv1.Task, err error) {
		l.loading = false
		if _, known := todo.Known(); err != nil && !known {
			l.failure = rpc.Words(err)
		}
	})
}

// done tells of a change that was made, or of its failure.
func (l *list) done(err error, told lang.Text, undo func()) {
	l.told, l.undo, l.failure = lang.Text{}, nil, rpc.Message{}
	if err != nil {
		l.failure = todo.Words(err)
		kit.Focus(l.ctx, "todo-failure")
	} else {
		l.told, l.undo = told, undo
	}
	l.syncTicks()
}

// syncTicks has the boxes show what the list says: one that was clicked stays ticked in a browser even if the change failed.
func (l *list) syncTicks() {
	l.ctx.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		tasks, _ := todo.Known()
		for _, t := range tasks {
			if box := app.Window().GetElementByID(tickID(t)); box.Truthy() {
				box.Set("checked", t.GetDoneAt() > 0)
			}
		}
	})
}

func tickID(t *portalv1.Task) string { return "todo-" + t.GetId() }

func (l *list) tick(t *portalv1.Task, on bool) {
	next := l.after(t)
	l.update(t, on, t.GetDue(), func(ctx app.Context, err error) {
		told := textTicked
		if !on {
			told = textUnticked
		}
		l.done(err, told.F(t.GetTitle()), func() { l.tickBack(t, !on) })
		if err == nil {
			kit.Focus(ctx, next)
		}
	})
}

func (l *list) tickBack(t *portalv1.Task, on bool) {
	l.update(t, on, t.GetDue(), func(ctx app.Context, err error) { l.back(ctx, err, t) })
}

// back tells that something was taken back, and leads to it.
func (l *list) back(ctx app.Context, err error, t *portalv1.Task) {
	l.done(err, textUndone, nil)
	if err == nil {
		kit.Focus(ctx, tickID(t))
	}
}

// after is the box of the task that follows in the list, to go on with when this one goes; the heading when there is none.
func (l *list) after(t *portalv1.Task) string {
	tasks, _ := todo.Known()
	for i, other := range tasks {
		if other.GetId() == t.GetId() && i+1 < len(tasks) && (tasks[i+1].GetDoneAt() > 0) == (t.GetDoneAt() > 0) {
			return tickID(tasks[i+1])
		}
	}
	return "page-title"
}

func (l *list) remove(t *portalv1.Task) {
	l.work(t, true)
	todo.Remove(l.ctx, t.GetId(), func(ctx app.Context, removed *portalv1.Task, err error) {
		l.work(t, false)
		l.done(err, textRemoved.F(t.GetTitle()), func() {
			todo.Add(l.ctx, []*portalv1.Task{removed}, func(_ app.Context, _ int, err error) { l.done(err, textUndone, nil) })
		})
		if err == nil {
			kit.Focus(ctx, "todo-undo")
		}
	})
}

func (l *list) edit(t *portalv1.Task) {
	l.editing, l.day, l.dayBad = t.GetId(), t.GetDue(), false
	kit.Focus(l.ctx, dayID)
}

func (l *list) endEdit(t *portalv1.Task) {
	l.editing, l.day, l.dayBad = "", "", false
	kit.Focus(l.ctx, tickID(t)+"-day")
}

// save sets another day; an empty one is none.
func (l *list) save(t *portalv1.Task, day string) {
	l.update(t, t.GetDoneAt() > 0, day, func(_ app.Context, err error) {
		l.done(err, textDayNow.F(t.GetTitle()), func() {
			l.update(t, t.GetDoneAt() > 0, t.GetDue(), func(ctx app.Context, err error) { l.back(ctx, err, t) })
		})
		if err == nil {
			l.endEdit(t)
		}
	})
}

// update changes a task.
func (l *list) update(t *portalv1.Task, ticked bool, day string, then func(app.Context, error)) {
	l.work(t, true)
	todo.Update(l.ctx, t.GetId(), ticked, day, func(ctx app.Context, err error) {
		l.work(t, false)
		then(ctx, err)
	})
}

func (l *list) work(t *portalv1.Task, on bool) {
	if l.working == nil {
		l.working = map[string]bool{}
	}
	l.working[t.GetId()] = on
}

// act does what was pressed at a task.
func (l *list) act(t *portalv1.Task, do action, value string) {
	if l.working[t.GetId()] && do != doType {
		l.syncTicks() // the box shows the press
		return
	}
	switch do {
	case doTick:
		l.tick(t, true)
	case doUntick:
		l.tick(t, false)
	case doRemove:
		l.remove(t)
	case doEdit:
		l.edit(t)
	case doType:
		l.day, l.dayBad = value, false
	case doKeep:
		l.endEdit(t)
	case doNoDay:
		l.save(t, "")
	case doSave:
		if l.dayBad = !todo.IsDay(l.day); l.dayBad {
			kit.Focus(l.ctx, dayID)
			return
		}
		l.save(t, l.day)
	}
}

func (l *list) take(app.Context) {
	l.taking, l.failure = true, rpc.Message{}
	todo.TakeOver(l.ctx, func(ctx app.Context, added int, err error) {
		l.taking = false
		l.done(err, lang.Text{}, nil)
		switch {
		case added > 0:
			l.taken = textTaken.F(added)
		case err == nil:
			l.taken = textTakenAll
		}
		if err == nil {
			kit.Focus(ctx, "todo-taken")
		}
	})
}

// Render draws the list by when things are to be done.
func (l *list) Render() app.UI {
	tasks, known := todo.Known()
	// Until the portal has said who is there, the list may be the folder's.
	known = known && (shell.CurrentSession().State != shell.Unknown || !shell.Online())
	g := group(tasks, today())
	return app.Div().Class("page page-todo").Body(
		shell.Heading(textTodoList),
		app.P().Class("todo-count").Attr("role", "status").Body(count(g, known).UI()),
		app.Div().Class("todo-banners no-print").Body(l.banners(known)...),
		app.Div().Class("todo-groups").Body(l.groups(g, known)...),
		app.Div().Class("no-print").Body(l.ways(g, known)),
	)
}

func count(g groups, known bool) lang.Text {
	switch {
	case !known || g.open()+len(g.done) == 0:
		return lang.Text{}
	case g.open() == 0:
		return textTodoAllDone
	case len(g.overdue) > 0:
		return textTodoOverdue.F(g.open(), len(g.overdue))
	}
	return textTodoCount.F(g.open())
}

func (l *list) banners(known bool) []app.UI {
	here, told := app.UI(app.Div()), app.UI(app.Div())
	switch {
	case !known:
	case !todo.InFolder():
		here = app.Div().Class("todo-here").Body(
			app.P().Class("hint").Body(textHere.UI()),
			kit.Link{ID: "todo-login", Label: textHereLogIn, Href: shell.WithNext("/login", todoPath), Icon: kit.IconLogIn}.UI(),
			kit.Link{ID: "todo-device", Label: textDevice, Href: devicePath}.UI(),
		)
	case !shell.Online():
		here = app.Div().Class("todo-here").Body(app.P().Class("hint").Body(kit.Icon(kit.IconOffline), app.Text(" "), textNotHere.UI()))
	}
	if l.undo != nil {
		told = app.Div().Class("todo-undo").Body(kit.Button{ID: "todo-undo", Label: textUndo, Icon: kit.IconBack, OnPress: func(app.Context) {
			if undo := l.undo; undo != nil {
				l.undo = nil
				undo()
			}
		}}.UI())
	}
	return []app.UI{
		app.Div().Body(here),
		app.Div().Body(l.offer()),
		kit.NotificationBanner{ID: "todo-taken", Tone: kit.Success, Title: l.taken}.UI(),
		l.failure.Banner("todo-failure"),
		app.Div().Class("todo-told").Body(
			app.P().Class("todo-told-text").Attr("role", "status").Body(l.told.UI()),
			app.Div().Body(told),
		),
	}
}

func (l *list) offers() bool { return todo.InFolder() && !l.declined && todo.OnDevice() > 0 }

// offer asks whether what lies on the device is to go into the folder.
func (l *list) offer() app.UI {
	if !l.offers() {
		return app.Div()
	}
	return kit.NotificationBanner{ID: "todo-take", Tone: kit.Info, Title: textTake.F(todo.OnDevice()), Body: []app.UI{
		app.P().Body(textTakeBody.UI()),
		app.Div().Class("actions").Body(
			kit.Button{ID: "todo-take-do", Label: textTakeDo, Kind: kit.Primary, Busy: l.taking, OnPress: l.take}.UI(),
			kit.Button{ID: "todo-take-not", Label: textTakeNot, OnPress: func(app.Context) { l.declined = true }}.UI(),
		),
	}}.UI()
}

func (l *list) groups(g groups, known bool) []app.UI {
	if !known {
		if l.failure.Is() {
			return []app.UI{kit.Button{ID: "todo-again", Label: textAgain, Icon: kit.IconRefresh, Busy: l.loading, OnPress: l.load}.UI()}
		}
		return []app.UI{kit.Skeleton(6, kit.Button{ID: "todo-slow", Label: textAgain, OnPress: l.load}.UI())}
	}
	if g.open()+len(g.done) == 0 {
		first := kit.Primary
		if l.offers() { // what lies on the device comes first
			first = kit.Secondary
		}
		return []app.UI{app.Div().Class("empty").Body(
			app.P().Body(textTodoEmpty.UI()),
			app.Div().Class("actions").Body(
				kit.Link{ID: "todo-guide", Label: textTodoEvent, Href: guidePath, Kind: first}.UI(),
				kit.Link{ID: "todo-search", Label: textTodoFind, Href: searchPath, Kind: kit.Secondary}.UI(),
			),
		)}
	}
	return []app.UI{
		l.section("overdue", textOverdue, g.overdue),
		l.section("month", textMonth, g.month),
		l.section("later", textLater, g.later),
		l.section("undated", textUndated, g.undated),
		app.Div().Class("todo-done").Body(app.If(len(g.done) > 0, func() app.UI {
			return kit.Disclosure{ID: "todo-done", Summary: textGroup.F(textDone, len(g.done)), Body: []app.UI{l.items("done", textDone, g.done)}}.UI()
		})),
	}
}

func (l *list) section(id string, title lang.Text, tasks []*portalv1.Task) app.UI {
	if len(tasks) == 0 {
		return app.Section().Class("todo-group todo-group-none")
	}
	return app.Section().Class("todo-group todo-group-"+id).Body(
		app.H2().ID("todo-title-"+id).Class("part-title").Body(textGroup.F(title, len(tasks)).UI()),
		l.items(id, title, tasks),
	)
}

func (l *list) items(id string, title lang.Text, tasks []*portalv1.Task) app.UI {
	items := make([]app.UI, len(tasks))
	for i, t := range tasks {
		shown := &item{Task: t, Overdue: id == "overdue", Act: l.act}
		if l.editing == t.GetId() {
			shown.Editing, shown.Day, shown.DayBad = true, l.day, l.dayBad
		}
		items[i] = shown
	}
	return app.Ul().Class("todo-list").Aria("label", title.String()).Body(items...)
}

func (l *list) ways(g groups, known bool) app.UI {
	if !known || g.open()+len(g.done) == 0 {
		return app.Div()
	}
	return app.Div().Class("actions").Body(
		kit.Link{ID: "todo-more", Label: textTodoMore, Href: guidePath, Kind: kit.Secondary}.UI(),
		kit.Button{ID: "todo-print", Label: textPrint, Icon: kit.IconPrint, OnPress: func(app.Context) { app.Window().Call("print") }}.UI(),
	)
}
