package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/session"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// testdata/dd62ac0 was recorded with the portal and the page of that commit, the first that was given to people: the
// rows of its database (rows.json) while a person was logged in who had two things to do, and the calls that the page
// made in Chromium from the first visit to the closing of the folder (calls.json), each as its bytes. GetProcedure and
// ListLifeEvents, which its page made only without what had come with a document, are written as it wrote them.
const released = "testdata/dd62ac0"

// releasedSchema is the last migration that dd62ac0 knew.
const releasedSchema = 3

type recordedTable struct {
	Table   string
	Columns []string
	Rows    [][]any
}

type recordedCall struct {
	Call    string
	Headers map[string]string
	Body    []byte
}

// upgraded is today's portal on the database of dd62ac0, on which a session still runs.
func upgraded(t *testing.T, engine string) (w *world, cookie *http.Cookie, calls []recordedCall) {
	t.Helper()
	w = startWorldWith(t, func(c *config) {
		driver, dialect := "sqlite", goose.DialectSQLite3
		if engine == "postgres" {
			driver, dialect = "pgx", goose.DialectPostgres
			c.database, c.keys = dbtest.EmptyPostgresURL(t), filepath.Join(t.TempDir(), "portal.keys")
			if _, err := keys.Make(c.keys, time.Now); err != nil {
				t.Fatal(err)
			}
		}
		fillAsReleased(t, driver, dialect, c.database)
	})
	var recorded struct {
		Cookie string
		Calls  []recordedCall
	}
	read(t, "calls.json", &recorded)
	if err := w.procedures.Fill(t.Context()); err != nil { // the portal is doing so: this waits for it
		t.Fatal(err)
	}
	return w, &http.Cookie{Name: session.CookieName, Value: recorded.Cookie}, recorded.Calls
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(released, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func fillAsReleased(t *testing.T, driver string, dialect goose.Dialect, address string) {
	t.Helper()
	pool, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	provider, err := goose.NewProvider(dialect, pool, os.DirFS("store/db/migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), releasedSchema); err != nil {
		t.Fatal(err)
	}
	var tables []recordedTable
	read(t, "rows.json", &tables)
	for _, table := range tables {
		places := make([]string, len(table.Columns))
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
			table.Table, strings.Join(table.Columns, ", "), strings.Join(places, ", "))
		// what migrations put there
		if _, err := pool.ExecContext(t.Context(), "DELETE FROM "+table.Table); err != nil {
			t.Fatal(err)
		}
		for _, row := range table.Rows {
			if _, err := pool.ExecContext(t.Context(), insert, values(t, table, row)...); err != nil {
				t.Fatalf("%s: %v", insert, err)
			}
		}
	}
}

// values are a row's as the drivers take them, with the times of the session as if it had been recorded just now.
func values(t *testing.T, table recordedTable, row []any) []any {
	t.Helper()
	now := time.Now()
	for i, value := range row {
		switch v := value.(type) {
		case float64:
			row[i] = int64(v)
		case map[string]any:
			data, err := base64.StdEncoding.DecodeString(v["base64"].(string))
			if err != nil {
				t.Fatal(err)
			}
			row[i] = data
		}
		if table.Table != "session" {
			continue
		}
		switch table.Columns[i] {
		case "started_at", "seen_at":
			row[i] = now.UnixMilli()
		case "certificate_expires_at":
			row[i] = now.Add(time.Hour).UnixMilli()
		}
	}
	return row
}

// Nobody loses anything by an update of the portal: who was logged in stays so, and finds all as it was.
func TestADatabaseOfTheFirstRelease(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, cookie, _ := upgraded(t, engine)
			ctx, client := t.Context(), withCookie{cookie}
			logins := portalv1connect.NewLoginServiceClient(client, w.front)
			who, err := logins.GetSession(ctx, &portalv1.GetSessionRequest{})
			if err != nil || who.GetSession().GetDisplayName() != "はなこ" {
				t.Fatalf("the session: %v, %v", who, err)
			}
			account, err := portalv1connect.NewAccountServiceClient(client, w.front).
				GetAccount(ctx, &portalv1.GetAccountRequest{})
			if err != nil || account.GetAccount().GetMailAddress() != "hanako@example.jp" ||
				!account.GetAccount().GetMailConfirmed() ||
				account.GetAccount().GetMunicipality().GetCode() != "131105" {
				t.Errorf("the registration: %v, %v", account, err)
			}
			tasks, err := portalv1connect.NewGuideServiceClient(client, w.front).
				ListTasks(ctx, &portalv1.ListTasksRequest{})
			if err != nil || len(tasks.GetTasks()) != 2 || tasks.GetTasks()[1].GetDoneAt() == 0 {
				t.Errorf("the things to do: %v, %v", tasks, err)
			}
			notices, err := portalv1connect.NewNoticeServiceClient(client, w.front).
				ListNotices(ctx, &portalv1.ListNoticesRequest{PageSize: 50})
			if err != nil || len(notices.GetNotices()) < 7 {
				t.Errorf("the notices: %d, %v", len(notices.GetNotices()), err)
			}
			procedure, err := portalv1connect.NewProcedureServiceClient(client, w.front).
				GetProcedure(ctx, &portalv1.GetProcedureRequest{PlaceCode: "131105", Number: "P0012"})
			if err != nil || procedure.GetContent().GetTitle() == "" {
				t.Errorf("a procedure: %v, %v", procedure, err)
			}
			state, err := w.sessions.ByToken(ctx, cookie.Value)
			if err != nil {
				t.Fatal(err)
			}
			told, err := w.house.Export(ctx, w.db.Read(), state.Caller.FolderID)
			if err != nil || told["card"] == nil || told["pairwise"] == nil {
				t.Errorf("what is known of the person: %v, %v", told, err)
			}
		})
	}
}

// refusals are what calls of long ago may be answered with besides what they asked for: their challenges have expired,
// their mails' links are used up, the folder they open is open.
var refusals = map[string][]portalv1.Reason{
	portalv1connect.LoginServiceLogInProcedure:    {portalv1.Reason_REASON_CHALLENGE_INVALID},
	portalv1connect.LoginServiceShowCardProcedure: {portalv1.Reason_REASON_CHALLENGE_INVALID},
	portalv1connect.AccountServiceOpenAccountProcedure: {
		portalv1.Reason_REASON_ALREADY_OPEN, portalv1.Reason_REASON_NOT_ALLOWED,
	},
	portalv1connect.AccountServiceConfirmMailAddressProcedure: {portalv1.Reason_REASON_MAIL_TOKEN_INVALID},
	portalv1connect.AccountServiceCloseAccountProcedure:       {portalv1.Reason_REASON_CARD_AGAIN},
	// A place in a list holds for as long as one reads it.
	portalv1connect.ProcedureServiceListProceduresProcedure: {portalv1.Reason_REASON_INVALID_FIELD},
}

// An installed page may be weeks old: whatever it asks is still understood.
func TestTheCallsOfTheFirstReleasesPage(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, cookie, calls := upgraded(t, engine)
			state, err := w.sessions.ByToken(t.Context(), cookie.Value)
			if err != nil {
				t.Fatal(err)
			}
			made := map[string]bool{}
			for _, c := range calls {
				made["/"+c.Call] = true
				with := cookie
				if strings.Contains(c.Call, "/LogOut") {
					with = w.begin(state.Caller.FolderID, "") // each ends the session it is made in
				}
				if err := w.replay(c, with); err != nil {
					t.Errorf("%s: %v", c.Call, err)
				}
				if strings.HasSuffix(c.Call, "/LogOutEverywhere") {
					cookie = w.begin(state.Caller.FolderID, "")
				}
			}
			for path := range w.house.Rules(mount.People) {
				if !made[path] && !since[path] {
					t.Errorf("%s is of the first release, and no call of it was recorded", path)
				}
			}
		})
	}
}

// since are the calls that came after the first release.
var since = map[string]bool{
	portalv1connect.ApplicationServiceSendApplicationProcedure:           true,
	portalv1connect.ApplicationServiceListApplicationsProcedure:          true,
	portalv1connect.ApplicationServiceGetApplicationProcedure:            true,
	portalv1connect.ApplicationServiceWithdrawApplicationProcedure:       true,
	portalv1connect.ApplicationServiceWriteApplicationProcedure:          true,
	portalv1connect.ApplicationServiceCorrectApplicationProcedure:        true,
	portalv1connect.ApplicationServiceOpenApplicationFileProcedure:       true,
	portalv1connect.ApplicationServiceBeginCosignProcedure:               true,
	portalv1connect.ApplicationServiceProveCosignProcedure:               true,
	portalv1connect.ApplicationServiceGetCosignProcedure:                 true,
	portalv1connect.ApplicationServiceSignCosignProcedure:                true,
	portalv1connect.DraftServiceListBanksProcedure:                       true,
	portalv1connect.DraftServiceListFormsProcedure:                       true,
	portalv1connect.DraftServiceGetFormProcedure:                         true,
	portalv1connect.DraftServiceListPrefillsProcedure:                    true,
	portalv1connect.DraftServiceListDraftsProcedure:                      true,
	portalv1connect.DraftServiceGetDraftProcedure:                        true,
	portalv1connect.DraftServiceSaveDraftProcedure:                       true,
	portalv1connect.DraftServiceDropDraftProcedure:                       true,
	portalv1connect.DraftServiceRestoreDraftProcedure:                    true,
	portalv1connect.DraftServiceStartAttachmentProcedure:                 true,
	portalv1connect.DraftServicePutAttachmentProcedure:                   true,
	portalv1connect.DraftServiceFinishAttachmentProcedure:                true,
	portalv1connect.DraftServiceRemoveAttachmentProcedure:                true,
	portalv1connect.DraftServiceOpenAttachmentProcedure:                  true,
	portalv1connect.DeviceServiceRenameDeviceProcedure:                   true,
	portalv1connect.UsageServiceListUsageProcedure:                       true,
	portalv1connect.UsageServiceGetUsageLineProcedure:                    true,
	portalv1connect.UsageServiceListUsageWordsProcedure:                  true,
	portalv1connect.UsageServiceListSessionsProcedure:                    true,
	portalv1connect.UsageServiceEndSessionProcedure:                      true,
	portalv1connect.UsageServiceEndOtherSessionsProcedure:                true,
	portalv1connect.UsageServiceDisownUsageProcedure:                     true,
	portalv1connect.UsageServiceConfirmDisownedProcedure:                 true,
	portalv1connect.UsageServicePrepareUsageExportProcedure:              true,
	portalv1connect.InquiryServiceListInquiriesProcedure:                 true,
	portalv1connect.InquiryServiceGetInquiryProcedure:                    true,
	portalv1connect.InquiryServiceListInquiryOfficesProcedure:            true,
	portalv1connect.InquiryServiceOpenInquiryProcedure:                   true,
	portalv1connect.InquiryServiceWriteInquiryProcedure:                  true,
	portalv1connect.InquiryServiceCloseInquiryProcedure:                  true,
	portalv1connect.AccountServiceUndoMailChangeProcedure:                true,
	portalv1connect.DeviceServiceListDevicesProcedure:                    true,
	portalv1connect.DeviceServiceOpenVaultProcedure:                      true,
	portalv1connect.DeviceServiceRemoveDeviceProcedure:                   true,
	portalv1connect.GuideServiceGetDeadlineProcedure:                     true,
	portalv1connect.ExchangeServiceAskExchangesProcedure:                 true,
	portalv1connect.ExchangeServiceClaimExchangeProcedure:                true,
	portalv1connect.ExchangeServiceGetExchangeProcedure:                  true,
	portalv1connect.ExchangeServiceGetExchangeSettingsProcedure:          true,
	portalv1connect.ApplicationServiceOpenCosignFileProcedure:            true,
	portalv1connect.ApplicationServiceKeepApplicationProcedure:           true,
	portalv1connect.ApplicationServiceGetApplicationSettingsProcedure:    true,
	portalv1connect.ApplicationServiceUpdateApplicationSettingsProcedure: true,
	portalv1connect.ExchangeServiceListExchangeInquiriesProcedure:        true,
	portalv1connect.ExchangeServiceListExchangeNewsProcedure:             true,
	portalv1connect.ExchangeServiceListExchangeRulesProcedure:            true,
	portalv1connect.ExchangeServiceListExchangesProcedure:                true,
	portalv1connect.ExchangeServiceUpdateExchangeSettingsProcedure:       true,
	portalv1connect.LedgerServiceGetLedgerHeadsProcedure:                 true,
	portalv1connect.LedgerServiceGetLedgerLineProcedure:                  true,
	portalv1connect.LedgerServiceGetLedgerStateProcedure:                 true,
	portalv1connect.LedgerServiceKeepLedgerHeadsProcedure:                true,
	portalv1connect.LedgerServiceListLedgerLinesProcedure:                true,
	portalv1connect.LiveServiceWatchProcedure:                            true,
	portalv1connect.MyInfoServiceGetInfoFileProcedure:                    true,
	portalv1connect.MyInfoServiceAskInfoAgainProcedure:                   true,
	portalv1connect.MyInfoServiceAskInfoProcedure:                        true,
	portalv1connect.MyInfoServiceCorrectInfoProcedure:                    true,
	portalv1connect.MyInfoServiceEraseInfoProcedure:                      true,
	portalv1connect.MyInfoServiceGetInfoAnswerProcedure:                  true,
	portalv1connect.MyInfoServiceGetInfoCatalogProcedure:                 true,
	portalv1connect.MyInfoServiceGetInfoSettingsProcedure:                true,
	portalv1connect.MyInfoServiceListInfoCorrectionsProcedure:            true,
	portalv1connect.MyInfoServiceListInfoRequestsProcedure:               true,
	portalv1connect.MyInfoServiceMarkInfoSeenProcedure:                   true,
	portalv1connect.MyInfoServicePlanInfoProcedure:                       true,
	portalv1connect.MyInfoServiceUpdateInfoSettingsProcedure:             true,
	portalv1connect.NewsServiceListNewsProcedure:                         true,
	portalv1connect.NoticeServiceListActionsProcedure:                    true,
	portalv1connect.NoticeServiceUpdateActionProcedure:                   true,
	portalv1connect.PasskeyServiceAddPasskeyProcedure:                    true,
	portalv1connect.PasskeyServiceBeginPasskeyLoginProcedure:             true,
	portalv1connect.PasskeyServiceCheckPasskeyCodeProcedure:              true,
	portalv1connect.PasskeyServiceEndPasskeyProcedure:                    true,
	portalv1connect.PasskeyServiceGetPasskeyOfferProcedure:               true,
	portalv1connect.PasskeyServiceListPasskeysProcedure:                  true,
	portalv1connect.PasskeyServiceLogInByPasskeyProcedure:                true,
	portalv1connect.PasskeyServiceMakePasskeyProcedure:                   true,
	portalv1connect.PasskeyServiceOfferPasskeyProcedure:                  true,
	portalv1connect.PasskeyServiceOpenPasskeyOfferProcedure:              true,
	portalv1connect.PasskeyServiceRenamePasskeyProcedure:                 true,
	portalv1connect.PasskeyServiceWatchPasskeyOfferProcedure:             true,
	portalv1connect.QrServiceAllowQrProcedure:                            true,
	portalv1connect.QrServiceBeginQrProcedure:                            true,
	portalv1connect.QrServiceEndQrSessionProcedure:                       true,
	portalv1connect.QrServiceEnterQrProcedure:                            true,
	portalv1connect.QrServiceListQrSessionsProcedure:                     true,
	portalv1connect.QrServiceOpenQrProcedure:                             true,
	portalv1connect.QrServiceRefuseQrProcedure:                           true,
	portalv1connect.QrServiceWatchQrProcedure:                            true,
	portalv1connect.TakeawayServiceGetTakeawayProcedure:                  true,
	portalv1connect.TakeawayServicePrepareTakeawayProcedure:              true,
	portalv1connect.AccountServiceChooseServicesProcedure:                true,
}

// replay sends a call as the page of then did, and says what is wrong with the answer.
func (w *world) replay(c recordedCall, cookie *http.Cookie) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.front+"/"+c.Call, bytes.NewReader(c.Body))
	if err != nil {
		return err
	}
	for name, value := range c.Headers {
		request.Header.Set(name, value)
	}
	request.AddCookie(cookie)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %s", response.Status)
	}
	message, trailers, err := firstFrames(response)
	if err != nil {
		return err
	}
	if status := trailers.Get("Grpc-Status"); status != "" && status != "0" {
		return refused(c, status, trailers)
	}
	answer, err := answerOf(c.Call)
	if err != nil {
		return err
	}
	return proto.Unmarshal(message, answer)
}

// firstFrames are the first message of a gRPC-Web answer and its trailers; a stream's are not waited for.
func firstFrames(response *http.Response) (message []byte, trailers http.Header, err error) {
	if response.Header.Get("Grpc-Status") != "" {
		return nil, response.Header, nil
	}
	body := bufio.NewReader(response.Body)
	var head [5]byte
	if _, err := io.ReadFull(body, head[:]); err != nil {
		return nil, nil, fmt.Errorf("the answer breaks off: %w", err)
	}
	frame := make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(body, frame); err != nil {
		return nil, nil, fmt.Errorf("the answer breaks off: %w", err)
	}
	const compressed, trailer = 0x01, 0x80
	if head[0]&compressed != 0 {
		unpacked, err := gzip.NewReader(bytes.NewReader(frame))
		if err != nil {
			return nil, nil, err
		}
		if frame, err = io.ReadAll(unpacked); err != nil {
			return nil, nil, err
		}
	}
	if head[0]&trailer == 0 {
		return frame, http.Header{}, nil
	}
	trailers = http.Header{}
	for line := range strings.Lines(string(frame)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		trailers.Set(name, strings.TrimSpace(value))
	}
	return nil, trailers, nil
}

// refused judges an answer that is none, by its reason.
func refused(c recordedCall, status string, trailers http.Header) error {
	details, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(trailers.Get("Grpc-Status-Details-Bin"), "="))
	if err != nil {
		return err
	}
	why := new(statuspb.Status)
	if err := proto.Unmarshal(details, why); err != nil {
		return err
	}
	info := new(portalv1.ErrorInfo)
	for _, detail := range why.GetDetails() {
		if err := detail.UnmarshalTo(info); err != nil {
			return err
		}
	}
	if slices.Contains(refusals["/"+c.Call], info.GetReason()) {
		return nil
	}
	return fmt.Errorf("status %s, %s %s: %s", status, info.GetReason(), info.GetField(), why.GetMessage())
}

// answerOf is an empty answer of an RPC, "portal.v1.NoticeService/ListNotices".
func answerOf(call string) (proto.Message, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(
		strings.ReplaceAll(call, "/", "."),
	))
	if err != nil {
		return nil, err
	}
	method, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, errors.New("no RPC")
	}
	kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}
