package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/rule/ruletest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Whatever breaks a rule on a field is refused over the wire, at both doors, with the field's name: no service is
// mounted without its rules. What just keeps them, backend/door/rule tries.
func TestBrokenRulesAreRefusedAtTheDoors(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	citizen, office := w.begin("F1", ""), w.office("011002")
	var services []string
	for _, service := range slices.Concat(w.house.Services(mount.People), w.house.Services(mount.Offices)) {
		services = append(services, service.Name)
	}
	cases, err := ruletest.Cases(services...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if !c.Broken {
			continue
		}
		body, err := protojson.Marshal(c.Request)
		if err != nil {
			t.Fatal(err)
		}
		client, base, cookie := http.DefaultClient, w.front, citizen
		if strings.HasPrefix(c.Procedure, "/office.") {
			client, base, cookie = office, w.back, nil
		}
		status, info := refusal(t, client, base+c.Procedure, body, cookie)
		if purpose := info.GetCardPurpose(); purpose != "" { // the card is asked for before anything is looked at
			status, info = refusal(t, client, base+c.Procedure, body, w.begin("F1", purpose))
		}
		want := portalv1.Reason_REASON_INVALID_FIELD
		if c.Long {
			want = portalv1.Reason_REASON_FIELD_TOO_LONG
		}
		if status != http.StatusBadRequest || info.GetReason() != want || info.GetField() != c.Field {
			t.Errorf("%s, %s %s: %d, %v", c.Procedure, c.Field, c.What, status, info)
		}
	}
}

// refusal makes a call of Connect's own protocol and reads what its error says to the page.
func refusal(
	t *testing.T, client *http.Client, address string, body []byte, cookie *http.Cookie,
) (int, *portalv1.ErrorInfo) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if cookie != nil {
		request.AddCookie(cookie)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var failed struct {
		Details []struct {
			Value string
		}
	}
	info := &portalv1.ErrorInfo{}
	if err := json.NewDecoder(response.Body).Decode(&failed); err != nil || len(failed.Details) == 0 {
		return response.StatusCode, info
	}
	written, err := base64.RawStdEncoding.DecodeString(failed.Details[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(written, info); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, info
}
