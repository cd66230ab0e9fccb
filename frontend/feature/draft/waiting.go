package draft

import (
	"context"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// What was signed without a network waits in the vault, and is sent once there is one.

func declare() {
	waiting.Declare(portalv1web.ApplicationServiceSendApplication, waiting.Sort{
		Kind: outbox.Kind{Subject: subject},
		Words: func([]byte, string) lang.Text {
			return textDoSend
		},
		Sides: func(context.Context, outbox.Write) ([]waiting.Side, error) { return nil, nil },
	})
}

func subject(request []byte) outbox.Subject {
	r := &portalv1.SendApplicationRequest{}
	if rpc.Unpack(request, r) != nil {
		return outbox.Subject{}
	}
	return outbox.Subject{About: []string{"application/" + r.GetId()}, Title: r.GetForm()}
}
