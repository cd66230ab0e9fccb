package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"madoguchi/backend/store/seal"
)

// What folders hold is sealed and opened here: statements that touch a sealed column (seal.Tables) have names with a
// small first letter, and stand below (sealed.go) once more under the name that other rooms call them by, with plain
// values. So nobody writes a plain value where a sealed one belongs, and nobody forgets to open one.

// seals is what a store seals with.
type seals struct {
	folders *seal.Folders
	whole   atomic.Bool // all that was there before is sealed: what is plain is refused
}

// sealing is a reader or a transaction of a store that seals.
type sealing interface{ seals() *seals }

type reading struct {
	DBTX
	with *seals
}

func (r *reading) seals() *seals { return r.with }

func (t *placed) seals() *seals { return t.with }

var (
	errUnkeyed = errors.New("the database was opened without the keys of folders")
	// errGone: there is no such folder, so that there is nothing to seal.
	errGone = errors.New("there is no such folder")
	// errPlain: where a sealed value belongs stands a plain one.
	errPlain = errors.New("a value that is to be sealed is not")
)

// SealWith gives the store the keys of folders, before anything is asked of it. It closes them when it is closed.
func (d *DB) SealWith(ctx context.Context, folders *seal.Folders) error {
	sealed, err := d.read.StoreNote(ctx, noteSealed)
	if err != nil {
		return fmt.Errorf("asking whether all is sealed: %w", err)
	}
	d.seals.whole.Store(sealed > 0)
	d.seals.folders = folders
	return nil
}

const noteSealed = "sealed"

// ErrOtherKeys: the keys of this database's folders lie in another store.
var ErrOtherKeys = errors.New("the folder keys belong to another database")

// KeyStore names the store in which the keys of the folders lie, "" when none was ever used.
func (q *Queries) KeyStore(ctx context.Context) (string, error) {
	ids, err := q.storeFolderKeys(ctx)
	if err != nil && strings.Contains(err.Error(), "no such table") {
		return "", nil // a copy from before folders had keys, which is brought up to date when it is opened
	}
	if err != nil {
		return "", fmt.Errorf("asking where the folder keys lie: %w", err)
	}
	if len(ids) == 0 {
		return "", nil
	}
	return ids[0], nil
}

// BindKeyStore notes in which store the keys of the folders lie, for good.
func (d *DB) BindKeyStore(ctx context.Context, id string) error {
	return d.Tx(ctx, func(q *Queries) error {
		bound, err := q.KeyStore(ctx)
		switch {
		case err != nil:
			return err
		case bound == "":
			return q.storeSetFolderKeys(ctx, id)
		case bound != id:
			return ErrOtherKeys
		}
		return nil
	})
}

// Keyless lists the folders of which something is sealed and whose keys a store lacks.
func (q *Queries) Keyless(ctx context.Context, store seal.Store) (keyless []string, err error) {
	const size = 500
	for after := ""; ; {
		sealed, err := q.FolderSealedFollowing(ctx, FolderSealedFollowingParams{After: after, Size: size})
		if err != nil {
			return nil, fmt.Errorf("listing the folders: %w", err)
		}
		lacks, err := store.Lacks(ctx, sealed)
		if err != nil {
			return nil, fmt.Errorf("looking for the folders' keys: %w", err)
		}
		keyless = append(keyless, lacks...)
		if len(sealed) < size {
			return keyless, nil
		}
		after = sealed[len(sealed)-1]
	}
}

// DestroyKeyKind is the kind of the jobs that destroy the keys of closed folders. FolderDelete writes them.
const DestroyKeyKind = "seal.destroy"

type destruction struct {
	FolderID string `json:"folder_id"`
}

// DestroyKey does such a job. A folder that is there all the same keeps its key: so it is when an older copy of the
// database was put in place before the job was done.
func (d *DB) DestroyKey(ctx context.Context, payload []byte) error {
	var job destruction
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("reading which key is to be destroyed: %w", err)
	}
	exists, err := d.read.FolderExists(ctx, job.FolderID)
	if err != nil || exists {
		return err
	}
	return d.seals.folders.Destroy(ctx, job.FolderID)
}

// sealer seals or opens values of one folder. After the first error it does nothing more.
type sealer struct {
	ctx    context.Context
	with   *seals
	folder string
	key    *seal.Key
	err    error
}

func (q *Queries) sealer(ctx context.Context, folder string) *sealer {
	s := &sealer{ctx: ctx, folder: folder, err: errUnkeyed}
	if of, ok := q.db.(sealing); ok && of.seals().folders != nil {
		s.with, s.err = of.seals(), nil
	}
	return s
}

// opening is for reading. The key is asked for when there is something sealed.
func (q *Queries) opening(ctx context.Context, folder string) *sealer { return q.sealer(ctx, folder) }

// sealing is for writing, within a transaction. A folder from before there were keys gets one. errGone when there is
// none.
func (q *Queries) sealing(ctx context.Context, folder string) *sealer {
	s := q.sealer(ctx, folder)
	if s.err != nil {
		return s
	}
	s.key, s.err = s.with.folders.Key(ctx, folder)
	if errors.Is(s.err, seal.ErrNoKey) {
		s.key, s.err = q.firstKey(ctx, s.with.folders, folder, s.err)
	}
	return s
}

// firstKey makes the key of a folder for which nothing was sealed yet. One for which something was, and that has no
// key, gets none: what is there would never open again, and nobody would be told.
func (q *Queries) firstKey(
	ctx context.Context, folders *seal.Folders, folder string, missing error,
) (*seal.Key, error) {
	exists, err := q.FolderExists(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("looking a folder up: %w", err)
	}
	if !exists {
		return nil, errGone
	}
	_, err = q.FolderSeal(ctx, folder)
	if err == nil {
		return nil, missing
	}
	if !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("asking whether a folder is sealed: %w", err)
	}
	key, err := folders.Make(ctx, folder)
	if err != nil {
		return nil, err
	}
	return key, q.folderSealed(ctx, folderSealedParams{FolderID: folder})
}

// sealerRow is one row of the sealer's folder.
type sealerRow struct {
	*sealer
	table string
	row   []string
}

func (s *sealer) row(table string, row ...string) sealerRow { return sealerRow{s, table, row} }

func (r sealerRow) place(column string) seal.Place {
	return seal.Place{Folder: r.folder, Table: r.table, Column: column, Row: r.row}
}

func (r sealerRow) seal(column string, text *string) {
	if r.err == nil {
		*text, r.err = r.key.SealText(r.place(column), *text)
	}
}

func (r sealerRow) sealBytes(column string, bytes *[]byte) {
	if r.err == nil {
		*bytes, r.err = r.key.Seal(r.place(column), *bytes)
	}
}

func (r sealerRow) sum(column string, text *string) {
	if r.err == nil {
		*text = r.key.Sum(r.place(column), *text)
	}
}

func (r sealerRow) open(column string, text *string) {
	if r.err != nil || *text == "" {
		return
	}
	if !seal.IsSealedText(*text) {
		r.mayBePlain(column)
		return
	}
	if r.takeKey(); r.err == nil {
		*text, r.err = r.key.OpenText(r.place(column), *text)
	}
}

func (r sealerRow) openBytes(column string, bytes *[]byte) {
	if r.err != nil || len(*bytes) == 0 {
		return
	}
	if !seal.IsSealed(*bytes) {
		r.mayBePlain(column)
		return
	}
	if r.takeKey(); r.err == nil {
		*bytes, r.err = r.key.Open(r.place(column), *bytes)
	}
}

// SealBytes seals what a feature is to write into a column with bytes, of a row of a folder's, in a transaction;
// errGone when there is no such folder.
func (q *Queries) SealBytes(
	ctx context.Context, folder, table, column, row string, bytes []byte,
) ([]byte, error) {
	r := q.sealing(ctx, folder).row(table, row)
	r.sealBytes(column, &bytes)
	return bytes, r.err
}

// OpenBytes opens what a feature has read of such a column.
func (q *Queries) OpenBytes(
	ctx context.Context, folder, table, column, row string, sealed []byte,
) ([]byte, error) {
	r := q.opening(ctx, folder).row(table, row)
	r.openBytes(column, &sealed)
	return sealed, r.err
}

// mayBePlain bears a plain value while what was there before is being sealed.
func (r sealerRow) mayBePlain(column string) {
	if r.with.whole.Load() {
		r.err = fmt.Errorf("%w: %s.%s", errPlain, r.table, column)
	}
}

func (s *sealer) takeKey() {
	if s.key == nil {
		s.key, s.err = s.with.folders.Key(s.ctx, s.folder)
	}
}

// plainSum is what a column with sums holds of a text in rows from before, "" when there are none any more.
func (s *sealer) plainSum(text string) string {
	if s.err != nil || s.with.whole.Load() {
		return ""
	}
	return text
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
