package notice

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// declare says what it means to mark notices: it can wait for a network.
func declare() {
	waiting.Declare(portalv1web.NoticeServiceMarkNotices, waiting.Sort{
		Kind: outbox.Kind{
			Subject: func(request []byte) (s outbox.Subject) {
				for _, id := range marking(request).GetIds() {
					s.About = append(s.About, markObject(id))
				}
				return s
			},
			Settled: func(_ context.Context, _, answer []byte) (map[string]string, error) {
				var now portalv1.MarkNoticesResponse
				if answer != nil && rpc.Unpack(answer, &now) == nil {
					shell.SetUnread(int(now.GetUnreadCount()))
				}
				return nil, nil
			},
		},
		Words: func(request []byte, _ string) lang.Text {
			r := marking(request)
			if r.GetRead() {
				return textDoRead.F(len(r.GetIds()))
			}
			return textDoUnread.F(len(r.GetIds()))
		},
		Sides: sides,
	})
}

func markObject(id string) string { return "mark/" + id }

// markOf tells that a mark waits.
func markOf(n *portalv1.Notice) app.UI { return waiting.Mark(waiting.Of(markObject(n.GetId()))) }

func marking(request []byte) *portalv1.MarkNoticesRequest {
	var r portalv1.MarkNoticesRequest
	if rpc.Unpack(request, &r) != nil {
		return &portalv1.MarkNoticesRequest{}
	}
	return &r
}

// ahead gives notices the marks that wait.
func ahead(notices []*portalv1.Notice) {
	for _, w := range waiting.Coming() {
		if w.Procedure != portalv1web.NoticeServiceMarkNotices {
			continue
		}
		r := marking(w.Request)
		for _, n := range notices {
			for _, id := range r.GetIds() {
				if n.GetId() == id {
					n.Read = r.GetRead()
				}
			}
		}
	}
}

// sides are how many of the notices are read, as far as the portal lists them first.
func sides(ctx context.Context, w outbox.Write) ([]waiting.Side, error) {
	response, err := rpc.To(portalv1web.NewNoticeService).ListNotices(ctx, &portalv1.ListNoticesRequest{PageSize: 100})
	if err != nil {
		return nil, err
	}
	r, rows := marking(w.Request), []waiting.Side(nil)
	words := map[bool]lang.Text{true: textRead, false: textUnread}
	for _, n := range response.GetNotices() {
		for _, id := range r.GetIds() {
			if n.GetId() == id {
				rows = append(rows, waiting.Side{
					Name: lang.Plain(n.GetTitle()), Mine: words[r.GetRead()], Theirs: words[n.GetRead()],
				})
			}
		}
	}
	return rows, nil
}
