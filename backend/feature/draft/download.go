package draft

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/draft/content"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// goodFor is how long a ticket waits to be used.
const goodFor = time.Minute

func hash(ticket string) string {
	sum := sha256.Sum256([]byte("draft\x00" + ticket))
	return hex.EncodeToString(sum[:])
}

// OpenAttachment gives leave to download one, once.
func (s *Service) OpenAttachment(
	ctx context.Context, request *portalv1.OpenAttachmentRequest,
) (*portalv1.OpenAttachmentResponse, error) {
	caller, now, ticket := access.FromContext(ctx), s.now(), rand.Text()
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: caller.Subject(), ID: request.GetId()})
		if err == nil && !row.Finished {
			err = db.ErrNotFound
		}
		if err != nil {
			return err
		}
		old := db.DraftTicketForgetParams{FolderID: caller.Subject(), Before: now.Add(-goodFor).UnixMilli()}
		if _, err := q.DraftTicketForget(ctx, old); err != nil {
			return fmt.Errorf("forgetting old tickets: %w", err)
		}
		return q.DraftTicketAdd(ctx, db.DraftTicketAddParams{
			FolderID: caller.Subject(), TicketHash: hash(ticket), SessionHash: caller.SessionHash,
			AttachmentID: row.ID, AskedAt: now.UnixMilli(),
		})
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.OpenAttachmentResponse{Ticket: ticket, GoodForMs: goodFor.Milliseconds()}, nil
}

// download sends an attachment to who has a ticket for it, once. It is never shown in the page's place.
func (s *Service) download(w http.ResponseWriter, r *http.Request) {
	ctx, caller := r.Context(), access.FromContext(r.Context())
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "it is asked for by a form", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	ticket := r.PostFormValue("ticket")
	if caller.Kind != access.Citizen || ticket == "" {
		http.Error(w, expired, http.StatusForbidden)
		return
	}
	a, file, err := s.take(ctx, caller, ticket)
	if errors.Is(err, db.ErrNotFound) {
		http.Error(w, expired, http.StatusGone)
		return
	}
	if err != nil {
		slog.ErrorContext(ctx, "sending an attachment", "cause", err)
		http.Error(w, "in a moment", http.StatusServiceUnavailable)
		return
	}
	defer file.Close()
	head := w.Header()
	head.Set("Content-Type", content.MediaTypes[a.GetType()])
	head.Set("Content-Length", strconv.FormatInt(a.GetSize(), 10))
	head.Set("Content-Disposition", disposition(a.GetName(), a.GetType()))
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "no-store")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	if _, err := io.Copy(w, file); err != nil && ctx.Err() == nil {
		slog.WarnContext(ctx, "an attachment broke off", "cause", err)
	}
}

// expired is plain, for who comes too late or has no session any more.
const expired = "この画面からは、もう開けません。元のページに戻って、もう一度開いてください。\n" +
	"This link was used or has expired. Go back to the page, and open the file again.\n"

// take uses the ticket up: of two the second finds nothing.
func (s *Service) take(
	ctx context.Context, caller access.Caller, ticket string,
) (a *portalv1.Attachment, file io.ReadCloser, err error) {
	var id string
	err = s.db.Tx(ctx, func(q *db.Queries) (err error) {
		id, err = q.DraftTicketTake(ctx, db.DraftTicketTakeParams{
			TicketHash: hash(ticket), FolderID: caller.Subject(), SessionHash: caller.SessionHash,
			Since: s.now().Add(-goodFor).UnixMilli(),
		})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	q := s.db.Read()
	row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: caller.Subject(), ID: id})
	if err != nil {
		return nil, nil, err
	}
	if a, err = attachmentOf(row); err != nil {
		return nil, nil, err
	}
	file, err = s.Open(ctx, q, caller.Subject(), id)
	return a, file, err
}

// disposition has a file saved under the name that it was given (RFC 6266); programs that do not know how to read that
// get a plain name.
func disposition(name, kind string) string {
	var encoded strings.Builder
	for _, b := range []byte(name) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("-._~", b) >= 0 {
			encoded.WriteByte(b)
			continue
		}
		fmt.Fprintf(&encoded, "%%%02X", b)
	}
	return `attachment; filename="attachment.` + kind + `"; filename*=UTF-8''` + encoded.String()
}
