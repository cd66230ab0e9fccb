package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"madoguchi/backend/store/seal"
)

// What folders held before there were keys is sealed while the portal runs: folder by folder, some rows a transaction.
// Each transaction leaves every row whole, plain or sealed, and both are read meanwhile; a process that ends in between
// has the next one begin again at the first folder that is not whole. Several portals may do it at once.

const (
	movedFolders = 100 // whose keys are made at once
	movedRows    = 200 // that a transaction seals
	movedAtOnce  = 8   // folders
	movedPause   = 20 * time.Millisecond
	movedAgain   = time.Minute
)

// SealEarlier seals what is still plain, until ctx ends or all is sealed.
func (d *DB) SealEarlier(ctx context.Context) {
	for !d.seals.whole.Load() {
		if err := d.sealAll(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sealing what was there before", "cause", err)
		}
		if d.seals.whole.Load() {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(movedAgain):
		}
	}
	<-ctx.Done()
}

// sealAll goes through all folders once, and notes that all is sealed when no folder is left.
func (d *DB) sealAll(ctx context.Context) error {
	for after, count := "", 0; ; {
		left, err := d.read.folderUnsealedFollowing(ctx, folderUnsealedFollowingParams{
			After: after, Size: movedFolders,
		})
		if err != nil {
			return fmt.Errorf("looking for folders to seal: %w", err)
		}
		if len(left) == 0 && after == "" {
			return d.allSealed(ctx)
		}
		if len(left) == 0 { // once more from the beginning, to find none
			slog.InfoContext(ctx, "what folders held was sealed", "folders", count)
			after, count = "", 0
			continue
		}
		if err := d.sealFolders(ctx, left); err != nil {
			return err
		}
		after, count = left[len(left)-1], count+len(left)
		select { // others want to write, too
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(movedPause):
		}
	}
}

// allSealed is for when no folder is left. Erase: what was plain is to stand in no file.
func (d *DB) allSealed(ctx context.Context) error {
	err := d.Erase(ctx, func(q *Queries) error {
		left, err := q.folderUnsealedFollowing(ctx, folderUnsealedFollowingParams{Size: 1})
		if err != nil || len(left) > 0 {
			return errors.Join(err, errMoved)
		}
		return q.storeAllSealed(ctx)
	})
	if err != nil {
		return fmt.Errorf("noting that all is sealed: %w", err)
	}
	d.seals.whole.Store(true)
	return nil
}

var errMoved = errors.New("a folder is left")

// sealFolders seals all that some folders hold. Their keys are made at once; those that have one keep it.
func (d *DB) sealFolders(ctx context.Context, folders []string) error {
	if d.seals.folders == nil {
		return errUnkeyed
	}
	var keyless []string
	for _, folder := range folders {
		_, err := d.read.FolderSeal(ctx, folder)
		if errors.Is(err, ErrNotFound) {
			keyless = append(keyless, folder)
		} else if err != nil {
			return fmt.Errorf("asking whether a folder is sealed: %w", err)
		}
	}
	if err := d.seals.folders.MakeAll(ctx, keyless); err != nil {
		return err
	}
	// Several at once, so that on SQLite they share commits.
	var all errgroup.Group
	all.SetLimit(movedAtOnce)
	for _, folder := range folders {
		all.Go(func() error {
			if err := d.sealFolder(ctx, folder); err != nil {
				return fmt.Errorf("sealing what the folder %s held: %w", folder, err)
			}
			return nil
		})
	}
	return all.Wait()
}

func (d *DB) sealFolder(ctx context.Context, folder string) error {
	key, err := d.seals.folders.Key(ctx, folder)
	if errors.Is(err, seal.ErrNoKey) {
		return nil // closed meanwhile; one that is not is told at the start
	}
	if err != nil {
		return err
	}
	for at := (moved{}); ; {
		var next moved
		err := d.Tx(ctx, func(q *Queries) (err error) {
			next, err = q.sealSome(ctx, key, folder, at)
			return err
		})
		if err != nil || next.table == len(seal.Tables) {
			return err
		}
		at = next
	}
}

// moved is how far the rows of a folder are sealed: up to a table of the list, and in it up to a row.
type moved struct {
	table int
	after []any
}

// sealSome seals what is plain in some rows of a folder, from a place on, and says up to where. When there is no more,
// the folder is whole.
func (q *Queries) sealSome(ctx context.Context, key *seal.Key, folder string, from moved) (moved, error) {
	room := movedRows
	for at := from; at.table < len(seal.Tables); at = (moved{table: at.table + 1}) {
		t := seal.Tables[at.table]
		if len(t.Sealed) == 0 {
			continue
		}
		if room == 0 {
			return at, nil
		}
		rows, err := q.plainRows(ctx, folder, t, at.after, room)
		if err != nil {
			return at, fmt.Errorf("%s: %w", t.Name, err)
		}
		for _, row := range rows {
			if err := q.sealRow(ctx, key, folder, t, row); err != nil {
				return at, fmt.Errorf("%s: %w", t.Name, err)
			}
		}
		if len(t.Row) > 0 && len(rows) == room {
			return moved{at.table, rows[room-1].id}, nil
		}
		room -= len(rows)
	}
	exists, err := q.FolderExists(ctx, folder)
	if err == nil && exists {
		err = q.folderSealed(ctx, folderSealedParams{FolderID: folder, Whole: true})
	}
	return moved{table: len(seal.Tables)}, err
}

// plainRow is a row as it stands: what tells it apart, and the columns that are to be sealed.
type plainRow struct {
	id    []any
	texts map[string]*string
	bytes map[string]*[]byte
}

func (q *Queries) plainRows(
	ctx context.Context, folder string, t seal.Table, after []any, size int,
) ([]plainRow, error) {
	columns := slices.Sorted(maps.Keys(t.Sealed))
	statement := fmt.Sprintf("SELECT %s FROM %s WHERE %s = $1", strings.Join(slices.Concat(t.Row, columns), ", "),
		t.Name, t.Folder)
	args := []any{folder}
	if len(after) > 0 {
		places := make([]string, len(after))
		for i, value := range after {
			kind := "TEXT"
			if _, number := value.(int64); number {
				kind = "BIGINT"
			}
			places[i] = fmt.Sprintf("CAST($%d AS %s)", i+2, kind)
			args = append(args, value)
		}
		statement += fmt.Sprintf(" AND (%s) > (%s)", strings.Join(t.Row, ", "), strings.Join(places, ", "))
	}
	if len(t.Row) > 0 {
		statement += fmt.Sprintf(" ORDER BY %s LIMIT $%d", strings.Join(t.Row, ", "), len(args)+1)
		args = append(args, size)
	}
	found, err := q.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var rows []plainRow
	for found.Next() {
		row := plainRow{id: make([]any, len(t.Row)), texts: map[string]*string{}, bytes: map[string]*[]byte{}}
		var into []any
		for i := range t.Row {
			into = append(into, &row.id[i])
		}
		for _, column := range columns {
			if t.Sealed[column] == seal.Bytes {
				row.bytes[column] = new([]byte)
				into = append(into, row.bytes[column])
				continue
			}
			row.texts[column] = new(string)
			into = append(into, row.texts[column])
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		for i, id := range row.id {
			if text, ok := id.([]byte); ok {
				row.id[i] = string(text)
			}
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

func (q *Queries) sealRow(ctx context.Context, key *seal.Key, folder string, t seal.Table, row plainRow) error {
	place := seal.Place{Folder: folder, Table: t.Name}
	for _, id := range row.id {
		place.Row = append(place.Row, fmt.Sprint(id))
	}
	var sets []string
	var args []any
	set := func(column string, value any) {
		args = append(args, value)
		sets = append(sets, fmt.Sprintf("%s = $%d", column, len(args)))
	}
	for _, column := range slices.Sorted(maps.Keys(row.texts)) {
		plain := *row.texts[column]
		place.Column = column
		switch {
		case t.Sealed[column] == seal.Summed:
			if !seal.IsSum(plain) {
				set(column, key.Sum(place, plain))
			}
		case plain != "" && !seal.IsSealedText(plain):
			sealed, err := key.SealText(place, plain)
			if err != nil {
				return err
			}
			set(column, sealed)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(row.bytes)) {
		plain := *row.bytes[column]
		place.Column = column
		if len(plain) > 0 && !seal.IsSealed(plain) {
			sealed, err := key.Seal(place, plain)
			if err != nil {
				return err
			}
			set(column, sealed)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	args = append(args, folder)
	where := []string{fmt.Sprintf("%s = $%d", t.Folder, len(args))}
	for i, column := range t.Row {
		args = append(args, row.id[i])
		where = append(where, fmt.Sprintf("%s = $%d", column, len(args)))
	}
	_, err := q.db.ExecContext(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.Name, strings.Join(sets, ", "),
		strings.Join(where, " AND ")), args...)
	return err
}
