package exchange

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

// GetExchangeSettings tells what a person chose.
func (s *Service) GetExchangeSettings(
	ctx context.Context, _ *portalv1.GetExchangeSettingsRequest,
) (*portalv1.GetExchangeSettingsResponse, error) {
	m, err := settings(ctx, s.db.Read(), access.Subject(ctx))
	return &portalv1.GetExchangeSettingsResponse{Settings: m}, err
}

func settings(ctx context.Context, q *db.Queries, folderID string) (*portalv1.ExchangeSettings, error) {
	m := &portalv1.ExchangeSettings{}
	var err error
	if m.Mail, err = folder.Prefers(ctx, q, folderID, tell.Mail.Preference(tell.Exchange)); err != nil {
		return nil, err
	}
	_, err = q.FolderMailbox(ctx, folderID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("reading where a mail goes: %w", err)
	}
	m.MailPossible = err == nil
	return m, nil
}

// UpdateExchangeSettings changes it.
func (s *Service) UpdateExchangeSettings(
	ctx context.Context, request *portalv1.UpdateExchangeSettingsRequest,
) (*portalv1.UpdateExchangeSettingsResponse, error) {
	response := &portalv1.UpdateExchangeSettingsResponse{}
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		folderID := access.Subject(ctx)
		wanted := map[folder.Preference]bool{tell.Mail.Preference(tell.Exchange): request.GetMail()}
		if err := folder.Prefer(ctx, q, folderID, wanted); err != nil {
			return err
		}
		response.Settings, err = settings(ctx, q, folderID)
		return err
	})
	if err != nil {
		return nil, told("changing what a person is told of", err)
	}
	return response, nil
}
