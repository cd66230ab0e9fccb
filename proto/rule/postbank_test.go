package rule_test

import (
	"testing"

	"madoguchi/proto/rule"
)

// Accounts that stand in public appeals for donations, and the examples of sanmai/jpb-account-converter, which follow
// the bank's own converter.
func TestPostAccounts(t *testing.T) {
	for _, one := range []struct{ symbol, number, branch, account string }{
		{"17190", "39339331", "718", "3933933"}, // published with its 店番: よか隊ネット熊本
		{"14030", "12345671", "408", "1234567"},
		{"15150", "21111111", "518", "2111111"},
		{"14080", "12712721", "408", "1271272"},
		{"16150", "12233411", "618", "1223341"},
		{"11990", "1234561", "198", "0123456"}, // seven digits
		{"00580", "654321", "059", "0654321"},
		{"00160", "100001", "019", "0100001"},
		{"00140", "507", "019", "0000507"}, // 日本赤十字社 東日本大震災義援金
		{"00130", "635289", "019", "0635289"},
		{"00170", "603891", "019", "0603891"},
		{"00130", "421020", "019", "0421020"}, // 中央共同募金会 令和元年台風第19号
		{"00170", "518", "019", "0000518"},
		{"00980", "332036", "099", "0332036"}, // 福岡県共同募金会
		{"00190", "31000", "019", "0031000"},  // 日本ユニセフ協会
		{"00190", "566468", "019", "0566468"}, // 国境なき医師団日本
		{"00140", "569575", "019", "0569575"}, // 国連UNHCR協会
	} {
		want := rule.Transfer{Branch: one.branch, Current: one.symbol[0] == '0', Number: one.account}
		a, fault := rule.ReadPostAccount(one.symbol, one.number)
		if fault != rule.PostSound || a.Transfer() != want {
			t.Errorf("%s-%s is %+v, fault %d", one.symbol, one.number, a, fault)
			continue
		}
		if back, is := want.Post(); !is || back != a {
			t.Errorf("%+v is %+v, %v", want, back, is)
		}
	}
}

func TestPostAccountsAsTheyAreTyped(t *testing.T) {
	for _, typed := range [][2]string{
		{"１７１９０", "３９３３９３３１"}, {" 17190 ", "3933-9331"}, {"1 7190", "3933　9331"}, {"17190−", "‐39339331"},
		{"17190-2", "39339331"}, {"１７１９０－２－", "39339331"}, {"17190", "039339331"},
	} {
		a, fault := rule.ReadPostAccount(typed[0], typed[1])
		if want := (rule.PostAccount{Symbol: "17190", Number: "39339331"}); fault != rule.PostSound || a != want {
			t.Errorf("%q is %+v, fault %d", typed, a, fault)
		}
	}
	if a, fault := rule.ReadPostAccount("00190-5", "31000"); fault != rule.PostSound || a.Symbol != "00190" {
		t.Errorf("%+v, fault %d", a, fault)
	}
}

func TestPostAccountsThatAreNone(t *testing.T) {
	for typed, want := range map[[2]string]rule.PostFault{
		{"", ""}: rule.PostSymbol, {"1719", "39339331"}: rule.PostSymbol, {"171902", "39339331"}: rule.PostSymbol,
		{"27190", "39339331"}: rule.PostSymbol, {"17191", "39339331"}: rule.PostSymbol, {"1719O", "1"}: rule.PostSymbol,
		{"17190-22", "39339331"}: rule.PostSymbol, {"一七一九〇", "39339331"}: rule.PostSymbol,
		{"17190", ""}: rule.PostNumber, {"17190", "1"}: rule.PostNumber, {"17190", "139339331"}: rule.PostNumber,
		{"17190", "39339332"}: rule.PostNumber, {"17190", "3933a331"}: rule.PostNumber,
		{"17190", "00000001"}: rule.PostNumber,
		{"00190", ""}:         rule.PostGiro, {"00190", "0"}: rule.PostGiro, {"00190", "1310000"}: rule.PostGiro,
		{"17180", "39339331"}: rule.PostMistype, {"17190", "39339341"}: rule.PostMistype,
		{"17190", "39393331"}: rule.PostMistype, {"00190", "13000"}: rule.PostMistype,
		{"11940", "12345671"}: rule.PostMistype, // what the bank explains its rule with is no account
	} {
		if _, fault := rule.ReadPostAccount(typed[0], typed[1]); fault != want {
			t.Errorf("%q: fault %d instead of %d", typed, fault, want)
		}
	}
	for _, no := range []rule.Transfer{
		{}, {"718", true, "3933933"}, {"719", false, "3933933"}, {"717", false, "3933933"}, {"718", false, "0000000"},
		{"718", false, "393393"}, {"019", true, "1031000"}, {"71", false, "3933933"}, {"718", false, "39339a3"},
	} {
		if a, is := no.Post(); is || a != (rule.PostAccount{}) {
			t.Errorf("%+v is %+v", no, a)
		}
	}
}

func FuzzPostAccount(f *testing.F) {
	f.Add("17190", "39339331")
	f.Add("００１９０－５", "31000")
	f.Add("1\u2212", "ー")
	f.Add("", "1")
	f.Fuzz(func(t *testing.T, symbol, number string) {
		a, fault := rule.ReadPostAccount(symbol, number)
		back, is := rule.Transfer{Branch: symbol, Current: fault == rule.PostSound, Number: number}.Post()
		if is {
			again, wrong := rule.ReadPostAccount(back.Symbol, back.Number)
			if again != back || wrong != rule.PostSound {
				t.Fatalf("%q, %q became %+v, which is none: %d", symbol, number, back, wrong)
			}
		}
		if fault != rule.PostSound {
			return
		}
		to := a.Transfer()
		if !rule.IsDigits(to.Branch, 3) || !rule.IsDigits(to.Number, 7) || to.Current != (a.Symbol[0] == '0') {
			t.Fatalf("%q, %q became %+v", symbol, number, to)
		}
		if back, is := to.Post(); !is || back != a {
			t.Fatalf("%+v became %+v, which became %+v", a, to, back)
		}
	})
}
