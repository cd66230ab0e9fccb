package conformance_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/office/checklist"
	"madoguchi/backend/feature/myinfo/conformance"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/selfinfo"
)

// office is a client of an office's, which may do one thing wrong.
type office struct {
	info                                    officev1connect.MyInfoServiceClient
	persons                                 officev1connect.PersonServiceClient
	once, gives, nonsense, changing, silent bool
	n                                       int
}

func (o *office) run(ctx context.Context) {
	_, _ = o.persons.ListPersons(ctx, &officev1.ListPersonsRequest{})
	for ctx.Err() == nil {
		stream, err := o.info.WatchRequests(ctx, &officev1.WatchRequestsRequest{})
		if err != nil {
			return
		}
		for stream.Receive() {
			for _, r := range stream.Msg().GetRequests() {
				o.answer(ctx, r)
			}
			for _, c := range stream.Msg().GetCorrections() {
				if !o.silent {
					_, _ = o.info.AnswerCorrection(ctx, &officev1.AnswerCorrectionRequest{
						CorrectionId: c.GetId(), Outcome: officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED,
						Answer: "そのとおりです",
					})
				}
			}
		}
		if o.once {
			return
		}
	}
}

func (o *office) answer(ctx context.Context, r *officev1.InformationRequest) {
	d, _, _ := selfinfo.DetailOf(r.GetDetail())
	item := d.Items[0].Key
	if o.nonsense {
		item = "1.nothing"
	}
	text := "2026"
	if o.changing {
		o.n++
		text = []string{"2025", "2026", "2024", "2023"}[o.n%4]
	}
	request := &officev1.AnswerInformationRequest{RequestId: r.GetId(), Answer: &officev1.AnswerInformationRequest_Data{
		Data: &officev1.InformationData{Records: []*officev1.InformationRecord{{
			Reference: "1", Values: []*officev1.InformationValue{{Item: item, Text: text}},
		}}},
	}}
	for ctx.Err() == nil {
		_, err := o.info.AnswerInformation(ctx, request)
		if connect.CodeOf(err) != connect.CodeUnavailable || o.gives {
			return
		}
	}
}

func TestTheKit(t *testing.T) {
	for _, c := range []struct {
		name   string
		office office
		fails  string // the check that is not passed; "" when all are
	}{
		{"a good client", office{}, ""},
		{"one that never comes back", office{once: true}, "opens the stream anew"},
		{"one that answers when it is asked again", office{gives: true}, ""},
		{"one that answers nonsense", office{nonsense: true}, "answers 13.income"},
		{"one that says something else each time", office{changing: true}, "with the same answer"},
		{"one that lets corrections lie", office{silent: true}, "answers a correction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kit, err := conformance.New([]int{13}, []byte("sealed"), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			mux := http.NewServeMux()
			mux.Handle(officev1connect.NewMyInfoServiceHandler(kit))
			mux.Handle(officev1connect.NewPersonServiceHandler(kit))
			server := httptest.NewUnstartedServer(mux)
			server.EnableHTTP2 = true
			server.StartTLS()
			defer server.Close()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			client := c.office
			client.info = officev1connect.NewMyInfoServiceClient(server.Client(), server.URL, connect.WithGRPC())
			client.persons = officev1connect.NewPersonServiceClient(server.Client(), server.URL, connect.WithGRPC())
			ended := make(chan struct{})
			go func() { client.run(ctx); close(ended) }()
			others := []string{} // what must have been seen before a missing check says something
			for {
				changed := kit.Changed()
				checks, whole := kit.Report()
				others = others[:0]
				for _, check := range checks {
					if check.Wrong != "" || !check.Done {
						others = append(others, check.Name+": "+check.Wrong)
					}
				}
				settled := len(others) == 0 || c.fails != "" && strings.Contains(strings.Join(others, "\n"),
					c.fails) && stuck(checks, whole, ended)
				if settled {
					break
				}
				select {
				case <-changed:
				case <-time.After(10 * time.Millisecond):
				case <-t.Context().Done():
					t.Fatal(others)
				}
			}
			stop()
			failed := strings.Join(others, "\n")
			if (c.fails == "") != (failed == "") || !strings.Contains(failed, c.fails) {
				t.Errorf("not passed: %s", failed)
			}
		})
	}
	if _, err := conformance.New([]int{99}, nil, time.Now); err == nil {
		t.Error("a category that there is not")
	}
	if _, err := conformance.New(nil, nil, time.Now); err == nil {
		t.Error("no category")
	}
}

// stuck says that nothing more will come: something is wrong, the client has gone, or only the one check is left.
func stuck(checks []checklist.Check, whole bool, ended chan struct{}) bool {
	select {
	case <-ended:
		return true
	default:
	}
	left := 0
	for _, c := range checks {
		if c.Wrong != "" {
			return true
		}
		if !c.Done {
			left++
		}
	}
	return whole || left == 1
}
