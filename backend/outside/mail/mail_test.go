package mail_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-smtp"

	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/jobs"
)

// server is a real mail server on a free port that keeps what it gets.
type server struct {
	mu       sync.Mutex
	refuses  bool
	to       []string
	messages [][]byte
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &smtpSession{s}, nil }

type smtpSession struct{ *server }

func (s *smtpSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *smtpSession) Reset()                               {}
func (s *smtpSession) Logout() error                        { return nil }
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no mailbox <" + to + ">"}
	}
	s.to = append(s.to, to)
	return nil
}
func (s *smtpSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, data)
	return err
}

func start(t *testing.T) (*server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	host := smtp.NewServer(s)
	go host.Serve(l)
	t.Cleanup(func() { host.Close() })
	return s, l.Addr().String()
}

var evening = time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC).UnixMilli()

func changed(language string) mail.Letter {
	return mail.Letter{
		Kind: mail.AccountChanged, Language: language, Token: "se+cret", At: evening,
		Until:   evening + (72 * time.Hour).Milliseconds(),
		Changes: []mail.Change{mail.AddressReplaced, mail.LoginMailOff},
	}
}

func TestMailArrives(t *testing.T) {
	kept, address := start(t)
	sender, err := mail.NewSender(address, "portal@example.jp", "https://portal.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		letter        mail.Letter
		subject, body string
	}{
		{
			mail.Letter{Kind: mail.ConfirmAddress, Language: "ja", Token: "se+cret"}, "【まどぐち】メールアドレスの確認",
			"https://portal.example.jp/account/confirm#token=se%2Bcret",
		},
		{
			mail.Letter{Kind: mail.ConfirmAddress, Language: "en", Token: "x"},
			"[Madoguchi] Please confirm", "for 24 hours",
		},
		{mail.Letter{Kind: mail.NoticeArrived, Language: "easy"}, "新(あたら)しい", "https://portal.example.jp/notice"},
		{mail.Letter{Kind: mail.LoggedIn, Language: "ja", At: evening}, "ログインのお知らせ", "2026年11月23日 00時30分"},
		{mail.Letter{Kind: mail.NoticeArrived, Language: "??"}, "新しいお知らせ", "/notice"},
		{changed("ja"), "登録内容の変更", "2026年11月26日 00時30分 までに次のページを開き"},
		{changed("ja"), "登録内容の変更", "\r\nhttps://portal.example.jp/account/undo#token=se%2Bcret\r\n"},
		{changed("??"), "登録内容の変更", "・登録されているメールアドレスが、このアドレスから別のアドレスに変わりました。\r\n・ログインのたび"},
		{changed("en"), "was changed", "* The mail at each login was switched off."},
		{changed("easy"), "変(か)わりました", "「元(もと)に もどす」"},
		{mail.Letter{Kind: mail.ChangeUndone, Language: "en", At: evening}, "undone", "23 November 2026, 00:30"},
	} {
		c.letter.To = "hanako@example.jp"
		if err := sender.Send(context.Background(), c.letter); err != nil {
			t.Fatal(err)
		}
		kept.mu.Lock()
		raw, to := kept.messages[len(kept.messages)-1], kept.to[len(kept.to)-1]
		kept.mu.Unlock()
		entity, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(entity.Body)
		if err != nil {
			t.Fatal(err)
		}
		subject, _ := entity.Header.Text("Subject")
		if to != "hanako@example.jp" || !strings.Contains(subject, c.subject) ||
			!strings.Contains(string(body), c.body) {
			t.Errorf("to %s: %q\n%s", to, subject, body)
		}
		if strings.Contains(subject+string(body), "{") {
			t.Errorf("something is not filled in: %q\n%s", subject, body)
		}
		if entity.Header.Get("Auto-Submitted") != "auto-generated" || entity.Header.Get("Message-Id") == "" ||
			entity.Header.Get("Date") == "" {
			t.Errorf("headers of %q", subject)
		}
	}
}

func TestDeadServerIsTriedAgainAndWrongLettersAreNot(t *testing.T) {
	sender, err := mail.NewSender("127.0.0.1:1", "portal@example.jp", "https://portal.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.SQLite(t)
	folder(t, d, "F1", "a@example.jp", 1)
	folder(t, d, "F2", "no address", 1)
	do := sender.Job(d)
	dead := do(context.Background(), []byte(`{"kind":"notice-arrived","folder_id":"F1"}`))
	if dead == nil || jobs.IsPermanent(dead) {
		t.Errorf("a dead server: %v", dead)
	}
	for _, payload := range []string{
		`{`, `{"kind":"unknown","folder_id":"F1"}`, `{"kind":"notice-arrived","folder_id":"F2"}`,
	} {
		if err := do(context.Background(), []byte(payload)); !jobs.IsPermanent(err) {
			t.Errorf("%s: %v", payload, err)
		}
	}
}

func folder(t *testing.T, d *db.DB, id, address string, confirmedAt int64) {
	t.Helper()
	foldertest.Create(t, d, db.FolderCreateParams{ID: id, MailAddress: address, Language: "en"})
	ctx := context.Background()
	err := d.Tx(ctx, func(q *db.Queries) error {
		_, err := q.FolderConfirmMail(ctx, db.FolderConfirmMailParams{
			ID: id, MailAddress: address, MailConfirmedAt: confirmedAt,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The address is the one of the moment of sending, and no job holds it.
func TestAQueuedLetterGoesToTheConfirmedAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		kept, address := start(t)
		sender, err := mail.NewSender(address, "portal@example.jp", "https://portal.example.jp")
		if err != nil {
			t.Fatal(err)
		}
		folder(t, d, "confirmed", "hanako@example.jp", 1)
		folder(t, d, "unconfirmed", "hanako@example.jp", 0)
		folder(t, d, "closed", "hanako@example.jp", 1)
		var queued []db.Job
		err = d.Tx(ctx, func(q *db.Queries) error {
			for _, id := range []string{"confirmed", "unconfirmed", "closed"} {
				if err := mail.Enqueue(ctx, q, id, mail.Letter{
					Kind: mail.LoggedIn, At: time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC).UnixMilli(),
				}); err != nil {
					return err
				}
				job, err := q.JobLease(ctx, db.JobLeaseParams{
					Until: time.Now().Add(time.Hour).UnixMilli(), Now: time.Now().UnixMilli(),
				})
				if err != nil {
					return err
				}
				queued = append(queued, job)
			}
			_, err := q.FolderDelete(ctx, "closed")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range queued {
			if strings.Contains(job.Payload, "example.jp") {
				t.Errorf("the job holds the address: %s", job.Payload)
			}
			if err := sender.Job(d)(ctx, []byte(job.Payload)); err != nil {
				t.Error(err)
			}
		}
		if len(kept.to) != 1 || kept.to[0] != "hanako@example.jp" ||
			!bytes.Contains(kept.messages[0], []byte("You logged in")) {
			t.Errorf("sent to %q: %s", kept.to, kept.messages)
		}
	})
}

// What a mail server answers is written to the log and kept with the job; whose mailbox it was about is not.
func TestAnErrorDoesNotNameTheAddress(t *testing.T) {
	kept, address := start(t)
	kept.refuses = true
	sender, err := mail.NewSender(address, "portal@example.jp", "https://portal.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	err = sender.Send(context.Background(), mail.Letter{
		Kind: mail.ConfirmAddress, To: "hanako@example.jp", Language: "ja", Token: "se+cret",
	})
	if err == nil || !strings.Contains(err.Error(), "no mailbox") || strings.Contains(err.Error(), "hanako") ||
		strings.Contains(err.Error(), "se+cret") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsAreNotQueued(t *testing.T) {
	for _, kind := range []mail.Kind{mail.ConfirmAddress, mail.AccountChanged} {
		if err := mail.Enqueue(context.Background(), nil, "F1", mail.Letter{Kind: kind}); err == nil {
			t.Errorf("the token of a %s would be kept in the queue", kind)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, good := range []string{"a@example.jp", "hanako.yamada+portal@mail.example.co.jp", "x_y-z@1.example.jp"} {
		if err := mail.CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "a", "@example.jp", "a@", "a@localhost", "a@b..jp", "a@-b.jp", "a b@example.jp",
		"a@example.jp\r\nBcc: x@example.jp", "A <a@example.jp>",
		"a@example.jp, b@example.jp", "花子@example.jp", "a@[127.0.0.1]", `"a"@example.jp`,
		strings.Repeat("a", 65) + "@example.jp", "a@" + strings.Repeat("b.", 130) + "jp",
	} {
		if mail.CheckAddress(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// Addresses that the large carriers gave out arrive, quoted as RFC 5321 wants them, and are as little named in errors
// as others.
func TestMailToAddressesOfTheOldCarriersArrives(t *testing.T) {
	kept, server := start(t)
	sender, err := mail.NewSender(server, "portal@example.jp", "https://portal.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	for address, wire := range map[string]string{
		"taro..yamada@docomo.ne.jp": `"taro..yamada"@docomo.ne.jp`, "hanako.@ezweb.ne.jp": `"hanako."@ezweb.ne.jp`,
		".jiro@docomo.ne.jp": `".jiro"@docomo.ne.jp`, "hanako.y@docomo.ne.jp": "hanako.y@docomo.ne.jp",
	} {
		letter := mail.Letter{Kind: mail.NoticeArrived, To: address, Language: "ja"}
		if err := sender.Send(t.Context(), letter); err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		kept.mu.Lock()
		raw := string(kept.messages[len(kept.messages)-1])
		to := kept.to[len(kept.to)-1]
		kept.mu.Unlock()
		if !strings.Contains(raw, "To: <"+wire+">") || to != address && to != wire {
			t.Errorf("%s went to %s\n%s", address, to, raw)
		}
		kept.mu.Lock()
		kept.refuses = true
		kept.mu.Unlock()
		local, _, _ := strings.Cut(address, "@")
		if err := sender.Send(t.Context(), letter); err == nil || strings.Contains(err.Error(), local) {
			t.Errorf("%s: %v", address, err)
		}
		kept.mu.Lock()
		kept.refuses = false
		kept.mu.Unlock()
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("a@example.jp")
	f.Add("a@example.jp\nBcc: b@example.jp")
	f.Fuzz(func(t *testing.T, address string) {
		if mail.CheckAddress(address) == nil && strings.ContainsAny(address, "\r\n \t<>,;\"") {
			t.Errorf("%q passes", address)
		}
	})
}
