package office_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/office"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// counter plays the portal's side of applications, one of which it has: what an office does is written down, once under
// a reference.
type counter struct {
	officev1connect.UnimplementedApplicationServiceHandler

	mu       sync.Mutex
	line     officev1.ApplicationLine
	moved    int
	answers  string
	messages []*portalv1.ApplicationMessage
	done     map[string]string // what was done, by references
	acts     []string
}

const caseID = "00000000000000000000000000000001"

func newCounter() *counter {
	c := &counter{done: map[string]string{}, answers: `{"name":"<script>alert(1)</script>"}`}
	c.line.Id, c.line.Number, c.line.Form, c.line.Revision = caseID, "261126-00000001-94", "inu-toroku", 1
	c.to(portalv1.ApplicationState_APPLICATION_STATE_ARRIVED)
	return c
}

func (c *counter) to(state portalv1.ApplicationState) {
	c.moved++
	c.line.State = state
}

func (c *counter) copy() *officev1.ApplicationLine {
	return &officev1.ApplicationLine{
		Id: c.line.Id, Number: c.line.Number, Form: c.line.Form, Revision: c.line.Revision, State: c.line.State,
	}
}

func (c *counter) ListApplications(
	ctx context.Context, request *officev1.ListApplicationsRequest,
) (*officev1.ListApplicationsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Value(officeKey{}).(string) != meguro {
		return &officev1.ListApplicationsResponse{}, nil
	}
	response := &officev1.ListApplicationsResponse{NextPageToken: fmt.Sprint(c.moved)}
	if request.GetPageToken() != response.GetNextPageToken() {
		response.Applications = append(response.Applications, c.copy())
	}
	return response, nil
}

func (c *counter) FetchApplication(
	context.Context, *officev1.FetchApplicationRequest,
) (*officev1.FetchApplicationResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	response := &officev1.FetchApplicationResponse{
		Application: c.copy(), Answers: []byte(c.answers), Messages: slices.Clone(c.messages),
	}
	for range c.acts {
		response.Steps = append(response.Steps, &portalv1.ApplicationStep{})
	}
	return response, nil
}

// act writes down what is done, where it still may be.
func (c *counter) act(reference, what string, to portalv1.ApplicationState) (*officev1.ApplicationLine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, again := c.done[reference]; again {
		if before != what {
			return nil, connect.NewError(connect.CodeAlreadyExists, errors.New(before))
		}
		return c.copy(), nil
	}
	if c.line.State > portalv1.ApplicationState_APPLICATION_STATE_REVIEW {
		return nil, connect.NewError(connect.CodeFailedPrecondition, errors.New("it has moved on"))
	}
	c.done[reference], c.acts = what, append(c.acts, what)
	c.to(to)
	return c.copy(), nil
}

func (c *counter) SetApplicationState(
	_ context.Context, r *officev1.SetApplicationStateRequest,
) (*officev1.SetApplicationStateResponse, error) {
	line, err := c.act(r.GetReference(), "state "+r.GetState().String()+" "+r.GetNote(), r.GetState())
	return &officev1.SetApplicationStateResponse{Application: line}, err
}

func (c *counter) ReturnApplication(
	_ context.Context, r *officev1.ReturnApplicationRequest,
) (*officev1.ReturnApplicationResponse, error) {
	what := "return"
	for _, reason := range r.GetReasons() {
		what += fmt.Sprint(" ", reason.GetCode(), reason.GetFields(), reason.GetText())
	}
	line, err := c.act(r.GetReference(), what, portalv1.ApplicationState_APPLICATION_STATE_RETURNED)
	return &officev1.ReturnApplicationResponse{Application: line}, err
}

func (c *counter) DecideApplication(
	_ context.Context, r *officev1.DecideApplicationRequest,
) (*officev1.DecideApplicationResponse, error) {
	if r.GetOutcome() != portalv1.ApplicationState_APPLICATION_STATE_APPROVED &&
		(r.GetGround() == "" || r.GetObjection() == "") {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("why, and how to object"))
	}
	line, err := c.act(r.GetReference(), "decide "+r.GetOutcome().String()+" "+r.GetGround(), r.GetOutcome())
	return &officev1.DecideApplicationResponse{Application: line}, err
}

func (c *counter) WriteToApplicant(
	_ context.Context, r *officev1.WriteToApplicantRequest,
) (*officev1.WriteToApplicantResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done[r.GetReference()] == "" {
		c.done[r.GetReference()] = r.GetText()
		c.messages = append(c.messages, &portalv1.ApplicationMessage{ByOffice: true, Text: r.GetText()})
	}
	return &officev1.WriteToApplicantResponse{}, nil
}

func (c *counter) did() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.acts)
}

// desk is the page for a developer, with an office at work behind it.
type desk struct {
	t       *testing.T
	counter *counter
	routes  map[string]http.HandlerFunc
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	g := newGateway(t)
	d := &desk{t: t, counter: newCounter()}
	g.applications = d.counter
	clerk, outbox := g.clerk(t, meguro)
	all := office.Duties()
	at := slices.IndexFunc(all, func(d office.Duty) bool { return d.Name() == "application" })
	d.routes = all[at].Page(&office.Staff{Clerks: []*office.Clerk{clerk}, Outbox: outbox}).Routes
	d.press(url.Values{"do": {"hand"}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = all[at].(office.Worker).Work(ctx, clerk)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		d.press(url.Values{"do": {"auto"}})
	})
	return d
}

// press posts a form of the page, and gives what is shown then.
func (d *desk) press(values url.Values) string {
	d.t.Helper()
	if !values.Has("office") {
		values.Set("office", meguro)
	}
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, "/applications",
		strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	d.routes["POST /applications"](answer, r)
	return html.UnescapeString(answer.Body.String())
}

var reference = regexp.MustCompile(`name="reference" value="([^"]+)"`)

// opened is the page once it shows the application, and the reference on it.
func (d *desk) opened() (shown, named string) {
	d.t.Helper()
	for d.t.Context().Err() == nil {
		answer := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, "/applications", nil)
		d.routes["GET /applications"](answer, r)
		if found := reference.FindStringSubmatch(answer.Body.String()); found != nil {
			return answer.Body.String(), found[1]
		}
		time.Sleep(10 * time.Millisecond) // until the office has heard of it
	}
	return "", ""
}

func (d *desk) values(do, reference, text string, more ...string) url.Values {
	values := url.Values{"do": {do}, "id": {caseID}, "reference": {reference}, "text": {text}}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return values
}

func TestADeveloperReturnsAtFields(t *testing.T) {
	d := newDesk(t)
	shown, named := d.opened()
	if strings.Contains(shown, "<script>") || !strings.Contains(shown, "到達") {
		t.Errorf("what a person wrote is part of the page: %s", shown)
	}
	if page := d.press(d.values("review", named, "始めます")); !strings.Contains(page, "審査を始めました") {
		t.Error(page)
	}
	_, named = d.opened()
	page := d.press(d.values("return", named, "数が違います", "code", "R11", "fields", " legs  name "))
	if !strings.Contains(page, "差し戻しました") {
		t.Error(page)
	}
	want := []string{"state APPLICATION_STATE_REVIEW 始めます", "return R11[legs name]数が違います"}
	if got := d.counter.did(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestADeveloperPressesTwice(t *testing.T) {
	d := newDesk(t)
	_, named := d.opened()
	for range 2 {
		if page := d.press(d.values("approve", named, "よし")); !strings.Contains(page, "承認しました") {
			t.Error(page)
		}
	}
	if page := d.press(d.values("reject", named, "だめ")); !strings.Contains(page, "もう別のことをしています") {
		t.Error(page)
	}
	if page := d.press(d.values("reject", "another", "だめ")); !strings.Contains(page, "もう先へ進んでいます") {
		t.Error(page)
	}
	if got := d.counter.did(); !slices.Equal(got, []string{"decide APPLICATION_STATE_APPROVED よし"}) {
		t.Errorf("%q", got)
	}
}

func TestADeveloperRefuses(t *testing.T) {
	d := newDesk(t)
	_, named := d.opened()
	for _, do := range []string{"reject", "partly"} {
		if page := d.press(d.values(do, named, "")); !strings.Contains(page, "書き方が違います") {
			t.Errorf("%s without a ground: %s", do, page)
		}
	}
	for range 2 {
		if page := d.press(d.values("write", named, "お待ちください")); !strings.Contains(page, "連絡しました") {
			t.Error(page)
		}
	}
	if n := len(d.counter.messages); n != 1 {
		t.Errorf("%d messages", n)
	}
	_, named = d.opened()
	if page := d.press(d.values("partly", named, "半分だけ")); !strings.Contains(page, "一部を承認しました") {
		t.Error(page)
	}
	if got := d.counter.did(); !slices.Equal(got, []string{"decide APPLICATION_STATE_PARTLY 半分だけ"}) {
		t.Errorf("%q", got)
	}
	if page := d.press(d.values("dance", named, "")); !strings.Contains(page, "できませんでした") {
		t.Error(page)
	}
	if page := d.press(url.Values{"office": {"nowhere"}, "do": {"approve"}}); !strings.Contains(page, "ありません") {
		t.Error(page)
	}
}

func TestADeveloperDecidesWhatWasTakenBack(t *testing.T) {
	d := newDesk(t)
	_, named := d.opened()
	d.counter.mu.Lock()
	d.counter.to(portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN)
	d.counter.mu.Unlock()
	for _, do := range []string{"approve", "reject", "return", "review"} {
		page := d.press(d.values(do, named+do, "理由", "code", "R01"))
		if !strings.Contains(page, "取り下げられたか") {
			t.Errorf("%s: %s", do, page)
		}
	}
	if got := d.counter.did(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
