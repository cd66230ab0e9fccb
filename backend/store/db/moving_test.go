package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
	"madoguchi/backend/store/seal/sealtest"
)

// onBoth runs a test on the address of a fresh SQLite file and of a fresh PostgreSQL database, both with the schema.
func onBoth(t *testing.T, test func(t *testing.T, driver, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite", filepath.Join(t.TempDir(), "portal.sqlite")) })
	t.Run("postgres", func(t *testing.T) { test(t, "pgx", dbtest.PostgresURL(t)) })
}

func opened(t *testing.T, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// beside is somebody else on the same database.
func beside(t *testing.T, driver, address string) *sql.DB {
	t.Helper()
	if driver == "sqlite" {
		address = "file:" + address + "?_pragma=busy_timeout(30000)&_txlock=immediate"
	}
	pool, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// plain writes a folder's rows as portals wrote them before folders had keys. Each text says where it stands.
func plain(t *testing.T, pool *sql.DB, id string, notices int) {
	t.Helper()
	tx, err := pool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(statement, args...); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	do(`INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, municipality_code, language, terms_version, opened_at,
		last_login_at, prior_login_at) VALUES ($1, $2, $3, 1, '131105', 'easy', '1', 1, 2, 3)`, id, "plain.name."+id,
		"plain.mail."+id+"@example.jp")
	do(`INSERT INTO preference (folder_id, name, value) VALUES ($1, 'mail.login', 'on'), ($1, 'mail.notice', 'off')`,
		id)
	do(`INSERT INTO mail_confirmation (token_hash, folder_id, address, expires_at) VALUES ($1, $2, $3, 9)`, "t"+id, id,
		"plain.confirm."+id)
	for position := range 2 {
		do(`INSERT INTO mail_change (folder_id, position, token_hash, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, language,
			changed_at, undone_at) VALUES ($1, $2, $3, $4, 1, TRUE, FALSE, 'en', 5, 0)`, id, position+1,
			fmt.Sprint("c", id, position), "plain.before."+id)
	}
	do(`INSERT INTO task (folder_id, id, event, place_code, number, title, due, done_at, added_at, same, remembered, event_day)
		VALUES ($1, 'k1', 'move', '131105', 'P0012', $2, '2027-01-01', 0, 1, '131105/P0012', $3, '2026-12-01'),
		($1, 'k2', '', '', '', $2, '', 7, 2, 'title/x', NULL, '')`, id, "plain.todo."+id, []byte("\x0aplain.along."+id))
	do(`INSERT INTO usage_line (folder_id, done_at, id, act, actor_id, subject_id, session) VALUES ($1, 1, 'u1', 'plain.act', $1, $1, 's')`,
		id)
	do(`INSERT INTO done_once (folder_id, actor_id, procedure, key, request, call_id, answered, answer, forgotten, done_at)
		VALUES ($1, $1, '/p', 'key', 'plain.request', 'call', TRUE, $2, FALSE, 1)`, id, []byte("\x0aplain.answer."+id))
	do(`INSERT INTO job (id, kind, payload, run_at, lease_until, attempts, last_error, dead_at, folder_id)
		VALUES ($1, 'mail', $2, 1, 0, 0, '', 0, $3)`, "j"+id, "plain.payload."+id, id)
	do(`INSERT INTO device (folder_id, id, token_hash, seed, name, issuer, serial, first_at, last_at)
		VALUES ($1, 'd1', $2, $3, 'plain.device', 'i', 's', 1, 2)`, id, "h"+id, []byte{0, 1, 2})
	for i := range notices {
		do(`INSERT INTO notice (folder_id, id, office_id, reference, title, body, action, action_due, action_url, sent_at, read_at)
			VALUES ($1, $2, 'nenkin', $3, $4, $5, $6, '', '', $7, 0)`, id, fmt.Sprintf("n%04d", i),
			fmt.Sprint(id, "-", i),
			fmt.Sprintf("plain.title.%s.%d", id, i), fmt.Sprintf("plain.body.%s.%d", id, i),
			[]string{"", "plain.action"}[i%2], i)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// reads says what of a folder that plain wrote is read otherwise than it was written.
func reads(ctx context.Context, q *db.Queries, id string, notices int) error {
	var failures []error
	want := func(what string, got, want any, err error) {
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			failures = append(failures, fmt.Errorf("%s of %s: %v, want %v, %w", what, id, got, want, err))
		}
	}
	f, err := q.FolderGet(ctx, id)
	want("folder", f, db.Folder{
		ID: id, DisplayName: "plain.name." + id, MailAddress: "plain.mail." + id + "@example.jp", MailConfirmedAt: 1,
		MunicipalityCode: "131105", Language: "easy", TermsVersion: "1", OpenedAt: 1, LastLoginAt: 2, PriorLoginAt: 3,
	}, err)
	m, err := q.FolderMailbox(ctx, id)
	want("mailbox", m, db.FolderMailboxRow{MailAddress: f.MailAddress, Language: "easy"}, err)
	p, err := q.FolderPreferences(ctx, id)
	want("preferences", p, []db.FolderPreferencesRow{
		{Name: "mail.login", Value: "on"}, {Name: "mail.notice", Value: "off"},
	},
		err)
	confirmations, err := q.AccountMailConfirmations(ctx, id)
	want("confirmations", confirmations,
		[]db.AccountMailConfirmationsRow{{Address: "plain.confirm." + id, ExpiresAt: 9}}, err)
	confirmation, err := q.AccountMailConfirmation(ctx, "t"+id)
	want("confirmation", confirmation.Address, "plain.confirm."+id, err)
	changes, err := q.AccountMailChanges(ctx, id)
	want("changes", len(changes), 2, err)
	change, err := q.AccountMailChangeByToken(ctx, "c"+id+"1")
	want("change", change.MailAddress+" "+change.Language, "plain.before."+id+" en", err)
	tasks, err := q.TaskList(ctx, id)
	want("tasks", len(tasks), 2, err)
	for _, task := range tasks {
		if task.ID == "k1" {
			want("task", fmt.Sprint(task.Event, task.PlaceCode, task.Number, task.Title, task.Due, task.EventDay,
				string(task.Remembered)),
				"move131105P0012plain.todo."+id+"2027-01-012026-12-01\x0aplain.along."+id, nil)
		}
	}
	acts, err := q.ActsOfFolder(ctx, id)
	want("history", acts, []db.ActsOfFolderRow{{DoneAt: 1, Act: "plain.act", ActorID: id, SubjectID: id}}, err)
	once, err := q.OnceFind(ctx, db.OnceFindParams{FolderID: id, ActorID: id, Procedure: "/p", Key: "key"})
	want("answer", fmt.Sprint(once.Request, once.Answered, string(once.Answer)),
		"plain.requesttrue\x0aplain.answer."+id, err)
	devices, err := q.DeviceList(ctx, id)
	want("devices", len(devices), 1, err)
	all, err := q.NoticesOfFolder(ctx, id)
	want("notices", len(all), notices, err)
	for i, n := range all {
		want("notice", n.Title+" "+n.Body+" "+n.Action, fmt.Sprintf("plain.title.%s.%d plain.body.%[1]s.%d %s", id, i,
			[]string{"", "plain.action"}[i%2]), nil)
	}
	asking, err := q.NoticeListActions(ctx, db.NoticeListActionsParams{
		FolderID: id, Before: 1 << 40, Today: "2026-01-01", Size: 1000,
	})
	want("what notices ask for", len(asking), notices/2, err)
	return errors.Join(failures...)
}

// bare counts what is plain in the sealed columns of the database itself.
func bare(t *testing.T, pool *sql.DB) (count int) {
	t.Helper()
	for _, table := range seal.Tables {
		for column, form := range table.Sealed {
			marks := map[seal.Form]any{seal.Text: "\x01", seal.Summed: "\x02", seal.Bytes: []byte{0}}
			none := "''"
			if form == seal.Bytes {
				none = "$2"
			}
			args := []any{marks[form]}
			if form == seal.Bytes {
				args = append(args, []byte{})
			}
			var n int
			err := pool.QueryRow(fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s <> %s AND SUBSTR(%[2]s, 1, 1) <> $1 "+
				"AND %s IS NOT NULL",
				table.Name, column, none, table.Folder), args...).Scan(&n)
			if err != nil {
				t.Fatalf("%s.%s: %v", table.Name, column, err)
			}
			count += n
		}
	}
	return count
}

func many(n int) string { return fmt.Sprintf("F%03d", n) }

// sized is how many notices the nth folder has: one has more than are sealed at once.
func sized(n int) int {
	if n == 1 {
		return 450
	}
	return n % 4
}

// While what was there before is sealed, all of it is read as it was, and people go on writing.
func TestWhatWasThereBeforeIsSealedWhileThePortalRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, driver, address string) {
		d := opened(t, address)
		pool := beside(t, driver, address)
		const people = 120
		for n := range people {
			plain(t, pool, many(n), sized(n))
		}
		if bare(t, pool) == 0 {
			t.Fatal("nothing is plain: this test shows nothing")
		}
		dbtest.Seal(t, d)
		ctx, stop := context.WithCancel(t.Context())
		var going sync.WaitGroup
		defer going.Wait()
		defer stop()
		// What is written before a folder's turn comes is sealed from the first.
		writes(t, d, many(people-1))
		going.Go(func() { d.SealEarlier(ctx) })
		for round, sealed := 0, false; !sealed; round++ {
			for n := range people - 1 {
				if err := reads(ctx, d.Read(), many(n), sized(n)); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
			}
			note, err := d.Read().StoreNote(ctx, "sealed")
			if err != nil {
				t.Fatal(err)
			}
			sealed = note == 1
			if !sealed && round < 40 {
				foldertest.Open(t, d, fmt.Sprint("new", round))
			}
		}
		if n := bare(t, pool); n > 0 {
			t.Errorf("%d values are plain", n)
		}
		// The same is not remembered twice.
		added := int64(-1)
		err := d.Tx(ctx, func(q *db.Queries) (err error) {
			added, err = q.TaskAdd(ctx, db.TaskAddParams{
				FolderID: many(2), ID: "again", Title: "t", Same: "131105/P0012",
			})
			return err
		})
		if err != nil || added != 0 {
			t.Errorf("remembered again: %d, %v", added, err)
		}
		// From now on a plain value where a sealed one belongs is somebody else's work.
		if _, err := pool.Exec("UPDATE folder SET display_name = 'plain' WHERE id = $1", many(3)); err != nil {
			t.Fatal(err)
		}
		until(t, "a plain name is refused", func() bool {
			_, err := d.Read().FolderGet(ctx, many(3))
			return err != nil && strings.Contains(err.Error(), "is to be sealed")
		})
	})
}

// writes has somebody with plain rows write some of everything, and reads it again.
func writes(t *testing.T, d *db.DB, id string) {
	t.Helper()
	ctx := t.Context()
	added := int64(-1)
	err := d.Tx(ctx, func(q *db.Queries) (err error) {
		_, err = q.FolderUpdate(ctx, db.FolderUpdateParams{
			ID: id, DisplayName: "new", MailAddress: "new@example.jp", MunicipalityCode: "011002", Language: "ja",
		})
		if err != nil {
			return err
		}
		if added, err = q.TaskAdd(ctx, db.TaskAddParams{
			FolderID: id, ID: "same", Title: "t", Same: "131105/P0012",
		}); err != nil {
			return err
		}
		return q.ActNote(ctx, db.ActNoteParams{FolderID: id, CallID: "new", Act: "new", DoneAt: 9})
	})
	f, read := d.Read().FolderGet(ctx, id)
	tasks, listed := d.Read().TaskList(ctx, id)
	if err := errors.Join(err, read, listed); err != nil || f.DisplayName != "new" || added != 0 || len(tasks) != 2 {
		t.Errorf("%v, %d added, %d tasks, %v", f, added, len(tasks), err)
	}
}

// A value that somebody moved to another row, column or folder of the database is refused.
func TestMovedCiphertextsAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, driver, address string) {
		d := opened(t, address)
		dbtest.Seal(t, d)
		pool := beside(t, driver, address)
		ctx := t.Context()
		foldertest.Open(t, d, "F1", "F2")
		err := d.Tx(ctx, func(q *db.Queries) error {
			for _, id := range []string{"F1", "F2"} {
				for _, n := range []string{"a", "b"} {
					if _, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
						FolderID: id, ID: n, OfficeID: "o", Reference: id + n, Title: "title " + id + n, Body: "body",
					}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		get := func(folder, id string) error {
			_, err := d.Read().NoticeGet(ctx, db.NoticeGetParams{FolderID: folder, ID: id})
			return err
		}
		for what, statement := range map[string]string{
			"row": `UPDATE notice SET title = (SELECT title FROM notice AS n WHERE n.folder_id = 'F1' AND n.id = 'b')
				WHERE folder_id = 'F1' AND id = 'a'`,
			"column": `UPDATE notice SET title = body WHERE folder_id = 'F1' AND id = 'a'`,
			"folder": `UPDATE notice SET title = (SELECT title FROM notice AS n WHERE n.folder_id = 'F2' AND n.id = 'a')
				WHERE folder_id = 'F1' AND id = 'a'`,
			"table": `UPDATE notice SET title = (SELECT display_name FROM folder WHERE folder.id = 'F1')
				WHERE folder_id = 'F1' AND id = 'a'`,
		} {
			if err := get("F1", "a"); err != nil {
				t.Fatal(err)
			}
			var kept string
			err := pool.QueryRow("SELECT title FROM notice WHERE folder_id = 'F1' AND id = 'a'").Scan(&kept)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pool.Exec(statement); err != nil {
				t.Fatal(err)
			}
			if err := get("F1", "a"); !errors.Is(err, seal.ErrBroken) {
				t.Errorf("from another %s: %v", what, err)
			}
			if err := get("F1", "b"); err != nil {
				t.Errorf("the other row, too: %v", err)
			}
			if _, err := pool.Exec("UPDATE notice SET title = $1 WHERE folder_id = 'F1' AND id = 'a'",
				kept); err != nil {
				t.Fatal(err)
			}
		}
		// A whole row that was given to another folder.
		if _, err := pool.Exec(
			"UPDATE notice SET folder_id = 'F2', id = 'c' WHERE folder_id = 'F1' AND id = 'a'",
		); err != nil {
			t.Fatal(err)
		}
		if err := get("F2", "c"); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("another's notice: %v", err)
		}
	})
}

// A folder whose key is lost gets no new one: what is there stays what it is, and nothing is written beside it.
func TestALostKeyIsNotMadeAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, kept := t.Context(), sealtest.NewStore()
		if err := d.SealWith(ctx, seal.New(kept, sealtest.NewWrapping(), time.Now)); err != nil {
			t.Fatal(err)
		}
		foldertest.Open(t, d, "F1", "F2")
		// nothing is held open
		if err := d.SealWith(ctx, seal.New(kept, sealtest.NewWrapping(), time.Now)); err != nil {
			t.Fatal(err)
		}
		if err := kept.Remove(ctx, "F1"); err != nil {
			t.Fatal(err)
		}
		err := d.Tx(ctx, func(q *db.Queries) error {
			_, err := q.FolderUpdate(ctx, db.FolderUpdateParams{ID: "F1", DisplayName: "new"})
			return err
		})
		if !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("writing: %v", err)
		}
		if _, err := d.Read().FolderGet(ctx, "F1"); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("reading: %v", err)
		}
		if _, err := kept.Get(ctx, "F1"); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("a key was made: %v", err)
		}
		keyless, err := d.Read().Keyless(ctx, kept)
		if err != nil || fmt.Sprint(keyless) != "[F1]" {
			t.Errorf("without a key: %v, %v", keyless, err)
		}
		// Of a folder that is gone nothing is written, and nobody is bothered.
		err = d.Tx(ctx, func(q *db.Queries) error {
			updated, err := q.FolderUpdate(ctx, db.FolderUpdateParams{ID: "nobody", DisplayName: "new"})
			if err == nil && updated != 0 {
				err = errors.New("it was written")
			}
			return errors.Join(err, q.ActNote(ctx, db.ActNoteParams{FolderID: "nobody", Act: "a", CallID: "c"}))
		})
		if err != nil {
			t.Errorf("nobody's: %v", err)
		}
	})
}

// sealer is another process on a database: it seals what was there before ("seal"), or opens and closes folders
// ("open"), until it is killed. It has said so many lines by now.
func sealer(t *testing.T, work, address, file string, lines int) (kill func() []string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program)
	c.Env = append(os.Environ(), "DB_TEST_SEALER="+work, "DB_TEST_ADDRESS="+address, "DB_TEST_KEYS="+file)
	out, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = out, os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() []string {
		_ = c.Process.Kill()
		_ = c.Wait()
		content, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		whole := content[:strings.LastIndexByte(string(content), '\n')+1]
		return strings.Fields(string(whole))
	}
	t.Cleanup(func() { kill(); out.Close() })
	until(t, "the other process works", func() bool {
		content, err := os.ReadFile(out.Name())
		return err == nil && strings.Count(string(content), "\n") >= lines
	})
	return kill
}

// asSealer is that process.
func asSealer(work string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, os.Getenv("DB_TEST_ADDRESS"))
	if err != nil {
		return err
	}
	folders, err := filed(ctx, os.Getenv("DB_TEST_KEYS"))
	if err != nil {
		return err
	}
	if err := d.SealWith(ctx, folders); err != nil {
		return err
	}
	fmt.Println("works")
	if work == "seal" {
		d.SealEarlier(ctx)
		return nil
	}
	for n := 0; ; n++ {
		id := fmt.Sprintf("P%d-%d", os.Getpid(), n)
		err := d.Tx(ctx, func(q *db.Queries) error { return q.FolderCreate(ctx, foldertest.Of(id)) })
		if err != nil {
			return err
		}
		fmt.Println("+" + id)
		if n%3 > 0 {
			continue
		}
		err = d.Erase(ctx, func(q *db.Queries) error {
			_, err := q.FolderDelete(ctx, id)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Println("-" + id)
	}
}

// filed are keys of folders in a file, wrapped by a key file beside it.
func filed(ctx context.Context, path string) (*seal.Folders, error) {
	file, err := keys.Open(path, time.Now)
	if err != nil {
		return nil, err
	}
	kept, err := seal.MakeStore(ctx, path+".folders", "")
	if err != nil {
		return nil, err
	}
	return seal.New(kept, file.Ring(keys.Folder), time.Now), nil
}

// Killed at any moment while it seals what was there before, nothing is lost, and the next goes on.
func TestSealingThatIsKilled(t *testing.T) {
	onBoth(t, func(t *testing.T, driver, address string) {
		d := opened(t, address)
		pool := beside(t, driver, address)
		const people = 60
		for n := range people {
			plain(t, pool, many(n), sized(n))
		}
		file := filepath.Join(t.TempDir(), "portal.keys")
		if _, err := keys.Make(file, time.Now); err != nil {
			t.Fatal(err)
		}
		ctx, before, between := t.Context(), bare(t, pool), 0
		for round := 0; ; round++ {
			kill := sealer(t, "seal", address, file, 1)
			left := bare(t, pool)
			until(t, "some more is sealed", func() bool {
				left = bare(t, pool)
				return left == 0 || left < before && round < 6
			})
			kill()
			left = bare(t, pool)
			if left > 0 {
				between++
			}
			folders, err := filed(ctx, file)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.SealWith(ctx, folders); err != nil {
				t.Fatal(err)
			}
			for n := range people {
				if err := reads(ctx, d.Read(), many(n), sized(n)); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
			}
			if err := folders.Close(); err != nil {
				t.Fatal(err)
			}
			if left == 0 {
				break
			}
			before = left
		}
		if between == 0 {
			t.Error("it was never killed in the middle: this test shows nothing")
		}
	})
}

// Killed at any moment between the two stores, every folder that is there has its key, and the keys of those that were
// closed are destroyed by who comes next.
func TestOpeningAndClosingThatIsKilled(t *testing.T) {
	onBoth(t, func(t *testing.T, driver, address string) {
		d := opened(t, address)
		file := filepath.Join(t.TempDir(), "portal.keys")
		if _, err := keys.Make(file, time.Now); err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		folders, err := filed(ctx, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SealWith(ctx, folders); err != nil {
			t.Fatal(err)
		}
		done := map[string]bool{} // whether it is there
		for round := range 12 {
			kill := sealer(t, "open", address, file, 3+round%4)
			time.Sleep(time.Duration(round) * time.Millisecond) // another moment each time
			for _, said := range kill()[1:] {
				done[said[1:]] = said[0] == '+'
			}
			if keyless, err := d.Read().Keyless(ctx, folders.Store()); err != nil || len(keyless) > 0 {
				t.Fatalf("round %d: without a key: %v, %v", round, keyless, err)
			}
		}
		destroyAll(t, d)
		for id, there := range done {
			f, err := d.Read().FolderGet(ctx, id)
			_, key := folders.Store().Get(ctx, id)
			gone := errors.Is(err, db.ErrNotFound)
			switch {
			// Of one that was being closed when the process was killed nobody was told.
			case there && !gone && (err != nil || f.DisplayName != id || key != nil):
				t.Errorf("%s: %v, its key: %v", id, err, key)
			case !there && !gone, gone && !errors.Is(key, seal.ErrNoKey):
				t.Errorf("%s was closed: %v, its key: %v", id, err, key)
			}
		}
		if len(done) < 12 {
			t.Errorf("only %d folders: this test shows nothing", len(done))
		}
	})
}

// destroyAll does the jobs that destroy keys.
func destroyAll(t *testing.T, d *db.DB) {
	t.Helper()
	for {
		var job db.Job
		err := d.Tx(t.Context(), func(q *db.Queries) (err error) {
			job, err = q.JobLease(t.Context(), db.JobLeaseParams{
				Until: time.Now().Add(time.Hour).UnixMilli(), Now: time.Now().Add(time.Minute).UnixMilli(),
			})
			return err
		})
		if errors.Is(err, db.ErrNotFound) {
			return
		}
		if err != nil || job.Kind != db.DestroyKeyKind {
			t.Fatal(job.Kind, err)
		}
		if err := d.DestroyKey(t.Context(), []byte(job.Payload)); err != nil {
			t.Fatal(err)
		}
	}
}
