package draft

import (
	"bytes"
	"strings"
	"testing"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/form"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// another person logs in on the same device, in the same tab.
func another(t *testing.T) {
	t.Helper()
	vault.Lock()
	as(t, "taro")
	if err := vault.OpenBySession(t.Context(), "taro", bytes.Repeat([]byte("t"), 32), false); err != nil {
		t.Fatal(err)
	}
}

// as has the page know who is logged in.
func as(t *testing.T, owner string) {
	t.Helper()
	before := shell.CurrentSession()
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: owner})
	t.Cleanup(func() { shell.SetSession(before) })
}

func onDevice(t *testing.T) int {
	t.Helper()
	all, err := vault.List(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// A page that is closed by a logout, or by another person's login, leaves nothing that was typed: not in the tab, nor
// in the vault of who comes then.
func TestAPageLeavesNothingOfWhoHasGone(t *testing.T) {
	a, ctx, engine := open(t, &portal{}, here)
	openVault(t)
	as(t, "hanako")
	engine.ConsumeAll()
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	a.keep()
	engine.ConsumeAll()
	if !vault.HasDraft() || onDevice(t) != 1 {
		t.Fatal("nothing is kept")
	}
	answer(a, ctx, "name", form.TextOf("山田ハナコ"))
	vault.DropAll() // the logout, and then the page is closed
	vault.Lock()
	a.OnDismount()
	engine.ConsumeAll()
	if vault.HasDraft() {
		t.Error("the tab has what was typed")
	}
	another(t)
	if n := onDevice(t); n != 0 {
		t.Errorf("the next person's vault has %d drafts", n)
	}
	a, _, engine = open(t, &portal{}, here)
	engine.ConsumeAll()
	if a.sheet != nil || len(a.lying) > 0 {
		t.Errorf("the next person goes on with it: %+v", a.kept)
	}
}

// While what lies on the device goes to the folder, another person logs in: the rest does not go to theirs, nor lie in
// their vault; and what goes, goes in the name of whose it is.
func TestWhatLiesOnTheDeviceGoesToNobodyElse(t *testing.T) {
	p := &portal{}
	openVault(t)
	declareKinds()
	t.Cleanup(vault.Clear)
	for _, draft := range []string{"a", "b", "c"} {
		data := []byte(`{"Place":"131105","Form":"f","Kept":{"Draft":"` + draft + `","Version":"2",` +
			`"Answers":{"name":"山田花子"},"Seen":{},"Dirty":{"name":true}}}`)
		if err := vault.Put(t.Context(), device, draft, data); err != nil {
			t.Fatal(err)
		}
	}
	before := drafts
	drafts = func() portalv1web.DraftService { return p }
	t.Cleanup(func() { drafts = before })
	as(t, "hanako")
	p.meanwhile = func() {
		p.meanwhile = nil
		another(t)
	}
	bring(t.Context())
	if len(p.saves) != 1 || p.owners[0] != "hanako" {
		t.Errorf("%d were sent, in the name of %v", len(p.saves), p.owners)
	}
	if n := onDevice(t); n != 0 {
		t.Errorf("the next person's vault has %d drafts", n)
	}
	vault.Lock()
	openVault(t)
	if n := onDevice(t); n != 3 {
		t.Errorf("%d of three are left to whose they are", n)
	}
}

// What a page saves and sends is of who fills it in: the portal refuses it in a session of somebody else.
func TestAPageSendsInTheNameOfWhoFillsItIn(t *testing.T) {
	as(t, "hanako")
	p := &store{}
	a, ctx, engine := openOn(t, p, here)
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	as(t, "taro") // in another tab, and this one hears of it late
	a.save()
	engine.ConsumeAll()
	chooses(a, "正面.jpg")
	engine.ConsumeAll()
	if len(p.owners) < 2 {
		t.Fatal(p.owners)
	}
	for _, owner := range append(p.owners, p.putBy...) {
		if owner != "hanako" {
			t.Errorf("sent in the name of %q", owner)
		}
	}
	if len(p.putBy) == 0 {
		t.Error("no part was sent")
	}
}

// A link from outside that is endless gives nothing, and one that is bent fills in nothing; neither harms the page.
func TestABentLinkGivesNothing(t *testing.T) {
	for name, fragment := range map[string]string{
		"endless":          "words=" + strings.Repeat("%E3%81%82", 1<<16),
		"many":             strings.Repeat("words=a&", 1<<14),
		"no such":          "nowhere=1&%00=2&=3",
		"not to be filled": "name=%E5%B1%B1%E7%94%B0&born=1990-01-01",
	} {
		t.Run(name, func(t *testing.T) {
			a, ctx, engine := open(t, &portal{}, here+"#"+fragment)
			engine.ConsumeAll()
			a.start(ctx, false)
			for field, v := range a.sheet.Answers {
				if v.Kind != 0 {
					t.Errorf("%s is answered: %v", field, v)
				}
			}
			if a.kept.Linked {
				t.Error("it says that the link answered something")
			}
			html(t, a)
		})
	}
}
