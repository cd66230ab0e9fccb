package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
)

const jobsListed = 1000

// tendJobs does `portal jobs`: it lists the jobs given up, or has some tried again. What a job is about may be personal
// and is not shown.
func tendJobs(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("portal jobs", flag.ContinueOnError)
	flags.SetOutput(out)
	address := getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	flags.Usage = func() {
		fmt.Fprintln(
			out, "portal jobs [--database …]              lists the jobs given up\n"+
				"portal jobs [--database …] retry ID…    has them tried again; \"all\" stands for all that are listed",
		)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	store, err := openExisting(ctx, address)
	if err != nil {
		return err
	}
	defer store.Close()
	dead, err := jobs.Dead(ctx, store, jobsListed)
	if err != nil {
		return fmt.Errorf("listing the jobs given up: %w", err)
	}
	switch {
	case flags.NArg() == 0:
		return listJobs(out, dead)
	case flags.Arg(0) != "retry" || flags.NArg() == 1:
		return errors.New("say `portal jobs`, or `portal jobs retry ID…`")
	}
	ids := flags.Args()[1:]
	if len(ids) == 1 && ids[0] == "all" {
		ids = nil
		for _, j := range dead {
			ids = append(ids, j.ID)
		}
	}
	for _, id := range ids {
		found, err := jobs.Revive(ctx, store, id)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("no job given up has the id %q", id)
		}
	}
	fmt.Fprintf(out, "to be tried again: %d\n", len(ids))
	return nil
}

func listJobs(out io.Writer, dead []db.Job) error {
	if len(dead) == 0 {
		_, err := fmt.Fprintln(out, "no job was given up")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tKIND\tGIVEN UP\tATTEMPTS\tERROR")
	for _, j := range dead {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%q\n", j.ID, j.Kind, time.UnixMilli(j.DeadAt).Format(time.DateTime),
			j.Attempts, j.LastError)
	}
	return table.Flush()
}
