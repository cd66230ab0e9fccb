// Package office plays the offices outside: municipalities, the pension service, the tax agency, the digital agency. Each comes to
// the portal's gateway over gRPC under its own client certificate, learns who was introduced to it, sends the notices that such an
// office would send to such a person, and keeps its entries of the catalogue of procedures (手続).
//
// It knows nothing of the portal but proto/office, and nothing of people but what J-LIS sealed for the office.
package office

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
)

// Office is one office as the portal registers it.
type Office struct {
	ID   string
	Name string
	// MunicipalityCode has six digits; empty for a national office.
	MunicipalityCode string
}

const (
	pension = "nenkin"
	tax     = "nta"
	digital = "digital"
	health  = "mhlw"
)

// All gives every office: the national ones, then the municipalities in which someone lives, by code.
func All() []Office {
	offices := []Office{
		{ID: digital, Name: "デジタル庁"},
		{ID: pension, Name: "日本年金機構"},
		{ID: tax, Name: "国税庁"},
		{ID: health, Name: "厚生労働省"},
	}
	names := map[string]string{}
	for _, r := range resident.All() {
		names[r.MunicipalityCode] = r.Municipality
	}
	var municipalities []Office
	for code, name := range names {
		municipalities = append(municipalities, Office{ID: code, Name: name, MunicipalityCode: code})
	}
	slices.SortFunc(municipalities, func(a, b Office) int { return strings.Compare(a.ID, b.ID) })
	return append(offices, municipalities...)
}

// Duties are what the portal lets the office do.
func (o Office) Duties() []string {
	if o.MunicipalityCode == "" {
		return []string{"notice", "person", "notice-nation"}
	}
	return []string{"notice", "person", "procedure"}
}

// Serves tells whether the office has business with a resident, and so a record of that resident.
func (o Office) Serves(r resident.Resident) bool {
	return o.MunicipalityCode == "" || o.MunicipalityCode == r.MunicipalityCode
}

// addressAll addresses a notice to everyone whom the office may address.
func (o Office) addressAll(request *officev1.SendNoticeRequest) {
	if o.MunicipalityCode == "" {
		request.Audience = &officev1.SendNoticeRequest_Nation{Nation: true}
		return
	}
	request.Audience = &officev1.SendNoticeRequest_MunicipalityCode{MunicipalityCode: o.MunicipalityCode}
}

// maxOutbox is how many entries of the outbox are kept.
const maxOutbox = 200

// Sent is one notice that went out, or that the portal refused.
type Sent struct {
	At     time.Time
	Office string
	// Audience is a name, or 全員 of a municipality or of the nation.
	Audience string
	Title    string
	Action   string
	Due      string
	// Trouble is empty when the portal took it.
	Trouble string
}

// Outbox remembers what all offices sent in this run, and which of them cannot send now.
type Outbox struct {
	mu     sync.Mutex
	sent   []Sent
	cutOff map[string]bool // names of offices
}

// reached logs when the first office loses the gateway and when the last one has it back: they mostly lose it together.
func (b *Outbox) reached(o Office, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil && b.cutOff[o.Name]:
		delete(b.cutOff, o.Name)
		if len(b.cutOff) == 0 {
			slog.Info("the gateway serves all offices")
		}
	case err != nil && len(b.cutOff) == 0:
		slog.Warn("the gateway does not serve; trying again until it does", "office", o.Name, "err", err)
		b.cutOff = map[string]bool{o.Name: true}
	case err != nil:
		b.cutOff[o.Name] = true
	}
}

// All gives the last entries, newest first.
func (b *Outbox) All() []Sent {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.sent)
	slices.Reverse(all)
	return all
}

func (b *Outbox) add(at time.Time, o Office, request *officev1.SendNoticeRequest, name string, err error) {
	s := Sent{At: at, Office: o.Name, Audience: name, Title: request.GetTitle(), Action: request.GetAction(), Due: request.GetActionDue()}
	switch {
	case request.GetNation():
		s.Audience = "全国の利用者"
	case request.GetMunicipalityCode() != "":
		s.Audience = o.Name + "の利用者全員"
	}
	if err != nil {
		s.Trouble = err.Error()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, s)
	if len(b.sent) > maxOutbox {
		b.sent = slices.Delete(b.sent, 0, len(b.sent)-maxOutbox)
	}
}
