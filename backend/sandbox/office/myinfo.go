package office

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/holding"
	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/selfinfo"
)

func init() { register(myinfo{}) }

// myinfo (わたしの情報): what the office holds about people. It takes their requests from the portal and answers them from
// its register (holding); says what it makes of corrections; sets and lifts what protects a person.
type myinfo struct{}

func (myinfo) Name() string { return "myinfo" }

func (myinfo) Title() (name, what string) {
	return "わたしの情報の回答", "情報を持つ機関が、本人からの照会に答えるしくみ。「まちがった答え」では、読めない回答を送ります"
}

// held are the categories that an office holds.
func held(o Office) []int {
	city := []int{4, 6, 9, 13, 18, 19, 20, 21, 23, 25, 26, 27}
	prefecture := []int{10, 22, 24}
	switch {
	case o.ID == insurers:
		return []int{1, 5, 7, 8, 11}
	case o.ID == claims:
		return []int{2, 3, 12, 14}
	case o.ID == digital:
		return []int{15}
	case o.ID == pension:
		return []int{16, 17}
	case o.ID == health:
		return []int{28, 29}
	case o.MunicipalityCode == "":
		return nil
	case o.Prefecture():
		return prefecture
	case designated[o.MunicipalityCode]:
		return append(city, prefecture...)
	}
	return city
}

// designated cities do what elsewhere the prefecture does.
var designated = map[string]bool{"011002": true, "141003": true, "261009": true, "271004": true}

func (myinfo) Granted(o Office) []string {
	categories := held(o)
	if len(categories) == 0 {
		return nil
	}
	granted := []string{"myinfo"}
	for _, c := range categories {
		granted = append(granted, selfinfo.Duty(c))
	}
	switch {
	case o.ID == insurers:
		granted = append(granted, "insurer-flags")
	case o.MunicipalityCode != "" && !o.Prefecture():
		granted = append(granted, "support-measures")
	}
	return granted
}

func (myinfo) Meet(context.Context, *Clerk) error { return nil }

func (myinfo) Person(context.Context, *Clerk, Person) error { return nil }

// registers are what all offices hold, as corrections have left it. They are those of the start when the sandbox
// begins.
var registers = struct {
	sync.Mutex
	all holding.Register
}{all: holding.Clone()}

// Work answers requests as they come, until the context ends or the portal cannot be reached.
func (d myinfo) Work(ctx context.Context, c *Clerk) error {
	stream, err := dialStream(c, d.through(c), officev1connect.NewMyInfoServiceClient).WatchRequests(ctx,
		&officev1.WatchRequestsRequest{})
	if err != nil {
		return fmt.Errorf("asking for requests: %w", err)
	}
	defer stream.Close()
	for stream.Receive() {
		for _, request := range stream.Msg().GetRequests() {
			if err := d.answer(ctx, c, request); err != nil {
				return err
			}
		}
		for _, correction := range stream.Msg().GetCorrections() {
			if err := d.judge(ctx, c, correction); err != nil {
				return err
			}
		}
	}
	return stream.Err() //nolint:wrapcheck // it says what it is
}

// through is by which switch the duty calls. One that is to send nonsense says it well: nil stands for the office's
// own.
func (d myinfo) through(c *Clerk) Duty {
	setting := c.duties[d.Name()].Setting()
	if setting.Is == part.Wrong && (setting.Way == "" || setting.Way == part.Garbage) {
		return nil
	}
	return d
}

// answer answers one request. A duty that is switched to be wrong sends what nobody can read.
func (d myinfo) answer(ctx context.Context, c *Clerk, request *officev1.InformationRequest) error {
	answer, through := d.held(c, request), d.through(c)
	if through == nil {
		answer = babble(request)
	}
	answer.RequestId = request.GetId()
	_, err := dial(c, through, officev1connect.NewMyInfoServiceClient).AnswerInformation(ctx, answer)
	if Refused(err) && !errors.Is(err, part.ErrBroken) {
		return nil // taken back, answered before, or not to be read: the portal knows
	}
	if err != nil {
		return fmt.Errorf("answering a request: %w", err)
	}
	return nil
}

// held is what the office's register says.
func (myinfo) held(c *Clerk, request *officev1.InformationRequest) *officev1.AnswerInformationRequest {
	r, known := resident.ByRecord(c.record(request.GetPerson()))
	if !known { // it has not been told of the person yet
		return &officev1.AnswerInformationRequest{Answer: &officev1.AnswerInformationRequest_Unavailable{
			Unavailable: &officev1.InformationUnavailable{Until: c.now().Add(2 * time.Second).UnixMilli()},
		}}
	}
	registers.Lock()
	defer registers.Unlock()
	found, has := registers.all.Of(r.ID, c.Office.ID, request.GetDetail(), c.Office.home(r))
	return holding.Answer(found, has, request.GetDetail(), request.GetFrom(), request.GetTo(), clock.Today(c.now()))
}

// babble is an answer of the right form that says nothing: an item that there is not, a day to come, a formula.
func babble(request *officev1.InformationRequest) *officev1.AnswerInformationRequest {
	return &officev1.AnswerInformationRequest{AsOf: "2999-12-31", Answer: &officev1.AnswerInformationRequest_Data{
		Data: &officev1.InformationData{Records: []*officev1.InformationRecord{{
			Reference: "?", Values: []*officev1.InformationValue{{Item: request.GetDetail() + ".???",
				Text: "=HYPERLINK(\u202e1)"}},
		}}},
	}}
}

// judge answers a correction: what should be something else is put right, what is somebody else's is looked into, what
// is missing stays so.
func (d myinfo) judge(ctx context.Context, c *Clerk, correction *officev1.CorrectionRequest) error {
	answer := &officev1.AnswerCorrectionRequest{CorrectionId: correction.GetId()}
	switch correction.GetFault() {
	case officev1.Fault_FAULT_WRONG:
		answer.Outcome = officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED
		answer.Answer = "確認し、訂正しました。もう一度照会すると、新しい内容が出ます。"
		if !d.correct(c, correction) {
			answer.Outcome = officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED
			answer.Answer = "この内容には訂正できません。窓口で書類を確認させてください。"
		}
	case officev1.Fault_FAULT_NOT_MINE:
		due, err := time.Parse(time.DateOnly, correction.GetDue())
		if err != nil {
			return fmt.Errorf("reading the day of a correction: %w", err)
		}
		answer.Outcome = officev1.CorrectionOutcome_CORRECTION_OUTCOME_EXTENDED
		answer.Answer = "別の人の記録でないか、調べています。"
		answer.Due = due.AddDate(0, 0, 30).Format(time.DateOnly)
	default:
		answer.Outcome = officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED
		answer.Answer = "調べましたが、ほかの記録はありませんでした。"
	}
	_, err := dial(c, d, officev1connect.NewMyInfoServiceClient).AnswerCorrection(ctx, answer)
	if Refused(err) && !errors.Is(err, part.ErrBroken) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("answering a correction: %w", err)
	}
	return nil
}

func (myinfo) correct(c *Clerk, correction *officev1.CorrectionRequest) bool {
	r, known := resident.ByRecord(c.record(correction.GetPerson()))
	detail, _, _ := selfinfo.DetailOf(correction.GetDetail())
	item, ok := detail.Item(correction.GetItem())
	if !known || !ok || item.Check(correction.GetShouldBe(), clock.Today(c.now())) != nil {
		return false
	}
	registers.Lock()
	defer registers.Unlock()
	return registers.all.Correct(r.ID, c.Office.ID, correction.GetDetail(), correction.GetRecord(),
		correction.GetItem(),
		correction.GetShouldBe())
}

// protections are what an office may set, by the words of the page.
var protections = []struct {
	Flag  officev1.Protection
	Title string
	duty  string
}{
	{officev1.Protection_PROTECTION_NOT_DISCLOSED, "不開示該当フラグ（医療保険者）", "insurer-flags"},
	{officev1.Protection_PROTECTION_NOT_PROVIDED, "自己情報提供不可フラグ（医療保険者）", "insurer-flags"},
	{officev1.Protection_PROTECTION_SUPPORT, "支援措置（市区町村）", "support-measures"},
}

type myinfoPage struct{ *Staff }

// Page lets a developer set and lift what protects a person.
func (myinfo) Page(s *Staff) Page {
	p := myinfoPage{s}
	return Page{
		Link:   page.Link{Path: "/protections", Title: "支援措置と不開示のフラグ"},
		Routes: map[string]http.HandlerFunc{"GET /protections": p.show, "POST /protections": p.set},
	}
}

func (p myinfoPage) show(w http.ResponseWriter, r *http.Request) { p.render(w, r, "", "") }

func (p myinfoPage) render(w http.ResponseWriter, r *http.Request, done, trouble string) {
	pages.Render(w, http.StatusOK, "myinfo.html", map[string]any{
		"Portal": p.Portal, "Flags": protections, "Residents": resident.All(), "Done": done, "Trouble": trouble,
		"Form": r.Form,
	})
}

func (p myinfoPage) set(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	done, err := p.protect(r.Context(), r.Form.Get("flag"), r.Form.Get("person"), r.Form.Get("on") == "on")
	if err != nil {
		p.render(w, r, "", err.Error())
		return
	}
	p.render(w, r, done, "")
}

// protect has the office of a person that may do so set or lift a flag.
func (p myinfoPage) protect(ctx context.Context, flag, person string, on bool) (string, error) {
	who, known := resident.ByID(person)
	if !known {
		return "", errors.New("その人はいません")
	}
	for _, one := range protections {
		if one.Flag.String() != flag {
			continue
		}
		for _, c := range p.Clerks {
			identifier, introduced := c.identifier(who.Record)
			if !introduced || !slices.Contains(myinfo{}.Granted(c.Office), one.duty) {
				continue
			}
			_, err := dial(c, myinfo{}, officev1connect.NewMyInfoServiceClient).SetProtection(ctx,
				&officev1.SetProtectionRequest{
					Person: identifier, Protection: one.Flag, On: on,
				})
			if err != nil {
				return "", fmt.Errorf("%s: %s", c.Office.Name, connect.CodeOf(err))
			}
			verb := "解除しました"
			if on {
				verb = "設定しました"
			}
			return strings.Join([]string{c.Office.Name, "として、", who.Name, "の", one.Title, "を", verb, "。"}, ""), nil
		}
		return "", ErrNotIntroduced
	}
	return "", errors.New("そのフラグはありません")
}
