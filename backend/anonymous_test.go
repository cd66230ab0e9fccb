package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/limit"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

type places struct {
	portalv1connect.UnimplementedPlaceServiceHandler
}

func (places) FindPlaces(context.Context, *portalv1.FindPlacesRequest) (*portalv1.FindPlacesResponse, error) {
	return &portalv1.FindPlacesResponse{}, nil
}

type logins struct {
	portalv1connect.UnimplementedLoginServiceHandler
}

func (logins) GetSession(context.Context, *portalv1.GetSessionRequest) (*portalv1.GetSessionResponse, error) {
	return &portalv1.GetSessionResponse{}, nil
}

// Who asks too much hears when to come back; a person who is logged in and sits behind the same address does not pay
// for it, nor does whoever wants to log in. After a while everybody may ask again.
func TestQuestionsHaveABudget(t *testing.T) {
	budget := limit.NewBuckets("test", 0.01, 3)
	folder := ""
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewPlaceServiceHandler(places{}))
	mux.Handle(portalv1connect.NewLoginServiceHandler(logins{}))
	door := budgeted(budget, []string{portalv1connect.PlaceServiceFindPlacesProcedure}, mux)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		door.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), access.Caller{FolderID: folder})))
	}))
	defer server.Close()
	for i, protocol := range []connect.ClientOption{connect.WithGRPCWeb(), connect.WithProtoJSON()} {
		client := portalv1connect.NewPlaceServiceClient(server.Client(), server.URL, protocol)
		ask := func() *portalv1.ErrorInfo {
			_, err := client.FindPlaces(t.Context(), &portalv1.FindPlacesRequest{})
			var failed *connect.Error
			if err != nil && (!errors.As(err, &failed) || connect.CodeOf(err) != connect.CodeResourceExhausted ||
				failed.Meta().Get("Retry-After") == "") {
				t.Fatalf("%v, %v", err, failed.Meta())
			}
			return accesstest.InfoOf(err)
		}
		folder = ""
		budget.Take("127.0.0.1", 3, time.Now().Add(time.Hour)) // whatever was left
		if info := ask(); info.GetReason() != portalv1.Reason_REASON_TOO_MANY_REQUESTS ||
			info.GetRetryAfterMs() < 1000 {
			t.Errorf("over the budget: %v", info)
		}
		if _, err := portalv1connect.NewLoginServiceClient(server.Client(), server.URL, protocol).GetSession(
			t.Context(), &portalv1.GetSessionRequest{},
		); err != nil {
			t.Errorf("on the way to a login: %v", err)
		}
		folder = fmt.Sprintf("F%d", i)
		if info := ask(); info != nil {
			t.Errorf("a person behind the same address: %v", info)
		}
		for ask() == nil {
		}
		folder = fmt.Sprintf("G%d", i)
		if info := ask(); info != nil {
			t.Errorf("another person: %v", info)
		}
	}
}

// What is answered without a call costs the same budget; who is logged in has one of their own.
func TestFilesHaveTheBudgetOfQuestions(t *testing.T) {
	budget := limit.NewBuckets("test", 0.01, 3)
	door := budgetedAnswer(budget, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	ask := func(from, folder string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, "/takeaway/certificates", nil)
		r.RemoteAddr = from
		answer := httptest.NewRecorder()
		door.ServeHTTP(answer, r.WithContext(access.WithCaller(r.Context(), access.Caller{FolderID: folder})))
		return answer.Code, answer.Header().Get("Retry-After")
	}
	for range 3 {
		if status, _ := ask("203.0.113.9:1", ""); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if status, after := ask("203.0.113.9:2", ""); status != http.StatusTooManyRequests || after == "" {
		t.Errorf("over the budget: %d, Retry-After %q", status, after)
	}
	for _, other := range [][2]string{{"203.0.113.9:3", "F1"}, {"203.0.113.10:1", ""}} {
		if status, _ := ask(other[0], other[1]); status != http.StatusOK {
			t.Errorf("%v: %d", other, status)
		}
	}
}
