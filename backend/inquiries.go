package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"madoguchi/backend/feature/exchange"
	"madoguchi/backend/feature/inquiry"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const inquiriesUsage = `portal inquiries [settings] list            what waits for the operator, the oldest first
portal inquiries [settings] show NUMBER     one of them, whole; who looks (--as) and why (--why) the person reads in
                                            やりとり履歴
portal inquiries [settings] answer NUMBER   answers it with what is read from the standard input, until its end
portal inquiries [settings] close NUMBER    ends it
`

// tendInquiries does `portal inquiries`: the operator's side of お問い合わせ. A portal may run beside it.
func tendInquiries(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("portal inquiries", flag.ContinueOnError)
	flags.SetOutput(out)
	address := getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	keyFile := flags.String("keys", getenv("PORTAL_KEYS"), "the key file (PORTAL_KEYS)")
	folderKeys := flags.String("folder-keys", getenv("PORTAL_FOLDER_KEYS"), "the keys of folders (PORTAL_FOLDER_KEYS)")
	as := flags.String("as", "", "of show: the name or number by which the operator knows who looks")
	why := flags.String("why", "", "of show: why")
	flags.Usage = func() {
		fmt.Fprint(out, inquiriesUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := checkDatabase(address); err != nil {
		return err
	}
	store, err := db.Open(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer store.Close()
	file, err := openKeys(ctx, *keyFile, address, store)
	if err != nil {
		return err
	}
	if _, err := openFolderKeys(ctx, *folderKeys, file, store); err != nil {
		return err
	}
	desk := inquiry.New(store, time.Now)
	switch act, number := flags.Arg(0), flags.Arg(1); {
	case act == "list" && flags.NArg() == 1:
		return listInquiries(ctx, desk, out)
	case act == "show" && flags.NArg() == 2:
		return showInquiry(ctx, desk, number, exchange.Look{Who: *as, Why: *why}, out)
	case act == "answer" && flags.NArg() == 2:
		text, err := io.ReadAll(io.LimitReader(in, 64<<10))
		if err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		if err := desk.Answer(ctx, number, string(text)); err != nil {
			return fmt.Errorf("%s: %w", number, err)
		}
		fmt.Fprintf(out, "answered %s\n", number)
		return nil
	case act == "close" && flags.NArg() == 2:
		if err := desk.Close(ctx, number); err != nil {
			return fmt.Errorf("%s: %w", number, err)
		}
		fmt.Fprintf(out, "closed %s\n", number)
		return nil
	}
	flags.Usage()
	return errors.New("say what is to be done with the inquiries")
}

func japanese(ms int64) string { return time.UnixMilli(ms).In(clock.Japan).Format(time.DateTime) }

func listInquiries(ctx context.Context, desk *inquiry.Service, out io.Writer) error {
	list, err := desk.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		kind := "question"
		if one.GetKind() == portalv1.InquiryKind_INQUIRY_KIND_DISOWNED {
			kind = "disowned"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", one.GetNumber(), japanese(one.GetMovedAt()), kind, one.GetSubject())
	}
	return nil
}

func showInquiry(
	ctx context.Context, desk *inquiry.Service, number string, look exchange.Look, out io.Writer,
) error {
	if err := look.Check(); err != nil {
		return fmt.Errorf("%w: say --as NAME --why REASON; the person reads both", err)
	}
	look.What = "お問い合わせ " + number
	one, err := desk.Show(ctx, number, func(ctx context.Context, q *db.Queries, folder string) error {
		return exchange.Looked(ctx, q, folder, look, time.Now())
	})
	if err != nil {
		return fmt.Errorf("%s: %w", number, err)
	}
	state := strings.ToLower(strings.TrimPrefix(one.GetState().String(), "INQUIRY_STATE_"))
	fmt.Fprintf(out, "%s  %s  %s\n", one.GetNumber(), state, one.GetSubject())
	with := one.GetAttached()
	for _, line := range []string{with.GetCode(), with.GetPage(), with.GetState()} {
		if line != "" {
			fmt.Fprintf(out, "  | %s\n", strings.ReplaceAll(line, "\n", "\n  | "))
		}
	}
	for _, m := range one.GetMessages() {
		by := strings.ToLower(strings.TrimPrefix(m.GetBy().String(), "INQUIRY_WRITER_"))
		fmt.Fprintf(out, "\n%s  %s\n%s\n", japanese(m.GetWrittenAt()), by, m.GetText())
	}
	return nil
}
