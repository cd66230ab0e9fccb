//go:build !js

package e2e_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// shelf is where the writes of the test lie.
type shelf map[string]outbox.Write

func (s shelf) All(context.Context) ([]outbox.Write, error) {
	var all []outbox.Write
	for _, w := range s {
		all = append(all, w)
	}
	return all, nil
}

func (s shelf) Put(_ context.Context, w outbox.Write) error {
	s[w.ID] = w
	return nil
}

func (s shelf) Remove(_ context.Context, id string) error {
	delete(s, id)
	return nil
}

// sentTo is the way to the real portal, in the session of a browser; it loses what the test has it lose.
type sentTo struct {
	guide   portalv1connect.GuideServiceClient
	cookies string
	lose    func() (before, after bool)
}

func (s sentTo) send(ctx context.Context, w outbox.Write) ([]byte, error) {
	before, after := s.lose()
	if before {
		return nil, &rpc.Error{Code: rpc.CodeUnavailable}
	}
	ctx, info := connect.NewClientContext(ctx)
	info.RequestHeader().Set("Cookie", s.cookies)
	info.RequestHeader().Set("Idempotency-Key", w.Key)
	var answer proto.Message
	var err error
	switch request := requestOf(w).(type) {
	case *portalv1.AddTasksRequest:
		answer, err = s.guide.AddTasks(ctx, request)
	case *portalv1.UpdateTaskRequest:
		answer, err = s.guide.UpdateTask(ctx, request)
	case *portalv1.RemoveTaskRequest:
		answer, err = s.guide.RemoveTask(ctx, request)
	}
	if after {
		return nil, &rpc.Error{Code: rpc.CodeDeadlineExceeded}
	}
	if err != nil {
		return nil, pageError(err)
	}
	return proto.Marshal(answer)
}

// pageError is an error of the portal as the page has it.
func pageError(err error) error {
	failed := &rpc.Error{Code: rpc.Code(connect.CodeOf(err)), Text: err.Error()}
	var e *connect.Error
	if errors.As(err, &e) && len(e.Details()) > 0 {
		value, _ := e.Details()[0].Value()
		failed.Info, _ = value.(*portalv1.ErrorInfo)
	}
	return failed
}

func requestOf(w outbox.Write) proto.Message {
	request := map[string]proto.Message{
		portalv1connect.GuideServiceAddTasksProcedure:   &portalv1.AddTasksRequest{},
		portalv1connect.GuideServiceUpdateTaskProcedure: &portalv1.UpdateTaskRequest{},
		portalv1connect.GuideServiceRemoveTaskProcedure: &portalv1.RemoveTaskRequest{},
	}[w.Procedure]
	if err := proto.Unmarshal(w.Request, request); err != nil {
		panic(err)
	}
	return request
}

func aboutOf(procedure string) func(request []byte) outbox.Subject {
	return func(request []byte) outbox.Subject {
		switch r := requestOf(outbox.Write{Procedure: procedure, Request: request}).(type) {
		case *portalv1.AddTasksRequest:
			id := []string{r.GetTasks()[0].GetId()}
			return outbox.Subject{About: id, Makes: id}
		case *portalv1.UpdateTaskRequest:
			return outbox.Subject{About: []string{r.GetId()}}
		case *portalv1.RemoveTaskRequest:
			return outbox.Subject{About: []string{r.GetId()}}
		}
		return outbox.Subject{}
	}
}

// The queue and the real portal: whatever answers and requests are lost, the folder is in the end as the device has it.
func TestTheOutboxAndTheRealPortalAgree(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	b.do(chromedp.Navigate("about:blank"))
	session := []string(nil)
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		got, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{URLs: []string{w.origin}})
		if err == nil {
			for _, c := range got.Cookies {
				session = append(session, c.Name+"="+c.Value)
			}
		}
		return chromedp.Void{}, err
	})
	to := sentTo{
		guide:   portalv1connect.NewGuideServiceClient(http.DefaultClient, w.origin),
		cookies: strings.Join(session, "; "),
	}
	rapid.Check(t, func(t *rapid.T) { agree(t, to) })
}

func agree(t *rapid.T, to sentTo) {
	kept, steady := shelf{}, false
	to.lose = func() (before, after bool) {
		if steady {
			return false, false
		}
		cut := rapid.IntRange(0, 3).Draw(t, "cut")
		return cut == 1, cut == 2
	}
	queue := &outbox.Queue{
		Store: kept, Send: to.send, Now: func() (time.Time, bool) { return time.Now(), true },
		Alone: func(_ context.Context, _ string, _ bool, do func() error) error { return do() },
		Kind: func(procedure string) outbox.Kind {
			return outbox.Kind{
				Subject: aboutOf(procedure),
				Settled: func(context.Context, []byte, []byte) (map[string]string, error) { return nil, nil },
			}
		},
	}
	want := map[string]*portalv1.Task{}
	begin := func(procedure string, request proto.Message) {
		data, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := queue.Begin(t.Context(), procedure, rand.Text(), data, false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rapid.IntRange(2, 8).Draw(t, "acts") {
		var ids []string
		for id := range want {
			ids = append(ids, id)
		}
		act := rapid.SampledFrom([]string{"add", "day", "tick", "remove", "send"}).Draw(t, "act")
		switch {
		case act == "send":
			_ = queue.Drain(t.Context())
		case act == "add" || len(ids) == 0:
			id := rand.Text()
			want[id] = &portalv1.Task{Id: id, Title: fmt.Sprintf("用事 %s %d", id, i)}
			begin(portalv1connect.GuideServiceAddTasksProcedure, &portalv1.AddTasksRequest{
				Tasks: []*portalv1.Task{{Id: id, Title: want[id].GetTitle()}},
			})
		case act == "remove":
			id := ids[0]
			delete(want, id)
			begin(portalv1connect.GuideServiceRemoveTaskProcedure, &portalv1.RemoveTaskRequest{Id: id})
		default:
			task := want[ids[0]]
			change := &portalv1.TaskChange{}
			if act == "day" {
				task.OwnDue = rapid.SampledFrom([]string{"", "2030-01-07", "2030-01-08"}).Draw(t, "day")
				change.OwnDue = new(task.GetOwnDue())
			} else {
				task.DoneAt = 1 - task.GetDoneAt()
				change.Done = new(task.GetDoneAt() > 0)
			}
			begin(portalv1connect.GuideServiceUpdateTaskProcedure, &portalv1.UpdateTaskRequest{
				Id: task.GetId(), Change: change,
			})
		}
	}
	_ = queue.Drain(t.Context())
	steady = true
	if err := queue.Drain(t.Context()); err != nil || len(kept) > 0 {
		t.Fatalf("%v, waiting: %v", err, kept)
	}
	ctx, info := connect.NewClientContext(t.Context())
	info.RequestHeader().Set("Cookie", to.cookies)
	list, err := to.guide.ListTasks(ctx, &portalv1.ListTasksRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range list.GetTasks() {
		own := want[task.GetId()]
		if own == nil || own.GetOwnDue() != task.GetOwnDue() || own.GetDoneAt() > 0 != (task.GetDoneAt() > 0) ||
			own.GetTitle() != task.GetTitle() {
			t.Errorf("the portal has %v, the device %v", task, own)
		}
		delete(want, task.GetId())
		ctx, info := connect.NewClientContext(t.Context())
		info.RequestHeader().Set("Cookie", to.cookies)
		if _, err := to.guide.RemoveTask(ctx, &portalv1.RemoveTaskRequest{Id: task.GetId()}); err != nil {
			t.Fatal(err)
		}
	}
	if len(want) > 0 {
		t.Errorf("the portal has not: %v", want)
	}
}
