package kit

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// FileUpload takes files: chosen, photographed, or dropped. Each stands in a line of its own with how far it is and
// what is wrong with it; one that is refused leaves the others alone.
type FileUpload struct {
	ID    string
	Label lang.Text
	// Hint says what may be given: of which kind, how large, how many.
	Hint lang.Text
	// Error is of all together, that none was given for instance; each file has its own.
	Error    lang.Text
	Required bool
	// Accept is what the browser offers first, as the attribute of that name has it; it is no check.
	Accept string
	// Several lets more than one be chosen at a time.
	Several bool
	Files   []UploadedFile
	// Camera offers to take a photo at once, where the device has a camera.
	Camera bool
	// OnChoose is called with the files chosen or dropped, as the browser's File objects.
	OnChoose func(ctx app.Context, files []app.Value)
	// OnRemove is called with the ID of the file to be left out.
	OnRemove func(ctx app.Context, id string)
}

// UploadedFile is one of the files given.
type UploadedFile struct {
	ID   string
	Name string
	Size int64
	// Done is how many bytes are over; it is there wholly when Done is Size.
	Done  int64
	Error lang.Text
	// Waits says why it is not on its way, where nothing is wrong with it.
	Waits lang.Text
}

// UI renders the field and its files.
func (u FileUpload) UI() app.UI {
	input := app.Input().ID(u.ID).Name(u.ID).Type("file").Class("upload-input").Multiple(u.Several).
		Aria("describedby", describedBy(u.ID, false)).Aria("invalid", !u.Error.Empty())
	if u.Accept != "" {
		input = input.Accept(u.Accept)
	}
	zone := app.Div().ID(u.ID + "-zone").Class("upload")
	if u.OnChoose != nil {
		choose := u.OnChoose
		input = input.OnChange(func(ctx app.Context, _ app.Event) {
			source := ctx.JSSrc()
			files := filesOf(source.Get("files"))
			choose(ctx, files)
			source.Set("value", "") // the same file may be chosen again once it was mended
		}, app.EventScope(u.ID))
		zone = zone.OnDragOver(func(_ app.Context, e app.Event) { e.PreventDefault() }, app.EventScope(u.ID)).
			OnDrop(func(ctx app.Context, e app.Event) {
				e.PreventDefault()
				if files := filesOf(e.Get("dataTransfer").Get("files")); len(files) > 0 {
					choose(ctx, files)
				}
			}, app.EventScope(u.ID))
	}
	camera := app.Span().Class("upload-camera")
	if u.Camera && u.OnChoose != nil {
		choose, id := u.OnChoose, u.ID+"-camera"
		camera = camera.Body(app.Label().For(id).Class("button button-secondary").Body(
			Icon(IconCamera), textTakePhoto.UI(),
			app.Input().ID(id).Type("file").Class("visually-hidden").Accept("image/jpeg").
				Attr("capture", "environment").
				OnChange(func(ctx app.Context, _ app.Event) {
					source := ctx.JSSrc()
					choose(ctx, filesOf(source.Get("files")))
					source.Set("value", "")
				}, app.EventScope(id)),
		))
	}
	lines := make([]app.UI, len(u.Files))
	for i, f := range u.Files {
		lines[i] = u.line(f)
	}
	return app.Div().Class(classes("field", invalidClass(u.Error))).Body(
		LabelOf(u.ID, u.Label, u.Required),
		hintOf(u.ID, u.Hint),
		ErrorOf(u.ID, u.Error),
		// The browser's own button speaks the browser's language, not the page's: the field lies unseen over ours.
		zone.Body(
			app.Span().Class("upload-button").Body(
				input, app.Span().Class("button").Aria("hidden", "true").Body(Icon(IconUpload), textChooseFile.UI()),
			),
			camera,
			textDropHere.Span("hint upload-drop"),
		),
		app.Ul().ID(u.ID+"-files").Class("upload-files").Aria("live", "polite").Body(lines...),
	)
}

func filesOf(list app.Value) []app.Value {
	if !list.Truthy() {
		return nil
	}
	files := make([]app.Value, list.Length())
	for i := range files {
		files[i] = list.Index(i)
	}
	return files
}

func (u FileUpload) line(f UploadedFile) app.UI {
	id := u.ID + "-" + f.ID
	var state app.UI
	switch {
	case !f.Error.Empty():
		state = ErrorOf(id, f.Error)
	case !f.Waits.Empty():
		state = f.Waits.P("hint upload-waits")
	case f.Done >= f.Size:
		state = app.P().Class("upload-there").Body(Icon(IconCheck), textFileThere.UI())
	default:
		state = app.Progress().Class("progress-bar").Aria("label", f.Name).Max(f.Size).Value(f.Done)
	}
	remove := Button{
		ID: id + "-remove", Label: textRemoveFile, DescribedBy: id + "-name", Kind: TextOnly, Icon: IconDelete,
	}
	if u.OnRemove != nil {
		removed := u.OnRemove
		remove.OnPress = func(ctx app.Context) { removed(ctx, f.ID) }
	}
	return app.Li().Class(classes("upload-file", invalidClass(f.Error))).Body(
		Icon(IconFile),
		app.Div().Class("upload-about").Body(
			// A name is the person's own words, in whatever direction: it does not turn what stands around it.
			app.P().Body(
				app.Elem("bdi").ID(id+"-name").Class("upload-name").Text(f.Name),
				app.Span().Class("hint").Text(" "+Size(f.Size)),
			),
			state,
		),
		remove.UI(),
	)
}

// Size is how large a file is, as people read it: 820 kB, 2.4 MB.
func Size(bytes int64) string {
	if bytes < 1_000_000 {
		return strconv.FormatInt((bytes+999)/1000, 10) + " kB"
	}
	tenths := (bytes + 50_000) / 100_000
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + " MB"
}
