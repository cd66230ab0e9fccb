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
	last   int
	newest map[string]int // by the answer's id: the turn of the one that was taken last
}

func newTurn() int {
	turns.Lock()
	defer turns.Unlock()
	turns.last++
	return turns.last
}

// isNewest says whether nothing that was asked for later is kept, or about to be.
func isNewest(id string, turn int) bool {
	turns.Lock()
	defer turns.Unlock()
	if turn < turns.newest[id] {
		return false
	}
	if turns.newest == nil {
		turns.newest = map[string]int{}
	}
	turns.newest[id] = turn
	return true
}

// keep has the device keep a good answer before anybody sees it, since a page may be gone a moment after that; a device
// that is slow goes on in the background. What it refuses it tells by itself (vault.Trouble). Until the vault is open,
// what is to be sealed waits for it in memory: it can lie nowhere else.
func keep(ctx context.Context, k portalv1web.Keep, era, turn int, request []byte, response wire.Message) {
	data, err := encode(response)
	id := KeptID(k.Procedure, request)
	if err != nil || !isNewest(id, turn) {
		return
	}
	vault.Shortly(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), keepPatience)
		defer cancel()
		if !isNewest(id, turn) {
			return // a later answer came before this one's turn
		}
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
