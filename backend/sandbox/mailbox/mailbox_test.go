package mailbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"madoguchi/backend/sandbox/mailbox"
)

// serve starts the mail server on a free port.
func serve(t *testing.T, dir string) (*mailbox.Box, string) {
	t.Helper()
	box, err := mailbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- box.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return box, listener.Addr().String()
}

func TestMailIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	box, address := serve(t, dir)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	m := gomail.NewMsg()
	if err := m.FromFormat("まどぐち", "portal@example.jp"); err != nil {
		t.Fatal(err)
	}
	if err := m.To("hanako@example.jp"); err != nil {
		t.Fatal(err)
	}
	m.Subject("メールアドレスの確認をお願いします、山田花子さん（とても長い件名でも折り返しで壊れないこと）")
	text := "下のリンクを開いてください。\n\nhttp://localhost:8080/mail/confirm?token=abc_-123。\n\n有効期限は24時間です。\n"
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, "<p>HTML</p>")
	var number int
	if _, err := fmt.Sscan(port, &number); err != nil {
		t.Fatal(err)
	}
	client, err := gomail.NewClient(host, gomail.WithPort(number), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSend(m); err != nil {
		t.Fatal(err)
	}
	all := box.All()
	if len(all) != 1 {
		t.Fatalf("%d mails kept", len(all))
	}
	got := all[0]
	want := mailbox.Mail{
		From: "まどぐち <portal@example.jp>", To: "hanako@example.jp",
		Subject: "メールアドレスの確認をお願いします、山田花子さん（とても長い件名でも折り返しで壊れないこと）",
		Text:    text, Links: []string{"http://localhost:8080/mail/confirm?token=abc_-123"},
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool {
		name := p.String()
		return name == "ID" || name == "ReceivedAt" || name == "Raw"
	}, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("(-sent +kept)\n%s", diff)
	}
	if found, ok := box.Get(got.ID); !ok || found.Subject != want.Subject {
		t.Error("the mail is not found by its identifier")
	}

	again, err := mailbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	reread := again.All()
	if len(reread) != 1 || reread[0].ID != got.ID || reread[0].Text != text ||
		!reread[0].ReceivedAt.Equal(got.ReceivedAt.Truncate(time.Microsecond)) {
		t.Errorf("after a restart: %+v", reread)
	}
}

func TestCharsetsOfJapaneseMail(t *testing.T) {
	for name, raw := range map[string]string{
		"iso-2022-jp": "Subject: =?ISO-2022-JP?B?GyRCJCpDTiRpJDsbKEI=?=\r\n" +
			"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n\x1b$B$*CN$i$;\x1b(B\r\n",
		"utf-8": "Subject: =?UTF-8?B?44GK55+l44KJ44Gb?=\r\nContent-Type: text/plain; charset=utf-8\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n44GK55+l44KJ44Gb\r\n",
		"html alone": "Subject: =?UTF-8?B?44GK55+l44KJ44Gb?=\r\nContent-Type: text/html; charset=utf-8\r\n\r\nお知らせ",
	} {
		t.Run(name, func(t *testing.T) {
			m := mailbox.Parse([]byte(raw), mailbox.Envelope{})
			if m.Subject != "お知らせ" || strings.TrimSpace(m.Text) != "お知らせ" || m.Trouble != "" {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	box, address := serve(t, t.TempDir())
	body := bytes.Repeat([]byte("0123456789012345678901234567890123456789012345678901234567890123456789\r\n"),
		mailbox.MaxMailBytes/70)
	err := smtp.SendMail(address, nil, "a@example.jp", []string{"b@example.jp"},
		append([]byte("Subject: x\r\n\r\n"), body...))
	if err == nil || len(box.All()) != 0 {
		t.Errorf("a mail of %d bytes: %v, %d kept", len(body), err, len(box.All()))
	}
	if err := smtp.SendMail(address, nil, "a@example.jp", []string{"b@example.jp"},
		[]byte("Subject: small\r\n\r\nx\r\n")); err != nil {
		t.Errorf("the next mail: %v", err)
	}
}

func TestOldestGoesFirst(t *testing.T) {
	dir := t.TempDir()
	box, err := mailbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range mailbox.MaxMails + 3 {
		if _, err := box.Add(fmt.Appendf(nil, "Subject: %d\r\n\r\n", i), mailbox.Envelope{}); err != nil {
			t.Fatal(err)
		}
	}
	all := box.All()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != mailbox.MaxMails || all[0].Subject != "3" || len(files) != mailbox.MaxMails {
		t.Errorf("%d kept, %d files, the oldest is %s", len(all), len(files), all[0].Subject)
	}
}

// Large mails push older ones out before there are too many, and small ones come in again.
func TestAllMailsTogetherAreBounded(t *testing.T) {
	dir := t.TempDir()
	box, err := mailbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	large := append([]byte("Subject: large\r\n\r\n"), bytes.Repeat([]byte("x\r\n"), (mailbox.MaxMailBytes-100)/3)...)
	for range 34 {
		if _, err := box.Add(large, mailbox.Envelope{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := box.Add([]byte("Subject: small\r\n\r\n"), mailbox.Envelope{}); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, m := range box.All() {
		total += len(m.Raw)
	}
	files, err := os.ReadDir(dir)
	if all := box.All(); err != nil || total > 64<<20 || len(all) < 30 || len(files) != len(all) ||
		all[len(all)-1].Subject != "small" {
		t.Errorf("%d mails of %d MB in %d files, %v", len(all), total>>20, len(files), err)
	}
}

func TestPiecesEndLinksWhereTheyEnd(t *testing.T) {
	for text, want := range map[string][]mailbox.Piece{
		"見て（https://example.jp/a?b=1）。": {{Text: "見て（"}, {Text: "https://example.jp/a?b=1", Link: true}, {Text: "）。"}},
		"See http://localhost:8080/x.":  {{Text: "See "}, {Text: "http://localhost:8080/x", Link: true}, {Text: "."}},
		"javascript:alert(1)":           {{Text: "javascript:alert(1)"}},
		"<a href='https://e.jp'>":       {{Text: "<a href='"}, {Text: "https://e.jp", Link: true}, {Text: "'>"}},
		"":                              nil,
	} {
		if diff := cmp.Diff(want, mailbox.Pieces(text)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: =?ISO-2022-JP?B?GyRCJCpDTiRpJDsbKEI=?=\r\n\r\nx"))
	f.Add(
		[]byte("From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n" +
			"<script>\n--b\nContent-Disposition: attachment; filename=\"a\u202e.exe\"\n\nx\n--b--"),
	)
	f.Add([]byte("Content-Transfer-Encoding: base64\n\n!!!"))
	f.Add([]byte("\x00\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mailbox.Parse(raw, mailbox.Envelope{From: string(raw), To: []string{string(raw)}})
		for _, s := range []string{m.From, m.To, m.Subject, m.Text, m.Trouble} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x1b\u202e\r") {
				t.Fatalf("unsafe text %q", s)
			}
		}
		for _, l := range m.Links {
			if !strings.HasPrefix(l, "http://") && !strings.HasPrefix(l, "https://") {
				t.Fatalf("link %q", l)
			}
		}
		var joined strings.Builder
		for _, p := range mailbox.Pieces(m.Text) {
			joined.WriteString(p.Text)
		}
		if joined.String() != m.Text {
			t.Fatal("the pieces are not the text")
		}
		if _, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzPieces(f *testing.F) {
	f.Add("開いてください: https://example.jp/a?b=c。\nhttp://localhost:8080/x.")
	f.Add("https://https://")
	f.Fuzz(func(t *testing.T, text string) {
		whole := ""
		for _, p := range mailbox.Pieces(text) {
			whole += p.Text
			if p.Link && !strings.HasPrefix(p.Text, "http") {
				t.Errorf("%q is a link in %q", p.Text, text)
			}
		}
		if whole != text {
			t.Errorf("%q became %q", text, whole)
		}
	})
}
