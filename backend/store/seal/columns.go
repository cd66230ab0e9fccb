package seal

// Form is how a sealed column is written.
type Form int

const (
	// Text: a TEXT column, sealed as a text.
	Text Form = iota
	// Bytes: a BYTEA column.
	Bytes
	// Summed: a TEXT column that SQL compares: a sum under the folder's key.
	Summed
)

// Table says of a table with rows of folders what of it is sealed.
type Table struct {
	Name string
	// Folder is the column that says whose a row is; "id" in the table of folders.
	Folder string
	// Row are the columns that tell a row among those of its folder. They never change.
	Row []string
	// Sealed are the columns that are sealed.
	Sealed map[string]Form
	// Clear are the columns with texts or bytes that are not, each with its reason. Numbers and booleans (times,
	// states, counters) are clear everywhere: SQL orders and filters by them.
	Clear map[string]string
}

const (
	found  = "rows are found by it"
	names  = "an identifier of ours that tells nothing by itself"
	hashed = "the hash of a secret, by which the row is found"
	office = "which office sent it: rows are found by it"
	day    = "a day, by which SQL filters and orders"
	ofCard = "which card it is: rows are found by it"
	// of what is there before there is a folder
	someMinutes = "lives for some minutes, and is nobody's until somebody decides"
	offered     = "lives for some minutes, until the card has signed"
	general     = "the portal's own, and the same for many people"
	commitment  = "stands in the public log, and tells nothing of what it commits to"
)

// Tables lists every table that has rows of folders. A test holds it against the schema: each column with a text or
// bytes stands here, sealed or clear.
var Tables = []Table{
	{
		Name: "folder", Folder: "id",
		Sealed: map[string]Form{
			"display_name": Text, "mail_address": Text, "municipality_code": Text, "language": Text,
		},
		Clear: map[string]string{"id": found, "terms_version": general},
	},
	{
		Name: "folder_seal", Folder: "folder_id",
		Clear: map[string]string{"folder_id": found},
	},
	{
		Name: "card", Folder: "folder_id", Row: []string{"issuer", "serial"},
		Clear: map[string]string{"issuer": ofCard, "serial": ofCard, "folder_id": found},
	},
	{
		Name: "preference", Folder: "folder_id", Row: []string{"name"},
		Sealed: map[string]Form{"value": Text},
		Clear:  map[string]string{"folder_id": found, "name": found},
	},
	{
		Name: "mail_confirmation", Folder: "folder_id", Row: []string{"token_hash"},
		Sealed: map[string]Form{"address": Text},
		Clear:  map[string]string{"token_hash": hashed, "folder_id": found},
	},
	{
		Name: "mail_change", Folder: "folder_id", Row: []string{"position"},
		Sealed: map[string]Form{"mail_address": Text, "language": Text},
		Clear:  map[string]string{"token_hash": hashed, "folder_id": found},
	},
	{
		Name: "notice", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"title": Text, "body": Text, "action": Text, "action_url": Text},
		Clear: map[string]string{
			"folder_id": found, "id": found, "office_id": office, "action_due": day,
			"reference": "the office's own number of it, by which what is sent twice is found",
		},
	},
	{
		Name: "notice_action", Folder: "folder_id", Row: []string{"notice_id"},
		Clear: map[string]string{"folder_id": found, "notice_id": found, "own_due": day},
	},
	{
		Name: "broadcast_read", Folder: "folder_id", Row: []string{"broadcast_id"},
		Clear: map[string]string{"folder_id": found, "broadcast_id": found},
	},
	{
		Name: "task", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{
			"event": Text, "place_code": Text, "number": Text, "title": Text, "due": Text, "event_day": Text,
			"remembered": Bytes, "same": Summed,
		},
		Clear: map[string]string{"folder_id": found, "id": found},
	},
	{
		Name: "usage_line", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"act": Text, "facts": Text},
		Clear: map[string]string{
			"folder_id": found, "id": found, "actor_id": names, "subject_id": names,
			"session": "a hash that tells sessions apart, and nothing else",
		},
	},
	{
		Name: "usage_disowned", Folder: "folder_id", Row: []string{"line_id"},
		Clear: map[string]string{"folder_id": found, "line_id": found, "case_id": found},
	},
	{
		Name: "folder_unusual", Folder: "folder_id",
		Clear: map[string]string{
			"folder_id": found, "line": names, "session": "a hash that tells sessions apart, and nothing else",
		},
	},
	{
		Name: "inquiry", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"subject": Text, "attached": Bytes},
		Clear: map[string]string{
			"folder_id": found, "id": found, "office_id": "which office is asked: rows are found by it",
			"number": "drawn by lot, for people to quote: rows are found by it",
		},
	},
	{
		Name: "inquiry_message", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"body": Text},
		Clear: map[string]string{
			"folder_id": found, "inquiry_id": found, "id": found,
			"reference": "the office's own number of it, by which what is sent twice is found",
		},
	},
	{
		Name: "done_once", Folder: "folder_id", Row: []string{"actor_id", "procedure", "key"},
		Sealed: map[string]Form{"request": Text, "answer": Bytes},
		Clear: map[string]string{
			"folder_id": found, "actor_id": found, "procedure": found, "key": found, "call_id": names,
		},
	},
	{
		Name: "job", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"payload": Text},
		Clear: map[string]string{
			"id": found, "kind": "which work it is: workers and operators tell by it", "folder_id": found,
			"last_error": "for operators, who read the same in the log; holds nothing of the person",
		},
	},
	{
		Name: "live_change", Folder: "folder_id", Row: []string{"position", "id"},
		Clear: map[string]string{
			"id": names, "folder_id": found, "place_code": "of changes that concern everybody at a place",
			"about": names,
		},
	},
	{
		Name: "device", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"name": Text, "own_name": Text},
		Clear: map[string]string{
			"folder_id": found, "id": found, "token_hash": hashed, "issuer": ofCard, "serial": ofCard,
			"seed": "opens nothing without a key of the key file",
		},
	},
	{
		Name: "session", Folder: "folder_id", Row: []string{"token_hash"},
		Clear: map[string]string{
			"token_hash": hashed, "folder_id": found, "issuer": ofCard, "serial": ofCard,
			"card_purpose": "what the card was shown for: compared", "card_content": "a digest that is compared",
			"name":  "what the browser says of itself; goes with the session, which may be nobody's yet",
			"means": "how it was begun: compared", "means_id": names, "device_id": names,
			"place": "in this country or abroad; goes with the session",
		},
	},
	{
		Name: "qr_login", Folder: "folder_id", Row: []string{"token_hash"},
		Clear: map[string]string{
			"token_hash": hashed, "browser_hash": hashed, "network": hashed, "folder_id": found,
			"name": someMinutes, "country": someMinutes, "session_hash": hashed,
			"number_seal": "sealed under a key of the key file", "begun": hashed,
		},
	},
	{
		Name: "passkey", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"name": Text},
		Clear: map[string]string{
			"folder_id": found, "id": found, "credential_id": found, "issuer": ofCard, "serial": ofCard,
			"public_key": "public: it only proves who has the other half", "user_handle": names,
		},
	},
	{
		Name: "passkey_offer", Folder: "folder_id", Row: nil,
		Clear: map[string]string{
			"folder_id": found, "token_hash": hashed, "session_hash": hashed, "challenge": offered, "code": offered,
			"device": offered, "user_handle": names, "credential_id": names,
			"public_key": "public: it only proves who has the other half",
		},
	},
	{
		Name: "myinfo_request", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"asked": Bytes, "answer": Bytes},
		Clear: map[string]string{
			"folder_id": found, "id": found, "office_id": office, "detail": "what was asked for: rows are found by it",
		},
	},
	{
		Name: "myinfo_correction", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"claim": Bytes, "reply": Bytes},
		Clear: map[string]string{
			"folder_id": found, "id": found, "request_id": found, "office_id": office,
			"detail": "what it is about: rows are found by it", "due": day,
		},
	},
	{Name: "myinfo_setting", Folder: "folder_id", Clear: map[string]string{"folder_id": found}},
	{Name: "myinfo_note", Folder: "folder_id", Row: []string{"category"}, Clear: map[string]string{"folder_id": found}},
	{
		Name: "draft", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"about": Bytes, "fields": Bytes},
		Clear:  map[string]string{"folder_id": found, "id": found, "application": found},
	},
	{
		Name: "draft_attachment", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"about": Bytes},
		Clear:  map[string]string{"folder_id": found, "id": found, "draft_id": found, "application": found},
	},
	{
		Name: "draft_part", Folder: "folder_id", Row: []string{"attachment_id", "position"},
		Sealed: map[string]Form{"body": Bytes},
		Clear:  map[string]string{"folder_id": found, "attachment_id": found},
	},
	{
		Name: "draft_ticket", Folder: "folder_id", Row: []string{"ticket_hash"},
		Clear: map[string]string{
			"folder_id": found, "ticket_hash": hashed, "session_hash": hashed, "attachment_id": names,
		},
	},
	{
		Name: "exchange", Folder: "folder_id", Row: []string{"number"},
		Clear: map[string]string{
			"folder_id": found, "number": "the offices' own number of it, by which their reports are found",
			"asker": found, "provider": found, "asker_id": office, "provider_id": office, "duty": found,
		},
	},
	{
		Name: "exchange_report", Folder: "folder_id", Row: []string{"office_id", "report"},
		Clear: map[string]string{
			"folder_id": found, "office_id": office, "report": "the office's own name of it, by which it is found",
			"line_id": names,
		},
	},
	{
		Name: "exchange_inquiry", Folder: "folder_id", Row: []string{"id"},
		Clear: map[string]string{"folder_id": found, "id": names, "from_day": day, "to_day": day},
	},
	{
		Name: "exchange_inquired", Folder: "folder_id", Row: []string{"inquiry_id", "office_id"},
		Clear: map[string]string{"folder_id": found, "inquiry_id": found, "office_id": office},
	},
	{
		Name: "exchange_claim", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"claim": Bytes, "reply": Bytes},
		Clear: map[string]string{
			"folder_id": found, "id": found, "number": found, "office_id": office, "due": day,
		},
	},
	{
		Name: "application", Folder: "folder_id", Row: []string{"id"},
		Clear: map[string]string{
			"folder_id": found, "id": found, "number": "drawn by lot, for people to quote: rows are found by it",
			"office_id": office, "place_code": "where it was sent to: rows are found by it",
			"form_id": "what was applied for: rows are found by it", "version": "the version of a form, of nobody",
			"procedure": "what was applied for: rows are found by it",
		},
	},
	{Name: "application_open", Folder: "folder_id", Clear: map[string]string{"folder_id": found}},
	{
		Name: "application_sent", Folder: "folder_id", Row: []string{"send_id"},
		Sealed: map[string]Form{"content": Bytes, "stamp": Bytes, "paper": Bytes},
		Clear: map[string]string{
			"folder_id": found, "application_id": found, "send_id": found, "nonce": found, "cosign_hash": hashed,
		},
	},
	{
		Name: "application_step", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"detail": Bytes},
		Clear: map[string]string{
			"folder_id": found, "application_id": found, "id": names,
			"reference": "the office's own number of it, by which what is sent twice is found",
		},
	},
	{
		Name: "application_message", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"body": Bytes},
		Clear: map[string]string{
			"folder_id": found, "application_id": found, "id": found,
			"reference": "the office's own number of it, by which what is sent twice is found",
		},
	},
	{
		Name: "application_signer", Folder: "folder_id", Row: []string{"issuer", "serial"},
		Clear: map[string]string{"folder_id": found, "issuer": ofCard, "serial": ofCard},
	},
	{
		Name: "application_ticket", Folder: "folder_id", Row: []string{"ticket_hash"},
		Clear: map[string]string{
			"ticket_hash": hashed, "folder_id": found, "session_hash": hashed, "application_id": found,
			"cosign_hash": hashed, "attachment": names,
		},
	},
	{
		Name: "application_proof", Folder: "folder_id", Row: []string{"session_hash", "cosign_hash"},
		Clear: map[string]string{
			"folder_id": found, "session_hash": hashed, "cosign_hash": hashed, "answer": hashed,
			"challenge": "drawn by lot, for some minutes",
		},
	},
	{
		Name: "takeaway", Folder: "folder_id", Row: []string{"ticket_hash"},
		Clear: map[string]string{
			"folder_id": found, "ticket_hash": hashed, "session_hash": hashed,
			"language": "in which language a download is written, for as long as its ticket",
			"part":     "which part a download is of",
		},
	},
	{
		Name: "ledger_chain", Folder: "folder_id", Row: []string{"chain"},
		Clear: map[string]string{"folder_id": found, "last": commitment},
	},
	{
		Name: "ledger_line", Folder: "folder_id", Row: []string{"id"},
		Sealed: map[string]Form{"body": Bytes},
		Clear:  map[string]string{"folder_id": found, "id": names, "previous": commitment},
	},
	{
		Name: "ledger_kept", Folder: "folder_id", Row: []string{"device"},
		Clear: map[string]string{
			"folder_id": found, "device": names, "heads": "sealed by the person's page; the portal cannot read it",
		},
	},
	{
		Name: "qr_lock", Folder: "folder_id", Row: []string{"browser_hash"},
		Clear: map[string]string{"folder_id": found, "browser_hash": hashed},
	},
	{
		Name: "pairwise", Folder: "folder_id", Row: []string{"office_id", "identifier"},
		Clear: map[string]string{
			"office_id": found, "identifier": found, "folder_id": found,
			"introduction": "sealed for the office by J-LIS, and given to it as it is",
		},
	},
}

// TableOf finds a table of the list.
func TableOf(name string) Table {
	for _, t := range Tables {
		if t.Name == name {
			return t
		}
	}
	panic("seal: no table " + name)
}
