package exchange

import (
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/ledger"
	"madoguchi/backend/store/ledger/ledgertest"
)

func newLog(t testing.TB, d *db.DB) *ledger.Log { return ledgertest.New(t, d) }
