package db

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/backend/store/seal"
)

// The statements that seal or open, by the names and with the values that other rooms know.

// folder.sql

type (
	FolderCreateParams      = folderCreateParams
	FolderUpdateParams      = folderUpdateParams
	FolderSetMailParams     = folderSetMailParams
	FolderConfirmMailParams = folderConfirmMailParams
	FolderFollowingParams   = folderFollowingParams
	FolderFollowingRow      = folderFollowingRow
	FolderMailboxRow        = folderMailboxRow
	FolderPreferParams      = folderPreferParams
	FolderPreferenceParams  = folderPreferenceParams
	FolderPreferencesRow    = folderPreferencesRow
)

func (q *Queries) FolderGet(ctx context.Context, id string) (Folder, error) {
	f, err := q.folderGet(ctx, id)
	if err != nil {
		return f, err
	}
	r := q.opening(ctx, id).row("folder")
	r.open("display_name", &f.DisplayName)
	r.open("mail_address", &f.MailAddress)
	r.open("municipality_code", &f.MunicipalityCode)
	r.open("language", &f.Language)
	return f, r.err
}

// FolderMailbox gives the confirmed mail address, and the language to write in.
func (q *Queries) FolderMailbox(ctx context.Context, id string) (FolderMailboxRow, error) {
	m, err := q.folderMailbox(ctx, id)
	if err != nil {
		return m, err
	}
	r := q.opening(ctx, id).row("folder")
	r.open("mail_address", &m.MailAddress)
	r.open("language", &m.Language)
	return m, r.err
}

func (q *Queries) FolderFollowing(ctx context.Context, arg FolderFollowingParams) ([]FolderFollowingRow, error) {
	rows, err := q.folderFollowing(ctx, arg)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := q.opening(ctx, rows[i].ID).row("folder")
		if r.open("municipality_code", &rows[i].MunicipalityCode); r.err != nil {
			return nil, r.err
		}
	}
	return rows, nil
}

// FolderCreate makes the folder's key before its row: should the transaction fail, a key of nothing is left.
func (q *Queries) FolderCreate(ctx context.Context, arg FolderCreateParams) error {
	s := q.sealer(ctx, arg.ID)
	if s.err == nil {
		s.key, s.err = s.with.folders.Make(ctx, arg.ID)
	}
	r := s.row("folder")
	r.seal("display_name", &arg.DisplayName)
	r.seal("mail_address", &arg.MailAddress)
	r.seal("municipality_code", &arg.MunicipalityCode)
	r.seal("language", &arg.Language)
	if r.err != nil {
		return r.err
	}
	if err := q.folderCreate(ctx, arg); err != nil {
		return err
	}
	return q.folderSealed(ctx, folderSealedParams{FolderID: arg.ID, Whole: true})
}

func (q *Queries) FolderUpdate(ctx context.Context, arg FolderUpdateParams) (int64, error) {
	r := q.sealing(ctx, arg.ID).row("folder")
	r.seal("display_name", &arg.DisplayName)
	r.seal("mail_address", &arg.MailAddress)
	r.seal("municipality_code", &arg.MunicipalityCode)
	r.seal("language", &arg.Language)
	if r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.folderUpdate(ctx, arg)
}

func (q *Queries) FolderSetMail(ctx context.Context, arg FolderSetMailParams) (int64, error) {
	r := q.sealing(ctx, arg.ID).row("folder")
	if r.seal("mail_address", &arg.MailAddress); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.folderSetMail(ctx, arg)
}

// FolderConfirmMail compares the address with the one that is registered, so it belongs into a transaction.
func (q *Queries) FolderConfirmMail(ctx context.Context, arg FolderConfirmMailParams) (int64, error) {
	f, err := q.folderGet(ctx, arg.ID)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	registered := f.MailAddress
	r := q.opening(ctx, arg.ID).row("folder")
	if r.open("mail_address", &registered); r.err != nil || registered != arg.MailAddress {
		return 0, r.err
	}
	arg.MailAddress = f.MailAddress
	return q.folderConfirmMail(ctx, arg)
}

// FolderDelete erases a folder and has its key destroyed once that holds.
func (q *Queries) FolderDelete(ctx context.Context, id string) (int64, error) {
	deleted, err := q.folderDelete(ctx, id)
	if err != nil || deleted == 0 {
		return deleted, err
	}
	payload, err := json.Marshal(destruction{FolderID: id})
	if err != nil {
		return deleted, err
	}
	return deleted, q.jobEnqueue(ctx, jobEnqueueParams{
		ID: rand.Text(), Kind: DestroyKeyKind, Payload: string(payload), RunAt: time.Now().UnixMilli(),
	})
}

func (q *Queries) FolderPreferences(ctx context.Context, folderID string) ([]FolderPreferencesRow, error) {
	rows, err := q.folderPreferences(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("preference", rows[i].Name).open("value", &rows[i].Value)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) FolderPreference(ctx context.Context, arg FolderPreferenceParams) (string, error) {
	value, err := q.folderPreference(ctx, arg)
	if err != nil {
		return "", err
	}
	r := q.opening(ctx, arg.FolderID).row("preference", arg.Name)
	r.open("value", &value)
	return value, r.err
}

func (q *Queries) FolderPrefer(ctx context.Context, arg FolderPreferParams) error {
	r := q.sealing(ctx, arg.FolderID).row("preference", arg.Name)
	if r.seal("value", &arg.Value); r.err != nil {
		return r.err
	}
	return q.folderPrefer(ctx, arg)
}

// account.sql

type (
	AccountAddMailConfirmationParams = accountAddMailConfirmationParams
	AccountMailConfirmationRow       = accountMailConfirmationRow
	AccountAddMailChangeParams       = accountAddMailChangeParams
	AccountMailChangeParams          = accountMailChangeParams
)

// AccountMailConfirmationsRow is a confirmation that is waited for.
type AccountMailConfirmationsRow struct {
	Address   string
	ExpiresAt int64
}

// AccountMailChangesRow is what was registered before a change.
type AccountMailChangesRow struct {
	MailAddress     string
	MailConfirmedAt int64
	MailOnLogin     bool
	MailOnNotice    bool
	Language        string
	ChangedAt       int64
	UndoneAt        int64
}

func (q *Queries) AccountAddMailConfirmation(ctx context.Context, arg AccountAddMailConfirmationParams) error {
	r := q.sealing(ctx, arg.FolderID).row("mail_confirmation", arg.TokenHash)
	if r.seal("address", &arg.Address); r.err != nil {
		return r.err
	}
	return q.accountAddMailConfirmation(ctx, arg)
}

func (q *Queries) AccountMailConfirmation(ctx context.Context, tokenHash string) (AccountMailConfirmationRow, error) {
	c, err := q.accountMailConfirmation(ctx, tokenHash)
	if err != nil {
		return c, err
	}
	r := q.opening(ctx, c.FolderID).row("mail_confirmation", tokenHash)
	r.open("address", &c.Address)
	return c, r.err
}

func (q *Queries) AccountMailConfirmations(
	ctx context.Context, folderID string,
) ([]AccountMailConfirmationsRow, error) {
	rows, err := q.accountMailConfirmations(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	var waited []AccountMailConfirmationsRow
	for _, row := range rows {
		s.row("mail_confirmation", row.TokenHash).open("address", &row.Address)
		waited = append(waited, AccountMailConfirmationsRow{row.Address, row.ExpiresAt})
	}
	return waited, s.failed(len(rows))
}

func (q *Queries) AccountAddMailChange(ctx context.Context, arg AccountAddMailChangeParams) error {
	r := q.sealing(ctx, arg.FolderID).row("mail_change", decimal(arg.Position))
	r.seal("mail_address", &arg.MailAddress)
	if r.seal("language", &arg.Language); r.err != nil {
		return r.err
	}
	return q.accountAddMailChange(ctx, arg)
}

func (q *Queries) AccountMailChange(ctx context.Context, arg AccountMailChangeParams) (MailChange, error) {
	c, err := q.accountMailChange(ctx, arg)
	if err != nil {
		return c, err
	}
	return q.openMailChange(ctx, c)
}

func (q *Queries) AccountMailChangeByToken(ctx context.Context, tokenHash string) (MailChange, error) {
	c, err := q.accountMailChangeByToken(ctx, tokenHash)
	if err != nil {
		return c, err
	}
	return q.openMailChange(ctx, c)
}

func (q *Queries) openMailChange(ctx context.Context, c MailChange) (MailChange, error) {
	r := q.opening(ctx, c.FolderID).row("mail_change", decimal(c.Position))
	r.open("mail_address", &c.MailAddress)
	r.open("language", &c.Language)
	return c, r.err
}

func (q *Queries) AccountMailChanges(ctx context.Context, folderID string) ([]AccountMailChangesRow, error) {
	rows, err := q.accountMailChanges(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	var changes []AccountMailChangesRow
	for _, row := range rows {
		r := s.row("mail_change", decimal(row.Position))
		r.open("mail_address", &row.MailAddress)
		r.open("language", &row.Language)
		changes = append(changes, AccountMailChangesRow{
			row.MailAddress, row.MailConfirmedAt, row.MailOnLogin, row.MailOnNotice, row.Language, row.ChangedAt,
			row.UndoneAt,
		})
	}
	return changes, s.failed(len(rows))
}

// act.sql

type (
	ActNoteParams  = actNoteParams
	ActLinesParams = actLinesParams
	ActLineParams  = actLineParams
)

// ActsOfFolderRow is a line of the history of use.
type ActsOfFolderRow struct {
	DoneAt    int64
	Act       string
	ActorID   string
	SubjectID string
}

// ActNote writes nothing when the folder is gone.
func (q *Queries) ActNote(ctx context.Context, arg ActNoteParams) error {
	r := q.sealing(ctx, arg.FolderID).row("usage_line", arg.CallID)
	r.seal("act", &arg.Act)
	if r.seal("facts", &arg.Facts); r.err != nil {
		return noneWhenGone(r.err)
	}
	return q.actNote(ctx, arg)
}

type UsageUnprovenParams = usageUnprovenParams

func (q *Queries) UsageUnproven(ctx context.Context, arg UsageUnprovenParams) ([]UsageLine, error) {
	rows, err := q.usageUnproven(ctx, arg)
	return q.openActs(ctx, arg.FolderID, rows, err)
}

func (q *Queries) openActs(ctx context.Context, folderID string, rows []UsageLine, err error) ([]UsageLine, error) {
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		r := s.row("usage_line", rows[i].ID)
		r.open("act", &rows[i].Act)
		r.open("facts", &rows[i].Facts)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) ActLine(ctx context.Context, arg ActLineParams) (UsageLine, error) {
	line, err := q.actLine(ctx, arg)
	if err != nil {
		return line, err
	}
	r := q.opening(ctx, arg.FolderID).row("usage_line", line.ID)
	r.open("act", &line.Act)
	r.open("facts", &line.Facts)
	return line, r.err
}

func (q *Queries) ActLines(ctx context.Context, arg ActLinesParams) ([]UsageLine, error) {
	rows, err := q.actLines(ctx, arg)
	return q.openActs(ctx, arg.FolderID, rows, err)
}

func (q *Queries) ActsOfFolder(ctx context.Context, folderID string) ([]ActsOfFolderRow, error) {
	rows, err := q.actsOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	var lines []ActsOfFolderRow
	for _, row := range rows {
		s.row("usage_line", row.ID).open("act", &row.Act)
		lines = append(lines, ActsOfFolderRow{row.DoneAt, row.Act, row.ActorID, row.SubjectID})
	}
	return lines, s.failed(len(rows))
}

// inquiry.sql

type (
	InquiryAddParams   = inquiryAddParams
	InquiryGetParams   = inquiryGetParams
	InquiryListParams  = inquiryListParams
	InquiryRow         = inquiryGetRow
	InquiryWriteParams = inquiryWriteParams

	InquiryMessagesParams      = inquiryMessagesParams
	InquiriesWaitingParams     = inquiriesWaitingParams
	InquiriesWaitingRow        = inquiriesWaitingRow
	InquiriesOfFolderRow       = inquiriesOfFolderRow
	InquiryMessagesOfFolderRow = inquiryMessagesOfFolderRow
)

// InquiryAdd adds none when somebody has the number.
func (q *Queries) InquiryAdd(ctx context.Context, arg InquiryAddParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("inquiry", arg.ID)
	r.seal("subject", &arg.Subject)
	if r.sealBytes("attached", &arg.Attached); r.err != nil {
		return 0, r.err
	}
	return q.inquiryAdd(ctx, arg)
}

func (q *Queries) InquiryGet(ctx context.Context, arg InquiryGetParams) (InquiryRow, error) {
	row, err := q.inquiryGet(ctx, arg)
	if err != nil {
		return row, err
	}
	s := q.opening(ctx, row.FolderID)
	s.openInquiry(row.ID, &row.Subject, &row.Attached)
	return row, s.failed(1)
}

func (s *sealer) openInquiry(id string, subject *string, attached *[]byte) {
	r := s.row("inquiry", id)
	r.open("subject", subject)
	r.openBytes("attached", attached)
}

func (q *Queries) InquiryList(ctx context.Context, arg InquiryListParams) ([]InquiryRow, error) {
	rows, err := q.inquiryList(ctx, arg)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, arg.FolderID)
	list := make([]InquiryRow, len(rows))
	for i, row := range rows {
		list[i] = InquiryRow(row)
		s.openInquiry(row.ID, &list[i].Subject, &list[i].Attached)
	}
	return list, s.failed(len(rows))
}

// InquiriesWaiting are of many folders.
func (q *Queries) InquiriesWaiting(ctx context.Context, arg InquiriesWaitingParams) ([]InquiriesWaitingRow, error) {
	rows, err := q.inquiriesWaiting(ctx, arg)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		s := q.opening(ctx, rows[i].FolderID)
		if s.openInquiry(rows[i].ID, &rows[i].Subject, &rows[i].Attached); s.err != nil {
			return nil, s.err
		}
	}
	return rows, nil
}

func (q *Queries) InquiryWrite(ctx context.Context, arg InquiryWriteParams) error {
	r := q.sealing(ctx, arg.FolderID).row("inquiry_message", arg.ID)
	if r.seal("body", &arg.Body); r.err != nil {
		return r.err
	}
	return q.inquiryWrite(ctx, arg)
}

func (q *Queries) InquiryMessages(ctx context.Context, arg InquiryMessagesParams) ([]InquiryMessage, error) {
	rows, err := q.inquiryMessages(ctx, arg)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, arg.FolderID)
	for i := range rows {
		s.row("inquiry_message", rows[i].ID).open("body", &rows[i].Body)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) InquiriesOfFolder(ctx context.Context, folderID string) ([]InquiriesOfFolderRow, error) {
	rows, err := q.inquiriesOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("inquiry", rows[i].ID).open("subject", &rows[i].Subject)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) InquiryMessagesOfFolder(
	ctx context.Context, folderID string,
) ([]InquiryMessagesOfFolderRow, error) {
	rows, err := q.inquiryMessagesOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("inquiry_message", rows[i].ID).open("body", &rows[i].Body)
	}
	return rows, s.failed(len(rows))
}

// draft.sql

type (
	DraftAddParams                 = draftAddParams
	DraftGetParams                 = draftGetParams
	DraftSaveParams                = draftSaveParams
	DraftListRow                   = draftListRow
	DraftsOfFolderRow              = draftsOfFolderRow
	AttachmentAddParams            = attachmentAddParams
	AttachmentGetParams            = attachmentGetParams
	AttachmentFinishParams         = attachmentFinishParams
	AttachmentsOfDraftParams       = attachmentsOfDraftParams
	AttachmentsOfApplicationParams = attachmentsOfApplicationParams
	AttachmentsOfFolderRow         = attachmentsOfFolderRow
	PartAddParams                  = partAddParams
	PartListParams                 = partListParams
	PartListRow                    = partListRow
)

func (q *Queries) DraftAdd(ctx context.Context, arg DraftAddParams) error {
	r := q.sealing(ctx, arg.FolderID).row("draft", arg.ID)
	r.sealBytes("about", &arg.About)
	if r.sealBytes("fields", &arg.Fields); r.err != nil {
		return r.err
	}
	return q.draftAdd(ctx, arg)
}

func (q *Queries) DraftGet(ctx context.Context, arg DraftGetParams) (Draft, error) {
	d, err := q.draftGet(ctx, arg)
	if err != nil {
		return d, err
	}
	r := q.opening(ctx, arg.FolderID).row("draft", d.ID)
	r.openBytes("about", &d.About)
	r.openBytes("fields", &d.Fields)
	return d, r.err
}

func (q *Queries) DraftSave(ctx context.Context, arg DraftSaveParams) error {
	r := q.sealing(ctx, arg.FolderID).row("draft", arg.ID)
	r.sealBytes("about", &arg.About)
	if r.sealBytes("fields", &arg.Fields); r.err != nil {
		return r.err
	}
	return q.draftSave(ctx, arg)
}

func (q *Queries) DraftList(ctx context.Context, folderID string) ([]DraftListRow, error) {
	rows, err := q.draftList(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("draft", rows[i].ID).openBytes("about", &rows[i].About)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) DraftsOfFolder(ctx context.Context, folderID string) ([]DraftsOfFolderRow, error) {
	rows, err := q.draftsOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		r := s.row("draft", rows[i].ID)
		r.openBytes("about", &rows[i].About)
		r.openBytes("fields", &rows[i].Fields)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) AttachmentAdd(ctx context.Context, arg AttachmentAddParams) error {
	r := q.sealing(ctx, arg.FolderID).row("draft_attachment", arg.ID)
	if r.sealBytes("about", &arg.About); r.err != nil {
		return r.err
	}
	return q.attachmentAdd(ctx, arg)
}

func (q *Queries) AttachmentGet(ctx context.Context, arg AttachmentGetParams) (DraftAttachment, error) {
	a, err := q.attachmentGet(ctx, arg)
	if err != nil {
		return a, err
	}
	r := q.opening(ctx, arg.FolderID).row("draft_attachment", a.ID)
	r.openBytes("about", &a.About)
	return a, r.err
}

func (q *Queries) AttachmentFinish(ctx context.Context, arg AttachmentFinishParams) error {
	r := q.sealing(ctx, arg.FolderID).row("draft_attachment", arg.ID)
	if r.sealBytes("about", &arg.About); r.err != nil {
		return r.err
	}
	return q.attachmentFinish(ctx, arg)
}

func (q *Queries) AttachmentsOfDraft(ctx context.Context, arg AttachmentsOfDraftParams) ([]DraftAttachment, error) {
	rows, err := q.attachmentsOfDraft(ctx, arg)
	if err != nil {
		return nil, err
	}
	return rows, q.openAttachments(ctx, arg.FolderID, rows)
}

func (q *Queries) AttachmentsOfApplication(
	ctx context.Context, arg AttachmentsOfApplicationParams,
) ([]DraftAttachment, error) {
	rows, err := q.attachmentsOfApplication(ctx, arg)
	if err != nil {
		return nil, err
	}
	return rows, q.openAttachments(ctx, arg.FolderID, rows)
}

func (q *Queries) openAttachments(ctx context.Context, folderID string, rows []DraftAttachment) error {
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("draft_attachment", rows[i].ID).openBytes("about", &rows[i].About)
	}
	return s.failed(len(rows))
}

func (q *Queries) AttachmentsOfFolder(ctx context.Context, folderID string) ([]AttachmentsOfFolderRow, error) {
	rows, err := q.attachmentsOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("draft_attachment", rows[i].ID).openBytes("about", &rows[i].About)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) PartAdd(ctx context.Context, arg PartAddParams) error {
	r := q.sealing(ctx, arg.FolderID).row("draft_part", arg.AttachmentID, decimal(arg.Position))
	if r.sealBytes("body", &arg.Body); r.err != nil {
		return r.err
	}
	return q.partAdd(ctx, arg)
}

func (q *Queries) PartList(ctx context.Context, arg PartListParams) ([]PartListRow, error) {
	rows, err := q.partList(ctx, arg)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, arg.FolderID)
	for i := range rows {
		s.row("draft_part", arg.AttachmentID, decimal(rows[i].Position)).openBytes("body", &rows[i].Body)
	}
	return rows, s.failed(len(rows))
}

// device.sql

type (
	DeviceByTokenParams = deviceByTokenParams
	DeviceAddParams     = deviceAddParams
	DeviceUsedParams    = deviceUsedParams
	DeviceRenameParams  = deviceRenameParams
	DeviceListRow       = deviceListRow
)

func (q *Queries) DeviceByToken(ctx context.Context, arg DeviceByTokenParams) (Device, error) {
	d, err := q.deviceByToken(ctx, arg)
	if err != nil {
		return d, err
	}
	r := q.opening(ctx, arg.FolderID).row("device", d.ID)
	r.open("name", &d.Name)
	r.open("own_name", &d.OwnName)
	return d, r.err
}

func (q *Queries) DeviceAdd(ctx context.Context, arg DeviceAddParams) error {
	r := q.sealing(ctx, arg.FolderID).row("device", arg.ID)
	if r.seal("name", &arg.Name); r.err != nil {
		return r.err
	}
	return q.deviceAdd(ctx, arg)
}

func (q *Queries) DeviceUsed(ctx context.Context, arg DeviceUsedParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("device", arg.ID)
	if r.seal("name", &arg.Name); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.deviceUsed(ctx, arg)
}

func (q *Queries) DeviceList(ctx context.Context, folderID string) ([]DeviceListRow, error) {
	rows, err := q.deviceList(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		r := s.row("device", rows[i].ID)
		r.open("name", &rows[i].Name)
		r.open("own_name", &rows[i].OwnName)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) DeviceRename(ctx context.Context, arg DeviceRenameParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("device", arg.ID)
	if r.seal("own_name", &arg.OwnName); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.deviceRename(ctx, arg)
}

// guide.sql

type (
	TaskGetParams    = taskGetParams
	TaskAddParams    = taskAddParams
	TaskUpdateParams = taskUpdateParams
)

func (q *Queries) TaskList(ctx context.Context, folderID string) ([]Task, error) {
	rows, err := q.taskList(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.openTask(&rows[i])
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) TaskGet(ctx context.Context, arg TaskGetParams) (Task, error) {
	t, err := q.taskGet(ctx, arg)
	if err != nil {
		return t, err
	}
	s := q.opening(ctx, arg.FolderID)
	s.openTask(&t)
	return t, s.err
}

func (s *sealer) openTask(t *Task) {
	r := s.row("task", t.ID)
	for column, value := range map[string]*string{
		"event": &t.Event, "place_code": &t.PlaceCode, "number": &t.Number, "title": &t.Title, "due": &t.Due,
		"event_day": &t.EventDay,
	} {
		r.open(column, value)
	}
	r.openBytes("remembered", &t.Remembered)
}

// TaskAdd adds nothing when the same is there.
func (q *Queries) TaskAdd(ctx context.Context, arg TaskAddParams) (int64, error) {
	s := q.sealing(ctx, arg.FolderID)
	if plain := s.plainSum(arg.Same); plain != "" {
		there, err := q.taskSame(ctx, taskSameParams{FolderID: arg.FolderID, Same: plain})
		if err != nil || there {
			return 0, err
		}
	}
	r := s.row("task", arg.ID)
	for column, value := range map[string]*string{
		"event": &arg.Event, "place_code": &arg.PlaceCode, "number": &arg.Number, "title": &arg.Title, "due": &arg.Due,
		"event_day": &arg.EventDay,
	} {
		r.seal(column, value)
	}
	r.sealBytes("remembered", &arg.Remembered)
	if r.sum("same", &arg.Same); r.err != nil {
		return 0, r.err
	}
	return q.taskAdd(ctx, arg)
}

func (q *Queries) TaskUpdate(ctx context.Context, arg TaskUpdateParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("task", arg.ID)
	r.seal("due", &arg.Due)
	if r.seal("event_day", &arg.EventDay); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.taskUpdate(ctx, arg)
}

// jobs.sql

type (
	JobEnqueueParams = jobEnqueueParams
	JobLeaseParams   = jobLeaseParams
)

func (q *Queries) JobEnqueue(ctx context.Context, arg JobEnqueueParams) error {
	if arg.FolderID != "" {
		r := q.sealing(ctx, arg.FolderID).row("job", arg.ID)
		if r.seal("payload", &arg.Payload); r.err != nil {
			return r.err
		}
	}
	return q.jobEnqueue(ctx, arg)
}

// JobLease leases a job also when what it says does not open: it must not keep others from being leased. Its payload is
// sealed then.
func (q *Queries) JobLease(ctx context.Context, arg JobLeaseParams) (Job, error) {
	j, err := q.jobLease(ctx, arg)
	if err != nil || !j.FolderID.Valid {
		return j, err
	}
	r := q.opening(ctx, j.FolderID.String).row("job", j.ID)
	if r.open("payload", &j.Payload); r.err != nil {
		slog.ErrorContext(ctx, "what a job says does not open", "kind", j.Kind, "job", j.ID, "cause", r.err)
	}
	return j, nil
}

// ledger.sql

type (
	LedgerAddParams   = ledgerAddParams
	LedgerLinesParams = ledgerLinesParams
)

func (q *Queries) LedgerAdd(ctx context.Context, arg LedgerAddParams) error {
	r := q.sealing(ctx, arg.FolderID).row("ledger_line", arg.ID)
	if r.sealBytes("body", &arg.Body); r.err != nil {
		return r.err
	}
	return q.ledgerAdd(ctx, arg)
}

func (q *Queries) LedgerLines(ctx context.Context, arg LedgerLinesParams) ([]LedgerLine, error) {
	rows, err := q.ledgerLines(ctx, arg)
	return q.openLedgerLines(ctx, arg.FolderID, rows, err)
}

// LedgerLinesOfFolder are those that are shown.
func (q *Queries) LedgerLinesOfFolder(ctx context.Context, folderID string) ([]LedgerLine, error) {
	rows, err := q.ledgerLinesOfFolder(ctx, folderID)
	return q.openLedgerLines(ctx, folderID, rows, err)
}

func (q *Queries) openLedgerLines(
	ctx context.Context, folderID string, rows []LedgerLine, err error,
) ([]LedgerLine, error) {
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("ledger_line", rows[i].ID).openBytes("body", &rows[i].Body)
	}
	return rows, s.failed(len(rows))
}

// notice.sql

type (
	NoticeListParams              = noticeListParams
	NoticeListUnreadParams        = noticeListUnreadParams
	NoticeListActionsParams       = noticeListActionsParams
	NoticeListUnreadActionsParams = noticeListUnreadActionsParams
	NoticeGetParams               = noticeGetParams
	NoticeBodyParams              = noticeBodyParams
	NoticeBodyRow                 = noticeBodyRow
	NoticeActionsParams           = noticeActionsParams
	NoticeActionsRow              = noticeActionsRow
	NoticeActionsDoneParams       = noticeActionsDoneParams
	NoticeActionsDoneRow          = noticeActionsDoneRow
	NoticesOfFolderRow            = noticesOfFolderRow
	NoticeCreateParams            = noticeCreateParams
	NoticeByReferenceParams       = noticeByReferenceParams
	NoticeByReferenceRow          = noticeByReferenceRow
)

func (q *Queries) NoticeList(ctx context.Context, arg NoticeListParams) ([]NoticeLine, error) {
	lines, err := q.noticeList(ctx, arg)
	return q.openLines(ctx, arg.FolderID, lines, err)
}

func (q *Queries) NoticeListUnread(ctx context.Context, arg NoticeListUnreadParams) ([]NoticeLine, error) {
	lines, err := q.noticeListUnread(ctx, arg)
	return q.openLines(ctx, arg.FolderID, lines, err)
}

func (q *Queries) NoticeListActions(ctx context.Context, arg NoticeListActionsParams) ([]NoticeLine, error) {
	lines, err := q.noticeListActions(ctx, arg)
	return q.openLines(ctx, arg.FolderID, lines, err)
}

func (q *Queries) NoticeListUnreadActions(
	ctx context.Context, arg NoticeListUnreadActionsParams,
) ([]NoticeLine, error) {
	lines, err := q.noticeListUnreadActions(ctx, arg)
	return q.openLines(ctx, arg.FolderID, lines, err)
}

func (q *Queries) openLines(ctx context.Context, folder string, lines []NoticeLine, err error) ([]NoticeLine, error) {
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folder)
	for i := range lines {
		l := &lines[i]
		s.openNotice(l.ID, &l.Title, &l.Action, &l.ActionUrl)
	}
	return lines, s.failed(len(lines))
}

func (s *sealer) openNotice(id string, title, action, url *string) sealerRow {
	r := s.row("notice", id)
	r.open("title", title)
	r.open("action", action)
	r.open("action_url", url)
	return r
}

func (q *Queries) NoticeGet(ctx context.Context, arg NoticeGetParams) (NoticeLine, error) {
	l, err := q.noticeGet(ctx, arg)
	if err != nil {
		return l, err
	}
	s := q.opening(ctx, arg.FolderID)
	s.openNotice(l.ID, &l.Title, &l.Action, &l.ActionUrl)
	return l, s.err
}

func (q *Queries) NoticeBody(ctx context.Context, arg NoticeBodyParams) (NoticeBodyRow, error) {
	b, err := q.noticeBody(ctx, arg)
	if err != nil {
		return b, err
	}
	r := q.opening(ctx, arg.FolderID).row("notice", arg.ID)
	r.open("body", &b.Body)
	return b, r.err
}

// NoticeActions also gives what was sent to everybody, which is not sealed.
func (q *Queries) NoticeActions(ctx context.Context, arg NoticeActionsParams) ([]NoticeActionsRow, error) {
	rows, err := q.noticeActions(ctx, arg)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, arg.FolderID)
	for i := range rows {
		if l := &rows[i]; l.Audience == arg.FolderID {
			s.openNotice(l.ID, &l.Title, &l.Action, &l.ActionUrl)
		}
	}
	return rows, s.failed(len(rows))
}

// NoticeActionsDone also gives what was sent to everybody, which is not sealed.
func (q *Queries) NoticeActionsDone(ctx context.Context, arg NoticeActionsDoneParams) ([]NoticeActionsDoneRow, error) {
	rows, err := q.noticeActionsDone(ctx, arg)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, arg.FolderID)
	for i := range rows {
		if l := &rows[i]; l.Audience == arg.FolderID {
			s.openNotice(l.ID, &l.Title, &l.Action, &l.ActionUrl)
		}
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) NoticesOfFolder(ctx context.Context, folderID string) ([]NoticesOfFolderRow, error) {
	rows, err := q.noticesOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		n := &rows[i]
		s.openNotice(n.ID, &n.Title, &n.Action, &n.ActionUrl).open("body", &n.Body)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) NoticeCreate(ctx context.Context, arg NoticeCreateParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("notice", arg.ID)
	r.seal("title", &arg.Title)
	r.seal("body", &arg.Body)
	r.seal("action", &arg.Action)
	if r.seal("action_url", &arg.ActionUrl); r.err != nil {
		return 0, r.err
	}
	return q.noticeCreate(ctx, arg)
}

func (q *Queries) NoticeByReference(ctx context.Context, arg NoticeByReferenceParams) (NoticeByReferenceRow, error) {
	n, err := q.noticeByReference(ctx, arg)
	if err != nil {
		return n, err
	}
	s := q.opening(ctx, n.FolderID)
	s.openNotice(n.ID, &n.Title, &n.Action, &n.ActionUrl).open("body", &n.Body)
	return n, s.err
}

// once.sql

type (
	OnceTakeParams   = onceTakeParams
	OnceFindParams   = onceFindParams
	OnceFindRow      = onceFindRow
	OnceAnswerParams = onceAnswerParams
)

// OnceTake takes nothing when the folder is gone.
func (q *Queries) OnceTake(ctx context.Context, arg OnceTakeParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("done_once", arg.ActorID, arg.Procedure, arg.Key)
	if r.seal("request", &arg.Request); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.onceTake(ctx, arg)
}

func (q *Queries) OnceFind(ctx context.Context, arg OnceFindParams) (OnceFindRow, error) {
	o, err := q.onceFind(ctx, arg)
	if err != nil {
		return o, err
	}
	r := q.opening(ctx, arg.FolderID).row("done_once", arg.ActorID, arg.Procedure, arg.Key)
	r.open("request", &o.Request)
	r.openBytes("answer", &o.Answer)
	return o, r.err
}

func (q *Queries) OnceAnswer(ctx context.Context, arg OnceAnswerParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("done_once", arg.ActorID, arg.Procedure, arg.Key)
	if r.sealBytes("answer", &arg.Answer); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.onceAnswer(ctx, arg)
}

// login.sql

type (
	PasskeyAddParams    = passkeyAddParams
	PasskeyListRow      = passkeyListRow
	PasskeyRenameParams = passkeyRenameParams
)

func (q *Queries) PasskeyAdd(ctx context.Context, arg PasskeyAddParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("passkey", arg.ID)
	if r.seal("name", &arg.Name); r.err != nil {
		return 0, r.err
	}
	return q.passkeyAdd(ctx, arg)
}

func (q *Queries) PasskeyByCredential(ctx context.Context, credentialID []byte) (Passkey, error) {
	p, err := q.passkeyByCredential(ctx, credentialID)
	if err != nil {
		return p, err
	}
	r := q.opening(ctx, p.FolderID).row("passkey", p.ID)
	r.open("name", &p.Name)
	return p, r.err
}

func (q *Queries) PasskeyList(ctx context.Context, folderID string) ([]PasskeyListRow, error) {
	rows, err := q.passkeyList(ctx, folderID)
	if err != nil {
		return nil, err
	}
	s := q.opening(ctx, folderID)
	for i := range rows {
		s.row("passkey", rows[i].ID).open("name", &rows[i].Name)
	}
	return rows, s.failed(len(rows))
}

func (q *Queries) PasskeyRename(ctx context.Context, arg PasskeyRenameParams) (int64, error) {
	r := q.sealing(ctx, arg.FolderID).row("passkey", arg.ID)
	if r.seal("name", &arg.Name); r.err != nil {
		return 0, noneWhenGone(r.err)
	}
	return q.passkeyRename(ctx, arg)
}

// noneWhenGone is for statements that do nothing to a folder that is gone.
func noneWhenGone(err error) error {
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// failed is the sealer's error over so many rows.
func (s *sealer) failed(rows int) error {
	if rows == 0 || s.err == nil {
		return nil
	}
	if errors.Is(s.err, seal.ErrNoKey) {
		return fmt.Errorf("opening what a folder holds: %w", s.err)
	}
	return s.err
}
