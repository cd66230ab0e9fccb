package guide

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

// keptPlan is the last plan of an event as the device keeps it, to be read without a network.
type keptPlan struct {
	// On is when, in milliseconds since 1970.
	On        int64   `json:"on"`
	PlaceCode string  `json:"place,omitempty"`
	PlaceName string  `json:"name,omitempty"`
	Answers   answers `json:"answers,omitempty"`
	// Plan is the PlanLifeEventResponse.
	Plan string `json:"plan"`
}

// keptKey is that of an event's plan in localStorage.
func keptKey(event string) string { return vault.PlanKey + event }

// packPlan makes the text to keep.
func packPlan(
	plan *portalv1.PlanLifeEventResponse, place *portalv1.Place, given answers, now time.Time,
) (string, error) {
	message, err := wire.Marshal(plan)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(keptPlan{
		now.UnixMilli(), place.GetCode(), place.GetName(), given, base64.StdEncoding.EncodeToString(message),
	})
	return string(text), err
}

// unpackPlan reads it; false when it is not the plan of this event.
func unpackPlan(text, event string) (kept keptPlan, plan *portalv1.PlanLifeEventResponse, ok bool) {
	if text == "" || json.Unmarshal([]byte(text), &kept) != nil {
		return keptPlan{}, nil, false
	}
	message, err := base64.StdEncoding.DecodeString(kept.Plan)
	if err != nil {
		return keptPlan{}, nil, false
	}
	plan = &portalv1.PlanLifeEventResponse{}
	if wire.Unmarshal(message, plan) != nil || plan.GetEvent().GetId() != event || len(plan.GetSteps()) == 0 {
		return keptPlan{}, nil, false
	}
	return kept, plan, true
}
