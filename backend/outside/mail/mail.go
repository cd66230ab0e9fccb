// Package mail writes the portal's mails, in three languages, and hands them to the mail server. A mail says that
// something is there, never what: notices are read in the portal. It keeps nothing, and does not decide who gets mail.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/proto/rule"
)

// Kind says what a mail is about.
type Kind string

const (
	ConfirmAddress Kind = "confirm-address" // Token is needed
	LoggedIn       Kind = "logged-in"       // At is the time of the login
	NoticeArrived  Kind = "notice-arrived"
	AnswerArrived  Kind = "answer-arrived"
	AccountChanged Kind = "account-changed" // Token, Changes, At and Until are needed
	ChangeUndone   Kind = "change-undone"   // At is when

	LoggedInByPasskey Kind = "logged-in-passkey" // At is the time of the login
	PasskeyAdded      Kind = "passkey-added"     // At is when
	PasskeyCopied     Kind = "passkey-copied"    // At is when

	UnusualLogin     Kind = "unusual-login"    // At is the time of the login, Changes what is unusual about it
	Registered       Kind = "registered"       // At is when, Changes what was changed
	InquiryAnswered  Kind = "inquiry-answered" // At is when
	ExchangeFirst    Kind = "exchange-first"
	ExchangeAnswered Kind = "exchange-answered"
	ApplicationMoved Kind = "application-moved"
	DraftEnding      Kind = "draft-ending" // At is until when it is kept
	// ApplicationEnding: an application that has ended is deleted then (At).
	ApplicationEnding Kind = "application-ending"
)

// Change is what was changed, or is otherwise than it was: of a confirmed mail address (AccountChanged), of what is
// registered (Registered), of how somebody came in (UnusualLogin).
type Change string

const (
	NameChanged    Change = "display_name"
	AddressChanged Change = "mail_address"
	PlaceChanged   Change = "municipality_code"
	LoginMails     Change = "mail_on_login"
	NoticeMails    Change = "mail_on_notice"

	NewDevice  Change = "new-device"
	FromAbroad Change = "abroad"
	ByCode     Change = "by-code"

	AddressReplaced Change = "address-replaced"
	AddressRemoved  Change = "address-removed"
	LoginMailOff    Change = "login-mail-off"
)

// Letter is a mail to one person.
type Letter struct {
	Kind     Kind
	To       string
	Language string // "ja", "en", "easy"
	Token    string // of ConfirmAddress and AccountChanged; a secret, so that such a letter cannot be enqueued
	At       int64  // milliseconds since 1970 UTC
	Until    int64  // likewise: how long the link works
	Changes  []Change
	// Line names a line of the history of use: "AT-ID". The letter leads there.
	Line string
}

// JobKind is the kind of the jobs that Enqueue writes; Sender.Job does them.
const JobKind = "mail"

// The address is read when the letter is sent: no job holds one.
type mailJob struct {
	FolderID string `json:"folder_id"`
	Kind     Kind   `json:"kind"`
	At       int64  `json:"at"`

	Changes []Change `json:"changes,omitempty"`
	Line    string   `json:"line,omitempty"`
}

// Enqueue has a letter sent, after the transaction of q, to the confirmed address of a folder; none is sent when there
// is no such address any more. To, Language, Token and Until of the letter are not kept.
func Enqueue(ctx context.Context, q *db.Queries, folderID string, l Letter) error {
	if l.Kind == ConfirmAddress || l.Kind == AccountChanged {
		return errors.New("a letter with a secret is not kept in a queue")
	}
	return jobs.Enqueue(ctx, q, folderID, JobKind, mailJob{
		FolderID: folderID, Kind: l.Kind, At: l.At, Changes: l.Changes, Line: l.Line,
	})
}

// Sender hands letters to one mail server.
type Sender struct {
	server string // host:port
	from   string
	origin string // of the portal, for links
}

// NewSender checks its settings; the server is met at the first letter.
func NewSender(server, from, origin string) (*Sender, error) {
	if _, _, err := net.SplitHostPort(server); err != nil {
		return nil, fmt.Errorf("the mail server's address %q is not host:port", server)
	}
	if err := CheckAddress(from); err != nil {
		return nil, fmt.Errorf("the sender of mails %q: %w", from, err)
	}
	return &Sender{server: server, from: from, origin: strings.TrimSuffix(origin, "/")}, nil
}

// Job does the jobs of kind JobKind, for the folders of d.
func (s *Sender) Job(d *db.DB) jobs.Handler {
	return func(ctx context.Context, payload []byte) error {
		var job mailJob
		if err := json.Unmarshal(payload, &job); err != nil {
			return jobs.Permanent(err)
		}
		reader, err := d.Read().FolderMailbox(ctx, job.FolderID)
		if errors.Is(err, db.ErrNotFound) {
			return nil // closed, removed or replaced meanwhile
		}
		if err != nil {
			return fmt.Errorf("reading where a mail goes: %w", err)
		}
		return s.Send(ctx, Letter{
			Kind: job.Kind, To: reader.MailAddress, Language: reader.Language, At: job.At, Changes: job.Changes,
			Line: job.Line,
		})
	}
}

// Send hands one letter to the mail server.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	subject, text, err := Write(l, s.origin)
	if err != nil {
		return jobs.Permanent(err)
	}
	message := gomail.NewMsg()
	message.FromMailAddress(&netmail.Address{Name: "まどぐち", Address: s.from})
	if CheckAddress(l.To) != nil {
		return jobs.Permanent(errors.New("the address cannot be written to"))
	}
	to := &netmail.Address{Address: l.To} // quoted on the wire where its dots ask for it: "taro..yamada"@docomo.ne.jp
	message.ToMailAddress(to)
	message.Subject(subject)
	message.SetMessageID()
	message.SetDate()
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, text)
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		// Servers quote the address in what they answer. It has no place in a log.
		hide := strings.NewReplacer(strings.Trim(to.String(), "<>"), "(the address)", l.To, "(the address)")
		return fmt.Errorf("handing a mail to %s: %s", s.server, hide.Replace(err.Error()))
	}
	return nil
}

func (s *Sender) client() (*gomail.Client, error) {
	host, portText, _ := net.SplitHostPort(s.server)
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("the mail server's port %q is not a number", portText)
	}
	policy := gomail.TLSMandatory
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		policy = gomail.NoTLS
	}
	client, err := gomail.NewClient(host, gomail.WithPort(port), gomail.WithTLSPolicy(policy),
		gomail.WithTimeout(20*time.Second), gomail.WithHELO("localhost"))
	if err != nil {
		return nil, fmt.Errorf("preparing to send mail: %w", err)
	}
	return client, nil
}

// CheckAddress says whether an address can be written to, by the rule that the page goes by too.
func CheckAddress(address string) error {
	if fault := rule.MailAddress(address); fault != rule.MailGood {
		return fault
	}
	return nil
}
