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
portal log renew lost --log-origin NAME     the tree is gone: one of another name begins with the lines that are there
                                            All portals stand still meanwhile. What is signed for everybody stands at
                                            …/log/handovers, and each page says loudly what has happened.`

// renewLog has the log go on under another key. What breaks off is done to its end when it is said again.
func renewLog(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	c, flags, err := logFlags("renew", getenv, out, renewDoes)
	if err != nil {
		return err
	}
	lastFile := flags.String("last", "", "of a lost tree: a file with its last checkpoint, where somebody has it")
	earlier := flags.String("handovers", "",
		"of a lost tree: a file with what stood at …/log/handovers, where somebody has it: else devices that know "+
			"only earlier keys hear of no reason")
	if len(args) == 0 {
		flags.Usage()
		return errors.New("say `portal log renew stolen`, or lost")
	}
	why := ledger.Why(args[0])
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 || why != ledger.Stolen && why != ledger.Lost {
		return errors.New("say `portal log renew stolen`, or lost")
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
	r := store.Renewal{DB: d, Place: place, At: time.Now()}
	if why == ledger.Stolen {
		return renewStolen(ctx, *c, file, r, out)
	}
	return renewLost(ctx, *c, file, r, *lastFile, *earlier, out)
}

func renewStolen(ctx context.Context, c config, file *keys.File, r store.Renewal, out io.Writer) error {
	name, err := c.logName(ctx, r.Place)
	if err != nil {
		return err
	}
	// The key before is the one by which the log is shown. When it is still the current one, a new one is made.
	current := file.Ring(keys.Log).Current()
	for _, k := range file.Keys() {
		if k.Purpose != keys.Log {
			continue
		}
		if r.Before, err = logSignerOf(name, k); err != nil {
			return err
		}
		shown, err := store.ShownBy(ctx, r.Place, r.Before)
		if err != nil {
			return err
		}
		if !shown {
			continue
		}
		if k.ID == current.ID {
			if err := errors.Join(file.Replace(keys.Log), file.Check(ctx, r.DB)); err != nil {
				return err
			}
		}
		if r.Now, err = logSigner(name, file); err != nil {
			return err
		}
		if err := r.GoOn(ctx); err != nil {
			return err
		}
		return tellRenewed(r, file, out)
	}
	return errors.New("no key of the key file has signed the log")
}

func renewLost(
	ctx context.Context, c config, file *keys.File, r store.Renewal, lastFile, earlierFile string, out io.Writer,
) error {
	names, err := r.DB.Read().LedgerNames(ctx)
	if err != nil || len(names) != 1 {
		return errors.Join(err, fmt.Errorf("the database belongs to %d logs", len(names)))
	}
	before := names[0]
	list, _, err := store.ReadHandovers(ctx, r.Place)
	if err != nil {
		return err
	}
	if len(list) > 0 { // it broke off; the database may be the new log's already
		h, _, err := ledger.OpenHandover(list[len(list)-1])
		if err != nil {
			return err
		}
		before = h.Last.Origin
	}
	if c.logOrigin == "" || c.logOrigin == before {
		return fmt.Errorf("the lost log is called %q: give the new one another name (PORTAL_LOG_ORIGIN)", before)
	}
	r.Before, err = logSigner(before, file)
	if err == nil {
		r.Now, err = logSigner(c.logOrigin, file)
	}
	if err != nil {
		return err
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
		if r.Earlier, err = readEarlier(earlierFile, r.Before.Key()); err != nil {
			return err
		}
	}
	if err := r.BeginAnew(ctx); err != nil {
		return err
	}
	return tellRenewed(r, file, out)
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

func tellRenewed(r store.Renewal, file *keys.File, out io.Writer) error {
	_, err := fmt.Fprintf(out, "the log %s goes on under the key\n%s\n"+
		"Copy %s to the other instances, tell people of it in a notice, give the key to the witnesses, "+
		"and start the portals.\n", r.Now.Name(), r.Now.Key(), file.Path())
	return err
}
