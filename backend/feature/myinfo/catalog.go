package myinfo

import (
	"context"
	"time"

	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

var (
	periods = map[selfinfo.Period]portalv1.InfoPeriod{
		selfinfo.Now: portalv1.InfoPeriod_INFO_PERIOD_NOW, selfinfo.OnDay: portalv1.InfoPeriod_INFO_PERIOD_DAY,
		selfinfo.Days: portalv1.InfoPeriod_INFO_PERIOD_DAYS, selfinfo.Months: portalv1.InfoPeriod_INFO_PERIOD_MONTHS,
		selfinfo.Years:       portalv1.InfoPeriod_INFO_PERIOD_YEARS,
		selfinfo.FiscalYears: portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS,
		selfinfo.TaxYear:     portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR,
	}
	views = map[selfinfo.View]portalv1.InfoView{
		selfinfo.Card: portalv1.InfoView_INFO_VIEW_CARD, selfinfo.Timeline: portalv1.InfoView_INFO_VIEW_TIMELINE,
		selfinfo.Table: portalv1.InfoView_INFO_VIEW_TABLE, selfinfo.Series: portalv1.InfoView_INFO_VIEW_SERIES,
		selfinfo.Compare: portalv1.InfoView_INFO_VIEW_COMPARE, selfinfo.People: portalv1.InfoView_INFO_VIEW_PEOPLE,
	}
	types = map[selfinfo.Type]portalv1.InfoType{
		selfinfo.Plain: portalv1.InfoType_INFO_TYPE_TEXT, selfinfo.Yen: portalv1.InfoType_INFO_TYPE_YEN,
		selfinfo.Count: portalv1.InfoType_INFO_TYPE_COUNT, selfinfo.Number: portalv1.InfoType_INFO_TYPE_NUMBER,
		selfinfo.Day: portalv1.InfoType_INFO_TYPE_DAY, selfinfo.Month: portalv1.InfoType_INFO_TYPE_MONTH,
		selfinfo.Year: portalv1.InfoType_INFO_TYPE_YEAR, selfinfo.Span: portalv1.InfoType_INFO_TYPE_SPAN,
		selfinfo.Code: portalv1.InfoType_INFO_TYPE_CODE,
	}
	sensitivities = map[selfinfo.Sensitivity]portalv1.InfoSensitivity{
		selfinfo.Ordinary:  portalv1.InfoSensitivity_INFO_SENSITIVITY_ORDINARY,
		selfinfo.Sensitive: portalv1.InfoSensitivity_INFO_SENSITIVITY_SENSITIVE,
		selfinfo.Covered:   portalv1.InfoSensitivity_INFO_SENSITIVITY_COVERED,
	}
)

// GetInfoCatalog gives all that can be asked for.
func (s *Service) GetInfoCatalog(
	context.Context, *portalv1.GetInfoCatalogRequest,
) (*portalv1.GetInfoCatalogResponse, error) {
	today := clock.Today(s.now())
	response := &portalv1.GetInfoCatalogResponse{}
	for _, f := range selfinfo.Fields() {
		field := &portalv1.InfoField{Key: f.Key, Name: local(f.Name.Text)}
		for _, c := range f.Categories {
			field.Categories = append(field.Categories, categoryMessage(c, today))
		}
		response.Fields = append(response.Fields, field)
	}
	return response, nil
}

func categoryMessage(c selfinfo.Category, today time.Time) *portalv1.InfoCategory {
	m := &portalv1.InfoCategory{
		Number: int32(c.Number), Name: local(c.Name.Text), Reading: c.Name.Reading, Lead: local(c.Lead),
		Holder: local(c.Holder), NotesVersion: int32(c.NotesVersion), Names: c.Names, Words: c.Words,
		Sensitivity: sensitivities[c.Sensitivity],
	}
	for _, n := range c.Notes {
		m.Notes = append(m.Notes, local(n))
	}
	for _, code := range c.Codes {
		m.Codes = append(m.Codes, int32(code))
	}
	for _, d := range c.Details {
		m.Details = append(m.Details, detailMessage(d, today))
	}
	return m
}

func detailMessage(d selfinfo.Detail, today time.Time) *portalv1.InfoDetail {
	w := d.Window(today)
	m := &portalv1.InfoDetail{
		Key: d.Key, Name: local(d.Name.Text), View: views[d.View], Period: periods[d.Period], First: day(w.First),
		Last: day(w.Last), DefaultFrom: day(w.From), DefaultTo: day(w.To), AsksPlace: d.AsksPlace,
	}
	for _, i := range d.Items {
		item := &portalv1.InfoItem{
			Key: i.Key, Name: local(i.Name.Text), Reading: i.Name.Reading, Type: types[i.Type], Unit: i.Unit,
			Low:  i.Low,
			High: i.High, Covered: i.Covered,
		}
		if !i.Meaning.Empty() {
			item.Meaning = local(i.Meaning)
		}
		m.Items = append(m.Items, item)
	}
	return m
}

func local(t selfinfo.Text) *portalv1.LocalText {
	return &portalv1.LocalText{Ja: t.Ja, En: t.En, Easy: t.Easy}
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
