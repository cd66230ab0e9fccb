package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db/dbtest"
	accessv1 "madoguchi/proto/gen/access/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// methods are those of the contracts with people and offices, by their addresses.
var methods = func() map[string]protoreflect.MethodDescriptor {
	list := map[string]protoreflect.MethodDescriptor{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			of := file.Services().Get(i).Methods()
			for j := 0; j < of.Len() && (file.Package() == "portal.v1" || file.Package() == "office.v1"); j++ {
				list["/"+string(of.Get(j).Parent().FullName())+"/"+string(of.Get(j).Name())] = of.Get(j)
			}
		}
		return true
	})
	return list
}()

// services are those that the methods stand in.
var services = func() (names []string) {
	for _, method := range methods {
		names = append(names, string(method.Parent().FullName()))
	}
	slices.Sort(names)
	return slices.Compact(names)
}()

// unimplemented answers a method as a handler that does not do it yet.
func unimplemented(
	procedure string, method protoreflect.MethodDescriptor, options ...connect.HandlerOption,
) http.Handler {
	type nothing = emptypb.Empty
	not := connect.NewError(connect.CodeUnimplemented, errors.New("not yet"))
	options = append(options, connect.WithSchema(method))
	if method.IsStreamingServer() {
		return connect.NewServerStreamHandler(procedure,
			func(context.Context, *connect.Request[nothing], *connect.ServerStream[nothing]) error { return not },
			options...)
	}
	return connect.NewUnaryHandler(procedure,
		func(context.Context, *connect.Request[nothing]) (*connect.Response[nothing], error) { return nil, not },
		options...)
}

var callers = map[string]access.Caller{
	"nobody":   {},
	"newcomer": {Kind: access.Newcomer},
	"citizen":  {Kind: access.Citizen, FolderID: "f"},
	"citizen+account.close": {
		Kind: access.Citizen, FolderID: "f", CardPurpose: "account.close", CardShownAt: now.Add(-access.CardFresh),
	},
	"citizen+stale": {
		Kind: access.Citizen, FolderID: "f", CardPurpose: "account.close", CardShownAt: now.Add(-access.CardFresh - 1),
	},
	"citizen+ahead": {
		Kind: access.Citizen, FolderID: "f", CardPurpose: "account.close", CardShownAt: now.Add(access.ClockSkew + 1),
	},
	"citizen+delegate.appoint": {
		Kind: access.Citizen, FolderID: "f", CardPurpose: "delegate.appoint", CardShownAt: now,
	},
	"newcomer+account.close": {Kind: access.Newcomer, CardPurpose: "account.close", CardShownAt: now},
	"agent+notice":           {Kind: access.Citizen, FolderID: "a", For: "f", Mandate: []string{"notice"}},
	"agent+account.close": {
		Kind: access.Citizen, FolderID: "a", For: "f", CardPurpose: "account.close", CardShownAt: now,
	},
	"office+notice": {Kind: access.Office, OfficeDuties: []string{"notice"}},
	"office+idle":   {Kind: access.Office},
}

// Written by hand, so that Judge is not measured by itself.
func TestVerdicts(t *testing.T) {
	rules, err := access.Check(services...)
	if err != nil {
		t.Fatal(err)
	}
	const a, l, n, c = access.Allowed, access.NotLoggedIn, access.NotAllowed, access.CardAgain
	for procedure, want := range map[string]map[string]access.Verdict{
		portalv1connect.LoginServiceLogInProcedure: {"nobody": a, "newcomer": a, "citizen": a, "office+notice": a},
		portalv1connect.NoticeServiceListNoticesProcedure: {
			"nobody": l, "newcomer": n, "citizen": a, "citizen+account.close": a, "agent+notice": n, "office+notice": n,
		},
		portalv1connect.LoginServiceShowCardProcedure: {"nobody": l, "newcomer": a, "citizen": a, "office+notice": n},
		portalv1connect.AccountServiceCloseAccountProcedure: {
			"nobody": l, "newcomer": n, "newcomer+account.close": n, "citizen": c, "citizen+account.close": a,
			"citizen+stale": c, "citizen+ahead": c, "citizen+delegate.appoint": c,
			"agent+account.close": n, "office+notice": n,
		},
		officev1connect.NoticeServiceSendNoticeProcedure: {
			"nobody": l, "newcomer": n, "citizen": n, "office+notice": a, "office+idle": n,
		},
		officev1connect.PersonServiceListPersonsProcedure: {"nobody": l, "citizen": n, "office+notice": n},
	} {
		for caller, verdict := range want {
			if got := access.Judge(rules[procedure], callers[caller], now); got != verdict {
				t.Errorf("%s by %s: got %v, want %v", procedure, caller, got, verdict)
			}
		}
	}
	if got := rules.CardPurposes(); !slices.Equal(got, []string{
		"account.close", "account.mail", "login.passkey", "takeaway.all", "usage.disown",
	}) {
		t.Errorf("purposes %v", got)
	}
}

// What the table says is what the interceptor does, through the real handlers.
func TestTheInterceptorEnforcesTheTable(t *testing.T) {
	rules, err := access.Check(services...)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	interceptor := connect.WithInterceptors(access.NewInterceptor(rules, dbtest.SQLite(t), clock))
	mux := http.NewServeMux()
	for procedure, method := range methods {
		mux.Handle(procedure, unimplemented(procedure, method, interceptor))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), callers[r.Header.Get("Test-As")])))
	}))
	defer server.Close()

	want := map[access.Verdict]string{
		access.Allowed:     `"unimplemented"`, // it reached the handler
		access.NotLoggedIn: `"unauthenticated"`,
		access.NotAllowed:  `"permission_denied"`,
		access.CardAgain:   `"permission_denied"`,
	}
	cases := accesstest.Cases(rules, slices.Collect(maps.Keys(callers))...)
	if len(cases) != len(rules)*len(callers) || len(cases) < 100 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		kind, body := "application/json", "{}"
		if methods[c.Procedure].IsStreamingServer() {
			kind, body = "application/connect+json", "\x00\x00\x00\x00\x02{}"
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+c.Procedure,
			strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Test-As", c.As)
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer := new(strings.Builder)
		if err := response.Write(answer); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if !strings.Contains(answer.String(), want[c.Want]) {
			t.Errorf("%s as %s: want %s, got %s", c.Procedure, c.As, want[c.Want], answer)
		}
	}
}

func TestAServerWithAnUnmarkedRPCDoesNotStart(t *testing.T) {
	for _, name := range []string{"portal.v1.NoSuchService", "portal.v1.Account", "grpc.health.v1.Health"} {
		if _, err := access.Check(name); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

// service makes a contract with one RPC, and gives its service's name.
func service(t *testing.T, rule *accessv1.Access, level descriptorpb.MethodOptions_IdempotencyLevel) string {
	t.Helper()
	name := "Made" + rand.Text()
	options := &descriptorpb.MethodOptions{IdempotencyLevel: level.Enum()}
	if rule != nil {
		proto.SetExtension(options, accessv1.E_Access, rule)
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new(name + ".proto"), Package: new("made"), Syntax: new("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("Empty" + name)}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new(name),
			Method: []*descriptorpb.MethodDescriptorProto{{
				Name: new("Do"), InputType: new(".made.Empty" + name), OutputType: new(".made.Empty" + name),
				Options: options,
			}}}},
	}, protoregistry.GlobalFiles)
	if err == nil {
		err = protoregistry.GlobalFiles.RegisterFile(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "made." + name
}

func TestAServerWithAnRPCThatDoesNotSayWhatItIsDoesNotStart(t *testing.T) {
	const write, reads, again = descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN,
		descriptorpb.MethodOptions_NO_SIDE_EFFECTS, descriptorpb.MethodOptions_IDEMPOTENT
	for name, c := range map[string]struct {
		rule  *accessv1.Access
		level descriptorpb.MethodOptions_IdempotencyLevel
		want  string // of the error; "" when it starts
	}{
		"no option":          {nil, reads, "who may call it"},
		"no caller":          {&accessv1.Access{Unrecorded: true}, reads, "who may call it"},
		"a citizen, neither": {&accessv1.Access{Citizen: true}, reads, "history"},
		"anyone, neither":    {&accessv1.Access{Anyone: true}, reads, "history"},
		"an agent, neither":  {&accessv1.Access{Agent: "notice"}, reads, "history"},
		"both": {
			&accessv1.Access{Citizen: true, Record: "a.b", Unrecorded: true}, reads, "and is unrecorded",
		},
		"an agent, unrecorded": {
			&accessv1.Access{Citizen: true, Agent: "notice", Unrecorded: true}, reads, "both histories",
		},
		"a record of another form": {
			&accessv1.Access{Citizen: true, Record: "Read a notice"}, reads, "feature.act",
		},
		"a page's own, recorded": {
			&accessv1.Access{Citizen: true, Record: "a.b", Unattended: true}, reads, "no act",
		},
		"card again for anyone": {
			&accessv1.Access{Anyone: true, Unrecorded: true, CardPurpose: "a.b"}, again, "nobody has shown one",
		},
		"a write for anyone": {&accessv1.Access{Anyone: true, Record: "a.b"}, write, "make it IDEMPOTENT"},
		"a secret that is repeated": {
			&accessv1.Access{Anyone: true, Record: "a.b", SecretAnswer: true}, again, "secret",
		},
		"a read that waits": {&accessv1.Access{Citizen: true, Record: "a.b", MayWait: true}, reads, "may wait"},
		"a secret that waits": {
			&accessv1.Access{Citizen: true, Record: "a.b", MayWait: true, SecretAnswer: true}, write, "may wait",
		},
		"a newcomer's that waits": {&accessv1.Access{Newcomer: true, MayWait: true}, write, "may wait"},
		"a card that waits": {
			&accessv1.Access{Citizen: true, Record: "a.b", MayWait: true, CardPurpose: "a.b"}, write, "may wait",
		},
		"a write that waits": {&accessv1.Access{Citizen: true, Record: "a.b", MayWait: true}, write, ""},
		"a recorded read":    {&accessv1.Access{Citizen: true, Record: "notice.read"}, reads, ""},
		"a recorded write": {
			&accessv1.Access{Citizen: true, Agent: "notice", Record: "notice.mark"}, write, "",
		},
		"a secret for anyone": {
			&accessv1.Access{Anyone: true, Record: "login.begin", SecretAnswer: true}, write, "",
		},
		"an office, which has no history": {&accessv1.Access{OfficeDuty: "notice"}, write, ""},
		"staff alone":                     {&accessv1.Access{Staff: "desk"}, write, ""},
		"a linked site alone":             {&accessv1.Access{Scope: "profile"}, reads, ""},
	} {
		_, err := access.Check(service(t, c.rule, c.level))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What is for callers that no door brings yet is for nobody; what is for an agent is not for the person without a
// mandate, nor for who acts for oneself.
func TestCallersOfLaterDoors(t *testing.T) {
	for name, rule := range map[string]*accessv1.Access{
		"staff": {Staff: "notice"}, "scope": {Scope: "notice"}, "agent": {Agent: "account", Record: "a.b"},
	} {
		for as, caller := range callers {
			if got := access.Judge(rule, caller, now); got != access.NotAllowed && got != access.NotLoggedIn {
				t.Errorf("%s by %s: %v", name, as, got)
			}
		}
	}
	rule := &accessv1.Access{Agent: "notice", Record: "notice.read"}
	for as, want := range map[string]access.Verdict{
		"nobody": access.NotLoggedIn, "citizen": access.NotAllowed, "agent+notice": access.Allowed,
		"agent+account.close": access.NotAllowed, "office+notice": access.NotAllowed,
	} {
		if got := access.Judge(rule, callers[as], now); got != want {
			t.Errorf("by %s: %v, want %v", as, got, want)
		}
	}
}

func TestACallIsAboutItsSubject(t *testing.T) {
	for as, want := range map[string]string{
		"nobody": "", "newcomer": "", "citizen": "f", "agent+notice": "f", "office+notice": "",
	} {
		if got := access.Subject(access.WithCaller(t.Context(), callers[as])); got != want {
			t.Errorf("%s: %q, want %q", as, got, want)
		}
	}
}

// Features ask for the subject. Who would take the folder of the actor would show agents their own.
func TestFeaturesGoByTheSubject(t *testing.T) {
	actor := regexp.MustCompile(`(FromContext\([^)]*\)|\bcaller)\.FolderID`)
	walked := 0
	err := filepath.WalkDir("../../feature", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		walked++
		source, err := os.ReadFile(path)
		for _, found := range actor.FindAllString(string(source), -1) {
			t.Errorf(
				"%s: %s does not say whose folder is meant; ask for access.Subject(ctx), for a session or card "+
					"access.Actor(ctx)", path, found,
			)
		}
		return err
	})
	if err != nil || walked < 20 {
		t.Errorf("%d files, %v", walked, err)
	}
}

func TestWhatIsSaidOfACall(t *testing.T) {
	for procedure, want := range map[string]struct{ unattended, stream bool }{
		portalv1connect.LoginServiceGetSessionProcedure:    {true, false},
		portalv1connect.NoticeServiceWatchNoticesProcedure: {true, true},
		portalv1connect.NoticeServiceGetNoticeProcedure:    {false, false},
		"/portal.v1.NoticeService/NoSuchCall":              {false, false},
	} {
		if access.Unattended(procedure) != want.unattended || access.IsStream(procedure) != want.stream {
			t.Errorf("%s: unattended %v, stream %v", procedure, access.Unattended(procedure),
				access.IsStream(procedure))
		}
	}
}

// A read may be asked for by GET according to Connect; what was asked would stand in logs then.
func TestNoCallStandsInAnAddress(t *testing.T) {
	rules, err := access.Check(portalv1connect.LoginServiceName)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewLoginServiceHandler(failing{fail: func() error { return nil }},
		connect.WithInterceptors(access.NewInterceptor(rules, nil, time.Now))))
	server := httptest.NewServer(mux)
	defer server.Close()
	client := portalv1connect.NewLoginServiceClient(server.Client(), server.URL, connect.WithHTTPGet())
	_, err = client.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if connect.CodeOf(err) != connect.CodeUnimplemented {
		t.Errorf("by GET: %v", err)
	}
	if _, err = portalv1connect.NewLoginServiceClient(server.Client(), server.URL).GetSession(t.Context(),
		&portalv1.GetSessionRequest{}); err != nil {
		t.Errorf("by POST: %v", err)
	}
}

type failing struct {
	portalv1connect.UnimplementedLoginServiceHandler
	fail func() error
}

func (f failing) GetSession(context.Context, *portalv1.GetSessionRequest) (*portalv1.GetSessionResponse, error) {
	return nil, f.fail()
}

// Whatever goes wrong inside stays inside: the caller gets a reference.
func TestWhatAHandlerDidNotMeanToSay(t *testing.T) {
	for name, fail := range map[string]func() error{
		"panic": func() error { panic("hidden") },
		"error": func() error { return errors.New("hidden") },
	} {
		rules, err := access.Check(portalv1connect.LoginServiceName)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle(portalv1connect.NewLoginServiceHandler(
			failing{fail: fail}, connect.WithInterceptors(access.NewInterceptor(rules, nil, time.Now)),
		))
		server := httptest.NewServer(mux)
		defer server.Close()
		_, err = portalv1connect.NewLoginServiceClient(server.Client(), server.URL).GetSession(t.Context(),
			&portalv1.GetSessionRequest{})
		var failed *connect.Error
		if !errors.As(err, &failed) || failed.Code() != connect.CodeInternal ||
			strings.Contains(err.Error(), "hidden") || len(failed.Details()) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		value, err := failed.Details()[0].Value()
		info, ok := value.(*portalv1.ErrorInfo)
		if err != nil || !ok || info.GetReason() != portalv1.Reason_REASON_INTERNAL || info.GetReference() == "" {
			t.Errorf("%s: %v, %v", name, value, err)
		}
	}
}

func TestAnErrorNamesTheFieldAndHidesTheCause(t *testing.T) {
	err := access.Error(t.Context(), connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, "display_name",
		errors.New("cause"))
	value, _ := err.Details()[0].Value()
	info := value.(*portalv1.ErrorInfo)
	if info.GetField() != "display_name" || strings.Contains(err.Error(), "cause") {
		t.Errorf("%v, %v", err, info)
	}
}
