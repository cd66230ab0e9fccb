package mailbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"madoguchi/backend/sandbox/part"
)

// Serve takes mails on a listener until the context ends.
func (b *Box) Serve(ctx context.Context, listener net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: b}, nil }))
	server.Domain = "localhost"
	server.MaxMessageBytes = MaxMailBytes
	server.MaxRecipients = 50
	server.ReadTimeout = time.Minute
	server.WriteTimeout = time.Minute
	server.EnableSMTPUTF8 = true
	server.ErrorLog = smtpLog{}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serving SMTP: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return server.Close()
	}
	return nil
}

// Wrong are the ways in which a mail server goes wrong: it turns everybody away, it is none at all, it hangs up in the
// middle of a mail.
func Wrong() part.Ways[net.Conn] {
	return part.Ways[net.Conn]{
		part.Status:  part.Saying([]byte("421 4.3.2 Service not available, closing transmission channel\r\n")),
		part.Garbage: part.Saying([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
		part.Half:    part.BreakingOffAt([]byte("354")),
	}
}

// delivery is one SMTP connection: any sender and any recipient will do.
type delivery struct {
	box      *Box
	envelope Envelope
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.envelope = Envelope{From: from}
	return nil
}

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.envelope.To = append(d.envelope.To, to)
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	mail, err := d.box.Add(raw, d.envelope)
	if err != nil {
		slog.Error("keeping a mail", "err", err)
		return &smtp.SMTPError{
			Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The mail could not be kept",
		}
	}
	slog.Info("mail", "id", mail.ID, "bytes", len(raw))
	return nil
}

func (d *delivery) Reset()        { d.envelope = Envelope{} }
func (d *delivery) Logout() error { return nil }

// smtpLog takes the SMTP library's words about connections that went wrong.
type smtpLog struct{}

func (smtpLog) Printf(format string, v ...any) { slog.Warn("smtp", "what", fmt.Sprintf(format, v...)) }
func (smtpLog) Println(v ...any)               { slog.Warn("smtp", "what", strings.TrimSpace(fmt.Sprintln(v...))) }
