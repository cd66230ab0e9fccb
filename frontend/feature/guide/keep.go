package guide

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

// The last plan of an event is a record of the vault, for everybody at the device, to be read without a network.

func init() { vault.Declare(vault.Sort{Kind: vault.Answers}) }

// keptPlan is a plan with what was asked for.
type keptPlan struct {
	at      time.Time
	request *portalv1.PlanLifeEventRequest
	place   string // what it is called
	plan    *portalv1.PlanLifeEventResponse
}

// keeping has one act after the other be done, and none that another one has come after.
var keeping struct {
	sync.Mutex
	turn  int
	doing sync.Mutex
}

func inTurn(what string, do func(ctx context.Context) error) {
	keeping.Lock()
	keeping.turn++
	turn := keeping.turn
	keeping.Unlock()
	go func() {
		keeping.doing.Lock()
		defer keeping.doing.Unlock()
		keeping.Lock()
		over := keeping.turn != turn
		keeping.Unlock()
		if over {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := do(ctx); err != nil {
			app.Log(what, ": ", err)
		}
	}()
}

// patience bounds what the device may take.
const patience = 20 * time.Second

// keepPlan keeps the plan of an event in the background.
func keepPlan(event string, kept keptPlan) {
	data, err := kept.packed()
	if err != nil {
		app.Log("keeping a plan: ", err)
		return
	}
	inTurn("keeping a plan", func(ctx context.Context) error { return vault.Put(ctx, vault.Answers, event, data) })
}

func forgetPlan(event string) {
	inTurn("forgetting a plan", func(ctx context.Context) error { return vault.Delete(ctx, vault.Answers, event) })
}

// planKept reads what is kept of an event; false when it is nothing, or no plan of it.
func planKept(ctx context.Context, event string) (keptPlan, bool) {
	record, err := vault.Get(ctx, vault.Answers, event)
	if err != nil {
		return keptPlan{}, false
	}
	kept, ok := unpackPlan(record.Data, event)
	kept.at = record.At
	return kept, ok
}

// packed is the request, the name of the place and the plan, each with its length before it.
func (k keptPlan) packed() ([]byte, error) {
	request, err := wire.Marshal(k.request)
	if err != nil {
		return nil, err
	}
	plan, err := wire.Marshal(k.plan)
	if err != nil {
		return nil, err
	}
	var b []byte
	for _, part := range [][]byte{request, []byte(k.place), plan} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b, nil
}

func unpackPlan(b []byte, event string) (keptPlan, bool) {
	var parts [3][]byte
	for i := range parts {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return keptPlan{}, false
		}
		end := n + int(size)
		parts[i], b = b[n:end], b[end:]
	}
	k := keptPlan{
		request: &portalv1.PlanLifeEventRequest{}, place: string(parts[1]), plan: &portalv1.PlanLifeEventResponse{},
	}
	good := wire.Unmarshal(parts[0], k.request) == nil && wire.Unmarshal(parts[2], k.plan) == nil
	return k, good && k.plan.GetEvent().GetId() == event && len(k.plan.GetSteps()) > 0
}
