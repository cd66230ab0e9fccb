package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func init() {
	register(&applications{
		hands: map[string]bool{}, known: map[string]map[string]*matter{}, refuses: map[string]bool{},
		unstamped: map[string]bool{},
	})
}

// applications (電子申請): a municipality takes what people apply for, looks at it step by step, returns some once by rules
// of its own, and decides; or leaves it to a developer at the desk.
type applications struct {
	mu    sync.Mutex
	hands map[string]bool               // offices of which a developer decides by hand
	known map[string]map[string]*matter // by office and id
	// refuses are those that were fetched, and whether they are refused, by id and revision.
	refuses map[string]bool
	// unstamped are those that had no time stamp when they were looked at: they are looked at once more.
	unstamped map[string]bool
}

// matter is an application as the office last heard of it, and when it goes on with it.
type matter struct {
	*officev1.ApplicationLine
	next time.Time
	// asked: it is heard of anew though it has not moved, as somebody wrote.
	asked bool
}

func (*applications) Name() string { return "application" }

func (*applications) Title() (name, what string) {
	return "電子申請の審査", "市区町村が、届いた申請の署名を確かめ、ゆっくり審査して答えるしくみ。口座名義や写真の不備は一度差し戻します"
}

func (*applications) Granted(o Office) []string {
	if o.Quiet || o.MunicipalityCode == "" || o.Prefecture() {
		return nil
	}
	return []string{"application"}
}

func (*applications) Meet(context.Context, *Clerk) error { return nil }

func (*applications) Person(context.Context, *Clerk, Person) error { return nil }

// Work asks for what moved, and goes on with what is due, until the context ends or the portal cannot be reached. It
// begins from the beginning each time: what it then hears is all there is.
func (d *applications) Work(ctx context.Context, c *Clerk) error {
	client := dial(c, d, officev1connect.NewApplicationServiceClient)
	d.mu.Lock()
	d.known[c.Office.ID] = map[string]*matter{}
	d.mu.Unlock()
	token := ""
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		answer, err := client.ListApplications(ctx, &officev1.ListApplicationsRequest{PageSize: 100, PageToken: token})
		if err != nil {
			return fmt.Errorf("asking for applications: %w", err)
		}
		token = answer.GetNextPageToken()
		d.learn(c, answer.GetApplications())
		due, asked := d.due(c)
		for _, line := range due {
			if err := d.goOn(ctx, c, client, line); err != nil {
				return err
			}
		}
		for _, line := range asked {
			fetched, err := client.FetchApplication(ctx, &officev1.FetchApplicationRequest{Id: line.GetId()})
			if err == nil {
				err = d.reply(ctx, c, client, fetched)
			}
			if err != nil && !refusedForGood(err) {
				return fmt.Errorf("answering an applicant: %w", err)
			}
		}
		if len(answer.GetApplications()) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // it says what it is
		case <-tick.C:
		}
	}
}

func (d *applications) learn(c *Clerk, lines []*officev1.ApplicationLine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, line := range lines {
		before := d.known[c.Office.ID][line.GetId()]
		next, same := c.now().Add(c.pace), false
		if before != nil && before.GetState() == line.GetState() && before.GetRevision() == line.GetRevision() {
			next, same = before.next, true
		}
		d.known[c.Office.ID][line.GetId()] = &matter{line, next, same}
	}
}

// inHand are the states in which the office has to act.
var inHand = []portalv1.ApplicationState{
	portalv1.ApplicationState_APPLICATION_STATE_ARRIVED, portalv1.ApplicationState_APPLICATION_STATE_CHECKING,
	portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED, portalv1.ApplicationState_APPLICATION_STATE_REVIEW,
	portalv1.ApplicationState_APPLICATION_STATE_RESENT,
}

// due are the applications with which an office goes on now by itself, and those of which somebody wrote.
func (d *applications) due(c *Clerk) (list, asked []*officev1.ApplicationLine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hands[c.Office.ID] {
		return nil, nil
	}
	now := c.now()
	for _, one := range d.known[c.Office.ID] {
		if one.asked {
			one.asked = false
			asked = append(asked, one.ApplicationLine)
		}
		if slices.Contains(inHand, one.GetState()) && !now.Before(one.next) {
			one.next = now.Add(c.pace) // until it is heard that it moved on
			list = append(list, one.ApplicationLine)
		}
	}
	return list, asked
}

// refusedForGood: it has moved on meanwhile, or is wrong; to try again would change nothing.
func refusedForGood(err error) bool { return Refused(err) && !errors.Is(err, part.ErrBroken) }

// goOn does the next step of one. A refusal is left alone: it has moved on meanwhile.
func (d *applications) goOn(
	ctx context.Context, c *Clerk, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
) error {
	reference := fmt.Sprintf("auto-%d-%d", line.GetRevision(), line.GetState())
	var err error
	switch line.GetState() {
	case portalv1.ApplicationState_APPLICATION_STATE_ARRIVED, portalv1.ApplicationState_APPLICATION_STATE_RESENT:
		err = setState(ctx, client, line, reference, portalv1.ApplicationState_APPLICATION_STATE_CHECKING)
	case portalv1.ApplicationState_APPLICATION_STATE_CHECKING:
		err = d.look(ctx, c, client, line, reference)
	case portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED:
		err = setState(ctx, client, line, reference, portalv1.ApplicationState_APPLICATION_STATE_REVIEW)
	case portalv1.ApplicationState_APPLICATION_STATE_REVIEW:
		err = d.decide(ctx, c, client, line, reference)
	}
	if refusedForGood(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("going on with an application: %w", err)
	}
	return nil
}

// look does 形式確認: it verifies, and returns what is at fault.
func (d *applications) look(
	ctx context.Context, c *Clerk, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
	reference string,
) error {
	fetched, err := d.fetch(ctx, client, line)
	if err != nil {
		return err
	}
	if err := d.reply(ctx, c, client, fetched); err != nil {
		return err
	}
	reasons := faultsOf(fetched)
	unsigned, err := d.verified(ctx, c, client, line, fetched)
	if err != nil {
		return err
	}
	if line.GetRevision() > 1 {
		reasons = nil // once is enough
	}
	if len(unsigned) > 0 {
		reasons = unsigned
	}
	if len(reasons) == 0 {
		return setState(ctx, client, line, reference, portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED)
	}
	_, err = client.ReturnApplication(ctx, &officev1.ReturnApplicationRequest{
		Id: line.GetId(), Reference: reference, Reasons: reasons,
	})
	return err //nolint:wrapcheck // goOn does
}

// verified gives why it is returned when it is not what somebody signed, and notes whether its time stamp is still to
// come.
func (d *applications) verified(
	ctx context.Context, c *Clerk, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
	fetched *officev1.FetchApplicationResponse,
) ([]*portalv1.ReturnReason, error) {
	stamped, err := verify(ctx, client, c.Office.ID, c.stamps, fetched)
	if errors.Is(err, errSignature) {
		slog.WarnContext(ctx, "an application is not what was signed", "office", c.Office.ID, "cause", err)
		return []*portalv1.ReturnReason{{Code: "R01", Text: "署名を確かめられませんでした。"}}, nil
	}
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unstamped[revisionOf(line)] = !stamped
	return nil, nil
}

// fetch gets one whole as it was when the office heard of it, whatever was sent since, so that what is done under a
// reference is the same each time; and keeps in mind what will come of it.
func (d *applications) fetch(
	ctx context.Context, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
) (*officev1.FetchApplicationResponse, error) {
	fetched, err := client.FetchApplication(ctx, &officev1.FetchApplicationRequest{
		Id: line.GetId(), Revision: line.GetRevision(),
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // goOn does
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuses[revisionOf(line)] = bytes.Contains(fetched.GetAnswers(), []byte(refusedWord))
	return fetched, nil
}

// refusedWord, anywhere in the answers, has an office refuse: so that a developer sees that, too.
const refusedWord = "却下"

const objection = "この決定に不服があるときは、知った日の翌日から3か月以内に審査請求ができます。"

func revisionOf(line *officev1.ApplicationLine) string {
	return fmt.Sprintf("%s/%d", line.GetId(), line.GetRevision())
}

func (d *applications) decide(
	ctx context.Context, c *Clerk, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
	reference string,
) error {
	d.mu.Lock()
	refuses, fetched := d.refuses[revisionOf(line)]
	unstamped := d.unstamped[revisionOf(line)]
	d.mu.Unlock()
	if !fetched { // before this program was started
		if _, err := d.fetch(ctx, client, line); err != nil {
			return err
		}
		return d.decide(ctx, c, client, line, reference)
	}
	if unstamped { // it may have come since; where its authority does not answer, it is decided without
		whole, err := d.fetch(ctx, client, line)
		if err != nil {
			return err
		}
		reasons, err := d.verified(ctx, c, client, line, whole)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			_, err := client.ReturnApplication(ctx, &officev1.ReturnApplicationRequest{
				Id: line.GetId(), Reference: reference, Reasons: reasons,
			})
			return err //nolint:wrapcheck // goOn does
		}
	}
	request := &officev1.DecideApplicationRequest{
		Id: line.GetId(), Reference: reference, Outcome: portalv1.ApplicationState_APPLICATION_STATE_APPROVED,
		Ground: c.Office.Name + "で審査し、認めました。",
	}
	if refuses {
		request.Outcome = portalv1.ApplicationState_APPLICATION_STATE_REJECTED
		request.Ground, request.Objection = "「"+refusedWord+"」と書かれていたため、認めませんでした。", objection
	}
	_, err := client.DecideApplication(ctx, request)
	return err //nolint:wrapcheck // goOn does
}

// reply answers what a person wrote last.
func (d *applications) reply(
	ctx context.Context, c *Clerk, client officev1connect.ApplicationServiceClient,
	a *officev1.FetchApplicationResponse,
) error {
	messages := a.GetMessages()
	if len(messages) == 0 || messages[len(messages)-1].GetByOffice() {
		return nil
	}
	_, err := client.WriteToApplicant(ctx, &officev1.WriteToApplicantRequest{
		Id: a.GetApplication().GetId(), Reference: fmt.Sprintf("auto-message-%d", len(messages)),
		Text: c.Office.Name + "です。ご連絡を読みました。このまま審査を続けます。",
	})
	return err //nolint:wrapcheck // who calls it does
}

func setState(
	ctx context.Context, client officev1connect.ApplicationServiceClient, line *officev1.ApplicationLine,
	reference string, to portalv1.ApplicationState,
) error {
	_, err := client.SetApplicationState(ctx, &officev1.SetApplicationStateRequest{
		Id: line.GetId(), Reference: reference, State: to,
	})
	return err //nolint:wrapcheck // goOn does
}

// faultsOf are for what an application is returned: an account of somebody else (R03), a photo that cannot be read
// (R04).
func faultsOf(a *officev1.FetchApplicationResponse) (reasons []*portalv1.ReturnReason) {
	var answers map[string]any
	if json.Unmarshal(a.GetAnswers(), &answers) != nil {
		return nil
	}
	holder, _ := answers["bank_holder"].(string)
	if holder != "" {
		own := false
		for field, value := range answers {
			kana, isText := value.(string)
			own = own || isText && strings.HasSuffix(field, "_kana") && plainKana(kana) == plainKana(holder)
		}
		if !own {
			reasons = append(reasons, &portalv1.ReturnReason{
				Code: "R03", Fields: []string{"bank_holder"}, Text: "口座の名義が、申請した人のお名前と違います。",
			})
		}
	}
	for _, attached := range a.GetAttachments() {
		if attached.GetDoubtful() {
			reasons = append(reasons, &portalv1.ReturnReason{
				Code: "R04", Fields: []string{topOf(answers, attached)}, Text: "写真がぶれているか、端が切れています。",
			})
		}
	}
	return reasons
}

// topOf is the field outside of rows in which a file stands.
func topOf(answers map[string]any, attached *portalv1.Attachment) string {
	for field, value := range answers {
		rows, isList := value.([]any)
		if !isList || field == attached.GetField() {
			continue
		}
		for _, row := range rows {
			if inner, isRow := row.(map[string]any); isRow && inner[attached.GetField()] != nil {
				return field
			}
		}
	}
	return attached.GetField()
}

// plainKana is a reading without blanks, as banks and people write it differently.
func plainKana(s string) string {
	return strings.NewReplacer(" ", "", "　", "", "ー", "-", "－", "-", "ャ", "ヤ", "ュ", "ユ", "ョ", "ヨ", "ッ", "ツ",
		"ァ", "ア", "ィ", "イ", "ゥ", "ウ", "ェ", "エ", "ォ", "オ").Replace(s)
}

type applicationPage struct {
	*Staff
	*applications
}

// Page lets a developer decide by hand.
func (d *applications) Page(s *Staff) Page {
	p := applicationPage{s, d}
	return Page{
		Link:   page.Link{Path: "/applications", Title: "電子申請"},
		Routes: map[string]http.HandlerFunc{"GET /applications": p.show, "POST /applications": p.act},
	}
}

// shownCase is an application on the desk.
type shownCase struct {
	*officev1.FetchApplicationResponse
	Office Office
	State  string
	Text   string // the answers, as they are
	// Reference is under which what is done on this page is done: however often a button is pressed, it is done once,
	// and two buttons of one page are not both done.
	Reference string
}

var stateWords = map[portalv1.ApplicationState]string{
	portalv1.ApplicationState_APPLICATION_STATE_ARRIVED:   "到達",
	portalv1.ApplicationState_APPLICATION_STATE_CHECKING:  "形式確認",
	portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED:  "受付",
	portalv1.ApplicationState_APPLICATION_STATE_REVIEW:    "審査中",
	portalv1.ApplicationState_APPLICATION_STATE_RETURNED:  "差戻し",
	portalv1.ApplicationState_APPLICATION_STATE_RESENT:    "再送信",
	portalv1.ApplicationState_APPLICATION_STATE_APPROVED:  "承認",
	portalv1.ApplicationState_APPLICATION_STATE_PARTLY:    "一部承認",
	portalv1.ApplicationState_APPLICATION_STATE_REJECTED:  "却下",
	portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN: "取下げ",
	portalv1.ApplicationState_APPLICATION_STATE_LAPSED:    "職権却下",
	portalv1.ApplicationState_APPLICATION_STATE_DONE:      "完了",
}

func (p applicationPage) show(w http.ResponseWriter, r *http.Request) { p.render(w, r, "", "") }

func (p applicationPage) render(w http.ResponseWriter, r *http.Request, done, trouble string) {
	var list []shownCase
	hands := map[string]bool{}
	for _, c := range p.Clerks {
		if !c.Office.Has(p.applications) {
			continue
		}
		p.mu.Lock()
		hands[c.Office.ID] = p.hands[c.Office.ID]
		var ids []string
		for id, one := range p.known[c.Office.ID] {
			if slices.Contains(inHand, one.GetState()) {
				ids = append(ids, id)
			}
		}
		p.mu.Unlock()
		slices.Sort(ids)
		for _, id := range ids {
			client := dial(c, p.applications, officev1connect.NewApplicationServiceClient)
			fetched, err := client.FetchApplication(r.Context(), &officev1.FetchApplicationRequest{Id: id})
			if err != nil {
				trouble = fmt.Sprintf("%s: %s", c.Office.Name, connect.CodeOf(err))
				continue
			}
			list = append(list, shownCase{
				fetched, c.Office, stateWords[fetched.GetApplication().GetState()], string(fetched.GetAnswers()),
				fmt.Sprintf("desk-%d-%d", len(fetched.GetSteps()), len(fetched.GetMessages())),
			})
		}
	}
	pages.Render(w, http.StatusOK, "applications.html", map[string]any{
		"Portal": p.Portal, "Applications": list, "Offices": p.Offices(p.applications), "Hands": hands, "Done": done,
		"Trouble": trouble,
	})
}

func (p applicationPage) act(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	c := p.Of(p.applications, r.Form.Get("office"))
	if c == nil {
		p.render(w, r, "", "その市区町村はありません")
		return
	}
	done, err := p.do(r, c)
	if err != nil {
		p.render(w, r, "", deskTrouble(err))
		return
	}
	p.render(w, r, c.Office.Name+"として"+done, "")
}

// deskTrouble says to a developer why something was not done.
func deskTrouble(err error) string {
	words := map[connect.Code]string{
		connect.CodeFailedPrecondition: "もう先へ進んでいます（取り下げられたか、ほかで決められました）。",
		connect.CodeAlreadyExists:      "この画面からは、もう別のことをしています。開き直してください。",
		connect.CodeInvalidArgument:    "書き方が違います（理由、差戻しの番号、項目）。",
		connect.CodeNotFound:           "その申請はありません。",
		connect.CodeUnavailable:        "ポータルに届きませんでした。もう一度押してください。",
	}
	return words[connect.CodeOf(err)] + connect.CodeOf(err).String()
}

// do is what a developer wants an office to do.
func (p applicationPage) do(r *http.Request, c *Clerk) (done string, err error) {
	ctx, client := r.Context(), dial(c, p.applications, officev1connect.NewApplicationServiceClient)
	id, reference, text := r.Form.Get("id"), r.Form.Get("reference"), r.Form.Get("text")
	decide := func(outcome portalv1.ApplicationState) error {
		_, err := client.DecideApplication(ctx, &officev1.DecideApplicationRequest{
			Id: id, Reference: reference, Outcome: outcome, Ground: text, Objection: objection,
		})
		return err //nolint:wrapcheck // its code is shown
	}
	switch r.Form.Get("do") {
	case "hand", "auto":
		p.mu.Lock()
		p.hands[c.Office.ID] = r.Form.Get("do") == "hand"
		p.mu.Unlock()
		return "進め方を変えました。", nil
	case "review":
		_, err = client.SetApplicationState(ctx, &officev1.SetApplicationStateRequest{
			Id: id, Reference: reference, Note: text, State: portalv1.ApplicationState_APPLICATION_STATE_REVIEW,
		})
		return "審査を始めました。", err //nolint:wrapcheck // its code is shown
	case "return":
		reason := &portalv1.ReturnReason{Code: r.Form.Get("code"), Text: text}
		if fields := strings.Fields(r.Form.Get("fields")); len(fields) > 0 {
			reason.Fields = fields
		}
		_, err = client.ReturnApplication(ctx, &officev1.ReturnApplicationRequest{
			Id: id, Reference: reference, Reasons: []*portalv1.ReturnReason{reason},
		})
		return "差し戻しました。", err //nolint:wrapcheck // its code is shown
	case "approve":
		return "承認しました。", decide(portalv1.ApplicationState_APPLICATION_STATE_APPROVED)
	case "partly":
		return "一部を承認しました。", decide(portalv1.ApplicationState_APPLICATION_STATE_PARTLY)
	case "reject":
		return "却下しました。", decide(portalv1.ApplicationState_APPLICATION_STATE_REJECTED)
	case "write":
		_, err = client.WriteToApplicant(ctx, &officev1.WriteToApplicantRequest{
			Id: id, Reference: reference, Text: text,
		})
		return "連絡しました。", err //nolint:wrapcheck // its code is shown
	}
	return "", connect.NewError(connect.CodeInvalidArgument, errors.New("there is nothing of this kind to be done"))
}
