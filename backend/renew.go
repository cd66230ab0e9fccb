package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"madoguchi/backend/store/keys"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

const renewDoes = `stolen            the key came to be known: the tree goes on under a new one
portal log renew lost-key                   the key file is gone, and this one was made and adopted: the tree goes on
                                            under its key, which the one before cannot sign
portal log renew lost --log-origin NAME     the tree is gone: one of another name begins with the lines that are there
                                            All portals stand still meanwhile. What is signed for everybody stands at
                                            …/log/handovers, and each page says loudly what has happened.`

var errRenewUsage = errors.New("say `portal log renew stolen`, lost-key or lost")

// renewLog has the log go on under another key. What breaks off is done to its end when it is said again.
func renewLog(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	c, flags, err := logFlags("renew", getenv, out, renewDoes)
	if err != nil {
		return err
	}
	lastFile := flags.String("last", "", "of a lost tree: a file with its last checkpoint, where somebody has a later "+
		"one than the database, which is an older copy")
	earlier := flags.String("handovers", "", "of a lost tree: a file with what stood at …/log/handovers, where the "+
		"database is a copy from before the key was renewed")
	if len(args) == 0 {
		flags.Usage()
		return errRenewUsage
	}
	renewals := map[ledger.Why]func(context.Context, renewal) error{
		ledger.Stolen: renewStolen, ledger.LostKey: renewLostKey,
		ledger.Lost: func(ctx context.Context, r renewal) error { return renewLost(ctx, r, *lastFile, *earlier) },
	}
	do, known := renewals[ledger.Why(args[0])]
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 || !known {
		return errRenewUsage
	}
	d, err := openExisting(ctx, c.database)
	if err != nil {
		return err
	}
	defer d.Close()
	file, err := openKeys(ctx, c.keys, c.database, d)
	if err != nil {
		return err
	}
	place, err := c.logPlace(file)
	if err != nil {
		return err
	}
	return do(ctx, renewal{store.Renewal{DB: d, Place: place, At: time.Now()}, *c, file, out})
}

// renewal is one with what the command was given.
type renewal struct {
	store.Renewal
	config config
	file   *keys.File
	out    io.Writer
}

// by has the key before sign, too.
func (r *renewal) by(before *ledger.Signer) { r.Before, r.Key, r.By = before, before.Key(), before }

// without says by what key others knew the log, when nobody can sign with it any more.
func (r *renewal) without(key string) error {
	known, err := ledger.NewLog(key)
	if err != nil {
		return errors.New("the database does not know by what key others know the log")
	}
	r.Before, r.Key, r.By = known, key, nil
	return nil
}

func renewStolen(ctx context.Context, r renewal) error {
	name, err := r.config.logName(ctx, r.Place)
	if err != nil {
		return err
	}
	// The key before is the one by which the log is shown. When it is still the current one, a new one is made.
	before, signer, err := shownBy(ctx, r, name)
	if err != nil {
		return err
	}
	if signer == nil {
		return errors.New("no key of the key file has signed the log; where the file with that key is gone for good, " +
			"say `portal log renew lost-key`")
	}
	if before.ID == r.file.Ring(keys.Log).Current().ID {
		if err := errors.Join(r.file.Replace(keys.Log), r.file.Check(ctx, r.DB)); err != nil {
			return err
		}
	}
	r.by(signer)
	return r.goOn(ctx, name)
}

// shownBy is the key of the key file by which the log is shown; none when it is none of them.
func shownBy(ctx context.Context, r renewal, name string) (keys.Key, *ledger.Signer, error) {
	for _, k := range r.file.Keys() {
		if k.Purpose != keys.Log {
			continue
		}
		signer, err := logSignerOf(name, k)
		if err != nil {
			return k, nil, err
		}
		shown, err := store.ShownBy(ctx, r.Place, signer)
		if err != nil || shown {
			return k, signer, err
		}
	}
	return keys.Key{}, nil, nil
}

func renewLostKey(ctx context.Context, r renewal) error {
	name, err := r.config.logName(ctx, r.Place)
	if err != nil {
		return err
	}
	if _, signer, err := shownBy(ctx, r, name); err != nil || signer != nil {
		return errors.Join(err, errors.New("the key file has the key by which the log is shown: nothing was changed"))
	}
	key, _, err := store.Known(ctx, r.DB, name)
	if err == nil {
		err = r.without(key)
	}
	if err != nil {
		return err
	}
	return r.goOn(ctx, name)
}

func (r renewal) goOn(ctx context.Context, name string) (err error) {
	if r.Now, err = logSigner(name, r.file); err != nil {
		return err
	}
	if err := r.GoOn(ctx); err != nil {
		return err
	}
	return r.tell()
}

func renewLost(ctx context.Context, r renewal, lastFile, earlierFile string) error {
	names, err := r.DB.Read().LedgerNames(ctx)
	if err != nil || len(names) != 1 {
		return errors.Join(err, fmt.Errorf("the database belongs to %d logs", len(names)))
	}
	before := names[0]
	key, _, err := store.Known(ctx, r.DB, before)
	if err != nil {
		return err
	}
	list, _, err := store.ReadHandovers(ctx, r.Place)
	if err != nil {
		return err
	}
	if len(list) > 0 { // it broke off; the database may be the new log's already
		h, _, err := ledger.OpenHandover(list[len(list)-1])
		if err != nil {
			return err
		}
		before, key = h.Last.Origin, h.Before
	}
	if r.config.logOrigin == "" || r.config.logOrigin == before {
		return fmt.Errorf("the lost log is called %q: give the new one another name (PORTAL_LOG_ORIGIN)", before)
	}
	own, err := logSigner(before, r.file)
	if err == nil {
		r.Now, err = logSigner(r.config.logOrigin, r.file)
	}
	if err != nil {
		return err
	}
	if r.by(own); key != "" && key != own.Key() { // the key file is lost, too
		if err := r.without(key); err != nil {
			return err
		}
	}
	if lastFile != "" {
		signed, err := os.ReadFile(lastFile)
		if err != nil {
			return fmt.Errorf("reading the last checkpoint: %w", err)
		}
		last, err := ledger.OpenCheckpoint(string(signed), r.Before, nil)
		if err != nil {
			return fmt.Errorf("%s is no checkpoint of the lost log: %w", lastFile, err)
		}
		r.Last = &last
	}
	if earlierFile != "" {
		if r.Earlier, err = readEarlier(earlierFile, r.Key); err != nil {
			return err
		}
	}
	if err := r.BeginAnew(ctx); err != nil {
		return err
	}
	return r.tell()
}

// readEarlier reads handovers that lead to a key from each that was before it.
func readEarlier(path, to string) (list []string, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the earlier handovers: %w", err)
	}
	for _, signed := range list {
		h, _, err := ledger.OpenHandover(signed)
		if way, _ := ledger.Handed(list, h.Before, to); err != nil || way == nil {
			return nil, fmt.Errorf("%s does not tell how the lost log came to its key", path)
		}
	}
	return list, nil
}

func (r renewal) tell() error {
	signed := ""
	if r.By == nil {
		signed = "The key before has not signed that: people whose devices knew it are told so.\n"
	}
	_, err := fmt.Fprintf(r.out, "the log %s goes on under the key\n%s\n%s"+
		"Copy %s to the other instances, tell people of it in a notice, give the key to the witnesses, "+
		"and start the portals.\n", r.Now.Name(), r.Now.Key(), signed, r.file.Path())
	return err
}
