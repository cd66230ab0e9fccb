package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

const officeUsage = `portal office [settings] ACT calls a portal's gateway as an office does. Acts:

  persons                                 who was introduced to the office
  watch                                   the requests meant for it, a line each, until Ctrl-C; what is shown is leased
  answer REQUEST FILE                     answers one, with an AnswerInformationRequest in JSON; - reads what is typed
  correct CORRECTION corrected [WORDS]    answers a correction (訂正請求); also: declined WORDS, extended WORDS DAY
  protect PERSON FLAG on|off              sets or lifts not_disclosed (不開示該当), not_provided (自己情報提供不可), support (支援措置)
  protections                             what the office has set
  inquiries                               what people ask (お問い合わせ), a line each
  reply INQUIRY REFERENCE                 answers one with what is read from the standard input; under a reference once
  report FILE                             reports exchanges (やりとり履歴), a ReportExchangesRequest in JSON;
                                          - reads what is typed
  tasks                                   what the office is to do about exchanges:
                                          report what is missing, answer claims
  reported INQUIRY                        says that all of a period was reported
  claim CLAIM corrected|explained WORDS   answers a claim about an exchange; also: extended WORDS DAY
  mass FILE                               makes a transfer of many public, a ReportMassTransferRequest in JSON
  conformance --as 13,23                  plays the portal to the office's client,
	which is to answer for these categories,
                                          and says what of proto/office/v1/myinfo.proto it keeps; with
                                          --exchanges, what of exchange.proto; with --applications, what of
                                          application.proto

settings:
`

// officeTool is what the acts share.
type officeTool struct {
	gateway, certificate, key, trust string
	out                              io.Writer
	in                               io.Reader
}

// actAsOffice does `portal office`.
func actAsOffice(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out io.Writer) error {
	tool := officeTool{in: in, out: out}
	flags := flag.NewFlagSet("portal office", flag.ContinueOnError)
	flags.SetOutput(out)
	text := func(into *string, name, fallback, usage string) {
		variable := "OFFICE_" + strings.ToUpper(name)
		if set := getenv(variable); set != "" {
			fallback = set
		}
		flags.StringVar(into, name, fallback, usage+" ("+variable+")")
	}
	text(&tool.gateway, "gateway", "https://127.0.0.1:8443",
		"the portal's gateway; of conformance, the address to listen on")
	text(&tool.certificate, "certificate", "", "the office's certificate; of conformance, that of the gateway")
	text(&tool.key, "key", "", "its key")
	text(&tool.trust, "trust", "", "the gateway's certificate, or its authority; the system's authorities when empty")
	flags.Usage = func() {
		fmt.Fprint(out, officeUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 && flags.Arg(0) == "conformance" {
		return tool.conformance(ctx, flags.Args()[1:])
	}
	client, err := tool.client()
	if err != nil {
		return err
	}
	info := officev1connect.NewMyInfoServiceClient(client, tool.gateway, connect.WithGRPC())
	arg := flags.Arg
	exchanges := exchangeTool{tool, officev1connect.NewExchangeServiceClient(client, tool.gateway, connect.WithGRPC())}
	if known, err := exchanges.act(ctx, flags.Args()); known {
		return err
	}
	switch act := arg(0); {
	case act == "persons" && flags.NArg() == 1:
		return tool.persons(ctx, officev1connect.NewPersonServiceClient(client, tool.gateway, connect.WithGRPC()))
	case act == "watch" && flags.NArg() == 1:
		return tool.watch(ctx, info)
	case act == "answer" && flags.NArg() == 3:
		return tool.answer(ctx, info, arg(1), arg(2))
	case act == "correct" && flags.NArg() >= 3 && flags.NArg() <= 5:
		return tool.correct(ctx, info, arg(1), arg(2), arg(3), arg(4))
	case act == "protect" && flags.NArg() == 4:
		return tool.protect(ctx, info, arg(1), arg(2), arg(3))
	case act == "protections" && flags.NArg() == 1:
		return tool.protections(ctx, info)
	case act == "inquiries" && flags.NArg() == 1:
		return tool.inquiries(ctx, officev1connect.NewInquiryServiceClient(client, tool.gateway, connect.WithGRPC()))
	case act == "reply" && flags.NArg() == 3:
		desk := officev1connect.NewInquiryServiceClient(client, tool.gateway, connect.WithGRPC())
		return tool.reply(ctx, desk, arg(1), arg(2))
	}
	flags.Usage()
	return errors.New("say what the office is to do")
}

func (o officeTool) client() (*http.Client, error) {
	pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
	if err != nil {
		return nil, fmt.Errorf("reading the office's certificate (--certificate, --key): %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	if o.trust != "" {
		trusted, err := os.ReadFile(o.trust)
		if err != nil {
			return nil, fmt.Errorf("reading whom to trust (--trust): %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(trusted) {
			return nil, fmt.Errorf("%s holds no certificate", o.trust)
		}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}, nil
}

// line writes a message, in JSON.
func (o officeTool) line(m proto.Message) error {
	data, err := protojson.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing an answer of the gateway: %w", err)
	}
	var compact json.RawMessage = data
	if data, err = json.Marshal(compact); err != nil { // without protojson's random blanks
		return fmt.Errorf("writing an answer of the gateway: %w", err)
	}
	_, err = fmt.Fprintf(o.out, "%s\n", data)
	return err
}

func (o officeTool) persons(ctx context.Context, client officev1connect.PersonServiceClient) error {
	for cursor := ""; ; {
		page, err := client.ListPersons(ctx, &officev1.ListPersonsRequest{Cursor: cursor})
		if err != nil {
			return fmt.Errorf("listing persons: %w", err)
		}
		for _, p := range page.GetPersons() {
			if err := o.line(p); err != nil {
				return err
			}
		}
		if len(page.GetPersons()) == 0 {
			return nil
		}
		cursor = page.GetCursor()
	}
}

func (o officeTool) watch(ctx context.Context, client officev1connect.MyInfoServiceClient) error {
	for ctx.Err() == nil {
		stream, err := client.WatchRequests(ctx, &officev1.WatchRequestsRequest{})
		if err != nil {
			return fmt.Errorf("waiting for requests: %w", err)
		}
		for stream.Receive() {
			for _, r := range stream.Msg().GetRequests() {
				if err := o.line(r); err != nil {
					return err
				}
			}
			for _, c := range stream.Msg().GetCorrections() {
				if err := o.line(c); err != nil {
					return err
				}
			}
		}
		if err := stream.Err(); err != nil && ctx.Err() == nil {
			return fmt.Errorf("waiting for requests: %w", err)
		}
		_ = stream.Close()
	}
	return nil
}

func (o officeTool) answer(ctx context.Context, client officev1connect.MyInfoServiceClient, id, file string) error {
	data, err := o.read(file)
	if err != nil {
		return err
	}
	request := &officev1.AnswerInformationRequest{}
	if err := protojson.Unmarshal(data, request); err != nil {
		return fmt.Errorf("%s is no answer: %w", file, err)
	}
	request.RequestId = id
	response, err := client.AnswerInformation(ctx, request)
	if err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	return o.line(response)
}

func (o officeTool) read(file string) ([]byte, error) {
	if file == "-" {
		data, err := io.ReadAll(o.in)
		if err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return data, nil
}

func (o officeTool) correct(
	ctx context.Context, client officev1connect.MyInfoServiceClient, id, outcome, words, due string,
) error {
	value, known := officev1.CorrectionOutcome_value["CORRECTION_OUTCOME_"+strings.ToUpper(outcome)]
	if !known || value == 0 {
		return fmt.Errorf("%q is none of corrected, declined, extended", outcome)
	}
	response, err := client.AnswerCorrection(ctx, &officev1.AnswerCorrectionRequest{
		CorrectionId: id, Outcome: officev1.CorrectionOutcome(value), Answer: words, Due: due,
	})
	if err != nil {
		return fmt.Errorf("answering a correction: %w", err)
	}
	return o.line(response)
}

func (o officeTool) protect(
	ctx context.Context, client officev1connect.MyInfoServiceClient, person, flag, on string,
) error {
	value, known := officev1.Protection_value["PROTECTION_"+strings.ToUpper(flag)]
	if !known || value == 0 {
		return fmt.Errorf("%q is none of not_disclosed, not_provided, support", flag)
	}
	if on != "on" && on != "off" {
		return fmt.Errorf("%q is neither on nor off", on)
	}
	response, err := client.SetProtection(ctx, &officev1.SetProtectionRequest{
		Person: person, Protection: officev1.Protection(value), On: on == "on",
	})
	if err != nil {
		return fmt.Errorf("setting what protects a person: %w", err)
	}
	return o.line(response)
}

func (o officeTool) inquiries(ctx context.Context, client officev1connect.InquiryServiceClient) error {
	for token := ""; ; {
		page, err := client.ListInquiries(ctx, &officev1.ListInquiriesRequest{PageToken: token})
		if err != nil {
			return fmt.Errorf("listing what people ask: %w", err)
		}
		for _, one := range page.GetInquiries() {
			if err := o.line(one); err != nil {
				return err
			}
		}
		if token = page.GetNextPageToken(); token == "" {
			return nil
		}
	}
}

func (o officeTool) reply(
	ctx context.Context, client officev1connect.InquiryServiceClient, id, reference string,
) error {
	text, err := o.read("-")
	if err != nil {
		return err
	}
	response, err := client.AnswerInquiry(ctx, &officev1.AnswerInquiryRequest{
		Id: id, Text: string(text), Reference: reference,
	})
	if err != nil {
		return fmt.Errorf("answering an inquiry: %w", err)
	}
	return o.line(response)
}

func (o officeTool) protections(ctx context.Context, client officev1connect.MyInfoServiceClient) error {
	for token := ""; ; {
		page, err := client.ListProtections(ctx, &officev1.ListProtectionsRequest{PageToken: token})
		if err != nil {
			return fmt.Errorf("listing what protects people: %w", err)
		}
		for _, p := range page.GetProtections() {
			if err := o.line(p); err != nil {
				return err
			}
		}
		if token = page.GetNextPageToken(); token == "" {
			return nil
		}
	}
}
