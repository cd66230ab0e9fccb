package office

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func init() { register(procedures{}) }

// procedures (手続): a municipality's entries of the catalogue, and how it changes them.
type procedures struct{}

func (procedures) Name() string { return "procedure" }

func (procedures) Title() (name, what string) {
	return "手続カタログ", "市区町村が、手続をポータルに登録するしくみ"
}

func (procedures) Granted(o Office) []string {
	if o.MunicipalityCode == "" || o.Quiet {
		return nil
	}
	return []string{"procedure"}
}

func (procedures) Meet(ctx context.Context, c *Clerk) error { return c.amend(ctx) }

func (procedures) Person(context.Context, *Clerk, Person) error { return nil }

// amendment is a change of the catalogue (手続) that an office brings in by itself, so that there are versions to see.
type amendment struct {
	office, number string
	// from gives the day from which it holds; nil for today.
	from func(today time.Time) time.Time
	// change writes what is new into the entry; nil ends the procedure.
	change func(c *portalv1.ProcedureContent)
	// added lets it stand where the office had no such entry.
	added bool
}

var amendments = []amendment{
	{
		office: "131105", number: "P0012", from: nextApril,
		change: func(c *portalv1.ProcedureContent) {
			c.Summary = `認可保育園・認定こども園（保育）・小規模保育などに入るための申込です。4月入園の申込は、電子申請だけで受け付けます。電子申請が難しいときは、保育課の窓口で職員がお手伝いします。

希望する園は10か所まで書けます。前の年に申し込んだ人も、あらためて申し込んでください。`
			c.Deadline, c.DeadlineRule = "4月入園は前の年の10月15日から11月20日まで。年度の途中は、入園したい月の前々月の25日まで", nil
		},
	},
	{
		office: "131105", number: "P0068",
		change: func(c *portalv1.ProcedureContent) {
			c.Online, c.OnlineUrl = true, "https://azukari.example.jp/meguro"
			c.Fee = "1時間500円。住民税が非課税の世帯は無料"
		},
	},
	{
		office: "131105", number: "P0070", added: true,
		change: func(c *portalv1.ProcedureContent) {
			c.Definition, c.Title = "P0070", "学童保育クラブの利用申込"
			c.Online, c.OnlineUrl = true, "https://gakudo.example.jp/meguro"
			c.Fee = "月8,000円。きょうだいで利用するときは2人目から4,000円"
			c.Deadline, c.DeadlineRule = "4月からの利用は前の年の11月1日から12月10日まで。年度の途中は、利用したい月の前の月の10日まで", nil
			c.Desk = &portalv1.ProcedureDesk{
				Department: "放課後子ども対策課 学童保育係", Building: "目黒区役所 本庁舎4階", Phone: "023-0000-0070",
				Hours: "9:00〜16:30（土日祝・年末年始を除く）",
			}
		},
	},
	{office: "131105", number: "P0052"},
}

// nextApril is the coming first day of a fiscal year.
func nextApril(today time.Time) time.Time {
	april := time.Date(today.Year(), time.April, 1, 0, 0, 0, 0, clock.Japan)
	if !april.After(today) {
		return april.AddDate(1, 0, 0)
	}
	return april
}

// amend brings in what the office changes by itself, once: an entry that has a second version is left alone, whoever
// wrote that. Where the catalogue is empty there is nothing to amend.
func (c *Clerk) amend(ctx context.Context) error {
	var own []amendment
	for _, a := range amendments {
		if a.office == c.Office.ID {
			own = append(own, a)
		}
	}
	if len(own) == 0 {
		return nil
	}
	entries, err := c.Procedures(ctx)
	if err != nil || len(entries) == 0 {
		return c.passOver(err)
	}
	for _, a := range own {
		entry := find(entries, c.Office.MunicipalityCode, a.number)
		if entry == nil && !a.added || entry.GetVersion() > 1 {
			continue
		}
		if err := c.passOver(c.bringIn(ctx, a, entry)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clerk) bringIn(ctx context.Context, a amendment, entry *officev1.OwnProcedure) error {
	from := ""
	if a.from != nil {
		from = a.from(clock.Midnight(c.now())).Format(time.DateOnly)
	}
	if a.change == nil {
		return c.EndProcedure(ctx, c.Office.MunicipalityCode, a.number, from)
	}
	content := &portalv1.ProcedureContent{Number: a.number}
	if entry != nil {
		content = proto.CloneOf(entry.GetContent())
	}
	a.change(content)
	answer, err := c.PutProcedure(ctx, c.Office.MunicipalityCode, from, content)
	for _, w := range answer.GetErrors() {
		slog.Error("the portal refused an entry", "office", c.Office.Name, "number", a.number, "field", w.GetField(),
			"message", w.GetMessage())
	}
	return err
}

// passOver takes a refusal for the end of the matter: only what could not be asked is worth asking again.
func (c *Clerk) passOver(err error) error {
	if Refused(err) || connect.CodeOf(err) == connect.CodeUnimplemented {
		slog.Error("the portal refused an office's entries of the catalogue", "office", c.Office.Name, "err", err)
		return nil
	}
	return err
}

// Procedures lists the office's own entries of the catalogue, the latest version of each, those of its wards too.
func (c *Clerk) Procedures(ctx context.Context) ([]*officev1.OwnProcedure, error) {
	var all []*officev1.OwnProcedure
	request := &officev1.ListProceduresRequest{}
	for {
		page, err := dial(c, procedures{}, officev1connect.NewProcedureServiceClient).ListProcedures(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("listing procedures: %w", err)
		}
		all = append(all, page.GetProcedures()...)
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return all, nil
		}
	}
}

// Procedure gives the latest version of one entry; nil when there is none.
func (c *Clerk) Procedure(ctx context.Context, place, number string) (*officev1.OwnProcedure, error) {
	all, err := c.Procedures(ctx)
	if err != nil {
		return nil, err
	}
	return find(all, place, number), nil
}

func find(all []*officev1.OwnProcedure, place, number string) *officev1.OwnProcedure {
	for _, p := range all {
		if p.GetPlaceCode() == place && p.GetContent().GetNumber() == number {
			return p
		}
	}
	return nil
}

// PutProcedure registers an entry that holds from a day on (YYYY-MM-DD, today when empty). The answer may name what is
// wrong with it; then it was not registered.
func (c *Clerk) PutProcedure(
	ctx context.Context, place, from string, content *portalv1.ProcedureContent,
) (*officev1.PutProceduresResponse, error) {
	client := dial(c, procedures{}, officev1connect.NewProcedureServiceClient)
	answer, err := client.PutProcedures(ctx, &officev1.PutProceduresRequest{
		PlaceCode: place, EffectiveFrom: from, Procedures: []*portalv1.ProcedureContent{content},
	})
	if err != nil {
		return nil, fmt.Errorf("registering %s: %w", content.GetNumber(), err)
	}
	return answer, nil
}

// EndProcedure says that a procedure is no more from a day on (YYYY-MM-DD, today when empty).
func (c *Clerk) EndProcedure(ctx context.Context, place, number, from string) error {
	client := dial(c, procedures{}, officev1connect.NewProcedureServiceClient)
	_, err := client.EndProcedure(ctx, &officev1.EndProcedureRequest{
		PlaceCode: place, Number: number, EffectiveFrom: from,
	})
	if err != nil {
		return fmt.Errorf("ending %s: %w", number, err)
	}
	return nil
}
