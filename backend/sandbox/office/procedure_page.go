package office

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// row is an entry of the catalogue as an office has it.
type row struct {
	*officev1.OwnProcedure
	// State says in a word whether its latest version holds.
	State string
}

func newRow(p *officev1.OwnProcedure) row {
	coming := p.GetEffectiveFrom() > today()
	switch {
	case p.GetEnded() && coming:
		return row{p, "廃止予定"}
	case p.GetEnded():
		return row{p, "廃止"}
	case coming:
		return row{p, "変更予定"}
	}
	return row{p, "受付中"}
}

// Standard stands for what the office leaves to the definition that holds in the whole country.
func (r row) Standard() string {
	if r.GetContent().GetDefinition() == "" {
		return "—"
	}
	return "（標準）"
}

func today() string { return clock.Day(time.Now()) }

// procedurePage lets a developer change what an office has registered.
type procedurePage struct{ *Staff }

func (procedures) Page(s *Staff) Page {
	p := procedurePage{s}
	return Page{page.Link{Path: "/procedures", Title: "手続"}, map[string]http.HandlerFunc{
		"GET /procedures":         p.list,
		"GET /procedures/entry":   p.entry,
		"POST /procedures/change": p.change,
		"POST /procedures/end":    p.end,
	}}
}

// list shows the entries of one office (?office=, an id).
func (p procedurePage) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("office") == "" {
		query.Set("office", "131105")
	}
	clerk := p.Of(procedures{}, query.Get("office"))
	if clerk == nil {
		http.Error(w, errOffice.Error(), http.StatusBadRequest)
		return
	}
	data := struct {
		*Staff
		Offices       []Office
		Office        Office
		Rows          []row
		Done, Trouble string
	}{Staff: p.Staff, Offices: p.Offices(procedures{}), Office: clerk.Office, Done: said(query)}
	status := http.StatusOK
	entries, err := clerk.Procedures(r.Context())
	if err != nil {
		status, data.Trouble = statusOf(err), procedureTrouble(err)
	}
	for _, entry := range entries {
		data.Rows = append(data.Rows, newRow(entry))
	}
	pages.Render(w, status, "procedures.html", data)
}

// said is the sentence about what was done just before: ?changed=, ?unchanged= or ?ended= with the number of a
// procedure.
func said(query url.Values) string {
	for name, sentence := range map[string]string{
		"changed": "%s を登録しました。", "unchanged": "%s は前と同じ内容なので、何も登録していません。", "ended": "%s の廃止を登録しました。",
	} {
		if number := query.Get(name); number != "" {
			return fmt.Sprintf(sentence, number)
		}
	}
	return ""
}

var (
	errEntry = errors.New("the office has no such procedure")
	errDay   = errors.New("from is a day like 2027-04-01, today or later")
)

// wrongFields says why an entry was not registered, field by field of the form; under "" what belongs to none.
type wrongFields map[string]string

func (w wrongFields) Error() string {
	var lines []string
	for field, why := range w {
		lines = append(lines, strings.TrimPrefix(field+": "+why, ": "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// entry shows the form of one: ?office=, place= and number=.
func (p procedurePage) entry(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	clerk, entry, err := p.find(r.Context(), query)
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	c := entry.GetContent()
	form := url.Values{
		"title": {c.GetTitle()}, "summary": {c.GetSummary()}, "deadline": {c.GetDeadline()}, "fee": {c.GetFee()},
		"from": {max(today(), entry.GetEffectiveFrom())}, // a coming version is changed from its own day on
	}
	p.show(w, http.StatusOK, clerk, entry, form, nil)
}

func (p procedurePage) find(ctx context.Context, form url.Values) (*Clerk, *officev1.OwnProcedure, error) {
	clerk := p.Of(procedures{}, form.Get("office"))
	if clerk == nil {
		return nil, nil, errOffice
	}
	entry, err := clerk.Procedure(ctx, form.Get("place"), form.Get("number"))
	if err == nil && entry == nil {
		err = errEntry
	}
	return clerk, entry, err
}

func (p procedurePage) show(
	w http.ResponseWriter, status int, clerk *Clerk, entry *officev1.OwnProcedure, form url.Values, err error,
) {
	data := struct {
		*Staff
		Office         Office
		Entry          row
		Form           url.Values
		Wrong          wrongFields
		Trouble, Today string
	}{Staff: p.Staff, Office: clerk.Office, Entry: newRow(entry), Form: form, Today: today()}
	if err != nil && !errors.As(err, &data.Wrong) {
		data.Trouble = procedureTrouble(err)
	}
	data.Trouble += data.Wrong[""]
	pages.Render(w, status, "procedure.html", data)
}

// change takes: office (id), place, number, title, summary, deadline, fee, from. It answers 303 to the list when the
// portal took it.
func (p procedurePage) change(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, clerk *Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error) {
		content := proto.CloneOf(entry.GetContent())
		content.Title, content.Fee = text(form, "title"), text(form, "fee")
		content.Summary = text(form, "summary")
		if deadline := text(form, "deadline"); deadline != content.GetDeadline() {
			content.Deadline, content.DeadlineRule = deadline, nil // the rule said in days what the words said before
		}
		answer, err := clerk.PutProcedure(ctx, entry.GetPlaceCode(), form.Get("from"), content)
		switch {
		case err != nil:
			return "", err
		case len(answer.GetErrors()) > 0:
			return "", wrongIn(answer.GetErrors())
		case answer.GetRegistered() == 0:
			return "unchanged", nil
		}
		return "changed", nil
	})
}

// end takes: office (id), place, number, from.
func (p procedurePage) end(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, clerk *Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error) {
		return "ended", clerk.EndProcedure(ctx, entry.GetPlaceCode(), entry.GetContent().GetNumber(), form.Get("from"))
	})
}

// act does what a form asks for with an entry and says in a word what was done.
func (p procedurePage) act(w http.ResponseWriter, r *http.Request,
	do func(ctx context.Context, clerk *Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error),
) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	form := r.PostForm
	clerk, entry, err := p.find(r.Context(), form)
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	done := ""
	if _, err = time.Parse(time.DateOnly, form.Get("from")); err != nil {
		err = errDay
	} else if done, err = do(r.Context(), clerk, entry, form); fieldOf(err) == "effective_from" {
		err = errDay
	}
	if err == nil {
		back := url.Values{"office": {clerk.Office.ID}, done: {entry.GetContent().GetNumber()}}
		http.Redirect(w, r, "/procedures?"+back.Encode(), http.StatusSeeOther)
		return
	}
	slog.Warn("changing a procedure by hand", "office", clerk.Office.Name,
		"number", entry.GetContent().GetNumber(), "err", err)
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	status := statusOf(err)
	if errors.Is(err, errDay) {
		err = wrongFields{"from": "今日か、5年先までの日にしてください。"}
	}
	p.show(w, status, clerk, entry, form, err)
}

func text(form url.Values, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
}

// wrongIn sorts what the portal says to the fields of the form.
func wrongIn(faults []*officev1.EntryError) wrongFields {
	wrong := wrongFields{}
	for _, f := range faults {
		field, message := f.GetField(), f.GetMessage()
		switch field {
		case "title", "summary", "deadline", "fee":
		case "deadline_rule":
			field = "deadline"
		default:
			field, message = "", field+": "+message
		}
		wrong[field] = strings.TrimSpace(wrong[field] + " " + message)
	}
	return wrong
}

// fieldOf is the field of the request that the portal found wrong.
func fieldOf(err error) string {
	var refusal *connect.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	for _, detail := range refusal.Details() {
		value, err := detail.Value()
		if info, ok := value.(*portalv1.ErrorInfo); err == nil && ok {
			return info.GetField()
		}
	}
	return ""
}

func statusOf(err error) int {
	var wrong wrongFields
	switch {
	case errors.Is(err, errOffice):
		return http.StatusBadRequest
	case errors.Is(err, errEntry):
		return http.StatusNotFound
	case errors.As(err, &wrong), errors.Is(err, errDay), Refused(err):
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadGateway
}

func procedureTrouble(err error) string {
	switch {
	case errors.Is(err, part.ErrBroken):
		return broken
	case connect.CodeOf(err) == connect.CodeNotFound:
		return "その日には、この手続は登録されていないか、すでに廃止されています。"
	case Refused(err):
		return "ポータルが受け付けませんでした。" + err.Error()
	}
	return "ポータルにつながりません。動いているか確かめてください。" + err.Error()
}
