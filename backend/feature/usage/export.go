package usage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/static/text/say"
)

// PrepareUsageExport gives leave to download the lines.
func (s *Service) PrepareUsageExport(
	ctx context.Context, request *portalv1.PrepareUsageExportRequest,
) (*portalv1.PrepareUsageExportResponse, error) {
	choice := ""
	if request.GetYear() > 0 {
		choice = strconv.Itoa(int(request.GetYear()))
	}
	ticket, err := s.needs.Ticket(ctx, partName, choice, request.GetLanguage())
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	return &portalv1.PrepareUsageExportResponse{Ticket: ticket}, nil
}

// write writes the lines of a year, or of all, the newest first.
func (s *Service) write(
	ctx context.Context, q *db.Queries, folder, choice, language string,
) (title string, section paper.Section, err error) {
	number, err := strconv.ParseInt("0"+choice, 10, 32)
	if err != nil {
		return "", section, fmt.Errorf("%q is no year: %w", choice, err)
	}
	in := func(t say.Text) string { return t.InBrackets(language) }
	table := paper.Table{}
	for _, c := range []struct {
		name string
		text say.Text
	}{
		{"at", textColumnAt}, {"act", textColumnAct}, {"what", textColumnWhat}, {"result", textColumnResult},
		{"why", textColumnWhy}, {"about", textColumnAbout}, {"means", textColumnMeans}, {"device", textColumnDevice},
		{"place", textColumnPlace}, {"for", textColumnFor}, {"session", textColumnSession},
	} {
		table.Columns = append(table.Columns, paper.Column{Name: c.name, Label: in(c.text)})
	}
	named, err := s.needs.Devices(ctx, q, folder)
	if err != nil {
		return "", section, err
	}
	names := map[string]string{}
	for _, d := range named {
		names[d.GetId()] = d.GetName()
	}
	since, before := year(int32(number))
	for at := (act.Position{At: before}); ; {
		lines, err := act.Read(ctx, q, folder, at, since, lookBatch)
		if err != nil {
			return "", section, err
		}
		for _, one := range lines {
			table.Rows = append(table.Rows, cells(one.Line, names, in))
			at = one.Position
		}
		if len(lines) < lookBatch {
			break
		}
	}
	section = paper.Section{Heading: in(textExport), Notes: []string{in(textExportNote)}, Tables: []paper.Table{table}}
	return in(textExport), section, nil
}

func cells(l *portalv1.UsageLine, names map[string]string, in func(say.Text) string) []paper.Cell {
	whom := textForSelf
	switch {
	case l.GetByOther():
		whom = textByOther
	case l.GetForOther():
		whom = textForOther
	}
	device := l.GetBrowser()
	if name := names[l.GetDevice()]; l.GetDevice() != "" && name != "" {
		device = name
	}
	var about []string
	for _, field := range l.GetAbout() {
		about = append(about, word(fields, field, in))
	}
	return []paper.Cell{
		time.UnixMilli(l.GetAt()), l.GetAct(), word(acts, l.GetAct(), in), in(results[l.GetResult()]),
		word(whys, l.GetWhy(), in), strings.Join(about, "、"), in(means[l.GetMeans()]), device,
		in(places[l.GetPlace()]), in(whom), l.GetSession(),
	}
}

// word is what a name is called, or the name.
func word(words map[string]say.Text, name string, in func(say.Text) string) string {
	if text, ok := words[name]; ok {
		return in(text)
	}
	return name
}
