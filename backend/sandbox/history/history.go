// Package history is what offices asked one another about the invented people in seven years (histories.txt), by what
// happened to them. It says of each exchange what either side has to report.
package history

import (
	"crypto/sha256"
	_ "embed" // the histories
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/clock"
	"madoguchi/proto/exchangelist"
	officev1 "madoguchi/proto/gen/office/v1"
)

//go:embed histories.txt
var file string

// years is for how long records are kept.
const years = 7

// line is one of the file.
type line struct {
	when                  string // "*-07-03 02:14" or "2024-07-03 02:14"
	asker, provider       party
	duty, procedure, info string
	result, reason        string
	options               map[string]string
}

// party is an office: its name in the records, and its id where it is connected.
type party struct{ name, id string }

// Exchange is one that took place.
type Exchange struct {
	Number          string
	asker, provider party
	event           *officev1.ExchangeEvent // as the asker tells it
	cancelled       string
	releasedAt      time.Time // zero when it is not
}

var histories = sync.OnceValue(func() map[string][]line {
	found, err := read()
	if err != nil {
		panic(err) // written here: a test reads it
	}
	return found
})

func read() (map[string][]line, error) {
	found := map[string][]line{}
	var of []string
	for n, text := range strings.Split(file, "\n") {
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "@ "):
			of = strings.Fields(text[2:])
		default:
			l, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("histories, line %d: %w", n+1, err)
			}
			for _, person := range of {
				found[person] = append(found[person], l)
			}
		}
	}
	return found, nil
}

func parse(text string) (line, error) {
	parts := strings.Split(text, "|")
	if len(parts) != 6 {
		return line{}, fmt.Errorf("%d parts", len(parts))
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	l := line{when: parts[0], asker: partyOf(parts[1]), provider: partyOf(parts[2]), options: map[string]string{}}
	if _, err := fmt.Sscan(parts[3], &l.duty, &l.procedure, &l.info); err != nil {
		return line{}, fmt.Errorf("reading what was asked for: %w", err)
	}
	if !exchangelist.Goes(l.duty, l.procedure, l.info) {
		return line{}, fmt.Errorf("%s is not asked for in %s %s", l.info, l.duty, l.procedure)
	}
	l.result, l.reason, _ = strings.Cut(parts[4], ":")
	if _, known := officev1.ExchangeResult_value["EXCHANGE_RESULT_"+strings.ToUpper(l.result)]; !known {
		return line{}, fmt.Errorf("no result is %q", l.result)
	}
	for option := range strings.FieldsSeq(parts[5]) {
		key, value, _ := strings.Cut(option, "=")
		l.options[key] = value
	}
	return l, nil
}

func partyOf(text string) party {
	name, id, _ := strings.Cut(text, "@")
	return party{name, id}
}

// Mayor is how the records call a municipality, by its name: 目黒区 is 目黒区長.
func Mayor(municipality string) string { return municipality + "長" }

// Of gives what happened to a person until now, the oldest first as far as the file has it so.
func Of(r resident.Resident, now time.Time) []Exchange {
	lines, named := histories()[r.ID]
	if !named {
		lines = histories()["others"]
	}
	var list []Exchange
	first := now.AddDate(-years, 0, 1)
	for _, l := range lines {
		for year := first.Year(); year <= now.Year(); year++ {
			at, err := l.at(year)
			if err != nil || at.Before(first) || !at.Add(time.Hour).Before(now) {
				continue
			}
			list = append(list, l.exchange(r, at))
		}
	}
	return list
}

// at is when a line happened in a year; an error when it did not.
func (l line) at(year int) (time.Time, error) {
	when := l.when
	if rest, every := strings.CutPrefix(when, "*"); every {
		when = strconv.Itoa(year) + rest
	} else if !strings.HasPrefix(when, strconv.Itoa(year)) {
		return time.Time{}, fmt.Errorf("not in %d", year)
	}
	return time.ParseInLocation("2006-01-02 15:04", when, clock.Japan)
}

// dice is a number that is the same in each run.
func dice(words ...string) uint64 {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return binary.BigEndian.Uint64(sum[:8])
}

func (l line) exchange(r resident.Resident, at time.Time) Exchange {
	home := party{Mayor(r.Municipality), r.MunicipalityCode}
	fill := func(p party) party {
		if p.name == "{home}" {
			return home
		}
		return p
	}
	asker, provider := fill(l.asker), fill(l.provider)
	sum := sha256.Sum256([]byte(strings.Join([]string{
		"exchange of", r.ID, at.Format(time.DateTime), asker.name, provider.name, l.duty, l.procedure, l.info,
	}, "\x00")))
	number := "X" + strings.ToUpper(hex.EncodeToString(sum[:10]))
	asked := at.Add(time.Duration(dice(number)%50) * time.Second)
	e := &officev1.ExchangeEvent{
		Duty: l.duty, Procedure: l.procedure, Info: l.info, AskedAt: asked.UnixMilli(),
		Result: officev1.ExchangeResult(
			officev1.ExchangeResult_value["EXCHANGE_RESULT_"+strings.ToUpper(l.result)]),
		OnBehalf: officev1.ExchangeFor_EXCHANGE_FOR_SELF, Reason: l.reason,
	}
	if e.GetResult() != officev1.ExchangeResult_EXCHANGE_RESULT_WAITING {
		e.ProvidedAt = asked.Add(l.lag(number)).UnixMilli()
	}
	if e.GetResult() == officev1.ExchangeResult_EXCHANGE_RESULT_GIVEN {
		info, _ := exchangelist.InfoOf(l.info)
		for _, item := range info.Items {
			e.Items = append(e.Items, item.Key)
		}
	}
	if whose := l.options["for"]; whose != "" {
		e.OnBehalf = officev1.ExchangeFor(officev1.ExchangeFor_value["EXCHANGE_FOR_"+strings.ToUpper(whose)])
	}
	if app := l.options["app"]; app != "" {
		e.Application = app + "-" + at.Format("200601")
	}
	if l.options["cond"] != "" {
		e.Condition = fiscal(at)
	}
	made := Exchange{Number: number, asker: asker, provider: provider, event: e, cancelled: l.options["cancel"]}
	if ground, say, hides := strings.Cut(l.options["hide"], "+"); ground != "" || hides {
		e.Nondisclosure = officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_WORK
		e.ExistenceMayBeTold = say == "say"
	}
	if days, err := strconv.Atoi(l.options["release"]); err == nil {
		made.releasedAt = at.AddDate(0, 0, days)
	}
	return made
}

// lag is how long an answer took: mostly some seconds.
func (l line) lag(number string) time.Duration {
	switch l.options["lag"] {
	case "1d":
		return 18 * time.Hour
	case "2m":
		return 2 * time.Minute
	}
	return time.Duration(1+dice(number, "lag")%5) * time.Second
}

// fiscal is the 年度 of which offices ask at a time: until June the one before.
func fiscal(at time.Time) string {
	year := at.Year()
	if at.Month() < time.June {
		year--
	}
	if year == 2019 {
		return "令和元年度"
	}
	return fmt.Sprintf("令和%d年度", year-2018)
}

// Reports are what an office has to report of it, about who is known to it by an identifier; none when it is on neither
// side.
func (e Exchange) Reports(officeID, identifier string, now time.Time) []*officev1.ExchangeReport {
	event := e.event
	own, other, side := e.asker, e.provider, officev1.ExchangeSide_EXCHANGE_SIDE_ASKER
	ending := "-a"
	switch officeID {
	case e.asker.id:
	case e.provider.id:
		own, other, side = e.provider, e.asker, officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER
		ending = "-p"
	default:
		return nil
	}
	sent := &officev1.ExchangeEvent{
		Side: side, OwnName: own.name, Other: &officev1.ExchangeOffice{Office: other.id, Name: other.name},
		Duty: event.GetDuty(), Procedure: event.GetProcedure(), Info: event.GetInfo(), Items: event.GetItems(),
		AskedAt: event.GetAskedAt(), ProvidedAt: event.GetProvidedAt(), Result: event.GetResult(),
		OnBehalf: event.GetOnBehalf(), Condition: event.GetCondition(), Reason: event.GetReason(),
		Nondisclosure: event.GetNondisclosure(), ExistenceMayBeTold: event.GetExistenceMayBeTold(),
	}
	if side == officev1.ExchangeSide_EXCHANGE_SIDE_ASKER {
		sent.Application = event.GetApplication()
	}
	report := func(name string) *officev1.ExchangeReport {
		return &officev1.ExchangeReport{Report: e.Number + ending + name, Person: identifier, Number: e.Number}
	}
	first := report("")
	first.Of = &officev1.ExchangeReport_Event{Event: sent}
	list := []*officev1.ExchangeReport{first}
	if !e.releasedAt.IsZero() && e.releasedAt.Before(now) {
		released := report("-released")
		released.Of = &officev1.ExchangeReport_Released{Released: &officev1.ExchangeReleased{}}
		list = append(list, released)
	}
	if e.cancelled != "" && side == officev1.ExchangeSide_EXCHANGE_SIDE_ASKER {
		cancelled := report("-cancelled")
		cancelled.Of = &officev1.ExchangeReport_Cancelled{
			Cancelled: &officev1.ExchangeCancelled{Reason: e.cancelled},
		}
		list = append(list, cancelled)
	}
	return list
}

// Next is an exchange that takes place now, as most do: the municipality asks the pension service.
func Next(r resident.Resident, now time.Time) Exchange {
	l := line{
		asker: party{"{home}", ""}, provider: party{"日本年金機構", "nenkin"}, duty: "nursing-care", procedure: "limit",
		info: "pension", result: "none", options: map[string]string{},
	}
	if r.Age(now) < 65 {
		l.duty, l.procedure, l.info, l.result = "child-allowance", "claim", "pension-membership", "given"
	}
	return l.exchange(r, now.Add(-time.Minute).In(clock.Japan))
}

// Mass are the transfers of many at once that an office makes public.
func Mass(officeID string, now time.Time) []*officev1.ReportMassTransferRequest {
	var list []*officev1.ReportMassTransferRequest
	for _, m := range []struct {
		office string
		month  time.Month
		sent   *officev1.ReportMassTransferRequest
	}{
		{"172014", time.July, &officev1.ReportMassTransferRequest{
			Rule: "late-elderly-tax", People: 71200, OwnName: "金沢市長", OtherName: "石川県後期高齢者医療広域連合",
			Side: officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER, Duty: "late-elderly", Procedure: "premium", Info: "tax",
			Whom: "毎年7月、75歳以上の全員について",
		}},
		{"nenkin", time.September, &officev1.ReportMassTransferRequest{
			Rule: "pension-supplement", People: 7400000, OwnName: "日本年金機構", OtherName: "全国の市区町村長",
			Side: officev1.ExchangeSide_EXCHANGE_SIDE_ASKER, Duty: "pension-supplement", Procedure: "requirements",
			Info: "tax", Whom: "毎年9月、年金生活者支援給付金を受けられる見込みの全員について",
		}},
	} {
		for year := now.Year() - 3; m.office == officeID && year <= now.Year(); year++ {
			day := time.Date(year, m.month, 1, 0, 0, 0, 0, time.UTC)
			if day.After(now) {
				continue
			}
			list = append(list, &officev1.ReportMassTransferRequest{
				Rule: m.sent.GetRule(), Day: day.Format(time.DateOnly), People: m.sent.GetPeople(),
				Side:    m.sent.GetSide(),
				OwnName: m.sent.GetOwnName(), OtherName: m.sent.GetOtherName(), Duty: m.sent.GetDuty(),
				Procedure: m.sent.GetProcedure(), Info: m.sent.GetInfo(), Whom: m.sent.GetWhom(),
			})
		}
	}
	return list
}
