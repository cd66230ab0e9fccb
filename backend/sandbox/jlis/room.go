package jlis

import (
	"net/http"
	"path/filepath"
	"time"

	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
	"madoguchi/bridge/softcard"
)

func init() { room.Register(room.Room{Name: "jlis", Prepare: prepare, Open: open}) }

// prepare writes whom the portal has to trust.
func prepare(dir string, now time.Time) error {
	return file.Replace(filepath.Join(dir, "jpki-ca.pem"), softcard.CAPEM(now), 0o644)
}

func open(ground room.Ground) (room.Work, error) {
	p, err := ground.World.Add("jlis", "J-LIS", "電子証明書の確認先（OCSP、失効リスト、更新の履歴、機関への紹介）")
	if err != nil {
		return room.Work{}, err
	}
	register := map[string]Office{}
	for _, o := range office.All() {
		key, err := o.Seal(ground.State)
		if err != nil {
			return room.Work{}, err
		}
		register[o.ID] = Office{Key: key, Serves: o.Serves}
	}
	s := New(register, time.Now)
	return room.Work{
		Served: map[string]http.Handler{
			"/jlis/": http.StripPrefix("/jlis", part.Handler(p, s.Handler(), s.Wrong())),
		},
		Pages:    map[string]http.HandlerFunc{"POST /certificates": s.end},
		Programs: []string{"/jlis/"},
	}, nil
}
