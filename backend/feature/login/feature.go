package login

import (
	"context"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
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
		Name:  "login",
		Entry: true,
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewLoginServiceHandler)(s),
			mount.Serve(portalv1connect.NewPasskeyServiceHandler)(s),
			mount.Serve(portalv1connect.NewQrServiceHandler)(s),
		},
		Loops: map[string]func(context.Context){"logins": s.Run, "cards": s.Watch, "codes": s.sweepCodes},
		Export: map[string]mount.Tell{ // which go with the folder's row
			"passkey":       mount.Rows((*db.Queries).PasskeyList),
			"passkey_offer": mount.Rows((*db.Queries).PasskeyOffersOfFolder),
			"qr_login":      mount.Rows((*db.Queries).QrLoginsOfFolder),
			"qr_lock":       mount.Rows((*db.Queries).QrLocksOfFolder),
		},
	}
}
