package login

import (
	"context"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/keys"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares the login; what the house has is filled into c.
func Feature(h *mount.House, c Config) mount.Feature {
	c.DB, c.Origin, c.Now = h.DB, h.Origin, h.Now
	c.Challenges, c.Cookies, c.Purposes = h.Keys.Ring(keys.Challenge), h.Keys.Ring(keys.Cookie), h.CardPurposes
	s, err := New(c)
	if err != nil {
		panic(err) // a part of the portal was not given: it never starts so
	}
	return mount.Feature{
		Name:     "login",
		Services: []mount.Service{mount.Serve(portalv1connect.NewLoginServiceHandler)(s)},
		Loops:    map[string]func(context.Context){"logins": s.Run, "cards": s.Watch},
	}
}
