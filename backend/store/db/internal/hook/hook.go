// Package hook lets backend/store/db/dbtest reach what backend/store/db shows to nobody else. It is for tests alone.
package hook

import "context"

// Exec runs a statement on the connection of a *db.DB that writes; backend/store/db sets it.
var Exec func(ctx context.Context, store any, statement string) error

// Schema tells one schema from another: it is another one when a migration is; backend/store/db sets it.
var Schema func() string
