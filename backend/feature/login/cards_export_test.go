package login

import "context"

// Look is one round of Watch.
func (s *Service) Look(ctx context.Context) (found int, err error) { return s.look(ctx) }
