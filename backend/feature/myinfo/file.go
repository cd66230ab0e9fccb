package myinfo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/door/paper"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
	"madoguchi/static/text/say"
)

// GetInfoFile gives an answer as files, signed: to read, for spreadsheets, for programs.
func (s *Service) GetInfoFile(
	ctx context.Context, request *portalv1.GetInfoFileRequest,
) (*portalv1.GetInfoFileResponse, error) {
	q := s.db.Read()
	row, answer, err := s.whole(ctx, q, request.GetId(), "id")
	if err != nil {
		return nil, told(ctx, "reading an answer", err)
	}
	if answer.Request, err = s.lines(q, row.Person).message(ctx, row); err != nil {
		return nil, err
	}
	language := request.GetLanguage()
	if language == "" {
		language = "ja"
	}
	archive, stamped, err := s.file(ctx, "answer", documentOf(answer, language))
	if err != nil {
		return nil, fmt.Errorf("writing an answer as files: %w", err)
	}
	return &portalv1.GetInfoFileResponse{
		Archive: archive, Stamped: stamped, Name: "madoguchi-" + strings.ReplaceAll(row.Detail, ".", "-") + ".zip",
	}, nil
}

// documentOf is an answer as it is written down.
func documentOf(answer *portalv1.InfoAnswer, language string) paper.Document {
	detail, category, _ := selfinfo.DetailOf(answer.GetRequest().GetWish().GetDetail())
	title := inBrackets(category.Name.Text, language)
	if detail.Name.Ja != category.Name.Ja {
		title += "：" + inBrackets(detail.Name.Text, language)
	}
	in := func(t say.Text) string { return t.InBrackets(language) }
	r := answer.GetRequest()
	values := []paper.Value{
		{Name: "office", Label: in(textFileOffice), Value: r.GetOffice()},
		{Name: "detail", Label: in(textFileAnswer), Value: title},
		{Name: "from", Label: in(textFileFrom), Value: r.GetWish().GetFrom()},
		{Name: "to", Label: in(textFileTo), Value: r.GetWish().GetTo()},
		{Name: "as_of", Label: in(textFileAsOf), Value: answer.GetAsOf()},
		{Name: "answered_at", Label: in(textFileAnswered), Value: time.UnixMilli(r.GetAnsweredAt())},
		{Name: "outcome", Label: in(textFileOutcome), Value: in(outcomes[answer.GetOutcome()])},
	}
	if answer.GetReason() != "" {
		values = append(values, paper.Value{Name: "reason", Label: in(textFileReason), Value: answer.GetReason()})
	}
	return paper.Document{
		Title: title, Language: language, Notes: []string{in(textFileNote)}, Sections: []paper.Section{
			{Heading: in(textFileAnswer), Values: values},
			{Heading: in(textFileRecords), Tables: []paper.Table{tableOf(answer, detail, language)}},
		},
	}
}

// tableOf has a column for each item that some record has, in the order of the catalogue.
func tableOf(answer *portalv1.InfoAnswer, detail selfinfo.Detail, language string) paper.Table {
	there := map[string]bool{}
	for _, r := range answer.GetRecords() {
		for _, v := range r.GetValues() {
			there[v.GetItem()] = true
		}
	}
	t := paper.Table{Columns: []paper.Column{{Name: "record", Label: textFileRecord.InBrackets(language)}}}
	at := map[string]int{}
	for _, i := range detail.Items {
		if !there[i.Key] {
			continue
		}
		label := inBrackets(i.Name.Text, language)
		if i.Unit != "" {
			label += "（" + i.Unit + "）"
		}
		at[i.Key] = len(t.Columns)
		_, name, _ := strings.Cut(i.Key, ".")
		t.Columns = append(t.Columns, paper.Column{Name: name, Label: label})
	}
	for n, r := range answer.GetRecords() {
		row := make([]paper.Cell, len(t.Columns))
		row[0] = int64(n + 1)
		for _, v := range r.GetValues() {
			item, _ := detail.Item(v.GetItem())
			row[at[v.GetItem()]] = cellOf(v, item.Type, language)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cellOf is a value: a number where one reckons with it, else its text, or the word for what stands in its place.
func cellOf(v *portalv1.InfoValue, kind selfinfo.Type, language string) paper.Cell {
	if word, absent := states[v.GetState()]; absent {
		return word.InBrackets(language)
	}
	if kind == selfinfo.Yen || kind == selfinfo.Count {
		if n, err := strconv.ParseInt(v.GetText(), 10, 64); err == nil {
			return n
		}
	}
	return v.GetText()
}

var outcomes = map[portalv1.InfoOutcome]say.Text{
	portalv1.InfoOutcome_INFO_OUTCOME_DATA:         textFileData,
	portalv1.InfoOutcome_INFO_OUTCOME_NONE:         textFileNone,
	portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED: textFileUnregistered,
	portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED:  textFileUnsupported,
	portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET:      textFileNotYet,
	portalv1.InfoOutcome_INFO_OUTCOME_REFUSED:      textFileRefused,
	portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH:     textFileTooMuch,
}

var states = map[portalv1.InfoValueState]say.Text{
	portalv1.InfoValueState_INFO_VALUE_STATE_NONE:         textFileNone,
	portalv1.InfoValueState_INFO_VALUE_STATE_UNREGISTERED: textFileUnregistered,
	portalv1.InfoValueState_INFO_VALUE_STATE_UNSUPPORTED:  textFileUnsupported,
	portalv1.InfoValueState_INFO_VALUE_STATE_NOT_YET:      textFileNotYet,
	portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE:   textFileUnreadable,
}

// inBrackets is a text of the catalogue on paper: readings stand behind what they are of.
func inBrackets(t selfinfo.Text, language string) string {
	return say.New(t.Ja, t.En, t.Easy).InBrackets(language)
}
