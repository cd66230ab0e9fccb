package rpc

import (
	"encoding/base64"

	"madoguchi/proto/wire"
)

// Sent fills response with what the portal wrote into this page's document as the answer to request, so that the page
// is drawn at once and stays as it was read. False when there is none. It is good once: who asks again wants what is so
// now.
func Sent(request, response wire.Message) bool {
	question, err := wire.Marshal(request)
	if err != nil {
		return false
	}
	answer, err := base64.StdEncoding.DecodeString(takeSent(
		wire.Name(response), base64.StdEncoding.EncodeToString(question),
	))
	if err != nil || len(answer) == 0 {
		return false
	}
	return wire.Unmarshal(answer, response) == nil
}
