package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

// Whoever has lines that are not told is answered as if they were somebody else's: in two worlds with the same reports,
// of which some are hidden from her in the one and are another person's in the other, she gets the same everywhere, to
// the length of each field and of every list, and to the numbers in her chain and in the log. Only what is drawn by lot
// differs.
func TestHiddenLinesChangeNoAnswer(t *testing.T) {
	for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(engine, func(t *testing.T) {
			hers, anothers := newWorld(t, open(t)), newWorld(t, open(t))
			hers.reportBeside("hanako")
			anothers.reportBeside("taro")
			if hers.undisclosed("hanako") == 0 || anothers.undisclosed("hanako") != 0 {
				t.Fatal("nothing is hidden from her, or in both worlds")
			}
			got, wanted := hers.allAnswers("hanako"), anothers.allAnswers("hanako")
			if len(got) != len(wanted) || len(got) < 14 {
				t.Fatalf("%d answers and %d", len(got), len(wanted))
			}
			for i := range got {
				if got[i] != wanted[i] {
					t.Errorf("with hidden lines:\n%s\nwithout:\n%s", got[i], wanted[i])
				}
			}
		})
	}
}

// reportBeside has some exchanges of hanako told, and between them others of somebody not: asked for under a ground
// not to tell, answered, cancelled, and released by one side of two.
func (w *world) reportBeside(hiddenOf string) {
	w.t.Helper()
	send := func(office string, r *officev1.ExchangeReport) {
		w.t.Helper()
		w.clock = w.clock.Add(time.Minute) // each stands in the log after the one before
		w.mustSend(office, r)
	}
	about := func(office, report, number string) *officev1.ExchangeReport {
		return &officev1.ExchangeReport{
			Report: report, Number: number, Person: officetest.Identifier(office, hiddenOf),
		}
	}
	cancelled := about(meguro, "m3", "N2")
	cancelled.Of = &officev1.ExchangeReport_Cancelled{Cancelled: &officev1.ExchangeCancelled{Reason: "誤り"}}
	released := about(meguro, "m7", "N5")
	released.Of = &officev1.ExchangeReport_Released{Released: &officev1.ExchangeReleased{}}

	send(meguro, w.asked("m1", "N1", "hanako"))
	send(meguro, hidden(w.asked("m2", "N2", hiddenOf), false))
	send(matsumoto, w.provided("x1", "N1", "hanako"))
	send(matsumoto, w.provided("x2", "N2", hiddenOf))
	send(meguro, w.asked("m4", "N3", "hanako"))
	send(meguro, cancelled)
	send(matsumoto, w.provided("x4", "N4", "hanako"))
	send(meguro, hidden(w.asked("m5", "N5", hiddenOf), false))
	send(matsumoto, hidden(w.provided("x5", "N5", hiddenOf), false))
	send(meguro, released)
	send(meguro, w.asked("m6", "N6", "hanako"))
}

// allAnswers are all that a person is told, whatever she asks, in words that can be compared.
func (w *world) allAnswers(folder string) (list []string) {
	w.t.Helper()
	say := func(what string, m proto.Message, err error) {
		w.t.Helper()
		if err != nil {
			list = append(list, fmt.Sprintf("%s: %s %v", what, refused(err), err))
			return
		}
		size := proto.Size(m)
		alike(m.ProtoReflect())
		list = append(list, fmt.Sprintf("%s: %d bytes: %v", what, size, m))
	}
	token := ""
	for n := 0; n == 0 || token != ""; n++ {
		m, err := ruletest.Call(w.as(folder), w.people.ListExchanges,
			&portalv1.ListExchangesRequest{PageSize: 2, PageToken: token})
		if err != nil {
			w.t.Fatal(err)
		}
		token = m.GetNextPageToken()
		say(fmt.Sprint("page ", n), m, nil)
	}
	for what, narrow := range map[string]func(*portalv1.ListExchangesRequest){
		"all": func(*portalv1.ListExchangesRequest) {}, "of an office": func(r *portalv1.ListExchangesRequest) {
			r.Office = matsumoto
		},
		"of a day": func(r *portalv1.ListExchangesRequest) { r.From, r.To = "2026-11-26", "2026-11-26" },
	} {
		say(what, w.list(folder, narrow), nil)
	}
	for _, number := range []string{"N1", "N2", "N4", "N5", "N6", "N7"} {
		m, err := ruletest.Call(w.as(folder), w.people.GetExchange, &portalv1.GetExchangeRequest{Number: number})
		say("one, "+number, m, err)
	}
	for _, number := range []string{"N2", "N5"} {
		m, err := ruletest.Call(w.as(folder), w.people.ClaimExchange, &portalv1.ClaimExchangeRequest{
			Number: number, To: portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER,
			Fault: portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN, Explanation: "申請していません",
		})
		say("doubted, "+number, m, err)
	}
	inquiries, err := ruletest.Call(w.as(folder), w.people.ListExchangeInquiries,
		&portalv1.ListExchangeInquiriesRequest{})
	say("inquiries", inquiries, err)
	news, err := ruletest.Call(w.as(folder), w.people.ListExchangeNews, &portalv1.ListExchangeNewsRequest{})
	say("news", news, err)
	rules, err := ruletest.Call(w.as(folder), w.people.ListExchangeRules, &portalv1.ListExchangeRulesRequest{})
	say("rules", rules, err)
	settings, err := ruletest.Call(w.as(folder), w.people.GetExchangeSettings,
		&portalv1.GetExchangeSettingsRequest{})
	say("settings", settings, err)
	along, err := w.people.tellExchanges(w.t.Context(), w.db.Read(), folder)
	if err != nil {
		w.t.Fatal(err)
	}
	data, err := json.Marshal(along)
	if err != nil {
		w.t.Fatal(err)
	}
	list = append(list, fmt.Sprintf("taken along: %d bytes", len(data)))
	told := 0
	for _, m := range w.mails() {
		if strings.HasPrefix(m, folder+" ") {
			told++
		}
	}
	list = append(list, fmt.Sprintf("told %d times", told))
	slices.Sort(list)
	return list
}

// alike takes out of a message what is drawn by lot, or made of it: hashes, salts, signatures. Their lengths stay.
func alike(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap():
		case field.IsList():
			for i := range v.List().Len() {
				if one := v.List().Get(i); field.Message() != nil {
					alike(one.Message())
				} else {
					v.List().Set(i, length(field, one))
				}
			}
		case field.Message() != nil:
			alike(v.Message())
		default:
			m.Set(field, length(field, v))
		}
		return true
	})
}

func length(field protoreflect.FieldDescriptor, v protoreflect.Value) protoreflect.Value {
	switch {
	case field.Name() == "content":
		return v // what was reported
	case field.Kind() == protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(make([]byte, len(v.Bytes())))
	case slices.Contains([]protoreflect.Name{"checkpoint", "witnessed", "next_page_token", "log_key"}, field.Name()):
		return protoreflect.ValueOfString(strings.Repeat("x", len(v.String())))
	}
	return v
}

// Of what is not told nothing is seen in the chain that is shown, not even that it begins.
func TestWhatIsNotToldBeginsNoChain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hidden := w.asked("m1", "N1", "hanako")
		hidden.GetEvent().Nondisclosure = officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_EXISTENCE
		w.mustSend(meguro, hidden)
		heads, err := w.db.Read().LedgerHeads(w.t.Context(), "hanako")
		if err != nil || len(heads) != 1 || heads[0].Chain != int64(chains.Undisclosed) || heads[0].Count != 1 {
			t.Errorf("%v, %v", heads, err)
		}
		w.mustSend(meguro, w.asked("m2", "N2", "hanako"))
		if got := numbers(w.list("hanako")); got != "N2" {
			t.Errorf("what is told: %s", got)
		}
	})
}
