package office_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/sandbox/office"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const meguro = "131105"

func (g *gateway) ListProcedures(
	ctx context.Context, request *officev1.ListProceduresRequest,
) (*officev1.ListProceduresResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse != 0 {
		return nil, connect.NewError(g.refuse, errors.New("not now"))
	}
	from := 0
	if token := request.GetPageToken(); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil {
			return nil, connect.NewError(connect.CodeInvalidArgument, err)
		}
		from = n
	}
	all := g.entries[ctx.Value(officeKey{}).(string)]
	to := min(from+2, len(all)) // small pages, so that there are several
	answer := &officev1.ListProceduresResponse{Procedures: all[from:to]}
	if to < len(all) {
		answer.NextPageToken = strconv.Itoa(to)
	}
	return answer, nil
}

func (g *gateway) PutProcedures(
	ctx context.Context, request *officev1.PutProceduresRequest,
) (*officev1.PutProceduresResponse, error) {
	answer := &officev1.PutProceduresResponse{}
	for i, c := range request.GetProcedures() {
		if strings.Contains(c.GetSummary()+c.GetDeadline()+c.GetTitle(), "誤り") {
			answer.Errors = append(answer.Errors, &officev1.EntryError{
				Index: int32(i), Number: c.GetNumber(), Field: "title", Message: "直してください。",
			})
		}
	}
	if len(answer.GetErrors()) > 0 {
		return answer, nil
	}
	for _, c := range request.GetProcedures() {
		if g.version(ctx, request.GetPlaceCode(), c.GetNumber(), request.GetEffectiveFrom(), c) {
			answer.Registered++
		} else {
			answer.Unchanged++
		}
	}
	return answer, nil
}

func (g *gateway) EndProcedure(
	ctx context.Context, request *officev1.EndProcedureRequest,
) (*officev1.EndProcedureResponse, error) {
	if !g.version(ctx, request.GetPlaceCode(), request.GetNumber(), request.GetEffectiveFrom(), nil) {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("not in force"))
	}
	return &officev1.EndProcedureResponse{}, nil
}

// version makes an entry say something else; it tells whether there was anything to change. No content ends the
// procedure.
func (g *gateway) version(ctx context.Context, place, number, from string, content *portalv1.ProcedureContent) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	id := ctx.Value(officeKey{}).(string)
	at := slices.IndexFunc(g.entries[id], func(p *officev1.OwnProcedure) bool {
		return p.GetPlaceCode() == place && p.GetContent().GetNumber() == number
	})
	next := &officev1.OwnProcedure{PlaceCode: place, Content: content, Version: 1, EffectiveFrom: from}
	if at >= 0 {
		old := g.entries[id][at]
		if content == nil && old.GetEnded() ||
			content != nil && !old.GetEnded() && proto.Equal(old.GetContent(), content) {
			return false
		}
		next.Version = old.GetVersion() + 1
		if content == nil {
			next.Content, next.Ended = old.GetContent(), true
		}
		g.entries[id][at] = next
	} else {
		if content == nil {
			return false
		}
		g.entries[id] = append(g.entries[id], next)
	}
	what := "put"
	if next.GetEnded() {
		what = "end"
	}
	g.history = append(g.history, strings.Join([]string{what, place, number, from}, " "))
	return true
}

// imported gives an office entries as the portal's operator takes them in.
func (g *gateway) imported(officeID string, numbers ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.entries = map[string][]*officev1.OwnProcedure{}
	for _, n := range numbers {
		g.entries[officeID] = append(g.entries[officeID], &officev1.OwnProcedure{
			PlaceCode: officeID, Version: 1, EffectiveFrom: "2026-04-01", Content: &portalv1.ProcedureContent{
				Number: n, Definition: n, Bring: []string{"本人確認書類"},
			},
		})
	}
}

func (g *gateway) told() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.history)
}

func TestAnOfficeAmendsItsProceduresOnce(t *testing.T) {
	g := newGateway(t)
	g.imported(meguro, "P0001", "P0012", "P0052", "P0068", "P0071")
	c, _ := g.clerk(t, meguro)
	synced(t, c)
	told := g.told()
	if len(told) != 4 || !slices.Contains(told, "put 131105 P0068 ") || !slices.Contains(told, "put 131105 P0070 ") ||
		!slices.Contains(told, "end 131105 P0052 ") {
		t.Fatalf("told: %q", told)
	}
	at := slices.IndexFunc(told, func(s string) bool { return strings.HasPrefix(s, "put 131105 P0012 ") })
	from, err := time.Parse(time.DateOnly, told[at][len("put 131105 P0012 "):])
	if err != nil || from.Month() != time.April || from.Day() != 1 || !from.After(time.Now()) ||
		from.After(time.Now().AddDate(1, 0, 1)) {
		t.Errorf("the nursery changes on %v (%v), not on the next 1 April", from, err)
	}
	for number, url := range map[string]string{
		"P0068": "https://azukari.example.jp/meguro", "P0070": "https://gakudo.example.jp/meguro",
	} {
		p, err := c.Procedure(context.Background(), meguro, number)
		if err != nil || !p.GetContent().GetOnline() || p.GetContent().GetOnlineUrl() != url ||
			p.GetContent().GetDefinition() != number {
			t.Errorf("%s: %v %v", number, p, err)
		}
	}
	p, err := c.Procedure(context.Background(), meguro, "P0012")
	if err != nil || p.GetVersion() != 2 || p.GetContent().GetSummary() == "" || p.GetContent().GetDeadline() == "" ||
		len(p.GetContent().GetBring()) != 1 {
		t.Errorf("what the office does not change stays: %v %v", p, err)
	}

	again, _ := g.clerk(t, meguro)
	synced(t, again)
	if now := g.told(); len(now) != len(told) {
		t.Errorf("after a restart: %q", now[len(told):])
	}
}

// What somebody changed at the desk is not overwritten at the next start.
func TestAnOfficeLeavesAloneWhatWasChangedSince(t *testing.T) {
	g := newGateway(t)
	g.imported(meguro, "P0012", "P0052", "P0068")
	c, _ := g.clerk(t, meguro)
	synced(t, c)
	ctx := context.Background()
	for _, number := range []string{"P0012", "P0052", "P0068"} {
		_, err := c.PutProcedure(ctx, meguro, "", &portalv1.ProcedureContent{Number: number, Title: "手で変えた"})
		if err != nil {
			t.Fatal(err)
		}
	}
	before := len(g.told())
	again, _ := g.clerk(t, meguro)
	synced(t, again)
	if now := g.told(); len(now) != before {
		t.Errorf("it changed %q", now[before:])
	}
}

func TestWhereTheCatalogueIsEmptyNothingIsAmended(t *testing.T) {
	g := newGateway(t)
	for _, o := range office.All() {
		c, _ := g.clerk(t, o.ID)
		synced(t, c)
	}
	if told := g.told(); len(told) != 0 {
		t.Errorf("told: %q", told)
	}
}

func TestACatalogueOutOfReachIsAmendedLater(t *testing.T) {
	g := newGateway(t)
	g.imported(meguro, "P0052")
	c, _ := g.clerk(t, meguro)
	synced(t, c)
	again, _ := g.clerk(t, meguro)
	g.imported(meguro, "P0052")
	g.mu.Lock()
	g.refuse = connect.CodeUnavailable
	g.mu.Unlock()
	if err := again.Sync(context.Background()); connect.CodeOf(err) != connect.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
	g.mu.Lock()
	g.refuse, g.history = 0, nil
	g.mu.Unlock()
	synced(t, again)
	if told := g.told(); !slices.Contains(told, "end 131105 P0052 ") {
		t.Errorf("told: %q", told)
	}
}

// A refusal is reported and not met with the same again; the rest of the office's work goes on.
func TestARefusedCatalogueStopsNothing(t *testing.T) {
	g := newGateway(t)
	g.imported(meguro, "P0052")
	g.refuse = connect.CodePermissionDenied
	c, _ := g.clerk(t, meguro)
	synced(t, c)
	g.mu.Lock()
	g.refuse = 0
	g.mu.Unlock()
	g.introduce(t, meguro, "id-1", "yamada-taro")
	synced(t, c)
	if told := g.told(); len(told) != 0 || len(g.sentTo("id-1")) == 0 {
		t.Errorf("told: %q, letters: %q", told, g.sentTo("id-1"))
	}
}

func TestOnlyMunicipalitiesKeepProcedures(t *testing.T) {
	for _, o := range office.All() {
		if got := slices.Contains(o.Duties(), "procedure"); got != (o.MunicipalityCode != "" && !o.Quiet) {
			t.Errorf("%s: %v", o.Name, o.Duties())
		}
	}
}
