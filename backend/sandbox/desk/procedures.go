package desk

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

	"madoguchi/backend/sandbox/office"
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

// longDay writes YYYY-MM-DD as people do; what is no day stays.
func longDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2006年1月2日")
}

// procedures lists the entries of one office (?office=, an id).
func (d *Desk) procedures(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("office") == "" {
		query.Set("office", "131105")
	}
	page := struct {
		*Desk
		Offices       []office.Office
		Office        office.Office
		Rows          []row
		Done, Trouble string
	}{Desk: d, Done: said(query)}
	for _, c := range d.Clerks {
		if keepsProcedures(c) {
			page.Offices = append(page.Offices, c.Office)
		}
	}
	clerk, err := d.keeper(query.Get("office"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page.Office = clerk.Office
	status := http.StatusOK
	entries, err := clerk.Procedures(r.Context())
	if err != nil {
		status, page.Trouble = statusOf(err), procedureTrouble(err)
	}
	for _, p := range entries {
		page.Rows = append(page.Rows, newRow(p))
	}
	render(w, status, "procedures.html", page)
}

// said is the sentence about what was done just before: ?changed=, ?unchanged= or ?ended= with the number of a procedure.
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

func keepsProcedures(c *office.Clerk) bool { return slices.Contains(c.Office.Duties(), "procedure") }

// keeper finds the clerk of an office that keeps procedures.
func (d *Desk) keeper(id string) (*office.Clerk, error) {
	at := slices.IndexFunc(d.Clerks, func(c *office.Clerk) bool { return c.Office.ID == id && keepsProcedures(c) })
	if at < 0 {
		return nil, errOffice
	}
	return d.Clerks[at], nil
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

// procedure shows the form of one entry: ?office=, place= and number=.
func (d *Desk) procedure(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	clerk, entry, err := d.entry(r.Context(), query)
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	c := entry.GetContent()
	form := url.Values{
		"title": {c.GetTitle()}, "summary": {c.GetSummary()}, "deadline": {c.GetDeadline()}, "fee": {c.GetFee()},
		"from": {max(today(), entry.GetEffectiveFrom())}, // a coming version is changed from its own day on
	}
	d.showProcedure(w, http.StatusOK, clerk, entry, form, nil)
}

func (d *Desk) entry(ctx context.Context, form url.Values) (*office.Clerk, *officev1.OwnProcedure, error) {
	clerk, err := d.keeper(form.Get("office"))
	if err != nil {
		return nil, nil, err
	}
	entry, err := clerk.Procedure(ctx, form.Get("place"), form.Get("number"))
	if err == nil && entry == nil {
		err = errEntry
	}
	return clerk, entry, err
}

func (d *Desk) showProcedure(w http.ResponseWriter, status int, clerk *office.Clerk, entry *officev1.OwnProcedure, form url.Values, err error) {
	page := struct {
		*Desk
		Office         office.Office
		Entry          row
		Form           url.Values
		Wrong          wrongFields
		Trouble, Today string
	}{Desk: d, Office: clerk.Office, Entry: newRow(entry), Form: form, Today: today()}
	if err != nil && !errors.As(err, &page.Wrong) {
		page.Trouble = procedureTrouble(err)
	}
	page.Trouble += page.Wrong[""]
	render(w, status, "procedure.html", page)
}

// changeProcedure takes: office (id), place, number, title, summary, deadline, fee, from. It answers 303 to the list when the portal took it.
func (d *Desk) changeProcedure(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, func(ctx context.Context, clerk *office.Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error) {
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

// endProcedure takes: office (id), place, number, from.
func (d *Desk) endProcedure(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, func(ctx context.Context, clerk *office.Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error) {
		return "ended", clerk.EndProcedure(ctx, entry.GetPlaceCode(), entry.GetContent().GetNumber(), form.Get("from"))
	})
}

// act does what a form asks for with an entry and says in a word what was done.
func (d *Desk) act(w http.ResponseWriter, r *http.Request,
	do func(ctx context.Context, clerk *office.Clerk, entry *officev1.OwnProcedure, form url.Values) (string, error),
) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	form := r.PostForm
	clerk, entry, err := d.entry(r.Context(), form)
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
	slog.Warn("changing a procedure by hand", "office", clerk.Office.Name, "number", entry.GetContent().GetNumber(), "err", err)
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	status := statusOf(err)
	if errors.Is(err, errDay) {
		err = wrongFields{"from": "今日か、5年先までの日にしてください。"}
	}
	d.showProcedure(w, status, clerk, entry, form, err)
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
	case errors.As(err, &wrong), errors.Is(err, errDay), office.Refused(err):
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadGateway
}

func procedureTrouble(err error) string {
	switch {
	case connect.CodeOf(err) == connect.CodeNotFound:
		return "その日には、この手続は登録されていないか、すでに廃止されています。"
	case office.Refused(err):
		return "ポータルが受け付けませんでした。" + err.Error()
	}
	return "ポータルにつながりません。動いているか確かめてください。" + err.Error()
}
