package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
)

// row is a part as the table shows it; as JSON, as programs read it.
type row struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	What string     `json:"what"`
	Is   part.State `json:"is"`
	Wait string     `json:"wait,omitempty"`
	Way  part.Way   `json:"way,omitempty"`
	// Ways are those in which it can be wrong.
	Ways []part.Way `json:"ways"`
	// Now says in words how it is.
	Now string `json:"now"`
}

func rowOf(p *part.Part) row {
	s := p.Setting()
	r := row{ID: p.ID, Name: p.Name, What: p.What, Is: s.Is, Way: s.Way, Ways: p.Ways()}
	switch s.Is {
	case part.Slow:
		r.Wait = s.Wait.String()
		r.Now = fmt.Sprintf("遅れています（%v秒ずつ）", s.Wait.Seconds())
	case part.Wrong:
		r.Now = "おかしくなっています（" + inWords(s.Way) + "）"
	case part.Dead:
		r.Now = "止まっています"
	default:
		r.Now = "動いています"
	}
	return r
}

// Waits are pauses to choose from: what a person hardly minds, what is usual, more than the portal has patience for.
func (r row) Waits() []string {
	waits := []string{"1s", "5s", "30s"}
	if r.Wait != "" && !slices.Contains(waits, r.Wait) {
		waits = append(waits, r.Wait)
	}
	return waits
}

// Chosen is the pause that stands in the form.
func (r row) Chosen() string { return cmp.Or(r.Wait, "5s") }

// InWords says of one way what a part does.
func (row) InWords(way part.Way) string { return inWords(way) }

func inWords(way part.Way) string {
	switch way {
	case part.Status:
		return "エラーを返す"
	case part.Garbage:
		return "でたらめを言う"
	case part.Half:
		return "途中で切れる"
	case part.Stranger:
		return "他人の名義"
	}
	return "順番に"
}

// turn sets the switch of one part: is (well, slow, wrong, dead), wait (how long a slow one waits, like 3s), way (how
// a wrong one is wrong). It answers 303 to the first page.
func (d *Desk) turn(w http.ResponseWriter, r *http.Request) {
	p := d.World.Get(r.PathValue("id"))
	if p == nil {
		http.Error(w, "no such part; GET /parts.json lists them", http.StatusNotFound)
		return
	}
	setting, err := settingOf(r)
	if err == nil {
		err = p.Set(setting)
	}
	if err == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.show(w, http.StatusBadRequest, err.Error())
}

func settingOf(r *http.Request) (part.Setting, error) {
	if err := r.ParseForm(); err != nil {
		return part.Setting{}, fmt.Errorf("reading the form: %w", err)
	}
	s := part.Setting{Is: part.State(r.Form.Get("is"))}
	// The table's form has both fields whichever of its buttons is pressed.
	if wait := r.Form.Get("wait"); wait != "" && s.Is == part.Slow {
		var err error
		if s.Wait, err = time.ParseDuration(wait); err != nil {
			return part.Setting{}, fmt.Errorf("wait is like 3s or 500ms, not %q", wait)
		}
	}
	if s.Is == part.Wrong {
		s.Way = part.Way(r.Form.Get("way"))
	}
	return s, nil
}

func (d *Desk) partsJSON(w http.ResponseWriter, _ *http.Request) {
	rows := []row{}
	for _, p := range d.World.All() {
		rows = append(rows, rowOf(p))
	}
	page.JSON(w, rows)
}
