package myinfo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

const untilLogout = -1 // of keep_until

// kept is for how long answers are kept; what is not here, as keepUntil says.
var kept = map[portalv1.InfoKeep]time.Duration{
	portalv1.InfoKeep_INFO_KEEP_30_DAYS: 30 * 24 * time.Hour,
	portalv1.InfoKeep_INFO_KEEP_YEAR:    365 * 24 * time.Hour,
}

// keepUntil is until when an answer is kept that comes at a moment.
func keepUntil(keep portalv1.InfoKeep, at time.Time) int64 {
	switch keep {
	case portalv1.InfoKeep_INFO_KEEP_LOGOUT:
		return untilLogout
	case portalv1.InfoKeep_INFO_KEEP_ERASED:
		return 0
	}
	return at.Add(kept[keep]).UnixMilli()
}

// settingOf is what a person chose; what nobody chose, when they did not.
func settingOf(ctx context.Context, q *db.Queries, folderID string) (db.MyinfoSetting, error) {
	row, err := q.MyinfoSetting(ctx, folderID)
	if errors.Is(err, db.ErrNotFound) {
		return db.MyinfoSetting{FolderID: folderID, Keep: int64(portalv1.InfoKeep_INFO_KEEP_30_DAYS), Notice: true}, nil
	}
	if err != nil {
		return row, fmt.Errorf("reading what a person chose: %w", err)
	}
	return row, nil
}

func set(ctx context.Context, q *db.Queries, row db.MyinfoSetting) error {
	if err := q.MyinfoSet(ctx, db.MyinfoSetParams(row)); err != nil {
		return fmt.Errorf("writing what a person chose: %w", err)
	}
	return nil
}

// newEdition tells the person's pages that something was erased: what devices keep from before is to go.
func newEdition(ctx context.Context, q *db.Queries, folderID string) error {
	row, err := settingOf(ctx, q, folderID)
	if err != nil {
		return err
	}
	row.Edition++
	if err := set(ctx, q, row); err != nil {
		return err
	}
	return changed(ctx, q, folderID, "")
}

// GetInfoSettings tells what a person chose.
func (s *Service) GetInfoSettings(
	ctx context.Context, _ *portalv1.GetInfoSettingsRequest,
) (*portalv1.GetInfoSettingsResponse, error) {
	m, err := settings(ctx, s.db.Read(), access.Subject(ctx))
	return &portalv1.GetInfoSettingsResponse{Settings: m}, err
}

func settings(ctx context.Context, q *db.Queries, folderID string) (*portalv1.InfoSettings, error) {
	row, err := settingOf(ctx, q, folderID)
	if err != nil {
		return nil, err
	}
	m := &portalv1.InfoSettings{Keep: portalv1.InfoKeep(row.Keep), Notice: row.Notice}
	if m.Mail, err = folder.Prefers(ctx, q, folderID, tell.Mail.Preference(tell.Answer)); err != nil {
		return nil, err
	}
	_, err = q.FolderMailbox(ctx, folderID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("reading where a mail goes: %w", err)
	}
	m.MailPossible = err == nil
	notes, err := q.MyinfoNotes(ctx, folderID)
	if err != nil {
		return nil, fmt.Errorf("reading the notes that a person confirmed: %w", err)
	}
	for _, n := range notes {
		if c, ok := selfinfo.ByNumber(int(n.Category)); ok && int64(c.NotesVersion) == n.Version {
			m.Confirmed = append(m.Confirmed, int32(n.Category))
		}
	}
	return m, nil
}

// UpdateInfoSettings changes what is given.
func (s *Service) UpdateInfoSettings(
	ctx context.Context, request *portalv1.UpdateInfoSettingsRequest,
) (*portalv1.UpdateInfoSettingsResponse, error) {
	folderID := access.Subject(ctx)
	keep := request.GetKeep()
	if _, known := portalv1.InfoKeep_name[int32(keep)]; request.Keep != nil && (!known || keep == 0) {
		return nil, access.Invalid(ctx, "keep", errors.New("for so long nothing is kept"))
	}
	response := &portalv1.UpdateInfoSettingsResponse{}
	err := s.db.Erase(ctx, func(q *db.Queries) error {
		row, err := settingOf(ctx, q, folderID)
		if err != nil {
			return err
		}
		if request.Notice != nil {
			row.Notice = request.GetNotice()
		}
		if request.Keep != nil && row.Keep != int64(keep) {
			row.Keep = int64(keep)
			if row.Edition, err = s.keepFor(ctx, q, row); err != nil {
				return err
			}
		}
		if err := set(ctx, q, row); err != nil {
			return err
		}
		if request.Mail != nil {
			wanted := map[folder.Preference]bool{tell.Mail.Preference(tell.Answer): request.GetMail()}
			if err := folder.Prefer(ctx, q, folderID, wanted); err != nil {
				return err
			}
		}
		if response.Settings, err = settings(ctx, q, folderID); err != nil {
			return err
		}
		return changed(ctx, q, folderID, "")
	})
	if err != nil {
		return nil, told(ctx, "changing settings", err)
	}
	return response, nil
}

// keepFor has what is there already kept for as long, and erases what is older. It gives the edition that then holds.
func (s *Service) keepFor(ctx context.Context, q *db.Queries, row db.MyinfoSetting) (int64, error) {
	keep := portalv1.InfoKeep(row.Keep)
	err := q.MyinfoKeep(ctx, db.MyinfoKeepParams{
		FolderID: row.FolderID, Span: kept[keep].Milliseconds(), KeepUntil: keepUntil(keep, s.now()),
	})
	if err != nil {
		return 0, fmt.Errorf("noting how long answers are kept: %w", err)
	}
	erased, err := q.MyinfoExpireOf(ctx, db.MyinfoExpireOfParams{FolderID: row.FolderID, Now: s.now().UnixMilli()})
	if err != nil {
		return 0, fmt.Errorf("erasing old answers: %w", err)
	}
	if erased > 0 {
		row.Edition++
	}
	return row.Edition, nil
}
