package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var bodyKinds = []string{
	"application/json", "application/proto", "application/grpc-web+proto", "application/grpc+proto",
	"application/connect+proto", "application/grpc-web-text", "text/plain",
}

// unary lists the calls of the services that answer once.
func unary(rules access.Rules) []string {
	calls := callsOf(rules)
	return slices.DeleteFunc(rules.Procedures(), func(path string) bool { return calls[path].Stream })
}

// opened is a portal whose doors are asked without a network. Nothing runs beside it.
func opened(t testing.TB, change func(*config)) *world {
	t.Helper()
	w, c, front, back := prepare(t)
	front.Close()
	back.Close()
	if change != nil {
		change(&c)
	}
	if !db.IsPostgres(c.database) {
		dbtest.FileAt(t, c.database)
	}
	var err error
	if w.portal, err = build(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	return w
}

func bodies(f *testing.F, calls []string, about map[string]proto.Message) {
	f.Helper()
	for name, m := range about {
		call := slices.IndexFunc(calls, func(c string) bool { return strings.HasSuffix(c, "/"+name) })
		binary, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		text, err := protojson.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		framed := append([]byte{0, 0, 0, byte(len(binary) >> 8), byte(len(binary))}, binary...)
		for kind, body := range [][]byte{text, binary, framed} {
			f.Add(uint8(call), uint8(kind), true, body)
		}
	}
	f.Add(uint8(0), uint8(2), false, []byte{0x80, 0, 0, 0, 1, 0})
	f.Add(uint8(1), uint8(2), false, []byte{0, 0xff, 0xff, 0xff, 0xff})
}

// answered fails when a call broke something on our side.
func answered(t *testing.T, door http.Handler, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	if w.Code == http.StatusInternalServerError || bytes.Contains(body, []byte("REASON_INTERNAL")) ||
		strings.Contains(w.Header().Get("Grpc-Message"), "REASON_INTERNAL") {
		t.Errorf("%s: %d %v %.300q", r.URL.Path, w.Code, w.Header(), body)
	}
}

// FuzzPeoplesCalls sends anything to every call that a browser can make, with a session and without.
func FuzzPeoplesCalls(f *testing.F) {
	w := opened(f, nil)
	if err := w.procedures.Fill(f.Context()); err != nil {
		f.Fatal(err)
	}
	calls := unary(w.house.Rules(mount.People))
	w.folder("hanako")
	cookie := w.begin("hanako", "")
	bodies(f, calls, map[string]proto.Message{
		"LogIn": &portalv1.LogInRequest{
			Proof: &portalv1.CardProof{
				Challenge: []byte("x"), Seal: []byte{1}, Certificate: []byte{0x30, 0}, Signature: make([]byte, 256),
			},
		},
		"UpdateAccount": &portalv1.UpdateAccountRequest{
			DisplayName: "花子", MunicipalityCode: "131105", Language: "ja", MailAddress: "a@example.jp",
		},
		"SearchProcedures": &portalv1.SearchProceduresRequest{Query: "目黒区 保育園", PlaceCode: "131105", PageToken: "20"},
		"GetProcedure": &portalv1.GetProcedureRequest{
			Number: "P0001", PlaceCode: "131105", EventDay: "2026-11-02",
		},
		"CompareProcedures": &portalv1.CompareProceduresRequest{
			PlaceCodes: []string{"131105", "131130"}, Definitions: []string{"P0001"},
		},
		"FindPlaces":  &portalv1.FindPlacesRequest{Query: "153-0063", Limit: 5},
		"ListNotices": &portalv1.ListNoticesRequest{PageSize: 5, PageToken: "YS4xLg"},
		"AddTasks":    &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "印鑑", Due: "2026-12-01"}}},
		"PlanLifeEvent": &portalv1.PlanLifeEventRequest{
			Event: "birth", Answers: []*portalv1.Answer{{Question: "day", Value: "2026-11-02"}},
		},
	})
	f.Fuzz(func(t *testing.T, call, kind uint8, known bool, body []byte) {
		r := httptest.NewRequest(http.MethodPost, calls[int(call)%len(calls)], bytes.NewReader(body))
		r.Host = strings.TrimPrefix(w.front, "http://")
		r.Header.Set("Content-Type", bodyKinds[int(kind)%len(bodyKinds)])
		if known {
			r.AddCookie(cookie)
		}
		answered(t, w.portal.front.Handler, r)
	})
}

// FuzzOfficesCalls sends anything to every call that an office can make.
func FuzzOfficesCalls(f *testing.F) {
	w := opened(f, nil)
	if err := w.procedures.Fill(f.Context()); err != nil {
		f.Fatal(err)
	}
	calls := unary(w.house.Rules(mount.Offices))
	w.folder("hanako")
	state := func(office string) *tls.ConnectionState {
		certificate, err := x509.ParseCertificate(w.certificates[office].Certificate[0])
		if err != nil {
			f.Fatal(err)
		}
		return &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
	}
	known, stranger := state("nenkin"), state("stranger")
	bodies(f, calls, map[string]proto.Message{
		"SendNotice": &officev1.SendNoticeRequest{
			Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-hanako"}, Reference: "r", Title: "題",
			Body: "本文\n", Action: "する", ActionDue: "2026-12-01", ActionUrl: "https://www.example.jp/",
		},
		"ListPersons": &officev1.ListPersonsRequest{Cursor: "1", PageSize: 10},
		"PutProcedures": &officev1.PutProceduresRequest{
			PlaceCode: "000000", EffectiveFrom: "2026-12-01", Procedures: []*portalv1.ProcedureContent{
				{Number: "P0001", Definition: "P0001"},
			},
		},
	})
	f.Fuzz(func(t *testing.T, call, kind uint8, ours bool, body []byte) {
		r := httptest.NewRequest(http.MethodPost, calls[int(call)%len(calls)], bytes.NewReader(body))
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
		r.Header.Set("Content-Type", bodyKinds[int(kind)%len(bodyKinds)])
		r.TLS = stranger
		if ours {
			r.TLS = known
		}
		answered(t, w.portal.back.Handler, r)
	})
}
