package exchange

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	"madoguchi/proto/exchangelist"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/static/text/say"
)

// filePath is where a page asks for a file, by a form: format, language, and what a list is narrowed by.
const filePath = "/exchange/file"

// mostInFile is how many exchanges a file has; who has more takes a shorter period.
const mostInFile = 20_000

// Files writes histories as files.
type Files struct {
	*Service
	Fonts  *paper.Fonts // nil: no PDF is made
	Origin string
	// Pack puts all of a document into an archive that is signed.
	Pack func(ctx context.Context, name string, d paper.Document) (packed []byte, stamped bool, err error)
}

func (f *Files) answers() map[string]http.Handler {
	return map[string]http.Handler{filePath: http.HandlerFunc(f.file)}
}

var fileTypes = map[string]string{
	"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json", "zip": "application/zip",
}

// file answers with a file, all of it or none. It stands in the history of use.
func (f *Files) file(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "it is asked for by a form", http.StatusMethodNotAllowed)
		return
	}
	ctx, caller := r.Context(), access.FromContext(r.Context())
	if caller.Kind != access.Citizen {
		http.Error(w, "log in first", http.StatusForbidden)
		return
	}
	format, language := r.PostFormValue("format"), r.PostFormValue("language")
	result, err := strconv.ParseInt("0"+r.PostFormValue("result"), 10, 32)
	since, before, field, spanErr := span(r.PostFormValue("from"), r.PostFormValue("to"))
	if fileTypes[format] == "" || !slices.Contains([]string{"ja", "en", "easy"}, language) || err != nil ||
		spanErr != nil || format == "pdf" && f.Fonts == nil {
		http.Error(w, "there is no such file "+field, http.StatusBadRequest)
		return
	}
	asked := db.ExchangeListParams{
		FolderID: caller.Subject(), Before: before, Since: since, Office: r.PostFormValue("office"),
		Duty: r.PostFormValue("duty"), Result: result, Size: mostInFile,
	}
	var whole bytes.Buffer
	if err = f.write(ctx, &whole, format, language, asked); err == nil {
		a := act.Begin("exchange.take", caller.By(), f.now())
		err = f.db.Tx(ctx, func(q *db.Queries) error { return a.Note(ctx, q, caller.Subject()) })
	}
	if err != nil {
		slog.ErrorContext(ctx, "writing a history as a file", "cause", err)
		http.Error(w, "in a moment", http.StatusServiceUnavailable)
		return
	}
	name := "exchange-" + f.now().UTC().Format("20060102-150405") + "." + format
	w.Header().Set("Content-Type", fileTypes[format])
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(whole.Bytes())
}

func (f *Files) write(
	ctx context.Context, to io.Writer, format, language string, asked db.ExchangeListParams,
) error {
	q := f.db.Read()
	rows, err := q.ExchangeList(ctx, asked)
	if err != nil {
		return fmt.Errorf("listing exchanges: %w", err)
	}
	found, err := f.tell(ctx, q, asked.FolderID, rows)
	if err != nil {
		return err
	}
	d := f.document(found, rows, language, asked, format == "json" || format == "zip")
	switch format {
	case "zip":
		packed, _, err := f.Pack(ctx, "exchange", d)
		if err != nil {
			return fmt.Errorf("signing a history: %w", err)
		}
		_, err = to.Write(packed)
		return err
	case "csv":
		return paper.CSV(to, d.Sections[0].Tables[0], language)
	case "json":
		return paper.JSON(to, d)
	}
	return paper.PDF(to, d, *f.Fonts)
}

func (f *Files) document(
	of found, rows []db.Exchange, language string, asked db.ExchangeListParams, proven bool,
) paper.Document {
	in := func(t say.Text) string { return t.InBrackets(language) }
	period := in(textWhole)
	if asked.Since > 0 || asked.Before < math.MaxInt64 {
		first, last := "", ""
		if asked.Since > 0 {
			first = clock.Day(time.UnixMilli(asked.Since))
		}
		if asked.Before < math.MaxInt64 {
			last = clock.Day(time.UnixMilli(asked.Before - 1))
		}
		period = first + " – " + last
	}
	section := paper.Section{Heading: in(textTitle), Values: []paper.Value{
		{Name: "period", Label: in(textPeriod), Value: period},
		{Name: "count", Label: in(textCount), Value: int64(len(rows))},
	}}
	if proven {
		section.Values = append(section.Values, paper.Value{
			Name: "checkpoint", Label: in(textCheckpoint), Value: of.state.GetCheckpoint(),
		})
	}
	if len(rows) == 0 {
		section.Notes = []string{in(textNone)}
	}
	section.Tables = []paper.Table{table(of, rows, language, proven)}
	return paper.Document{
		Title: in(textTitle), Language: language, By: f.Origin, AsOf: f.now(),
		Notes: []string{in(textNote), in(textProof)}, Sections: []paper.Section{section},
	}
}

// table has a row for each report, so that what both sides said is there.
func table(of found, rows []db.Exchange, language string, proven bool) paper.Table {
	in := func(t say.Text) string { return t.InBrackets(language) }
	t := paper.Table{Caption: in(textTitle), Columns: []paper.Column{
		{Name: "asked_at", Label: in(textColumnAskedAt)}, {Name: "asker", Label: in(textColumnAsker)},
		{Name: "provider", Label: in(textColumnProvider)}, {Name: "duty", Label: in(textColumnDuty)},
		{Name: "procedure", Label: in(textColumnProcedure)}, {Name: "info", Label: in(textColumnInfo)},
		{Name: "items", Label: in(textColumnItems)}, {Name: "provided_at", Label: in(textColumnProvidedAt)},
		{Name: "result", Label: in(textColumnResult)}, {Name: "law", Label: in(textColumnLaw)},
		{Name: "side", Label: in(textColumnSide)}, {Name: "reason", Label: in(textColumnReason)},
		{Name: "recorded_at", Label: in(textColumnRecordedAt)}, {Name: "number", Label: in(textColumnNumber)},
		{Name: "line", Label: in(textColumnLine)},
	}}
	if proven {
		t.Columns = append(t.Columns, paper.Column{Name: "ledger_line", Label: in(textColumnLedger)})
	}
	lines := map[uint64]*portalv1.LedgerLine{}
	for _, line := range of.lines {
		lines[line.GetNumber()] = line
	}
	for _, row := range rows {
		for _, number := range []int64{row.ByAsker, row.ByProvider, row.ByPortal, row.Cancelled} {
			line, record := lines[uint64(number)], of.records[uint64(number)]
			if line == nil || record == nil {
				continue
			}
			cells := cellsOf(record, line, language)
			if proven {
				content, _ := proto.Marshal(line)
				cells = append(cells, base64.StdEncoding.EncodeToString(content))
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

func cellsOf(r *portalv1.ExchangeRecord, line *portalv1.LedgerLine, language string) []paper.Cell {
	in := func(t exchangelist.Text) string { return say.New(t.Ja, t.En, t.Easy).InBrackets(language) }
	d, _ := exchangelist.DutyOf(r.GetDuty())
	step, _ := d.Procedure(r.GetProcedure())
	info, _ := exchangelist.InfoOf(r.GetInfo())
	var items []string
	for _, key := range r.GetItems() {
		item, _ := info.Item(key)
		items = append(items, in(item.Name))
	}
	what := in(info.Name)
	if r.GetCondition() != "" {
		what += "（" + r.GetCondition() + "）"
	}
	result := resultTexts[r.GetResult()]
	if r.GetAct() == portalv1.ExchangeAct_EXCHANGE_ACT_CANCELLED {
		result = textCancelled
	}
	return []paper.Cell{
		moment(r.GetAskedAt()), r.GetAsker().GetName(), r.GetProvider().GetName(), in(d.Name), in(step.Name), what,
		strings.Join(items, "、"), moment(r.GetProvidedAt()), result.InBrackets(language),
		in(d.Law(time.UnixMilli(r.GetAskedAt()))), sideTexts[r.GetSide()].InBrackets(language), r.GetReason(),
		moment(line.GetRecordedAt()), r.GetNumber(), int64(line.GetNumber()),
	}
}

func moment(at int64) paper.Cell {
	if at == 0 {
		return nil
	}
	return time.UnixMilli(at)
}

var resultTexts = map[portalv1.ExchangeResult]say.Text{
	portalv1.ExchangeResult_EXCHANGE_RESULT_GIVEN:   textGiven,
	portalv1.ExchangeResult_EXCHANGE_RESULT_NONE:    textNothing,
	portalv1.ExchangeResult_EXCHANGE_RESULT_UNSET:   textUnset,
	portalv1.ExchangeResult_EXCHANGE_RESULT_REFUSED: textRefused,
	portalv1.ExchangeResult_EXCHANGE_RESULT_FAILED:  textFailed,
	portalv1.ExchangeResult_EXCHANGE_RESULT_WAITING: textWaiting,
}

var sideTexts = map[portalv1.ExchangeSide]say.Text{
	portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER:    textAsker,
	portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER: textProvider,
	portalv1.ExchangeSide_EXCHANGE_SIDE_PORTAL:   textPortal,
}
