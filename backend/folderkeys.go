package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"madoguchi/backend/door/office"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
)

// folderKeysAddress is where the keys of folders lie: as set, or beside the key file.
func folderKeysAddress(set string, file *keys.File) string {
	if set != "" {
		return set
	}
	return file.Path() + ".folders"
}

// openFolderKeys opens the store of folder keys of a portal's database and has the database seal with it. It makes the
// store only for a database that never had one: what is sealed does not open with keys made anew, so a store that is
// gone, another's or older than the database keeps the portal from starting.
func openFolderKeys(ctx context.Context, set string, file *keys.File, store *db.DB) (*seal.Folders, error) {
	folders, err := folderKeys(ctx, folderKeysAddress(set, file), file, store)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	return folders, nil
}

func folderKeys(ctx context.Context, address string, file *keys.File, store *db.DB) (_ *seal.Folders, err error) {
	bound, err := store.Read().KeyStore(ctx)
	if err != nil {
		return nil, err
	}
	take := seal.OpenStore
	if bound == "" {
		take = func(ctx context.Context, address string) (seal.Store, error) { return seal.MakeStore(ctx, address, "") }
	}
	kept, err := take(ctx, address)
	switch {
	case errors.Is(err, seal.ErrNoStore):
		return nil, fmt.Errorf("利用者フォルダの鍵が %s にありません。データベースの中身はその鍵で封をしてあり、"+
			"新しい鍵では開きません。もとの場所に戻すか、「portal keys put-back 控え」で控えから戻してください: %w",
			placeOf(address), err)
	case errors.Is(err, seal.ErrSameDatabase):
		return nil, fmt.Errorf("利用者フォルダの鍵は、データベースとは別のところに置いてください: %w", err)
	case err != nil:
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, kept.Close())
		}
	}()
	if bound != "" && bound != kept.ID() {
		return nil, fmt.Errorf("%s にあるのは、別のデータベースの利用者フォルダの鍵です。"+
			"このデータベースの鍵を戻してください: %w", placeOf(address), db.ErrOtherKeys)
	}
	if err := store.BindKeyStore(ctx, kept.ID()); err != nil {
		return nil, err
	}
	folders := seal.New(kept, file.Ring(keys.Folder), time.Now)
	if err := folders.Check(ctx); err != nil {
		return nil, fmt.Errorf("鍵ファイル %s では、利用者フォルダの鍵が開きません。"+
			"いちばん新しい鍵ファイルを戻してください: %w", file.Path(), err)
	}
	keyless, err := store.Read().Keyless(ctx, kept)
	if err != nil {
		return nil, err
	}
	if len(keyless) > 0 {
		return nil, fmt.Errorf("鍵のない利用者フォルダが%d件あります（%s）。鍵が古い控えのものなら、"+
			"「portal keys put-back 控え」でいちばん新しい控えから戻してください。データベースのほうを古い控えから"+
			"戻したのなら、そのあとに閉じられたフォルダです。「portal keys close-keyless」で閉じてください: %w",
			len(keyless), placeOf(address), seal.ErrNoKey)
	}
	return folders, store.SealWith(ctx, folders)
}

// placeOf is an address without the password that may stand in it.
func placeOf(address string) string {
	if db.IsPostgres(address) {
		return "PostgreSQL"
	}
	return address
}

// rewrapEvery is how often a portal looks whether the key file has a new key for the keys of folders.
const rewrapEvery = 5 * time.Second

// rewrapFolderKeys wraps the keys of folders anew when there is a new key to wrap them with, until ctx ends.
func rewrapFolderKeys(ctx context.Context, folders *seal.Folders) {
	for {
		count, err := folders.Rewrap(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			slog.ErrorContext(ctx, "wrapping the keys of folders anew", "cause", err)
		case count > 0:
			slog.InfoContext(ctx, "the keys of folders were wrapped anew", "folders", count)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(rewrapEvery):
		}
	}
}

// rewrapNow does it for `portal keys`, before keys leave the key file and after one has taken their place. There may be
// no folder keys yet.
func rewrapNow(ctx context.Context, address string, file *keys.File) error {
	kept, err := seal.OpenStore(ctx, address)
	if errors.Is(err, seal.ErrNoStore) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	defer kept.Close()
	_, err = seal.New(kept, file.Ring(keys.Folder), time.Now).Rewrap(ctx)
	return err
}

// copyFolderKeys does `portal keys copy DIRECTORY`.
func copyFolderKeys(ctx context.Context, address, dir string, out io.Writer) error {
	kept, err := seal.OpenStore(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	defer kept.Close()
	path, removed, err := seal.Copy(ctx, kept, dir, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "made %s; copies older than %d days removed: %d. Keep no copy for longer elsewhere: it holds the "+
		"keys of folders that were closed since\n", path, int(seal.CopiesKept.Hours()/24), removed)
	return nil
}

// putBackFolderKeys does `portal keys put-back FILE`: it puts keys of folders that are open and have none where they
// belong. Those of folders that were closed stay destroyed.
func putBackFolderKeys(ctx context.Context, address, copied string, store *db.DB, out io.Writer) error {
	bound, err := store.Read().KeyStore(ctx)
	if err != nil {
		return err
	}
	of, err := seal.ReadCopy(copied, func(seal.Wrapped) error { return nil })
	if err != nil {
		return err
	}
	if bound != of {
		return fmt.Errorf("%s: %w", copied, db.ErrOtherKeys)
	}
	kept, err := seal.MakeStore(ctx, address, of)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	defer kept.Close()
	if kept.ID() != bound {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", db.ErrOtherKeys)
	}
	keyless, err := store.Read().Keyless(ctx, kept)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, folder := range keyless {
		wanted[folder] = true
	}
	count := 0
	_, err = seal.ReadCopy(copied, func(w seal.Wrapped) error {
		if !wanted[w.Folder] {
			return nil
		}
		count++
		return kept.Add(ctx, w)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "keys put back: %d; folders that still have none: %d\n", count, len(keyless)-count)
	return nil
}

// closeKeyless does `portal keys close-keyless`: it closes folders whose keys were destroyed, as after an older copy of
// a PostgreSQL database was put in place.
func closeKeyless(ctx context.Context, address string, store *db.DB, out io.Writer) error {
	kept, err := seal.OpenStore(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	defer kept.Close()
	if err := store.BindKeyStore(ctx, kept.ID()); err != nil {
		return fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", err)
	}
	var closed int
	err = store.Erase(ctx, func(q *db.Queries) (err error) {
		closed, err = closeAllKeyless(ctx, q, kept)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "folders closed: %d\n", closed)
	return nil
}

func closeAllKeyless(ctx context.Context, q *db.Queries, kept seal.Store) (int, error) {
	keyless, err := q.Keyless(ctx, kept)
	if err != nil {
		return 0, err
	}
	for _, folder := range keyless {
		if err := office.Leave(ctx, q, folder, ""); err != nil {
			return 0, err
		}
		if _, err := q.SessionEndFolder(ctx, folder); err != nil {
			return 0, fmt.Errorf("ending the sessions of a folder without a key: %w", err)
		}
		if _, err := q.FolderDelete(ctx, folder); err != nil {
			return 0, fmt.Errorf("closing a folder without a key: %w", err)
		}
	}
	return len(keyless), nil
}
