package rpc

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/wire"
)

// Which answers are kept on the device, and how, says the option keep of the RPC. Each good answer is kept then; when
// the portal is out of reach, who says that this will do (OrKept) gets the last one to the same request.

const day = 24 * time.Hour

func init() {
	for _, k := range portalv1web.Keeps {
		vault.Declare(vault.Sort{
			Kind: vault.Kind(k.Kind), Sealed: k.Sealed, For: time.Duration(k.Days) * day, Most: k.Most,
		})
	}
}

// keepPatience bounds what the device may take for one answer.
const keepPatience = 20 * time.Second

// Age says how old an answer is.
type Age struct {
	// Kept is when the answer was kept; zero for one that the portal has just given.
	Kept time.Time
	// Locked says that there may be an answer in the person's vault, which is not open.
	Locked bool
}

type orKept struct{}

// OrKept has what is called under it answered by the device when the portal is out of reach; age says so then. Who asks
// for it tells people how old the answer is.
func OrKept(ctx context.Context) (_ context.Context, age *Age) {
	age = &Age{}
	return context.WithValue(ctx, orKept{}, age), age
}

// KeptAt is when the answer to a call under OrKept was kept; zero for one that the portal gave.
func KeptAt(ctx context.Context) time.Time {
	if age, ok := ctx.Value(orKept{}).(*Age); ok {
		return age.Kept
	}
	return time.Time{}
}

type only struct{}

// Only has what is called under it answered by the device alone: the portal is not asked.
func Only(ctx context.Context) context.Context { return context.WithValue(ctx, only{}, true) }

func keepOf(procedure string) (portalv1web.Keep, bool) {
	for _, k := range portalv1web.Keeps {
		if k.Procedure == procedure {
			return k, true
		}
	}
	return portalv1web.Keep{}, false
}

// KeptID names an answer among those of its kind.
func KeptID(procedure string, request []byte) string {
	return procedure + "?" + base64.RawURLEncoding.EncodeToString(request)
}

// Pack writes a message as it is sent and kept; Unpack reads it.
func Pack(message wire.Message) ([]byte, error) { return encode(message) }

// Unpack reads what Pack wrote.
func Unpack(data []byte, message wire.Message) error { return wire.Unmarshal(data, message) }

// turns has what was asked for last be what is kept, in whatever order the answers come.
var turns struct {
	sync.Mutex
	last int
	of   map[string]*turn // by the answer's id
}

// turn is whose it is to be kept under an id.
type turn struct {
	newest  int           // of those that came, the one that was asked for last; under the lock of turns
	keeping chan struct{} // taken by one at a time, so that none overtakes another on its way into the device
}

// Turn numbers what is asked for, and what is known without asking (Know).
func Turn() int {
	turns.Lock()
	defer turns.Unlock()
	turns.last++
	return turns.last
}

// turnOf notes that an answer is about to be kept under an id.
func turnOf(id string, asked int) *turn {
	turns.Lock()
	defer turns.Unlock()
	if turns.of == nil {
		turns.of = map[string]*turn{}
	}
	t := turns.of[id]
	if t == nil {
		t = &turn{keeping: make(chan struct{}, 1)}
		turns.of[id] = t
	}
	t.newest = max(t.newest, asked)
	return t
}

// isNewest says whether nothing that was asked for later is kept, or about to be.
func (t *turn) isNewest(asked int) bool {
	turns.Lock()
	defer turns.Unlock()
	return asked == t.newest
}

// Know has the device keep what a call would be answered with by now, as far as a page knows it of something else: what
// was done was answered, and the network may be gone before anybody asks. It stands over the answers to what was asked
// for before its turn. era is from before the page looked whose it is.
func Know(ctx context.Context, era, turn int, procedure string, request, response wire.Message) {
	k, keeps := keepOf(procedure)
	message, err := encode(request)
	if !keeps || err != nil {
		return
	}
	keep(ctx, k, era, turn, message, response)
}

// keep has the device keep a good answer before anybody sees it, since a page may be gone a moment after that; a device
// that is slow goes on in the background. What it refuses it tells by itself (vault.Trouble). Until the vault is open,
// what is to be sealed waits for it in memory: it can lie nowhere else.
func keep(ctx context.Context, k portalv1web.Keep, era, asked int, request []byte, response wire.Message) {
	data, err := encode(response)
	id := KeptID(k.Procedure, request)
	if err != nil {
		return
	}
	t := turnOf(id, asked)
	if !t.isNewest(asked) {
		return
	}
	vault.Shortly(ctx, func() {
		t.keeping <- struct{}{}
		defer func() { <-t.keeping }()
		if !t.isNewest(asked) {
			return // a later answer came before this one's turn
		}
		ctx, cancel := context.WithTimeout(context.Background(), keepPatience)
		defer cancel()
		if err := vault.PutIn(ctx, era, vault.Kind(k.Kind), id, data); err != nil {
			app.Log("keeping an answer: ", err)
		}
	})
}

// fromKept answers what the portal could not, if the device can.
func fromKept(ctx context.Context, k portalv1web.Keep, failed error, request []byte, response wire.Message) error {
	age, wanted := ctx.Value(orKept{}).(*Age)
	if !wanted || Reason(failed) != portalv1.Reason_REASON_UNREACHABLE || ctx.Err() != nil {
		return failed
	}
	record, err := vault.Get(ctx, vault.Kind(k.Kind), KeptID(k.Procedure, request))
	if err != nil {
		age.Locked = errors.Is(err, vault.ErrLocked)
		return failed
	}
	if Unpack(record.Data, response) != nil {
		return failed
	}
	age.Kept = record.At
	return nil
}
