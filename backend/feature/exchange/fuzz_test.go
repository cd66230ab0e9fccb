package exchange

import (
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	officev1 "madoguchi/proto/gen/office/v1"
	chains "madoguchi/proto/ledger"
)

// lines is how many lines people have, told and not told.
func (w *world) lines() (count int64) {
	w.t.Helper()
	for _, folder := range []string{"hanako", "taro"} {
		heads, err := w.db.Read().LedgerHeads(w.t.Context(), folder)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, h := range heads {
			if chains.Chain(h.Chain) != chains.Usages {
				count += h.Count
			}
		}
	}
	return count
}

// Whatever an office reports, it is taken in as a whole, once, or refused as a whole with a reason that names its
// fault.
func FuzzReports(f *testing.F) {
	clock := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	w := &world{t: f, clock: clock}
	seed := func(reports ...*officev1.ExchangeReport) {
		encoded, err := proto.Marshal(&officev1.ReportExchangesRequest{Reports: reports})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	seed(w.asked("m1", "N1", "hanako"))
	seed(w.asked("m1", "N1", "hanako"), w.asked("m1", "N1", "hanako"))
	seed(w.asked("m1", "N1", "hanako"), w.asked("m1", "N2", "hanako"))
	seed(w.asked("m1", "N1", "hanako"), w.asked("m2", "N1", "taro"))
	hidden := w.asked("m3", "N3", "hanako")
	hidden.GetEvent().Nondisclosure = officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_EXISTENCE
	seed(hidden, &officev1.ExchangeReport{
		Report: "m4", Person: hidden.GetPerson(), Number: "N3",
		Of: &officev1.ExchangeReport_Released{Released: &officev1.ExchangeReleased{}},
	})
	seed(w.asked("m5", "N5", "hanako"), &officev1.ExchangeReport{
		Report: "m6", Person: officetest.Identifier(meguro, "hanako"), Number: "N5",
		Of: &officev1.ExchangeReport_Cancelled{Cancelled: &officev1.ExchangeCancelled{Reason: "別の人"}},
	})
	seed(&officev1.ExchangeReport{})
	f.Add([]byte("\x0a\x02\x0a\x00"))
	refusals := []connect.Code{
		connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodeFailedPrecondition, connect.CodeAlreadyExists,
		connect.CodeResourceExhausted,
	}
	w = newWorld(f, sqlite(f))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		request := &officev1.ReportExchangesRequest{}
		if proto.Unmarshal(encoded, request) != nil {
			return // refused at the door
		}
		w.t, w.clock = t, w.clock.Add(time.Minute) // nobody has reported too much meanwhile
		before := w.lines()
		got, err := ruletest.Call(w.from(meguro), w.offices.ReportExchanges, request)
		if err != nil {
			code, field, _ := strings.Cut(refused(err), " ")
			i := slices.IndexFunc(refusals, func(c connect.Code) bool { return c.String() == code })
			if i < 0 || field == "" && code != connect.CodeResourceExhausted.String() {
				t.Errorf("%s: %v", refused(err), err)
			}
			if now := w.lines(); now != before {
				t.Errorf("refused with %s, and %d lines were written", refused(err), now-before)
			}
			return
		}
		isNew := int64(0)
		for _, one := range got.GetReports() {
			if _, err := chains.ParseProof(one.GetProof()); err != nil {
				t.Error(err)
			}
			if one.GetTaken() {
				isNew++
			}
		}
		if len(got.GetReports()) != len(request.GetReports()) || w.lines() < before+isNew {
			t.Errorf("%d answers to %d reports; %d are new, %d lines", len(got.GetReports()), len(request.GetReports()),
				isNew, w.lines()-before)
		}
		now := w.lines()
		got, err = ruletest.Call(w.from(meguro), w.offices.ReportExchanges, request)
		if err != nil || w.lines() != now ||
			slices.ContainsFunc(got.GetReports(), func(r *officev1.ExchangeTaken) bool { return r.GetTaken() }) {
			t.Errorf("sent again: %v, %v, %d more lines", got, err, w.lines()-now)
		}
	})
}
