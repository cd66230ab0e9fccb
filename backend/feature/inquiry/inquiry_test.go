package inquiry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/inquiry"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// clock is a second later each time.
func clock() func() time.Time {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func citizen(t *testing.T, d *db.DB, folder string) context.Context {
	t.Helper()
	foldertest.Open(t, d, folder)
	return access.WithCaller(t.Context(), access.Caller{Kind: access.Citizen, FolderID: folder})
}

// registered has offices, of which nenkin takes inquiries, and hanako is known to all.
func registered(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) error {
		for id, duties := range map[string]string{
			"nenkin": "person inquiry notice", "zei": "person notice", "other": "inquiry",
		} {
			err := q.OfficeRegister(t.Context(), db.OfficeRegisterParams{
				ID: id, Name: "機関" + id, CertificateHash: id, Duties: duties,
			})
			if err != nil {
				return err
			}
		}
		for i, id := range []string{"nenkin", "zei"} {
			err := q.OfficeIntroduce(t.Context(), db.OfficeIntroduceParams{
				OfficeID: id, Identifier: id + "-hanako", FolderID: "hanako", Position: int64(i + 1),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func office(t *testing.T, id string) context.Context {
	return access.WithCaller(t.Context(), access.Caller{
		Kind: access.Office, OfficeID: id, OfficeDuties: []string{inquiry.Duty},
	})
}

func TestAnInquiryAndItsAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := inquiry.New(d, clock())
		woken := 0
		desk := inquiry.NewIntake(s, func() { woken++ })
		hanako, taro := citizen(t, d, "hanako"), citizen(t, d, "taro")
		registered(t, d)
		offices, err := s.ListInquiryOffices(hanako, &portalv1.ListInquiryOfficesRequest{})
		if err != nil || len(offices.GetOffices()) != 1 || offices.GetOffices()[0].GetId() != "nenkin" {
			t.Fatalf("%v, %v", offices, err)
		}
		opened, err := s.OpenInquiry(hanako, &portalv1.OpenInquiryRequest{
			OfficeId: "nenkin", Subject: "年金の手紙", Text: "これは何ですか。\n教えてください。",
			Attached: &portalv1.InquiryAttachment{Code: "ABCD2345", Page: "/notice", State: "browser: Firefox"},
		})
		if err != nil {
			t.Fatal(err)
		}
		id := opened.GetInquiry().GetId()
		if got := opened.GetInquiry(); got.GetState() != portalv1.InquiryState_INQUIRY_STATE_WAITING ||
			len(got.GetMessages()) != 1 || got.GetAttached().GetCode() != "ABCD2345" || len(got.GetNumber()) != 9 {
			t.Fatalf("%v", got)
		}
		// Nobody else sees it, writes into it, or closes it; another office neither.
		for what, err := range map[string]error{
			"read":  second(s.GetInquiry(taro, &portalv1.GetInquiryRequest{Id: id})),
			"write": second(s.WriteInquiry(taro, &portalv1.WriteInquiryRequest{Id: id, Text: "x"})),
			"close": second(s.CloseInquiry(taro, &portalv1.CloseInquiryRequest{Id: id})),
			"answer": second(desk.AnswerInquiry(office(t, "other"), &officev1.AnswerInquiryRequest{
				Id: id, Text: "x", Reference: "1",
			})),
			"ask whom one is not known to": second(s.OpenInquiry(taro, &portalv1.OpenInquiryRequest{
				OfficeId: "nenkin", Subject: "x", Text: "x",
			})),
		} {
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if list, err := desk.ListInquiries(office(t, "other"), &officev1.ListInquiriesRequest{}); err != nil ||
			len(list.GetInquiries()) != 0 {
			t.Errorf("another office: %v, %v", list, err)
		}
		list, err := desk.ListInquiries(office(t, "nenkin"), &officev1.ListInquiriesRequest{})
		if err != nil || len(list.GetInquiries()) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		if one := list.GetInquiries()[0]; one.GetPerson() != "nenkin-hanako" || one.GetSubject() != "年金の手紙" ||
			one.GetState() != "browser: Firefox" || !one.GetMessages()[0].GetByPerson() {
			t.Errorf("%v", one)
		}
		answer := &officev1.AnswerInquiryRequest{Id: id, Text: "お知らせです。", Reference: "R1"}
		first, err := desk.AnswerInquiry(office(t, "nenkin"), answer)
		again, againErr := desk.AnswerInquiry(office(t, "nenkin"), answer)
		if err != nil || againErr != nil || first.GetWrittenAt() != again.GetWrittenAt() || woken != 2 {
			t.Errorf("%v %v, %v %v, woken %d", first, err, again, againErr, woken)
		}
		other := &officev1.AnswerInquiryRequest{Id: id, Text: "別の文", Reference: "R1"}
		if _, err := desk.AnswerInquiry(office(t, "nenkin"), other); connect.CodeOf(err) != connect.CodeAlreadyExists {
			t.Errorf("another text under the same reference: %v", err)
		}
		got, err := s.GetInquiry(hanako, &portalv1.GetInquiryRequest{Id: id})
		if m := got.GetInquiry(); err != nil || len(m.GetMessages()) != 2 ||
			m.GetState() != portalv1.InquiryState_INQUIRY_STATE_ANSWERED || m.GetOffice() != "機関nenkin" ||
			m.GetMessages()[1].GetBy() != portalv1.InquiryWriter_INQUIRY_WRITER_OFFICE {
			t.Errorf("%v, %v", got, err)
		}
		closed, err := s.CloseInquiry(hanako, &portalv1.CloseInquiryRequest{Id: id})
		if err != nil || closed.GetInquiry().GetState() != portalv1.InquiryState_INQUIRY_STATE_CLOSED {
			t.Errorf("%v, %v", closed, err)
		}
		more, err := s.WriteInquiry(hanako, &portalv1.WriteInquiryRequest{Id: id, Text: "もう一つ"})
		if err != nil || more.GetInquiry().GetState() != portalv1.InquiryState_INQUIRY_STATE_WAITING {
			t.Errorf("%v, %v", more, err)
		}
	})
}

func second[A any](_ A, err error) error { return err }

func nobody(context.Context, *db.Queries, string) error { return nil }

func TestTheOperatorAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := inquiry.New(d, clock())
		hanako := citizen(t, d, "hanako")
		registered(t, d)
		opened, err := s.OpenInquiry(hanako, &portalv1.OpenInquiryRequest{Subject: "画面", Text: "開きません"})
		toOffice, officeErr := s.OpenInquiry(hanako, &portalv1.OpenInquiryRequest{
			OfficeId: "nenkin", Subject: "年金", Text: "教えて",
		})
		if err != nil || officeErr != nil {
			t.Fatal(err, officeErr)
		}
		number := opened.GetInquiry().GetNumber()
		if list, err := s.Waiting(t.Context()); err != nil || len(list) != 1 || list[0].GetNumber() != number {
			t.Fatalf("%v, %v", list, err)
		}
		for what, err := range map[string]error{
			"none":         s.Answer(t.Context(), "0000-0000x", "x"),
			"an office's":  s.Answer(t.Context(), toOffice.GetInquiry().GetNumber(), "x"),
			"empty":        s.Answer(t.Context(), number, " \n"),
			"close none":   s.Close(t.Context(), "9999"),
			"show another": second(s.Show(t.Context(), toOffice.GetInquiry().GetNumber(), nobody)),
		} {
			if err == nil {
				t.Errorf("%s went well", what)
			}
		}
		if err := s.Answer(t.Context(), number, "直しました。"); err != nil {
			t.Fatal(err)
		}
		unnoted := errors.New("it cannot be noted")
		refuses := func(context.Context, *db.Queries, string) error { return unnoted }
		if shown, err := s.Show(t.Context(), number, refuses); !errors.Is(err, unnoted) || shown != nil {
			t.Error("it is shown though nobody notes that:", err)
		}
		shown, err := s.Show(t.Context(), number, nobody)
		if err != nil || len(shown.GetMessages()) != 2 || shown.GetMessages()[1].GetText() != "直しました。" {
			t.Errorf("%v, %v", shown, err)
		}
		if list, err := s.Waiting(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("after the answer: %v, %v", list, err)
		}
		if err := s.Close(t.Context(), number); err != nil {
			t.Error(err)
		}
	})
}

func TestInquiriesAreLimited(t *testing.T) {
	d := dbtest.SQLite(t)
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	s := inquiry.New(d, func() time.Time { return at })
	hanako := citizen(t, d, "hanako")
	open := func() (*portalv1.OpenInquiryResponse, error) {
		return s.OpenInquiry(hanako, &portalv1.OpenInquiryRequest{Subject: "題", Text: "文"})
	}
	var last string
	for range 20 {
		opened, err := open()
		if err != nil {
			t.Fatal(err)
		}
		last = opened.GetInquiry().GetId()
	}
	if _, err := open(); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Errorf("the 21st: %v", err)
	}
	for range 10 {
		if _, err := s.WriteInquiry(hanako, &portalv1.WriteInquiryRequest{Id: last, Text: "文"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.WriteInquiry(hanako, &portalv1.WriteInquiryRequest{Id: last, Text: "文"})
	if connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("the 31st message of a day: %v", err)
	}
	// A case is kept back by no limit.
	err = d.Tx(t.Context(), func(q *db.Queries) error {
		_, _, err := s.OpenCase(t.Context(), q, "hanako", "これは私ではない", "文")
		return err
	})
	if err != nil {
		t.Errorf("a case: %v", err)
	}
	at = at.Add(25 * time.Hour)
	if _, err := s.WriteInquiry(hanako, &portalv1.WriteInquiryRequest{Id: last, Text: "文"}); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

func TestTextsThatAreNone(t *testing.T) {
	d := dbtest.SQLite(t)
	s, hanako := inquiry.New(d, clock()), citizen(t, d, "hanako")
	for what, request := range map[string]*portalv1.OpenInquiryRequest{
		"no subject": {Text: "文"},
		"no text":    {Subject: "題"},
		"two lines":  {Subject: "題\n目", Text: "文"},
		"too long":   {Subject: "題", Text: strings.Repeat("文", 2001)},
		"unseen":     {Subject: "題", Text: "文\u202e"},
		"a state too big": {
			Subject: "題", Text: "文", Attached: &portalv1.InquiryAttachment{State: strings.Repeat("x", 1001)},
		},
	} {
		_, err := ruletest.Call(hanako, s.OpenInquiry, request)
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", what, err)
		}
	}
}
