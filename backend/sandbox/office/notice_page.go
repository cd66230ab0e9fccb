package office

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/clock"
)

// noticePage lets a developer write to people as an office, and shows what all offices sent.
type noticePage struct{ *Staff }

func (notices) Page(s *Staff) Page {
	p := noticePage{s}
	return Page{page.Link{Path: "/notice", Title: "お知らせを送る"}, map[string]http.HandlerFunc{
		"GET /notice":       p.form,
		"POST /office/send": p.send,
	}}
}

// noticeForm is the data of the page.
type noticeForm struct {
	*Staff
	Offices   []Office
	Residents []recipient
	Sent      []Sent
	Form      url.Values
	Done      string
	Trouble   string
}

type recipient struct {
	resident.Resident
	// Known are the offices to which the person was introduced: those can be heard.
	Known []string
}

func (p noticePage) form(w http.ResponseWriter, r *http.Request) {
	form := url.Values{
		"office": {"131105"},
		"title":  {"【試し】図書館からのお知らせ"},
		"body":   {"ご予約の本が用意できました。\n\n取り置きの期限までに、窓口でお受け取りください。"},
		"action": {"窓口で受け取る"},
		"due":    {clock.Day(time.Now().AddDate(0, 0, 7))},
	}
	done := ""
	if r.URL.Query().Get("sent") != "" {
		done = "お知らせを送りました。"
	}
	p.show(w, http.StatusOK, form, done, "")
}

func (p noticePage) show(w http.ResponseWriter, status int, form url.Values, done, trouble string) {
	data := noticeForm{
		Staff: p.Staff, Offices: p.Offices(notices{}), Form: form, Done: done, Trouble: trouble, Sent: p.Outbox.All(),
	}
	for _, r := range resident.All() {
		data.Residents = append(data.Residents, recipient{r, p.Knowing(r)})
	}
	pages.Render(w, status, "notice.html", data)
}

// send takes: office (id), person (id of a card) or audience=all, title, body, marked, action, due, url, reference. It
// answers 303 to the page when the portal took the notice.
func (p noticePage) send(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	id, status, err := p.sendForm(r.Context(), r.PostForm)
	if err == nil {
		w.Header().Set("Notice-Id", id)
		http.Redirect(w, r, "/notice?sent=1", http.StatusSeeOther)
		return
	}
	slog.Warn("sending by hand", "office", r.PostForm.Get("office"), "err", err)
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, err.Error(), status)
		return
	}
	p.show(w, status, r.PostForm, "", noticeTrouble(err))
}

var (
	errOffice   = errors.New("no such office")
	errPerson   = errors.New("no such person, or one without a certificate")
	errAudience = errors.New(
		`name a person, or audience "all" (also "nation", "municipality") for everyone whom the office may address`,
	)
)

func (p noticePage) sendForm(ctx context.Context, form url.Values) (id string, status int, err error) {
	clerk := p.Of(notices{}, form.Get("office"))
	if clerk == nil {
		return "", http.StatusBadRequest, errOffice
	}
	draft := Draft{
		Reference: form.Get("reference"),
		Title:     strings.TrimSpace(form.Get("title")),
		Body:      strings.TrimSpace(strings.ReplaceAll(form.Get("body"), "\r\n", "\n")),
		Action:    strings.TrimSpace(form.Get("action")),
		Marked:    form.Get("marked") != "",
		Due:       form.Get("due"),
		URL:       form.Get("url"),
	}
	person, audience := form.Get("person"), form.Get("audience")
	switch {
	case person != "" && person != "all":
		r, ok := resident.ByID(person)
		if !ok {
			return "", http.StatusBadRequest, errPerson
		}
		draft.Resident = r
	case person != "all" && !slices.Contains([]string{"all", "nation", "municipality"}, audience):
		return "", http.StatusBadRequest, errAudience
	}
	id, err = clerk.SendNow(ctx, draft)
	switch {
	case errors.Is(err, ErrNotIntroduced):
		return "", http.StatusConflict, err
	case Refused(err):
		return "", http.StatusUnprocessableEntity, err
	case err != nil:
		return "", http.StatusBadGateway, err
	}
	return id, http.StatusOK, nil
}

// broken is said of what a switch of the sandbox's own prevents.
const broken = "この機関かしくみを、外がわの一覧で、わざとこわしてあります。一覧で元に戻してから、もう一度してください。"

func noticeTrouble(err error) string {
	switch {
	case errors.Is(err, errOffice):
		return "送る機関を選んでください。"
	case errors.Is(err, errPerson), errors.Is(err, errAudience):
		return "送る相手を選んでください。"
	case errors.Is(err, ErrNotIntroduced):
		return "この人は、まだこの機関に知らされていません。ポータルにログインして利用者フォルダを開くと、知らされます。市区町村には、その住民だけが知らされます。"
	case errors.Is(err, part.ErrBroken):
		return broken
	case Refused(err):
		return "ポータルが受け付けませんでした。" + err.Error()
	}
	return "ポータルにつながりません。動いているか確かめてください。" + err.Error()
}
