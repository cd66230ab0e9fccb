package device

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/agent"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/session"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	// CookieName is that of the cookie by which a device is known again. It lies where the page's own program cannot
	// read it, stays when the browser is short of room and drops what pages keep, and is worth nothing without a
	// session.
	CookieName = "__Host-device"
	// cookieLife is as long as browsers keep a cookie at most; each login begins it anew.
	cookieLife = 400 * 24 * time.Hour

	tokenSize = 32
	seedSize  = 32
	// most is how many devices a folder has; the one that was not used for the longest goes for another.
	most = 20
)

// Sealer makes what opens a vault of what the database holds.
type Sealer interface {
	Sum(parts ...[]byte) []byte
}

// Service answers the calls of portal.v1.DeviceService. Who may call stands in the contract.
type Service struct {
	db     *db.DB
	sealer Sealer
	now    func() time.Time
}

// New makes the service.
func New(d *db.DB, sealer Sealer, now func() time.Time) *Service {
	return &Service{db: d, sealer: sealer, now: now}
}

// OpenVault gives who is logged in what opens their vault on this device.
func (s *Service) OpenVault(
	ctx context.Context, _ *portalv1.OpenVaultRequest,
) (*portalv1.OpenVaultResponse, error) {
	caller := access.FromContext(ctx)
	if caller.SharedDevice || caller.Means == access.ByPhone {
		return nil, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, "",
			errors.New("the device is shared, or was let in by a phone: nothing is kept on it"))
	}
	folder, token := access.Subject(ctx), tokenOf(ctx)
	fresh := token == nil
	if fresh {
		token = random(tokenSize)
	}
	row := db.Device{
		FolderID: folder, ID: rand.Text(), TokenHash: hash(folder, token), Seed: random(seedSize),
		Name:   agent.Name(ctx),
		Issuer: caller.Card.Issuer, Serial: caller.Card.Serial,
	}
	known := false
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		found, err := q.DeviceByToken(ctx, db.DeviceByTokenParams{FolderID: folder, TokenHash: row.TokenHash})
		if known = err == nil; known {
			row.ID, row.Seed = found.ID, found.Seed
			_, err = q.DeviceUsed(ctx, db.DeviceUsedParams{
				FolderID: folder, ID: row.ID, Name: row.Name, Issuer: row.Issuer, Serial: row.Serial,
				LastAt: s.now().UnixMilli(),
			})
			return err
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		return s.add(ctx, q, row)
	})
	if err == nil && caller.Device != row.ID {
		err = s.db.Tx(ctx, func(q *db.Queries) error {
			return session.OnDevice(ctx, q, caller.SessionHash, row.ID)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("noting the device: %w", err)
	}
	setCookie(ctx, token)
	if !known {
		audit.Log(ctx, audit.DeviceAdded, audit.Folder(folder))
	}
	return &portalv1.OpenVaultResponse{
		Vault: row.ID, Secret: s.sealer.Sum([]byte("vault"), []byte(folder), []byte(row.ID), row.Seed), Known: known,
	}, nil
}

// add notes a device, instead of the one that was not used for the longest where there are too many.
func (s *Service) add(ctx context.Context, q *db.Queries, row db.Device) error {
	all, err := q.DeviceList(ctx, row.FolderID)
	if err != nil {
		return err
	}
	for i := most - 1; i < len(all); i++ {
		if _, err := q.DeviceRemove(ctx, db.DeviceRemoveParams{FolderID: row.FolderID, ID: all[i].ID}); err != nil {
			return err
		}
	}
	return q.DeviceAdd(ctx, db.DeviceAddParams{
		FolderID: row.FolderID, ID: row.ID, TokenHash: row.TokenHash, Seed: row.Seed, Name: row.Name,
		Issuer: row.Issuer, Serial: row.Serial, Now: s.now().UnixMilli(),
	})
}

// Known finds the device of a folder that makes a call; "" when it is none that is known.
func Known(ctx context.Context, q *db.Queries, folder string) (id string, err error) {
	token := tokenOf(ctx)
	if token == nil {
		return "", nil
	}
	found, err := q.DeviceByToken(ctx, db.DeviceByTokenParams{FolderID: folder, TokenHash: hash(folder, token)})
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("finding this device: %w", err)
	}
	return found.ID, nil
}

// RenameDevice gives a device the name that the person calls it by; an empty one takes that away.
func (s *Service) RenameDevice(
	ctx context.Context, request *portalv1.RenameDeviceRequest,
) (*portalv1.RenameDeviceResponse, error) {
	folder, named := access.Subject(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		named, err = q.DeviceRename(ctx, db.DeviceRenameParams{
			FolderID: folder, ID: request.GetId(), OwnName: plaintext.Clean(request.GetName()),
		})
		return tellChanged(ctx, q, folder, named, err)
	})
	if err != nil {
		return nil, fmt.Errorf("naming a device: %w", err)
	}
	if named == 0 {
		return nil, access.NotFound(ctx, "id", nil)
	}
	return &portalv1.RenameDeviceResponse{}, nil
}

// tellChanged has the person's pages told of devices that were changed, within the transaction that changes them.
func tellChanged(ctx context.Context, q *db.Queries, folder string, changed int64, err error) error {
	if err != nil || changed == 0 {
		return err
	}
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_SESSION, "")
}

// ListDevices tells the person's devices.
func (s *Service) ListDevices(
	ctx context.Context, _ *portalv1.ListDevicesRequest,
) (*portalv1.ListDevicesResponse, error) {
	folder := access.Subject(ctx)
	rows, err := s.db.Read().DeviceList(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading the devices: %w", err)
	}
	here, err := Known(ctx, s.db.Read(), folder)
	if err != nil {
		return nil, err
	}
	response := &portalv1.ListDevicesResponse{}
	for _, row := range rows {
		response.Devices = append(response.Devices, &portalv1.Device{
			Id: row.ID, Name: row.Name, FirstAt: row.FirstAt, LastAt: row.LastAt, Here: row.ID == here,
			OwnName: row.OwnName,
		})
	}
	return response, nil
}

// Named are the devices of a person, with the names that they gave them.
func Named(ctx context.Context, q *db.Queries, folder string) (list []*portalv1.UsageDevice, err error) {
	rows, err := q.DeviceList(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading the devices: %w", err)
	}
	for _, row := range rows {
		list = append(list, &portalv1.UsageDevice{Id: row.ID, Name: row.OwnName})
	}
	return list, nil
}

// Forget forgets a device of a person's within a transaction, and tells whether there was such a one.
func Forget(ctx context.Context, q *db.Queries, folder, id string) (bool, error) {
	removed, err := q.DeviceRemove(ctx, db.DeviceRemoveParams{FolderID: folder, ID: id})
	if err != nil {
		return false, fmt.Errorf("forgetting a device: %w", err)
	}
	return removed > 0, nil
}

// RemoveDevice forgets a device of the person's.
func (s *Service) RemoveDevice(
	ctx context.Context, request *portalv1.RemoveDeviceRequest,
) (*portalv1.RemoveDeviceResponse, error) {
	folder, removed := access.Subject(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		removed, err = q.DeviceRemove(ctx, db.DeviceRemoveParams{FolderID: folder, ID: request.GetId()})
		return tellChanged(ctx, q, folder, removed, err)
	})
	if err != nil {
		return nil, fmt.Errorf("removing a device: %w", err)
	}
	if removed > 0 {
		audit.Log(ctx, audit.DeviceRemoved, audit.Folder(folder), slog.String("why", "asked"),
			slog.Int64("devices", removed))
	}
	return &portalv1.RemoveDeviceResponse{}, nil
}

// CardStopped forgets the devices on which a card was used last that was stopped: whoever has it, and knows its PIN,
// finds nothing by the portal's help.
func CardStopped(d *db.DB) func(ctx context.Context, of card.ID) error {
	return func(ctx context.Context, of card.ID) error {
		removed := int64(0)
		err := d.Tx(ctx, func(q *db.Queries) (err error) {
			removed, err = q.DeviceRemoveOfCard(ctx, db.DeviceRemoveOfCardParams(of))
			return err
		})
		if err != nil {
			return fmt.Errorf("removing the devices of a card: %w", err)
		}
		if removed > 0 {
			audit.Log(ctx, audit.DeviceRemoved, slog.String("why", "revoked"), slog.Int64("devices", removed))
		}
		return nil
	}
}

func random(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b)
	return b
}

// hash names a device in a folder; of what is the same browser's in two folders nothing can be seen.
func hash(folder string, token []byte) string {
	sum := sha256.Sum256(append([]byte("device\x00"+folder+"\x00"), token...))
	return hex.EncodeToString(sum[:])
}

// tokenOf is what the browser's cookie says; nil when there is none of ours.
func tokenOf(ctx context.Context) []byte {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return nil
	}
	request := http.Request{Header: call.RequestHeader()}
	for _, cookie := range request.CookiesNamed(CookieName) {
		token, err := base64.RawURLEncoding.Strict().DecodeString(cookie.Value)
		if err == nil && len(token) == tokenSize {
			return token
		}
	}
	return nil
}

func setCookie(ctx context.Context, token []byte) {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return
	}
	call.ResponseHeader().Add("Set-Cookie", (&http.Cookie{
		Name: CookieName, Value: base64.RawURLEncoding.EncodeToString(token), Path: "/",
		MaxAge: int(cookieLife / time.Second), HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}).String())
}
