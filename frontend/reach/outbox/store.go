package outbox

import (
	"context"
	"errors"
	"time"

	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// sealed keeps writes in one person's vault. When another is open, or none, it keeps and gives nothing.
type sealed struct{ vault string }

func (s sealed) open() error {
	if vault.Now().Vault != s.vault {
		return vault.ErrLocked
	}
	return nil
}

// All leaves out what cannot be read: it is broken, or of a later page.
func (s sealed) All(ctx context.Context) ([]Write, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	records, err := vault.List(ctx, vault.Outbox)
	if err != nil && !errors.Is(err, vault.ErrNotOurs) {
		return nil, err
	}
	var all []Write
	for _, r := range records {
		var m portalv1.WaitingWrite
		if rpc.Unpack(r.Data, &m) == nil {
			all = append(all, writeOf(r.ID, &m))
		}
	}
	return all, nil
}

// Put, as Remove, begins while the vault is known to be the person's: nothing comes in between.
func (s sealed) Put(ctx context.Context, w Write) error {
	data, err := rpc.Pack(w.message())
	if err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	return vault.Put(ctx, vault.Outbox, w.ID, data)
}

func (s sealed) Remove(ctx context.Context, id string) error {
	if err := s.open(); err != nil {
		return err
	}
	return vault.Delete(ctx, vault.Outbox, id)
}

func writeOf(id string, m *portalv1.WaitingWrite) Write {
	w := Write{
		ID: id, Number: m.GetNumber(), Procedure: m.GetProcedure(), Key: m.GetKey(), Request: m.GetRequest(),
		Subject: Subject{About: m.GetAbout(), Makes: m.GetMakes(), Title: m.GetTitle()},
		Begun:   time.UnixMilli(m.GetBegunAt()), State: State(m.GetState()),
		Failed: m.GetFailed(), Reason: m.GetReason(), Field: m.GetField(), Reference: m.GetReference(),
	}
	if at := m.GetFirstSentAt(); at > 0 {
		w.FirstSent = time.UnixMilli(at)
	}
	return w
}

func (w Write) message() *portalv1.WaitingWrite {
	m := &portalv1.WaitingWrite{
		Number: w.Number, Procedure: w.Procedure, Key: w.Key, Request: w.Request, About: w.About, Makes: w.Makes,
		Title: w.Title, BegunAt: w.Begun.UnixMilli(), State: int32(w.State), Failed: w.Failed,
		Reason: w.Reason, Field: w.Field,
		Reference: w.Reference,
	}
	if !w.FirstSent.IsZero() {
		m.FirstSentAt = w.FirstSent.UnixMilli()
	}
	return m
}
