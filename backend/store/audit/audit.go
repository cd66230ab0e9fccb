// Package audit is the portal's security log: one line for each act on which somebody's safety hangs, under names that
// do not change, so that an operator can count, alert and look back. Who it was about is the folder's id; where it came
// from is coarse (an IPv4 /24, an IPv6 /48). It never holds contents: no name, address, notice, certificate, token or
// challenge, and no number of a card.
//
// It is not the history that a person reads (利用履歴), and not for faults: those are plain log lines with a reference.
package audit

import (
	"context"
	"log/slog"
	"net"
	"net/netip"

	"connectrpc.com/connect"

	"madoguchi/bridge/logging"
)

// Event is the stable name of an act. Every one stands in Events.
type Event string

// The acts. Attributes beside "event", "folder" and "from" are named in Events.
const (
	LoggedIn       Event = "login"
	LoginRefused   Event = "login_refused"
	CardShown      Event = "card_shown"
	PhoneAllowed   Event = "phone_allowed"
	PhoneRefused   Event = "phone_refused"
	CodeMistyped   Event = "code_mistyped"
	SessionEnded   Event = "session_ended"
	CallRefused    Event = "call_refused"
	FolderOpened   Event = "folder_opened"
	FolderClosed   Event = "folder_closed"
	AddressChanged Event = "address_changed"
	LoginMailOff   Event = "login_mail_off"
	OfficeRefused  Event = "office_refused"
	DeviceAdded    Event = "device_added"
	DeviceRemoved  Event = "device_removed"
	PasskeyAdded   Event = "passkey_added"
	PasskeyEnded   Event = "passkey_ended"
	KeyRotated     Event = "key_rotated"
	LimiterEmptied Event = "limiter_emptied"
	ProxyUnnamed   Event = "proxy_unnamed"
)

// Description is a row of the table that the README shows.
type Description struct {
	Event      Event
	When       string
	Attributes string
}

// Events describes every event; the README's table is this one.
var Events = []Description{
	{
		LoggedIn, "somebody began a session with a card or a passkey, or by a code that their phone opened",
		"newcomer, means (card, passkey, phone)",
	},
	{
		LoginRefused, "a proof of a card or a passkey was refused, at login or when the card was asked for again",
		"reason",
	},
	{CardShown, "the card was shown again in a session", "purpose"},
	{PhoneAllowed, "a person's phone let a computer in, for whoever types the number there", ""},
	{PhoneRefused, "a person's phone did not let a computer in", "reported"},
	{CodeMistyped, "another number was typed on the computer than the phone showed: it was not let in", ""},
	{
		SessionEnded, "one session or more ended before their time",
		"why (logout, everywhere, phone, revoked, unknown, replaced, closed, undone, passkey), sessions",
	},
	{CallRefused, "somebody called what is not theirs to call", "procedure, reason"},
	{FolderOpened, "a folder was opened", ""},
	{FolderClosed, "a folder was closed and erased", ""},
	{
		AddressChanged, "a mail address was registered, confirmed, replaced, removed or put back",
		"what (registered, confirmed, replaced, removed, undone)",
	},
	{LoginMailOff, "the mails that a confirmed address gets at each login were switched off", ""},
	{OfficeRefused, "an office, or somebody who is none, was refused at the gateway", "office, reason, procedure"},
	{DeviceAdded, "something of a person may be kept on one more device", ""},
	{
		DeviceRemoved, "devices were forgotten: what is kept there opens no longer by a login",
		"why (asked, revoked), devices",
	},
	{PasskeyAdded, "a card signed for a passkey of its holder", "synced"},
	{PasskeyEnded, "passkeys were ended", "why (asked, revoked, copied), passkeys"},
	{KeyRotated, "a key of the key file was made or ended", "purpose, key"},
	{LimiterEmptied, "a limit was reached; at most one line a limit and minute", "limit"},
	{ProxyUnnamed, "requests come through a proxy that PORTAL_TRUSTED_PROXIES does not name", "proxy"},
}

// Folder names whom an event is about.
func Folder(id string) slog.Attr { return slog.String("folder", id) }

// Log writes one event.
func Log(ctx context.Context, event Event, attributes ...slog.Attr) {
	all := append(make([]slog.Attr, 0, len(attributes)+2), slog.String("event", string(event)))
	if from := From(ctx); from != "" {
		all = append(all, slog.String("from", from))
	}
	slog.LogAttrs(ctx, slog.LevelInfo, logging.Security, append(all, attributes...)...)
}

// From is the network from which the call in ctx came, "" when there is none.
func From(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	return Coarse(call.Peer().Addr)
}

// Coarse turns a caller's address, with a port or without, into the network that a log may keep.
func Coarse(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if parsed = parsed.Unmap().WithZone(""); parsed.Is4() {
		bits = 24
	}
	network, err := parsed.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}
