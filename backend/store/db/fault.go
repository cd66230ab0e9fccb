package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Unavailable tells that the store could not do its work (a full disk, a file that cannot be written, a server that is
// down or turns everybody away) from an error in what was asked. Whatever was asked was not acknowledged, and may be
// asked again.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return unavailableSQLite(lite.Code())
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return unavailablePostgres(pg.Code)
	}
	// A caller that went away is no fault of the store; the drivers wrap that in errors of the network.
	if errors.Is(err, context.Canceled) {
		return false
	}
	var reaching *pgconn.ConnectError
	var network net.Error
	for _, is := range []error{errClosed, driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF} {
		if errors.Is(err, is) {
			return true
		}
	}
	return errors.As(err, &reaching) || errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) ||
		strings.HasSuffix(err.Error(), "sql: database is closed") // database/sql has no name for it
}

func unavailableSQLite(code int) bool {
	switch code & 0xff { // without what the extended code adds
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
		// Waiting does not mend these, but neither can whoever asked; the operator reads of it in the log.
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// unavailablePostgres judges an SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func unavailablePostgres(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P04", // the server is going down, coming up, or the database is dropped
		"25006",          // read only: a standby, or one that was told so
		"40001", "40P01", // met others too often: Tx has tried again before
		"28000", "28P01", "3D000", // lets nobody in, or the database is not there
		"55P03", "55006": // somebody holds what is needed
		return true
	}
	// connection, resources, the system beneath, a broken server
	for _, class := range []string{"08", "53", "58", "XX"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// endsTransaction tells faults at which SQLite may have rolled the whole transaction back by itself
// (https://sqlite.org/lang_transaction.html, 3).
func endsTransaction(err error) bool {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_CORRUPT:
		return true
	}
	return false
}
