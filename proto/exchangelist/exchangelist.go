// Package exchangelist is for what work offices ask one another about people (情報連携), said once for all who need it:
// the work (事務) with its steps, what is asked for (特定個人情報) with its items, which of them go together, and the law of a
// day. The portal takes reports in by it and says it to people in words; an office's client is tried by it.
package exchangelist

import (
	_ "embed" // the words
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"madoguchi/proto/clock"
	"madoguchi/proto/reading"
)

// Text is a text in the three languages of the page. Easy has readings: 漢字《かんじ》.
type Text struct {
	Ja   string `yaml:"ja"`
	En   string `yaml:"en"`
	Easy string `yaml:"easy"`
}

func marked(name, english string) Text {
	return Text{Ja: reading.Plain(name), En: english, Easy: name}
}

// Channel is by what way the information went.
type Channel string

const (
	Network   Channel = "network"   // 番号法第19条第8号
	Ordinance Channel = "ordinance" // 第9号: by an ordinance of the municipality
	Own       Channel = "own"       // the person asked
	Portal    Channel = "portal"    // the portal's staff looked
	Benefit   Channel = "benefit"   // 特定公的給付, by the same number as Network
	Other     Channel = "other"     // not by the network: そのほかの提供
)

// Staff is the work of the portal's own staff, who look at something that a person left there.
const Staff = "portal-staff"

// Duty is some work of an office (事務).
type Duty struct {
	Key      string
	Name     Text
	Official string // as the records call it
	LawName  string // of the work itself
	LawURL   string // at e-Gov; "" where it is no act, but an ordinance of a municipality
	Why      Text
	Channel  Channel
	// Old is the item of 別表第二 until 2024-05-26; "" when it is not known.
	Old string
	// Insurer: it is the work of a health insurer, which the flags of insurers cover.
	Insurer    bool
	Procedures []Procedure
}

// Procedure is a step of it (事務手続).
type Procedure struct {
	Key  string
	Name Text
	Code string // 事務手続コード; "" when it was not seen
}

// Code is the 事務コード as the sandbox has it.
func (d Duty) Code() string {
	digits, branch, _ := strings.Cut(d.Old, "の")
	if digits == "" {
		return ""
	}
	if branch == "" {
		branch = "0"
	}
	return fmt.Sprintf("JM01000000%03s%03s", digits, branch)
}

// Procedure finds a step by its key.
func (d Duty) Procedure(key string) (Procedure, bool) {
	i := slices.IndexFunc(d.Procedures, func(p Procedure) bool { return p.Key == key })
	if i < 0 {
		return Procedure{}, false
	}
	return d.Procedures[i], true
}

// Info is what is asked for (特定個人情報).
type Info struct {
	Key      string
	Number   int // of its name (TM); 0 when it was not seen
	Official string
	Name     Text
	Items    []Item
	// Medical: it tells which health insurance one is in.
	Medical bool
}

// Item is an item of it (項目).
type Item struct {
	Key  string
	Name Text
}

// Item finds an item by its key.
func (i Info) Item(key string) (Item, bool) {
	at := slices.IndexFunc(i.Items, func(one Item) bool { return one.Key == key })
	if at < 0 {
		return Item{}, false
	}
	return i.Items[at], true
}

// Pair is what may be asked for in a step of some work.
type Pair struct {
	Number                int
	Duty, Procedure, Info string
}

type list struct {
	duties []Duty
	infos  []Info
	pairs  []Pair
	bodies []body
}

type body struct {
	Ends string `yaml:"ends"`
	What Text   `yaml:"what"`
}

// Duties lists all work.
func Duties() []Duty { return whole().duties }

// DutyOf finds work by its key.
func DutyOf(key string) (Duty, bool) {
	i := slices.IndexFunc(whole().duties, func(d Duty) bool { return d.Key == key })
	if i < 0 {
		return Duty{}, false
	}
	return whole().duties[i], true
}

// InfoOf finds by its key what is asked for.
func InfoOf(key string) (Info, bool) {
	i := slices.IndexFunc(whole().infos, func(one Info) bool { return one.Key == key })
	if i < 0 {
		return Info{}, false
	}
	return whole().infos[i], true
}

// Pairs lists what may be asked for in which step.
func Pairs() []Pair { return whole().pairs }

// Goes says whether something may be asked for in a step of some work.
func Goes(duty, procedure, info string) bool {
	return slices.ContainsFunc(whole().pairs, func(p Pair) bool {
		return p.Duty == duty && p.Procedure == procedure && p.Info == info
	})
}

// What says what an office is, by its name as the records have it.
func What(name string) (Text, bool) {
	for _, b := range whole().bodies {
		if strings.HasSuffix(name, b.Ends) {
			return b.What, true
		}
	}
	return Text{}, false
}

// changed is the first day of the law of 令和5年, by which 別表第二 is gone.
var changed = time.Date(2024, time.May, 27, 0, 0, 0, 0, clock.Japan)

// LawURL is the My Number Act at e-Gov.
const LawURL = "https://laws.e-gov.go.jp/law/425AC0000000027"

// Law is by which rule something could be asked for at a time: as it stood then, not as it stands now.
func (d Duty) Law(at time.Time) Text {
	switch d.Channel {
	case Ordinance:
		return Text{"番号法第19条第9号", "My Number Act, Article 19, item 9",
			"マイナンバーの 法律《ほうりつ》（番号法《ばんごうほう》）第《だい》19条《じょう》第《だい》9号《ごう》"}
	case Own:
		return Text{"あなた自身の請求", "Your own request", "あなたの 請求《せいきゅう》"}
	case Portal:
		return Text{"法律による照会ではありません（まどぐちの運営）", "Not an inquiry under a law (running the portal)",
			"法律《ほうりつ》で 聞《き》いた ものでは ありません（まどぐちの 仕事《しごと》）"}
	case Other:
		return Text{d.LawName, d.LawName, d.LawName}
	}
	law := Text{"番号法第19条第8号", "My Number Act, Article 19, item 8",
		"マイナンバーの 法律《ほうりつ》（番号法《ばんごうほう》）第《だい》19条《じょう》第《だい》8号《ごう》"}
	if at.Before(changed) && d.Old != "" {
		law.Ja += "・別表第二の" + d.Old + "の項"
		law.En += ", Appended Table 2, row " + d.Old
		law.Easy += "・別表《べっぴょう》第二《だいに》の" + d.Old + "の項《こう》"
	}
	return law
}

// Subject is what the law of a day called the information that goes.
func Subject(at time.Time) string {
	if at.Before(changed) {
		return "特定個人情報"
	}
	return "利用特定個人情報"
}

//go:embed duties.yaml
var dutiesFile []byte

//go:embed infos.yaml
var infosFile []byte

//go:embed pairs.txt
var pairsFile string

//go:embed bodies.yaml
var bodiesFile []byte

var whole = sync.OnceValue(func() list {
	l, err := read()
	if err != nil {
		panic(err) // written here: a test reads it
	}
	return l
})

func read() (l list, err error) {
	if l.duties, err = readDuties(); err != nil {
		return l, err
	}
	if l.infos, err = readInfos(); err != nil {
		return l, err
	}
	if err := yaml.Unmarshal(bodiesFile, &l.bodies); err != nil {
		return l, fmt.Errorf("reading what offices are: %w", err)
	}
	l.pairs, err = readPairs()
	return l, err
}

func readDuties() ([]Duty, error) {
	var file []struct {
		Key, Name, En, Official, Old, Channel string
		Law                                   struct{ Name, Number, By string }
		Why                                   Text
		Insurer                               bool
		Procedures                            []struct{ Key, Name, En, Code string }
	}
	if err := yaml.Unmarshal(dutiesFile, &file); err != nil {
		return nil, fmt.Errorf("reading the work of offices: %w", err)
	}
	var duties []Duty
	for _, f := range file {
		d := Duty{
			Key: f.Key, Name: marked(f.Name, f.En), Official: f.Official, LawName: f.Law.Name, Why: f.Why, Old: f.Old,
			Channel: Channel(f.Channel), Insurer: f.Insurer,
		}
		if d.Channel == "" {
			d.Channel = Network
		}
		if f.Law.Number != "" {
			var err error
			if d.LawURL, err = lawURL(f.Law.Number, f.Law.By); err != nil {
				return nil, fmt.Errorf("the law of %s: %w", f.Key, err)
			}
		}
		for _, p := range f.Procedures {
			d.Procedures = append(d.Procedures, Procedure{p.Key, marked(p.Name, p.En), p.Code})
		}
		duties = append(duties, d)
	}
	return duties, nil
}

func readInfos() ([]Info, error) {
	var file []struct {
		Key, Official, Name, En string
		TM                      int `yaml:"tm"`
		Medical                 bool
		Items                   yaml.Node
	}
	if err := yaml.Unmarshal(infosFile, &file); err != nil {
		return nil, fmt.Errorf("reading what is asked for: %w", err)
	}
	var infos []Info
	for _, f := range file {
		info := Info{Key: f.Key, Number: f.TM, Official: f.Official, Name: marked(f.Name, f.En), Medical: f.Medical}
		for i := 0; i+1 < len(f.Items.Content); i += 2 { // in the order of the file
			var names []string
			if err := f.Items.Content[i+1].Decode(&names); err != nil || len(names) != 2 {
				return nil, fmt.Errorf("an item of %s has no two names", f.Key)
			}
			info.Items = append(info.Items, Item{f.Items.Content[i].Value, marked(names[0], names[1])})
		}
		infos = append(infos, info)
	}
	return infos, nil
}

var errPair = errors.New("not a number, work, a step and what is asked for")

func readPairs() ([]Pair, error) {
	var pairs []Pair
	for n, line := range strings.Split(strings.TrimSpace(pairsFile), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var p Pair
		var infos string
		if _, err := fmt.Sscan(line, &p.Number, &p.Duty, &p.Procedure, &infos); err != nil {
			return nil, fmt.Errorf("pairs, line %d: %w", n+1, errPair)
		}
		for info := range strings.SplitSeq(infos, ",") {
			p.Info = info
			pairs = append(pairs, p)
		}
	}
	return pairs, nil
}
