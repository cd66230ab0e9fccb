//go:build !js

package e2e_test

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// scripted stands in the bridge's place and says what no virtual reader can bring about.
type scripted struct {
	t      *testing.T
	origin string // of the page
	health string

	mu     sync.Mutex
	socket *websocket.Conn
	reader *bridgev2.Reader
	looks  int
	// signs are the requests for a signature; nobody answers them but the test.
	signs chan *bridgev2.Request
}

// replaceBridge ends the bridge until the test is over. health is what the stand-in says of itself.
func replaceBridge(t *testing.T, health string) *scripted {
	t.Helper()
	w := worldOf(t)
	bridge := w.processes["bridge"]
	bridge.stop()
	s := &scripted{t: t, origin: w.origin, health: health, signs: make(chan *bridgev2.Request, 1)}
	listener, err := net.Listen("tcp", w.bridge)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: s}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		s.mu.Lock()
		if s.socket != nil {
			s.socket.Close()
		}
		s.mu.Unlock()
		if err := bridge.start(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *scripted) says(health string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health = health
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", s.origin)
		_, _ = io.WriteString(w, s.health)
		return
	}
	upgrader := websocket.Upgrader{
		Subprotocols: []string{"madoguchi.bridge.v2"}, CheckOrigin: func(*http.Request) bool { return true },
	}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.socket = socket
	s.mu.Unlock()
	for {
		_, frame, err := socket.ReadMessage()
		if err != nil {
			return
		}
		request := &bridgev2.Request{}
		if err := proto.Unmarshal(frame, request); err != nil {
			s.t.Error(err)
			return
		}
		s.answer(request)
	}
}

func (s *scripted) answer(request *bridgev2.Request) {
	switch body := request.GetBody().(type) {
	case *bridgev2.Request_Hello:
		s.send(&bridgev2.Reply{
			Id: request.GetId(), Body: &bridgev2.Reply_Welcome{Welcome: &bridgev2.Welcome{Version: "2"}},
		})
		s.become(s.reader)
	case *bridgev2.Request_Look:
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.looks++
		}()
		s.send(&bridgev2.Reply{Id: request.GetId(), Body: &bridgev2.Reply_Card{Card: &bridgev2.Card{
			Place: body.Look.GetPlace(), Kind: bridgev2.CardKind_CARD_KIND_MY_NUMBER, Certificate: []byte{0x30},
			Tries: []*bridgev2.Tries{{Kind: bridgev2.PINKind_PIN_KIND_AUTH, Left: 3}},
		}}})
	case *bridgev2.Request_Sign:
		s.signs <- request
	}
}

// looked waits until a page has looked at the card so often.
func (s *scripted) looked(times int) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		looks := s.looks
		s.mu.Unlock()
		if looks >= times {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the page looked %d times, not %d", looks, times)
		}
	}
}

// become tells the page of the one reader that there is.
func (s *scripted) become(reader *bridgev2.Reader) {
	s.reader = reader
	state := &bridgev2.State{ServiceAvailable: true, Readers: []*bridgev2.Reader{reader}}
	s.send(&bridgev2.Reply{Body: &bridgev2.Reply_State{State: state}})
}

func (s *scripted) send(reply *bridgev2.Reply) {
	frame, err := proto.Marshal(reply)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.socket.WriteMessage(websocket.BinaryMessage, frame)
}

// paste puts a text into a field, as it is.
func (b *browser) paste(id, text string) {
	b.t.Helper()
	eval[chromedp.Void](b, `(() => {
		const field = document.getElementById(`+quote(id)+`);
		field.value = `+quote(text)+`;
		field.dispatchEvent(new InputEvent('input', { bubbles: true }));
	})()`)
}

const speaksV2 = `{"protocols":["madoguchi.bridge.v2"]}`

func TestPINOnTheReadersKeys(t *testing.T) {
	ownWorld(t)
	bridge := replaceBridge(t, speaksV2)
	bridge.reader = &bridgev2.Reader{
		Name: "Reader with keys", Presence: bridgev2.Presence_PRESENCE_CARD, Insertion: 1, PinPad: true,
	}
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("あと3回", "カードリーダー: Reader with keys")
	noField := "!document.getElementById('pin').checkVisibility() && document.getElementById('pin').value === ''"
	b.until("no field", noField)
	b.press("リーダーのキーで入力する") // not: here
	b.until("the field", "document.getElementById('pin').checkVisibility()")
	b.typePIN("12")
	b.press("リーダーのキーで入力する")
	b.until("no field", noField)
	b.inspect("the reader's keys")
	b.screenshot("reader-keys")
	b.press("ログイン")
	asked := <-bridge.signs
	if secret := asked.GetSign().GetSecret(); !secret.GetPad() || len(secret.GetPin()) > 0 {
		t.Errorf("the PIN comes by %v", secret)
	}
	step := func(s bridgev2.Progress_Step) {
		bridge.send(&bridgev2.Reply{Body: &bridgev2.Reply_Progress{
			Progress: &bridgev2.Progress{Request: asked.GetId(), Step: s},
		}})
	}
	step(bridgev2.Progress_STEP_CONFIRM)
	b.sees("このパソコンに出た確認に答えてください")
	step(bridgev2.Progress_STEP_PAD)
	b.sees("カードリーダーのキーで暗証番号を入力してください")
	b.screenshot("reader-keys-typing")
	declined := func() {
		bridge.send(&bridgev2.Reply{Id: asked.GetId(), Body: &bridgev2.Reply_Error{
			Error: &bridgev2.Error{Code: bridgev2.ErrorCode_ERROR_CODE_DECLINED},
		}})
	}
	declined()
	b.sees("リーダーのキーでの入力が終わりませんでした")
	b.until("the next try to be taken", "!document.getElementById('pad-go').disabled")
	b.press("ログイン")
	asked = <-bridge.signs
	step(bridgev2.Progress_STEP_CONFIRM)
	declined()
	b.sees("確認で「いいえ」が選ばれたので、中止しました")
	b.inspect("declined")
	b.press("リーダーのキーで入力する") // not: here
	b.typePIN("12")
}

// Digits wait while another page has its turn, and are gone with the card.
func TestDigitsWaitForAnotherPage(t *testing.T) {
	ownWorld(t)
	bridge := replaceBridge(t, speaksV2)
	free := &bridgev2.Reader{Name: "R", Presence: bridgev2.Presence_PRESENCE_CARD, Insertion: 1}
	held := &bridgev2.Reader{
		Name: "R", Presence: bridgev2.Presence_PRESENCE_CARD, Insertion: 1,
		HolderOrigin: "https://other.example", HolderPurpose: "申請",
	}
	bridge.reader = free
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("あと3回")
	b.typePIN("12")
	// A moment is neither told nor felt.
	eval[chromedp.Void](b, `(() => {
		window.told = []
		const look = () => {
			const field = document.getElementById('pin'), words = document.querySelector('.status-what').textContent
			if (field.disabled || field.value !== '12' || words !== 'マイナンバーカードを読めます')
				told.push(words + ' ' + field.disabled + ' ' + field.value)
		}
		new MutationObserver(look).observe(document.querySelector('.pad'),
			{ subtree: true, childList: true, characterData: true, attributes: true })
	})()`)
	bridge.become(held)
	time.Sleep(200 * time.Millisecond) // the turn itself, not a wait for anything
	bridge.become(free)
	bridge.looked(2)
	if told := eval[string](b, "told.join('; ')"); told != "" {
		t.Errorf("a moment's turn was told: %s", told)
	}
	bridge.become(held)
	b.sees("ほかのページ（https://other.example）がカードを使っています")
	b.inspect("another page's turn")
	bridge.become(free)
	b.sees("マイナンバーカードを読めます")
	b.until("the digits to be there", "(e => !e.disabled && e.value === '12')(document.getElementById('pin'))")
	bridge.become(&bridgev2.Reader{Name: "R", Presence: bridgev2.Presence_PRESENCE_CARD, Insertion: 2})
	b.until("the digits to be gone", "(e => !e.disabled && e.value === '')(document.getElementById('pin'))")
}

// A bridge of before and one of after this page are told apart, and what the page says of them changes by itself.
func TestOldBridgeAndOldPage(t *testing.T) {
	ownWorld(t, "old-bridge", "old-page")
	bridge := replaceBridge(t, `{"status":"ok","version":"1.0","virtual":true}`)
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードブリッジを新しくしてください", "Debianのパッケージ")
	b.inspect("an old bridge")
	b.screenshot("old-bridge")
	b.press("準備の案内を見る")
	b.at("/prepare")
	b.sees("カードブリッジを新しくしてください", "make build")
	b.inspect("preparing with an old bridge")

	bridge.says(`{"protocols":["madoguchi.bridge.v9"]}`)
	b.sees("新しいページを読み込んでください")
	b.inspect("preparing with an old page")
	b.open("/login")
	b.sees("新しいページを読み込んでください")
	b.inspect("an old page")
	b.screenshot("old-page")
	b.until("a sign on this very page", "window.before = true")
	b.press("新しいページを読み込む")
	// The portal has no newer one: the page says so again, and does nothing by itself.
	b.until("the page anew", "!window.before && document.documentElement?.dataset.ready")
	b.sees("新しいページを読み込んでください")

	bridge.reader = &bridgev2.Reader{Name: "R", Presence: bridgev2.Presence_PRESENCE_EMPTY}
	bridge.says(speaksV2)
	b.sees("カードを置いてください")
}

// Of two cards none is used before the person says which.
func TestTwoCardsAreAChoice(t *testing.T) {
	shared := ownWorld(t, "suzuki-umeko", "yamada-sakura")
	for _, person := range []string{"suzuki-umeko", "yamada-sakura"} {
		shared.renew(t, person)
	}
	shared.lay(t, "suzuki-umeko")
	b := newBrowser(t, desktop, "ja")
	b.open("/login")
	b.sees("あと3回", "仮想カードリーダー 1")
	b.typePIN("12")
	shared.post(t, shared.reader+"/lay", form("reader", "1", "person", "yamada-sakura"))
	t.Cleanup(func() { shared.post(t, shared.reader+"/take", form("reader", "1")) })
	b.sees("使うカードを選んでください")
	b.until("an empty field to wait at", "(e => e.disabled && e.value === '')(document.getElementById('pin'))")
	b.inspect("two cards")
	b.screenshot("two-cards")
	b.open("/prepare")
	b.sees("使うカードを選んでください")
	b.inspect("preparing with two cards")
	b.open("/login")
	b.sees("使うカードを選んでください")
	// By keyboard: the focus stays at the choice.
	b.tabTo("仮想カードリーダー 1")
	b.keys(" ")
	b.keys(kb.ArrowDown)
	// Keys that come faster than the page draws: what is marked is what the status names.
	marked := func(reader string) string {
		return "(e => e.checked && e.labels[0].textContent.includes('" + reader + "'))(document.activeElement) && " +
			"document.querySelector('.status-words').textContent.includes('カードリーダー: 仮想カード" + reader + "')"
	}
	b.until("the second card", marked("リーダー 2"))
	for range 21 {
		b.keys(kb.ArrowDown)
	}
	b.until("the first card", marked("リーダー 1"))
	b.keys(kb.ArrowDown)
	b.until("the second card again", marked("リーダー 2"))
	b.typePIN("1234")
	b.press("ログイン")
	b.until("the folder", "location.pathname !== '/login'")
}
