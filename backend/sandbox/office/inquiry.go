package office

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/page"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

func init() { register(inquiries{}) }

// inquiries (お問い合わせ): what people ask an office is answered by a developer, at the desk.
type inquiries struct{}

func (inquiries) Name() string { return "inquiry" }

func (inquiries) Title() (name, what string) {
	return "お問い合わせの回答", "機関が、本人からのお問い合わせを読んで答えるしくみ"
}

func (inquiries) Granted(o Office) []string {
	if o.Quiet {
		return nil
	}
	return []string{"inquiry"}
}

func (inquiries) Meet(context.Context, *Clerk) error { return nil }

func (inquiries) Person(context.Context, *Clerk, Person) error { return nil }

// asked is an inquiry, and the office that is asked.
type asked struct {
	*officev1.Inquiry
	Office Office
}

type inquiryPage struct{ *Staff }

// Page lets a developer read and answer them.
func (inquiries) Page(s *Staff) Page {
	p := inquiryPage{s}
	return Page{
		Link:   page.Link{Path: "/inquiries", Title: "お問い合わせ"},
		Routes: map[string]http.HandlerFunc{"GET /inquiries": p.show, "POST /inquiries": p.answer},
	}
}

func (p inquiryPage) show(w http.ResponseWriter, r *http.Request) { p.render(w, r, "", "") }

func (p inquiryPage) render(w http.ResponseWriter, r *http.Request, done, trouble string) {
	var list []asked
	for _, c := range p.Clerks {
		if !c.Office.Has(inquiries{}) {
			continue
		}
		got, err := dial(c, inquiries{}, officev1connect.NewInquiryServiceClient).ListInquiries(r.Context(),
			&officev1.ListInquiriesRequest{})
		if err != nil {
			trouble = fmt.Sprintf("%s: %s", c.Office.Name, connect.CodeOf(err))
			continue
		}
		for _, one := range got.GetInquiries() {
			list = append(list, asked{one, c.Office})
		}
	}
	pages.Render(w, http.StatusOK, "inquiries.html", map[string]any{
		"Portal": p.Portal, "Inquiries": list, "Done": done, "Trouble": trouble,
	})
}

func (p inquiryPage) answer(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	c := p.Of(inquiries{}, r.Form.Get("office"))
	if c == nil {
		p.render(w, r, "", "その機関はありません")
		return
	}
	_, err := dial(c, inquiries{}, officev1connect.NewInquiryServiceClient).AnswerInquiry(r.Context(),
		&officev1.AnswerInquiryRequest{Id: r.Form.Get("id"), Text: r.Form.Get("text"), Reference: rand.Text()})
	if err != nil {
		p.render(w, r, "", connect.CodeOf(err).String())
		return
	}
	p.render(w, r, c.Office.Name+"として回答しました。", "")
}
