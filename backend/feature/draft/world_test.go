package draft_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/draft"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	meguro, setagaya = foldertest.Meguro, "131121"
	nintei, risai    = "jido-teate-nintei", "risai-shomei"
)

// world is a portal with an office in Meguro that takes applications, one in 世田谷区 that does not, and two people.
type world struct {
	t     testing.TB
	db    *db.DB
	s     *draft.Service
	clock time.Time
	woken int
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	return worldWith(t, d, draft.Needs{})
}

func worldWith(t testing.TB, d *db.DB, needs draft.Needs) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}
	w.s = draft.New(d, needs, func() { w.woken++ }, func() time.Time { return w.clock })
	w.tx(func(q *db.Queries) error {
		for id, duties := range map[string]string{meguro: "person application", setagaya: "person notice"} {
			err := q.OfficeRegister(t.Context(), db.OfficeRegisterParams{
				ID: "office-" + id, Name: "役所" + id, CertificateHash: id, Duties: duties, MunicipalityCode: id,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, id := range []string{"hanako", "taro"} {
		opened := foldertest.Of(id)
		opened.MailAddress = id + "@example.jp"
		foldertest.Create(t, d, opened)
		w.tx(func(q *db.Queries) error {
			_, err := q.FolderConfirmMail(t.Context(), db.FolderConfirmMailParams{
				ID: id, MailAddress: opened.MailAddress, MailConfirmedAt: 1,
			})
			if err != nil {
				return err
			}
			chosen := map[folder.Preference]bool{tell.Mail.Preference(tell.Notice): true}
			return folder.Prefer(t.Context(), q, id, chosen)
		})
	}
	return w
}

// each runs a test on both engines.
func each(t *testing.T, test func(*testing.T, *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func (w *world) tx(fn func(q *db.Queries) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) as(folder string) context.Context { return accesstest.AsCitizen(w.t.Context(), folder) }

// on is a person in a session, on a device.
func (w *world) on(folder, session string) context.Context {
	return access.WithCaller(w.t.Context(), access.Caller{
		Kind: access.Citizen, FolderID: folder, SessionHash: session, Browser: "Firefox・Linux",
	})
}

// id is one as devices choose them.
func id(n int) string { return fmt.Sprintf("%032x", n) }

func value(text string) []byte { return fmt.Appendf(nil, "%q", text) }

func field(name, text string, seen int64) *portalv1.DraftField {
	return &portalv1.DraftField{Field: name, Value: value(text), Seen: seen}
}

// save saves fields of a draft of the form of 児童手当, or of another.
func (w *world) save(
	ctx context.Context, draftID, form string, fields ...*portalv1.DraftField,
) (*portalv1.SaveDraftResponse, error) {
	w.t.Helper()
	return ruletest.Call(ctx, w.s.SaveDraft, &portalv1.SaveDraftRequest{
		Id: draftID, Place: meguro, Form: form, Version: "2026.1", Fields: fields,
	})
}

func (w *world) mustSave(
	ctx context.Context, draftID, form string, fields ...*portalv1.DraftField,
) *portalv1.SaveDraftResponse {
	w.t.Helper()
	saved, err := w.save(ctx, draftID, form, fields...)
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

func (w *world) get(ctx context.Context, draftID string) *portalv1.Draft {
	w.t.Helper()
	got, err := w.s.GetDraft(ctx, &portalv1.GetDraftRequest{Id: draftID})
	if err != nil {
		w.t.Fatal(err)
	}
	return got.GetDraft()
}

// answers are what a draft holds, by its fields.
func answers(d *portalv1.Draft) map[string]string {
	all := map[string]string{}
	for _, f := range d.GetFields() {
		all[f.GetField()] = string(f.GetValue())
	}
	return all
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// upload sends a file in parts, and has it finished.
func (w *world) upload(
	ctx context.Context, draftID, attachment, field, name string, data []byte,
) (*portalv1.FinishAttachmentResponse, error) {
	w.t.Helper()
	_, err := ruletest.Call(ctx, w.s.StartAttachment, &portalv1.StartAttachmentRequest{
		Id: attachment, Draft: draftID, Field: field, Name: name, Size: int64(len(data)), Digest: digest(data),
	})
	if err != nil {
		return nil, err
	}
	come := int64(0)
	for part := range slices.Chunk(data, 256<<10) {
		put, err := ruletest.Call(ctx, w.s.PutAttachment, &portalv1.PutAttachmentRequest{
			Id: attachment, Offset: come, Part: part,
		})
		if err != nil {
			return nil, err
		}
		come = put.GetCome()
	}
	return ruletest.Call(ctx, w.s.FinishAttachment, &portalv1.FinishAttachmentRequest{Id: attachment})
}

func (w *world) mustUpload(
	ctx context.Context, draftID, attachment, field, name string, data []byte,
) *portalv1.Attachment {
	w.t.Helper()
	finished, err := w.upload(ctx, draftID, attachment, field, name, data)
	if err != nil || finished.GetFault() != 0 {
		w.t.Fatal(finished.GetFault(), err)
	}
	return finished.GetAttachment()
}
