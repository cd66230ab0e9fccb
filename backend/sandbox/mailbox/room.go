package mailbox

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
)

func init() {
	room.Register(room.Room{
		Name: "mail",
		Settings: []room.Setting{{
			Name: "smtp-address", Variable: "SANDBOX_SMTP_ADDRESS", Fallback: "127.0.0.1:8025",
			Meaning: "where mails are taken",
		}},
		Open: open,
	})
	page.Add(page.Link{Path: "/mail", Title: "メール"})
}

func open(ground room.Ground) (room.Work, error) {
	p, err := ground.World.Add("mail", "メールサーバー", "ポータルが送るメールを受け取ります")
	if err != nil {
		return room.Work{}, err
	}
	box, err := Open(filepath.Join(ground.State, "mail"))
	if err != nil {
		return room.Work{}, err
	}
	listener, err := room.Listen(*ground.Settings["smtp-address"], "SANDBOX_SMTP_ADDRESS")
	if err != nil {
		return room.Work{}, err
	}
	slog.Info("sandbox takes mails", "smtp", listener.Addr().String())
	work := box.Work()
	work.Run = func(ctx context.Context) error { return box.Serve(ctx, part.Listener(p, listener, Wrong())) }
	work.Close = func() { listener.Close() }
	return work, nil
}

//go:embed page
var files embed.FS

var pages = page.New(files)

// Work is what people and programs see of the mails.
func (b *Box) Work() room.Work {
	return room.Work{
		Pages: map[string]http.HandlerFunc{
			"GET /mail": b.list, "GET /mail.json": b.listJSON, "GET /mail/{id}": b.mail, "GET /mail/{id}/raw": b.raw,
		},
		Programs: []string{"/mail.json"},
		Tasks: func() []page.Link {
			return []page.Link{{Path: "/mail", Title: fmt.Sprintf("届いたメールを読む（%d通）", len(b.All()))}}
		},
	}
}

func (b *Box) list(w http.ResponseWriter, _ *http.Request) {
	all := b.All()
	slices.Reverse(all)
	pages.Render(w, http.StatusOK, "mails.html", all)
}

func (b *Box) mail(w http.ResponseWriter, r *http.Request) {
	m, ok := b.Get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	pages.Render(w, http.StatusOK, "mail.html", struct {
		Mail
		Pieces []Piece
	}{m, Pieces(m.Text)})
}

func (b *Box) raw(w http.ResponseWriter, r *http.Request) {
	m, ok := b.Get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(m.Raw)
}

// listJSON gives the mails, newest last.
func (b *Box) listJSON(w http.ResponseWriter, _ *http.Request) {
	all := b.All()
	if all == nil {
		all = []Mail{}
	}
	page.JSON(w, all)
}
