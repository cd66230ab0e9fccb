package application

import (
	"context"
	"errors"
	"fmt"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// GetApplicationSettings tells who will be told of each step, and how.
func (s *Service) GetApplicationSettings(
	ctx context.Context, _ *portalv1.GetApplicationSettingsRequest,
) (*portalv1.GetApplicationSettingsResponse, error) {
	m, err := settings(ctx, s.DB.Read(), access.Subject(ctx))
	return &portalv1.GetApplicationSettingsResponse{Settings: m}, err
}

func settings(ctx context.Context, q *db.Queries, folderID string) (*portalv1.ApplicationSettings, error) {
	m := &portalv1.ApplicationSettings{}
	var err error
	if m.Mail, err = tell.Wants(ctx, q, folderID, tell.Mail, tell.Application); err != nil {
		return nil, err
	}
	_, err = q.FolderMailbox(ctx, folderID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("reading where a mail goes: %w", err)
	}
	m.MailPossible = err == nil
	return m, nil
}

// UpdateApplicationSettings changes it.
func (s *Service) UpdateApplicationSettings(
	ctx context.Context, request *portalv1.UpdateApplicationSettingsRequest,
) (*portalv1.UpdateApplicationSettingsResponse, error) {
	response := &portalv1.UpdateApplicationSettingsResponse{}
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		folderID := access.Subject(ctx)
		wanted := map[folder.Preference]bool{tell.Mail.Preference(tell.Application): request.GetMail()}
		if err := folder.Prefer(ctx, q, folderID, wanted); err != nil {
			return err
		}
		response.Settings, err = settings(ctx, q, folderID)
		return err
	})
	if err != nil {
		return nil, told(err, "changing what a person is told of")
	}
	return response, nil
}
