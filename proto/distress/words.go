package distress

import (
	"slices"
	"strings"
)

// spelt makes the kanji of a stem the kana it is as often written in; fold came before it.
var spelt = strings.NewReplacer(spellings()...)

func spellings() []string {
	var list [][2]string
	for line := range strings.Lines(`
子供 こども,子ども こども,子共 こども,赤ん坊 あかちやん,赤ちやん あかちやん,赤子 あかちやん,お父さん とうさん,おとうさん とうさん,父さん とうさん,父親 父
お母さん かあさん,おかあさん かあさん,母さん かあさん,母親 母,旦那 だんな,彼氏 かれし,彼女 かのじよ,息子 むすこ,お婆 おばあ,お爺 おじい,祖母 おばあ,祖父 おじい
友達 ともだち,友だち ともだち,警察 けいさつ,救急車 きゆうきゆうしや,救きゆう車 きゆうきゆうしや,きゆきゆしや きゆうきゆうしや,きゆきゆうしや きゆうきゆうしや,きゆうきゆしや きゆうきゆうしや,ぼおりよく ぼうりよく,ぼりよく ぼうりよく,泥棒 どろぼう
殴 なぐ,撲 なぐ,叩 たた,怖 こわ,恐い こわい,恐く こわく,辛い つらい,辛く つらく,辛す つらす,疲れ つかれ,助け たすけ,倒れ たおれ,燃え もえ
無い ない,無く なく,無し なし,有りませ ありませ,追い出 おいだ,逃げ にげ,触 さわ,食べ たべ,住 す,泊ま とま,泊め とめ,寝 ね
払え はらえ,払う はらう,払わ はらわ,止ま とま,止め とめ,止ら とまら,困 こま,苦し くるし,痛 いた,襲わ おそわ,襲う おそう,脅 おど,消え きえ
生き いき,生ま うま,産ま うま,お金 おかね,呼 よ,飲 の,呑 の,帰 かえ,居場所 いばしよ,居ない いない,居な いな,限界 げんかい,無理 むり
意識 いしき,呼吸 こきゆう,心臓 しんぞう,胸 むね,喉 のど,詰ま つま,溺れ おぼれ,虐待 ぎやくたい,暴力 ぼうりよく,痴漢 ちかん
苛め いじめ,虐め いじめ,自殺 じさつ,自さつ じさつ,殺さ ころさ,殺し ころし,殺す ころす,殺そ ころそ,殺せ ころせ,首 くび,手首 てくび,飛び とび,飛降 とびお,とび降 とびお
薬 くすり,飛び込 とびこ,飛込 とびこ,飛び降 とびお,飛び下 とびお,傷付 きずつ,傷つ きずつ,終わ おわ,終り おわり,耐え たえ,頑張 がんば,怒鳴 どな,暴れ あばれ,突き飛 つきと,閉じ込 とじこ,閉じこ とじこ,捨て すて
揺さぶ ゆさぶ,抱え かかえ,煙 けむり,臭 くさ,匂い におい,臭い におい,轢 ひ,跳ね はね,流さ ながさ,火傷 やけど
仲間 なかま,外れ はずれ,監視 かんし,強要 きようよう,借金 しやつきん,家賃 やちん,電気 でんき,水道 すいどう,所持金 しよじきん,財布 さいふ
足り たり,痙攣 けいれん,防止 防止,停止 停止,中止 中止,禁止 禁止,廃止 廃止,阻止 阻止,抑止 抑止,抜か ぬか,抜き ぬき,抜く ぬく,追い詰 おいつ,追いつ おいつ,空い すい,空腹 くうふく,腹 なか,お腹 おなか,行く いく,行き場 いきば,行ける いける,死たい 死にたい,言わ いわ,ついて来 ついてく,付いて来 ついてく,後を あとを
お巡り おまわり,育て そだて,働け はたらけ,隠れ かくれ,裸 はだか,写真 しやしん,閉め しめ,絞め しめ,締め しめ,絞 しめ`) {
		for pair := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if from, to, ok := strings.Cut(pair, " "); ok {
				list = append(list, [2]string{from, to})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return len(b[0]) - len(a[0]) }) // 呼吸 before 呼
	var pairs []string
	for _, pair := range list {
		pairs = append(pairs, pair[:]...)
	}
	return pairs
}

// lists are ways to say one thing, named in phrases as <name>.
var lists = map[string]string{
	"<ない>":  "ない|ありませ|なくて|なくな|なかつ|ねえ|なし|たりな|たりませ|たりん",
	"<相手>":  "夫|おつと|だんな|主人|しゆじん|妻|つま|嫁|よめ|かれし|かのじよ|彼|元彼|もとかれ|恋人|ぱとな|配偶者|同居人|亭主|内縁|婚約者",
	"<親>":   "親|おや|父|ちち|母|はは|とうさん|かあさん|ぱぱ|まま|兄|あに|にいさん|にいちやん|姉|あね|ねえさん|おじ|おば|先生|せんせい|保護者|こち|監督",
	"<相手に>": "夫に|おつとに|だんなに|主人に|妻に|嫁に|かれしに|かのじよに|彼に|元夫に|元彼に|恋人に|ぱとなに|夫から|妻から|だんなから|かれしから|主人から",
	"<親に>":  "親に|おやに|父に|母に|とうさんに|かあさんに|ぱぱに|ままに|兄に|にいさんに|にいちやんに|義父に|継父に|継母に|おじさんに|叔父に|家族に|きようだいに|親から|父から|母から",
	"<子>":   "こども|我が子|わがこ|あかちやん|むすこ|娘|むすめ|孫|園児|生徒",
	"<老>":   "おばあ|おじい|老人|施設|へるぱ|認知症|利用者|作業所|職員|ほむ|介護士|障害者|障がい者|高齢者|お年寄り",
	"<人>":   "夫|妻|父|母|親|ちち|はは|とうさん|かあさん|ぱぱ|まま|おばあ|おじい|こども|あかちやん|むすこ|娘|むすめ|家族|かぞく|人|ひと|友|ともだち|おつと|だんな|主人|かれし|かのじよ|彼|隣|となり",
	"<打つ>": "なぐられ|なぐる|なぐつ|なぐり|たたかれ|たたく|たたき|たたい|たたけ|にけられ|がける|がけつ|蹴|どつか|どつく|どつい|しばか|しばく|しばい|ぶたれ|ぶたない|" +
		"ひつぱた|ぼこら|ぼこぼこ|ぼうりよく|つきとば|くびしめ|くびをしめ|投げ|なげ|あばれ|あばれる|おどさ|おどす|おどし|ころす|ころさ|手を出|手をだ|手をあげ|手を上げ|手が出",
	"<怖い>": "こわい|こわく|こわすぎ|こわくて|おびえ|怯え|恐怖",
	"<人々>": "roommate|husband|wife|boyfriend|girlfriend|partner|ex|spouse|fiance|bf|gf",
	"<家人>": "father|mother|dad|mom|mum|parent|parents|stepfather|stepmother|stepdad|stepmom|brother|sister|uncle|grandfather|teacher|caregiver|carer",
	"<hit>": "hit|hits|hitting|beat|beats|beating|beaten|punch|punched|punches|kick|kicked|kicks|slap|slaps|slapped|choke|chokes|choked|strangle|strangled|abuse|abuses|" +
		"abused|abusing|abusive|hurt|hurts|hurting|violent|violence|attacking|threaten|threatens|threatened|threatening|attack|attacks|attacked|stalks|rape|raped|rapes|stab|controls",
	"<child>": "child|children|kid|kids|baby|son|daughter|toddler",
	"<not>":   "not|no|dont|cant|cannot|never|wont|didnt|havent|isnt|stopped|nothing",
}

// ordinary are searches that sound like distress and are none.
var ordinary = []string{
	"死亡届", "先立たれ", "扶養され", "頼まれ", "勧められ", "紹介され", "任され", "譲られ", "送られ", "残され", "のこされ", "家出人", "虐待通告の", "犬が死ぬ", "猫が死ぬ", "ペットが死ぬ", "魚が死ぬ", "鳥が死ぬ", "動物が死ぬ", "虫が死ぬ", "死亡診断書", "死亡一時金", "死亡証明", "死亡退職金", "死亡後", "死産", "死後", "急死", "死因", "死体", "死んだあと", "死んだ後", "死んだとき",
	"死んだ時", "死んだらすること", "死んだら必要", "死んだらする手続", "親が死んだら", "家族が死んだら", "父が死んだ", "母が死んだ",
	"市にたいし", "いりすかわ", "くりすか", "ありすか", "市にたいす", "しにたいして", "しにたいする", "しにたいせ", "しにたいし", "しにたくさん", "しにたくはい", "しにたてる", "しにたすけ",
	"犬の安楽死", "猫の安楽死", "ぺつとの安楽死", "安楽死犬", "安楽死猫", "安楽死ぺつと",
	"救急医療", "救急車が通れ", "火事になつたり災", "火事のり災", "火災のり災", "もえたり災", "全焼したり災", "全焼り災", "dv被害者の", "救急車の適正", "救急車適正", "救急車の出動", "救急車の台数", "救急車の寄", "救急車の有料", "暴力をなくす", "いじめ相談員", "虐待相談員", "救急病院", "救急外来", "救急講習", "救急救命士", "救命救急士", "救急電話相談", "救急箱", "救命講習", "救命艇", "救急安心",
	"自死遺族", "げときぱ", "遺言書", "公正証書遺言",
	"暴力団", "暴力追放", "暴力行為等処罰", "暴風",
	"こども110番", "110番の家", "110番のいえ", "119番通報システム", "119番通報訓練", "119番通報しすてむ", "net119", "110番あぷり", "緊急通報",
	"動物虐待", "虐待の防止等", "虐待に係る通報", "dv防止", "dvd", "dv対策", "人間どつく", "どつくの", "家がもえたり災", "火事で家がもえたり", "dv等支援措置", "dv加害者更生", "体罰禁止",
	"ストーカー行為等の被害", "ストーカー行為等規制", "暴力による被害を自ら防止",
	"火災証明", "火災保険", "火災予防", "火災警報器", "り災", "罹災", "火事見舞", "火災共済", "火災と紛らわしい", "住宅用火災",
	"電気を止めてほしい", "水道を止めたい", "ガスを止めたい", "水道を止める", "電気を止める", "使用中止",
	"消火器", "助けてくれた", "助けてもらった", "助けてもらう申し込み", "助け合い", "たすけあい", "むりょう", "無理数", "もうしこ", "もう申し込", "もう一度", "もういちど",
	"ほむれす自立支援", "野宿町", "へるぷま", "へるぷか", "へるぷです", "犬がいなくな", "猫がいなくな", "いなくなった犬", "いなくなった猫", "ぺつとがいなくな",
	"いなくなった飼い", "鳥がいなくな", "迷い犬", "迷子札", "第三者行為", "交通事故証明", "事故届", "交通事故の保険", "やけど虫",
	"もえるごみ", "もえないごみ", "ごみがもえ", "もえるか", "木がたおれ", "塀がたおれ", "自転車がたおれ", "看板がたおれ", "木が倒れ", "電柱がたおれ", "たおれた木", "たおれそう",
	"といれがつま", "排水管がつま", "下水がつま", "つまつた排水", "つまつたといれ", "水道がとまつた断水", "断水", "停電", "電池の捨て方", "電池のすて方", "洗剤の容器",
	"胸部", "頭痛薬", "熱中症予防", "熱中症対策", "予防接種いた", "死の灰", "行方不明者届", "津波はざ", "津波ひなん", "津波避難", "津波警報とは",
	"修学旅行のおかね", "大学にいきたい", "生活が苦しい子ども", "家族がふえ", "うつ病手帳", "ひなん路", "年金がない", "食べ物の栄養", "食べ放題", "お金を返してもらう",
	"税金がない", "料金がない", "手数料がない", "頭金がない", "現金がない", "返金がない", "借入金がない", "補助金がない", "資金がない", "年金もない", "掛金がない", "家がない災害",
	"からい食", "空き家", "実家がない", "作家", "こわい話", "楽市楽座", "いしきようせい", "意識調査", "いしき調査", "人権意識", "いじめぜろ", "生きる力", "いきる力", "生きがい", "いきがい",
	"生き物", "いきもの", "いきいき", "投げ銭", "投げ入れ", "くびしめつけ", "血液", "献血", "血圧", "輸血",
	"痛風", "いたみ止め", "赤ちゃんが生まれた", "赤ちゃんが生まれまし", "子どもが生まれた", "こどもがうまれた", "行く先", "お薬手帳", "刺さる", "刺し身", "刺しゅう", "かじ代行", "家事",
}

// Matters of offices: what they do against something is no cry for help. A matter names one of the evils, perhaps an aim,
// and a means.
var (
	evils = strings.Fields("自殺 虐待 いじめ いじめ等 dv 暴力 ストーカー ストーカー行為 ハラスメント セクハラ 痴漢 性犯罪 性暴力 体罰 火災 ホームレス 家庭内暴力 迷子 熱中症 津波")
	aims  = strings.Fields("防止 予防 等 防止等 根絶 撲滅 被害防止")
	means = strings.Fields("対策 計画 条例 研修 講座 統計 推進 週間 月間 基金 交付金 啓発 ポスター 規程 基本方針 訓練 セミナー 規制法 防止法 行為等規制 ネットワーク 会議 協議会 相談員 担当 キャンペーン コンクール 作文 標語 パンフレット リーフレット 教室 アンケート 調査 マニュアル ガイド 手引き ハンドブック チェックリスト シンポジウム フォーラム 講演会 運動 ゼロ 通報義務 届出義務 センターの場所 連絡協議会 委員会")
)

var ordinaryLatin = []string{
	"suicide|violence|bullying|abuse|dv|harassment|fire|emergency prevention|countermeasure|countermeasures|response|management|safety plan|plans|ordinance|seminar|week|measures|training|policy",
	"fire plan|seminar|ordinance|training|drill|insurance|department|extinguisher|alarm|station|prevention|safety", "violence|suicide|bullying plan|seminar|ordinance|training|drill",
	"dv protection order", "police station|certificate|clearance|check|box|record", "emergency contact|medical|card|supplies|kit|preparedness|drill|exit|loan|housing",
	"help with|me find|fill|apply|understand", "hit song|and", "domestic animal|animals|worker|flight", "stroke rehabilitation|order", "lost and found", "ambulance volunteer|crew|staff|fee|cost|charge|subscription|statistics",
	"evicted|eviction law", "home care|help|work|loan|visit",
}

var kinds = []words{
	{
		kind: Emergency,
		alone: "119 110 118 911 112 119番 110番 一一九 一一〇 警察 火事 火災 救急 きゅうきゅう 救助 急病 事故 sos sosです help fire police ambulance emergency 助け たすけ へるぷ helpme pleasehelp " +
			"えすおえす 倒れた たおれた けいれん ひきつけ 窒息 あなふぃらきしー 陣痛 破水 破水した やけどした 大やけど やけどしました 骨が折れた 骨折した 行方不明 胸痛 強盗 誘拐 刺された さされた 津波がきた 津波がくる stroke 地震で動けない",
		near: []string{
			"きゆうきゆうしや", "119|110|110番|119番|ひやくとおばん|ひやくじゆうきゆう|ひやくとうばん|ひやくじゆうばん に電話|にでんわ|通報|した|して|する|かけ|よ|に", "ひやくとおばん|ひやくじゆうきゆうばん|ひやくとうばん",
			"けいさつ|おまわり|消防|しようぼう|救急 よんで|よびたい|よぶ|よべ|きて|来て|電話|でんわ|つうほう", "救急 たすけ|はやく|早く",
			"たすけて|たすけt|たすけくだ|たすけが必要|たすけがひつ|たすけに|だれか|誰か たすけ|きて|来て", "たすけて|たしけて|たすけれ|たすてけ|たけすて|たすけえ|たすけろ|たすけてえ|だずけて|たすけて", "たすけくださ", "たすけが必要|たすけがひつよう|たすけを", "へるぷみ", "えすおえす",
			"いしき ない|ありませ|なくな|なかつ|もうろう|不明|失|うしな|ふめい|とお|遠|もど", "<人>|急に|きゆうに|突然|とつぜん|家で|いえで|路上で|道で たおれた|たおれて|たおれま|たおれてい|たおれちや",
			"たおれ うごか|動か|返事|へんじ|反応|はんのう", "うごか|動か|うごけ|動け たおれ|いたい", "返事|へんじ|反応|はんのう|よびかけ ない|しない|ありませ|たおれ|なく", "<人> うごかない|動かない|動かなく|うごかなく",
			"息|いき してい|してない|していな|できな|とまつ|とまり|とまり|くるし|止|たえだえ|しません", "息|いきができ|いきがくるし|いきがで ない|ません|くるし", "こきゆう とま|くるし|でき|ない|してい|してな|おかし|あらい|荒",
			"脈 ない|ありませ|とま|おかし", "しんぞう|心肺 とま|停止|いたい|いたく|くるし|ほつさ|発作", "むね いたい|いたく|くるし|しめつけ|しめ付け|いたみ|圧迫", "激しい|はげしい|突然|急に|きゆうに|ひどい|がんがん 頭痛|ずつう|腹痛",
			"頭|あたま うつた|打つた|打ち|割れるよう|われるよう|強く", "ろれつ", "手|足|手足|半身|片方|かおの半分|顔 動かな|うごかな|しびれて|ゆがん|ゆがむ", "<子>|おばあ|おじい|父|母|妻|夫 ぐつたり|泡を|白目|反応|よんでも|呼んでも|顔色|真つ青|冷た", "けいれんし|けいれんを|けいれんが|がけいれん|ひきつけ",
			"血|出血 とまら|止血|大量|たくさん|いつぱい|はいた|吐|出てい|でてい", "大量の血|大量に出血|血の海|ちがとまらな|ちがとまりま|ちがいつぱい|ちをはい|大量のち|吐血|大量出血|喀血", "大けが|大怪我|おおけが|重傷|切断|指がとれ|指がちぎれ", "足|腕|骨|あし|うで|ほね 折れた|おれた|折れて",
			"高いところ|屋根|階段|かいだん|べらんだ|窓|二階|2階|やね 落ちて|おちて|落ちた|おちた|転落", "交通事故|車|くるま|とらつく|ばいく|ばす|自転車|じこ|事故 ひかれ|ひいてしま|はねられ|はねられ|ぶつけられ|ぶつかつ|にあつた|にあいま|にあつて|つつこ|おこした|起こした|おこしま",
			"人|<人>|だれか|子 はねられ|ひかれた|ひかれて", "火が|火災 もえ|広が|ひろが|消えな|でて|出て", "車|水|雪|部屋|えれべた|といれ|中|泥 出られな|でられな|でれな|うごけな|動けな", "いたく|いたくて|いたみ うごけ|動け|たえ|がまん|ねむれ|死|歩け|たてな|立てな", "火がつ|火がつい|引火し|発火し|燃え広|油 引火|発火|消えな|火が", "けが|怪我|ケガ うごけ|動け|血|ひどい|ひどく|大変|はやく|たすけ|意識", "人 ひいてしま|ひいた|はねてしま|はねた", "おぼれた|おぼれて|おぼれそ", "川|かわ|海|うみ|水|用水路|波 ながされた|ながされて|ながされま|落ちた|落ちて|おちた", "毒|どく|洗剤|せんざい|漂白剤|ひようはくざい|農薬|灯油|はいた|たばこ|電池|でんち|すとうゆ のん|のみ|のむ|のみこ|食べた|たべた|たべて|のんで",
			"<子>|孫 のみこ|のみ込|のんでしま|つまらせ", "どろぼう|空き巣|あきす|強盗|侵入 はいられ|入られ|はいつた|入つた", "けむり もくもく|あが|上が", "<子> 電池|たばこ|洗剤|くすり のん|のみ|食べ|たべ", "誤飲", "のど|餅|もち|食べ物|たべもの つまつ|つまら|つまつて|つまり", "窒息", "あなふいらき|あれるぎ いき|息|くるし|おこ|起こ|でた", "蜂|はち|むかで|まむし|へび|くらげ 刺され|さされ|かまれ|噛まれ いき|息|くるし|いしき|腫れ|はれ",
			"刺され|さされた|刃物で|ないふで|包丁で 刺|切られ|きられ|された|刺|おわれ|追われ", "人|家族|夫|友 刺され|さされた", "熱中症 うごけ|動け|たおれ|いしき|なつた|かも|みたい|もうろう", "感電|かんでん した|して|しま", "やけど した|して|しま|ひどい|大|おお|重", "おおやけど|大やけど",
			"陣痛|じんつう|破水 きた|した|しま|はじま|始ま|来た", "<子> うまれそう|産まれそう|でてきそう", "うまれそう|うまれる いま|今|車|いえ|家", "うまれそう",
			"強盗に|強盗が|強盗です|ごうとうに|ごうとうが|銃を|けんじゆうを|爆弾が|爆弾を|ばくだんが", "どろぼう|不審者|ふしんしや|知らない人|しらない人|知らない男|しらないひと|変な人|刃物|はもの|侵入者 いる|はいつ|入つ|来た|きた|います|い家|いえに|中に|持つ|もつ", "家|いえ|部屋|へや|べらんだ|庭 知らない人|しらないひと|知らない男|どろぼう|だれかいる|誰かいる|不審者|だれか入|だれかはい",
			"ないふ|刃物|包丁|銃|はもの|凶器 もつた|持つた|もつて|持つて|振り回|ふりまわ", "うち|家|いえ|部屋|べらんだ|玄関|庭 入つてき|はいつてき|侵入|しんにゆう|忍び込|よじ登|だれかいる|誰かいる|だれかい", "撃たれ|うたれた|誘拐され|ゆうかいされ|連れ去|つれさら|つれてかれた|つれていかれ", "<子>|認知症|父|母|おばあ|おじい|妻|夫|家族 いなくなつた|いなくなり|行方不明|ゆくえふめい|見つから|みつから|帰つてこな|かえつてこな|戻らな", "行方不明です|行方不明になつ", "<子>|娘 さらわれ|攫われ",
			"<子> いない|いません", "とじこめ られ|らた|れて|ました", "生き埋め|いきうめ|下敷き|したじき|瓦礫", "津波|つなみ|土砂崩れ|どしやくずれ|洪水|雪崩|がけ崩れ きた|くる|来|うま|のま|とじこ|流|ながさ|にげ|動け",
			"火事だ|火事です|火事にな|火事がお|かじです|かじだ|かじにな|火事発生|ぼやが|火が出|火がで|ひがで", "家|いえ|隣|となり|部屋|近所|びる|まんしよん|あぱと|台所|山 火事|かじで|もえてい|もえてる|もえた|もえました|もえて", "もえてい|もえてる|もえています|もえはじ", "けむり で|すごい|だらけ|出|いつぱい|充満|もくもく",
			"がす くさい|漏れ|もれ|におい|漏", "爆発 した|して|しま|しそう", "ばくはつし", "구해|도와|살려|구급|불이야|불났|경찰불러", "救命啊|救命阿|救护车|救護車|着火|着火了|报警|報警|救救我|流血不止|没有呼吸",
			"人が死にそう|死にそうです|死にかけ|しにかけ", "<人> 死にそう|しにそう|死にかけ",
		},
		latin: []string{
			"help|ambulance|police now|please|me|urgent|fast|emergency", "help me", "ambulance", "call|phone|dial|need|send police|911|119|110|ambulance|doctor", "911", "house|home|apartment|room|kitchen|building|there on|is|a|has fire|burning", "on fire", "fire in|at house|home|apartment|kitchen|building|room",
			"emergency number|help|now|call|please", "unconscious|unresponsive|fainted|collapsed|passed_out", "passed out", "<not> breathe|breathing|responding|waking|moving", "difficulty|trouble|stop|short breathing|breath",
			"heart attack|stopped", "chest pain|pains|hurts", "having|had|a|has|think stroke", "stroke symptoms|now|help", "bleeding stop|badly|lot|heavily|heavy|out|wont", "heavy|lot|bad|severe|losing bleeding|blood", "choking", "having|had|has|a seizure|seizures|convulsions", "seizure now|child|baby|help",
			"swallowed|drank|ate|ingested battery|batteries|detergent|bleach|poison|coin|magnet|medicine|pills|cigarette", "poisoned|poisoning|overdosed", "gas leak|leaking|smell", "smell|smells|smelling gas", "car|traffic|road|bike|motorcycle accident|crash|crashed", "hit|struck|run by|over car|truck|bus|bike|car", "drowning|drowned",
			"someone|somebody|man|stranger|burglar|thief|intruder|robber in|broke|breaking|into house|home|apartment|room|door", "intruder|burglar|robber|robbed|robbery|mugged|gunman", "man|someone|person|guy with|has knife|gun|weapon", "stabbed|shot|kidnapped|kidnap|kidnapping|abducted me|him|her|my|was|been|got|by|us|child|daughter|son|someone", "was|been|got|my stabbed|shot|kidnapped|abducted",
			"kidnapped|abducted|stabbed", "child|son|daughter|baby|kid|mother|father|grandmother|wife missing|lost|disappeared|gone", "missing child|son|daughter|person", "water broke|broken", "in labor|labour", "giving birth now|baby", "baby coming|coming_now", "severe|serious injury|injured|burn|burns|bleeding", "electrocuted", "fell|fallen|jumped|pushed on|onto|into tracks|river|sea|water|platform|well", "smoke|flames coming|everywhere|in|from|next", "fell|fallen|falling from|off|down balcony|roof|window|stairs|ladder|floor|building|tree", "break|breaking|broke|trying|force into|in|to|break in|into|my|house|door", "<not> waking|wake|responding|moving up", "intruder", "trapped in|under|inside", "dying", "im|am|going|father|mother|he|she|friend dying",
			"cuu toi|voi", "ambulancia|socorro|auxilio|saklolo|tulong|ambulans", "ayuda favor|me|por|ayudame", "ayudame", "tasukete*", "tasuke te", "kyukyusha|kyuukyuusha|kyuukyusha|kyukyuusha", "kaji desu|da|desuyo", "keisatsu yonde|yobu|kudasai|tasukete", "ishiki ga|nai nai",
		},
	},
	{
		kind: Suicide,
		alone: "死 死ぬ しぬ 死ね 死に 死にます 消える つらい しんどい くるしい 苦しい 絶望 ぜつぼう 限界 もう無理 もうむり もういや もう嫌 もうだめ もう駄目 もうあかん もう疲れた もうつかれた もうやだ もう終わり 孤独 さびしい 寂しい りすか " +
			"安楽死 希望がない きぼうがない 遺書 死にそう od kms しにたみ 致死量 逃げたい もういい 生きづらい",
		near: []string{
			"死にた|死にて|死にとう|死にとお|死のう|死のか|死んでしまえ|死んでしまい|死んでまい|死んじや|死んだらいい|死んだら楽|死んだらら|死んだほうが|死んだ方が|死んでもい|死んでもえ|死んでもよ|死んでやる|死んで楽|死んでらく|死んでお詫び|死んでつぐな|死んで償|死んで謝|死んであやま|死んで消え|死んでいなくな|死んで終わ|死んでおわ|死んでしかるべき|死んでくれ|死んでほし", "存在 したくな|消し|けし|きえ|意味がな|価値がな|ごめん", "かみそり|剃刀|かつたあ|かつた|刃物|はさみ|ないふ|包丁 自分|切つてしま|切りたく|切つた|てくび|腕|うで", "死ねば|死ねたら|死ねる|死ねない|死ねま|死ねないかな",
			"死ぬ 方法|ほうほう|しかな|しかあ|つもり|気で|きで|予定|こと考え|ことばか|ことしか|ことを考|勇気|のがこわ|のはこわ|のもこわ|日|場所", "死ぬこと|死のこと|死について|死 考え|ばか|しか|頭|よぎ|願|選|望|いつも", "死ぬ|死にます|死にそうなくら", "しぬこと|しぬまえ|しぬほど|しぬかも|しぬしか|しぬのが|しぬつもり|しぬとき|しぬいがい|しぬべき|しぬひと", "死に方|死にかた|死なせて|死にきれ|死にぞこ|死に場所|死が救い|死にます|死にました方",
			"死 つかれ|つらい|毎日|楽に|もう", "いきて 罰|ばつ|地獄|じごく|申し訳|迷惑|めいわく", "錠|錠剤|睡眠薬|睡眠導入剤|安定剤|箱 のんだ|のみまし|のんでしま|のみたい|全部|一気", "自分|じぶん 刺|さし|切り|焼|なぐ", "自分|じぶん|私|わたし|俺|僕 死ぬ|死ん|ころし|ころす|消し|傷|きずつ|切つ|切り|罰", "しにたい|しにたう|しにたあ|しにだい|しに鯛|しにたひ|しにたくな|しにたくて|しにたかつ|しにたすぎ|しにたみ|しにてえ|しにてー|しにたl|しにたi|しにtai|しにtい|しにtい|しにたお|しいにたい|しにちやい|しんじやい|しんでしまい|しんでまい|しんだほうが|しんだら楽|しんだららく|しんでもい|しんでらく",
			"しぬ ほうほう|方法|しかな|ことばか|つもり", "しのうと|しのうか|しのうよ|しのうかな|しのうや", "氏にた|師にたい|市にたい|4にたい|4にたく|4にて|タヒにた|たひにた|たひりた|タヒりた|氏のう", "shinita|sinita|shinitai|sinitai|shinde shimai|kieta|shinitakunaru",
			"じさつ|自死 し|を|の|が|か|方法|ほうほう|未遂|願望|相談|サイト|名所|幇助|防止|予防|ほのめか|された|心配|助けて|たすけて", "じさつ|じさす|じさち|じsつ|じさtu", "自害し|自害す|自決し|心中し|心中す|一家心中|無理心中|むりしんじゆう|道連れ", "ろぷ|なわ|縄|ひも 買つ|かつた|用意|くび|つる", "だれか|誰か 声がききたい|声が聞きたい|話したい|はなしたい|きいてほし|聞いてほし|はなしをきいて|話を聞いて|きいてください|きいて", "高い|たかい|屋上|崖|橋 飛びた|とびた|飛ぼう|とぼう", "くび ひも|ろぷ|なわ|縄|たおる|べると|かけた|かけて", "くび つり|つる|つろ|つつて|つつた|吊|くくり|くくる", "とびおり|飛び下り|とびこみた|とびこみそ|とびこもう|身を投げ|みをなげ|身投げ",
			"線路|電車|ほむ|びる|屋上|橋|窓|べらんだ|崖|がけ とびこ|とびお|とびおり|から落ちたい", "練炭|れんたん|硫化水素|入水自", "りすとかつと|りすか|あむか|あむかつと|れつぐかつと", "てくび 切|き", "腕|うで|体|からだ|自分 切つて|切つちや|切りた|切つてしま|切つた|カッター|かつた", "自傷|じしよう行為|じしようこうい",
			"おばどず|おばどう|大量服薬|ばか飲み", "od した|して|しちや|しま|を|やめ|たい", "くすり|睡眠薬|眠剤|処方薬|市販薬|風邪薬|痛み止め 大量|たくさん|いつぱい|全部|ぜんぶ|山ほど|やまほど|何十|100錠|一気|飲みすぎ|のみすぎ|のみ過ぎ|一箱|ひとはこ|一瓶|1箱|1瓶|しと|30錠|50錠", "いのちの電話|いのちのでんわ|よりそいほつと|いのちsos|自殺ほつとらいん|あなたのいばしよ", "大量|たくさん|いつぱい|全部 くすり|睡眠薬 の|飲",
			"きえてしまえ|きえれたら|きえられたら|きえたほうが|きえろつて", "きえたい|きえてしまい|きえてなく|きえさり|きえて楽|きえちやい|この世から|このよから|世界からきえ|跡形もなく", "いなくなりた|いなくなつてしまい|いなくなりそう 私|わたし|自分|死|もう|世|いい", "いなくなりたい|いなくなつてしまいたい|いなくなつちやいたい|いなくなればいい|いなくなつたほう|いなくなつた方", "私|わたし|自分|じぶん|俺|おれ|僕|ぼく|うち|あたし いないほう|いない方|いなくていい|いなくても|いなければ|いなきや|いらない|邪魔|必要とされ|生まれて|うまれて|価値|存在",
			"うまれて こなけ|こな|きたくな|きたのが|ごめん", "目|めが さめなければ|さめなきや|さめないで|覚めなければ|覚めないで|覚めない 楽|いい|ほし", "目が覚めなけれ|めがさめなけれ|目が覚めないで|めがさめない|朝が来なけ|あさがこなけ|明日が来なけ|あしたがこなけ|明日なんて|明日なんか|朝なんか|朝が来るのが|すいこまれそう|吸い込まれそう|ずつと眠つていたい|永遠に眠り|永眠したい", "眠る|ねむる ように 死",
			"いきる|いきて|いきてく|いきてる|いきてい|いきること|いきんの|生活し つらい|つらく|つかれた|つかれ|いや|嫌|しんど|こわい|やめた|やめる|むり|くるしい|くるしく|めんど|限界|げんかい|だるい|辛|自信", "いきる|いきてる|いきている|いきて|いきる事|存在する 意味|いみ|価値|かち|希望|きぼう|理由|りゆう|気力|資格|目的|張り合い ない|わから|なん|なく|あ|見つ", "いきる意味|いきるいみ|いきてる意味|いきている意味|いきる価値|いきる希望|いきる気力|いきる理由|いきる資格",
			"いきたくな|いきたくあ|いきとうな|いきとない|いきていたくな|いきてたくな|いきられな|いきられま|いきてられ|いきていられ|いきていけな|いきていけま|いきていく自信|いきてけな|いきてちや|いきててご|いきててもし|いきてても|いきていても", "いきづら", "なんで|なぜ|どうして いきてる|いきてい|いきてるん|うまれてき|死ねな", "この世|このよ|世界|地球|ここ いたくな|さよなら|さようなら|おさらば|未練", "人生 つかれ|おわつ|おわり|おわら|おわせ|やめ|いや|嫌|むり|つらい|つらく|詰ん|つんだ|つみ|りせつと|しんど|意味|絶望|どうでも",
			"命|いのち たち|たと|絶|断|捨て|すて|おわら|いらない|終|粗末", "おわりにしたい|おわらせたい|おわりにしよう|全部おわ|ぜんぶおわ|すべておわ|何もかもおわ|なにもかもおわ|楽になりたい|らくになりたい|楽にして|らくにして|楽になれ|解放されたい", "ころして ほし|くれ|くだ|下さ|もら|ください", "<人>|だれか|誰か|もう|はやく|早く|お願い|おねがい ころして", "ころしてほし|ころしてくれ|ころしてくだ", "ころしてもらい",
			"もう げんかい|限界|たえられ|たえれ|がんばれな|がんばれま|つかれた|つかれま|つかれ切|むりで|むりだ|むり死|むりかも|だめだ|だめで|だめかも|いやだ|いやに|いやで|嫌だ|おわりに|おわりたい|何もかも|どうでもい|立ち直れ|やつていけ|しんどい|あかん", "絶望|ぜつぼう し|だ|で|に|的|しか", "安楽死|尊厳死 し|させ|できる|たい|国|スイス|すいす", "致死量", "遺書 書|かい|かき|残", "希死念慮|きしねんりよ|うつ|鬱|ウツ|躁鬱 死|きえ|しに|つらい|たえ|限界|いきる|しんど", "希死念慮|死念慮",
			"心|こころ|気持ち|きもち|精神的に|毎日|まいにち|ひとりで|孤独で つらい|つらく|折れ|おれた|おれそ|しんどい|くるしい|限界|げんかい|たえられ|壊れ|こわれ|ぼろぼろ|さびしく", "つらい つらい|死|たすけ|もう|です。|すぎ", "つらすぎ|つらくて|つらすぎて|つらいたす", "眠れ きえ|死", "自分を きずつ|罰|ころ|傷",
			"<親>|<子>|親子|一緒|いつしよ|家族|みんな 死のう|死にたい|死ぬ|しのう|しにたい|心中", "<子>|ともだち|友人|彼|夫|妻|娘|生徒|家族 死にたい|しにたい|死ぬと|死ぬつて|じさつ|きえたい|りすか|自傷", "自杀|自殺|想死|死了算|轻生|輕生|不想活|活不下去|自殘|自残|자살|죽고싶|죽고|자해|살기싫",
		},
		latin: []string{
			"suicide|suicidal|suicides|suicid", "kill|killing|kil|killed|kills myself|my_self|himself|herself|themselves|yourself|self|me", "kill my self", "kms", "want|wants|wanna|wana|wanted|wish|ready|going|wishes|gonna die|dead|disappear|dying|vanish", "want|wanna|wana end it|everything|all|this|life", "wish i|was|were dead|never|gone|born", "better|be off|if dead|without|gone|died me|dead", "better off dead|without",
			"end|ending|take|taking|took my|his|her|own life", "end|ending it all|now|tonight|everything", "thinking|planning|want|thought of|about|to end|ending|dying|death|suicide", "feel|feels|felt|wish like dying|disappearing|dead|die", "if i|id died|die|disappeared|gone", "ending it all|everything", "<not> want|wanna|wish|deserve|like live|living|alive|here|exist|be|wake", "<not> go|keep on|going|living|live", "<not> reason|point|meaning|purpose live|living|life|in|go", "life is|not|has worth|meaningless|pointless|hopeless|over|worthless|no|unbearable", "<not> worth living", "living|life|being|of alive|tired|sick living|life",
			"tired|sick|done|fed of|with|up living|life|alive|everything", "done with life", "hate my life|living|myself", "hopeless", "hurt|harm|cut|cutting|hurting|harming|hate|burn|punish myself", "self harm|harming|injury|mutilation|harmed|hurt", "selfharm|selfharming", "took|take|taken|taking|swallowed|bunch|bottle|handful|lots pills|tablets|meds", "sleep|asleep never|not|dont wake|woke|again", "too|all|many|lot my|of|the|many|sleeping pills|tablets|medicine|meds|drugs", "overdose|overdosed|overdosing|od", "hang|hanging|hanged myself|himself|herself", "jump|jumping|jumped off|from|in building|bridge|train|roof|balcony|window|front", "jump off",
			"ways|way|how|method|methods|easy|quick|fastest to|way die|suicide", "painless|easiest|quickest|peaceful way|death|suicide", "tried|trying to kill|die|end", "suicide hotline", "lifeline hotline", "depressed want|cant|die|life", "<not> do|take|handle this|it|life anymore|longer|any", "cut|cuts|slit|slashed wrist|wrists|arm|arms|veins", "cant take it|this|anymore", "cannot take it|this", "cant cope|cope_anymore", "give|giving up on life|living|everything",
			"shinita*|sinita*|shinde|jisatsu|jisatu|jisatsushitai|kietai|risuka|risutokatto", "shi ni tai|tai_desu", "shini tai|takunaru", "kiete shimaitai|naku|shimaitai", "ikiru no|noga tsurai|tsukareta|ga", "ikitaku nai", "ikitakunai", "mou muri|dame|tsukareta|iya|genkai",
			"tu sat|tu", "muon chet", "suicidio|suicidarme|suicidar|suicida|matarme|suicidarse|suicider", "me matar|matar_me", "quiero|quero|deseo morir|morrer|suicidarme|matarme", "veux|voudrais mourir|suicider|plus", "gusto mamatay|ko_nang_mamatay", "mamatay magpakamatay", "magpakamatay", "ayaw mabuhay", "bunuh diri",
		},
	},
	{
		kind:  Violence,
		alone: "dv でぃーぶい 暴力 痴漢 ちかん もらはら すとーかー れいぷ 怖い こわい せくはら ぱわはら わいせつ りべんじぽるの 監禁 脅迫 怒鳴られる どなられる 強姦 家暴 つきまとい 盗撮",
		near: []string{
			"≤8 <相手に> られた|られる|られて|られま|された|される|されて|されま|かれた|かれて|かれる|させられ|してもらえ|くれない", "dv 相談|そうだん|被害|か|で|を|に|し|され|受|夫|妻|彼|しえるた|から|たすけ|避難|住宅|年金|手当|保護|help|shelter|victim|support|hotline", "<相手>|家族|父|母|精神的|身体的|経済的|性的|でと|デート dv", "dvしえるた|しえるた にげ|避難|はいりた|入りた|いきた|どこ|保護", "どめすていつく|ばいおれんす", "ぼうりよく を|が|に|で|から|相談|振|ふる|被害|こわ|夫|妻|逃|たすけ|受", "<相手>|<親>|<子>|家庭内|家族|性|性的|ネット|身体的|言葉の ぼうりよく", "家庭内暴力|かていない", "もらはら",
			"<相手>|家族|同居|父|男|女|人|男性|上司|先輩|客|隣人|<子> なぐら|なぐる|なぐつ|なぐり|たたかれ|たたく|たたき|たたい|どつか|どつく|しばか|しばく|蹴|にけられ|けつてくる|けとばさ|ぶたれ|ひつぱた|ぼこら|ぼこぼこ|つきとば|どなら|どなる|どなつ|どなり|あばれ|おどさ|おどす|おどし|くびをしめ|くびしめ|物を投げ|ものをなげ|物を壊|包丁|刃物|監視|かんし|束縛|<怖い>|むりやり|ころす|ころさ",
			"なぐられ|なぐつてく|なぐつてき|なぐる蹴る|どつかれ|しばかれ|蹴られ|蹴つてく|たたかれ|ぶたれた|ぶたれて|ぶたれる|ぼこられ|ぼこぼこに|つきとばさ|ひつぱたかれ|どなられ|髪を引つ張|髪をひつぱ|かみをひつぱ|物を投げられ|ものをなげられ|物を投げて|突き落と|水をかけられ|煙草を押し付け|噛まれた人", "くび しめられ|しめら|しめて|を絞|しめた", "くびをしめ|くびしめ",
			"包丁|刃物|ないふ|はもの|銃 突きつけ|つきつけ|おど|むけ|向け|もつて|持つて|ちらつか", "おどされ|おどして|おどす|おどし|脅迫|きようはく さ|て|てく|い|れ|を|電話|メール", "脅迫|きようはくされ", "ころす ぞ|と言|といわ|つて|よ|わ|言われ|いわれ", "ころしてやる|ぶつころ|ころされそう|ころされる|ころされま|ころされか|ころすと|ころすぞ|命を狙|いのちをねら", "命|身|いのち|み の危険|のきけん|があぶな|が危な 感|かん|です|ない", "命の危険|身の危険|いのちのきけん|みのきけん",
			"<相手>|家族|家|いえ|親|父|男|ここ|暴力|すとか|あの人|元 から|がら にげ|逃|かくれ|離れた|はなれたい|脱出", "こども|連れて|つれて|荷物 にげ|逃", "にげたい|にげだしたい|にげてき|にげられな|にげないと|にげば|逃げ場|にげるところ|かくれるところ|かくまつて|匿つて|駆け込み|かけこみ", "家|いえ|うち|帰宅|かえる|帰る|外 にげ|こわい|こわく|出してもら|でられ|だしてもら|出られ",
			"<相手>|家族|父|親|いえ|家 <怖い>", "かえる|帰る|いえ|家|同居|一緒 こわい|こわく", "<相手> おかね|生活費|給料|通帳|けた くれ|わたさ|渡さ|入れて|もらえ|取り上げ|とりあげ|もたせ|盗", "生活費 くれ|もらえ|わた|渡|入れて|いれて|もらつて|出さ", "すまほ|けいたい|携帯|gps|らいん|位置情報|行動|盗聴|監視かめら かんし|監視|見られ|みられ|取り上げ|つけられ|仕掛け|しかけ|チェック|ちえつく", "<相手>|家族|親 禁止|きんし|許してくれ|ゆるしてくれ|制限され|支配", "外|そと|いえ|家|部屋|へや 出して|だして|出さして|でられな|出られな もらえ|くれ|い|ま", "監禁|軟禁|かんきん|なんきん|束縛 さ|し|がひど|れ",
			"むりやり|無理矢理|強引に|むりに|同意なく|寝てる間に|ねているあいだ さ|性|され|やら|おこな|せつくす|えつち|抱|さわ|飲まさ|キス|きす|連れ", "性|せい 暴力|ぼうりよく|被害|ひがい|犯罪|はんざい|虐待|ぎやくたい|的暴行|的いやがらせ|的嫌がらせ|的被害|的な被害|行為をさ|行為を強|行為をむり", "避妊 くれな|しな|ない|して", "中絶|妊娠|結婚|離婚 きようよう|むりやり|させられ|おどさ", "れいぷ|強姦|強制性交|強制わいせつ|わいせつ さ|被害|行為|な|に|を|た|か|ドラッグ|どらつぐ", "れいぷさ|れいぷひがい|れいぷ犯|強姦さ|輪姦|乱暴され|らんぼうされ|ごうかんされ|ごうかんひがい", "おそわれ|おそつてく|いたずらされ|悪戯され",
			"体|からだ|胸|むね|お尻|おしり|太もも|下半身|性器|おつぱい|電車|痴漢|職場|先生|上司|知らない人|しらないひと|<親>|変な人|男 さわられ|さわつて|さわつてく|さわる|さわつた|さわられた", "さわられた|さわられて|さわられま|さわられる", "ちかん さ|に|被害|犯に|冤罪で", "盗撮|とうさつ さ|被害|し|かめら", "はだか|性的|ぬーど|下着|風呂|えつちな しやしん|動画|画像|どうが|がぞう", "しやしん|動画|画像 ばらま|拡散|おど|送れ|おくれ|流出|売ら", "りべんじぽるの|せくすとしよん", "暴言|ぼうげん 吐|はか|を|が|ひど", "<相手>|家族|父|母 壊され|こわされ|物に当た|ものにあた|物にあた|壁をなぐ|壁を蹴|壁に穴", "窓|まど|風呂|といれ|更衣室 のぞ|覗", "でと|飲み会|ほてる|部屋 むりやり|強引|さわ|同意な", "せくはら|ぱわはら|またはら|はらすめんと さ|を受|相談|被害|ひど|上司|で|つら|に|が|かい", "上司|職場|会社|先生|客|店長 せくはら|ぱわはら|さわ|いやがらせ|いじめ",
			"酒|飲み物|のみもの|じゆす くすり|睡眠薬 入れ|いれ|盛", "すとうか|すとうき", "すとかさ|すとか被害|すとかし|すとか相談|すとか行為|すとか規制|すとかこわ|すとかたすけ|すとか警告|すとかつき|すとかにあ|すとかにつ|すとかにお|すとかになや|すとかにこま|すとかにね|すとかがい|すとかがこわ|すとかがく|すとかから", "すときんぐ され|被害|こわい", "すときんぐ", "つきまと|付き纏|付きまと|待ち伏せ|まちぶせ|後をつけ|あとをつけ|跡をつけ|尾行され|つけられている|つけられてい|知らない男につけ|男につけられ|だれかにつけられ|誰かにつけられ|人につけられ|見張られ|みはられ", "元夫|元彼|元妻|元かれ|もと彼|もとかれ|もと夫 来た|くる|きた|来て|現れ|あらわれ", "元夫|元彼|元妻|元かれ|もと彼|もとかれ|もと夫|知らない人|しらないひと|男|彼|すとか|変な人 家に来|いえにく|待つて|まつて|押しかけ|おしかけ|しつこ|ついてくる|ついてき|前にいる|まえにいる|家の前|連絡してくる|電話してくる", "ついてくる 人|男|こわい|知らない|変", "誰か|だれか|男|人|ひと ついてくる|ついてきて|つけてくる",
			"闇ばいと|やみばいと|詐欺|さぎ|美人局|反社|暴力団員|やくざ|ほすと|借金取り|組 おど|ぬけ|抜け|こわ|やめられ|にげ|脅|追わ|おわれ|実家にいく|家族", "ぬーす|売春|風俗|援交|体を売 させられ|強要|むりやり|おど", "人身売買|じんしん売買|人身取引 され|被害|かも|に", "家暴|家庭暴力|打我|被打|性侵|强奸|強姦|骚扰|跟踪我|家庭暴力|가정폭력|때려|때립니다|맞았|성폭력|성폭행|스토커|스토킹", "<相手> くるう|狂つ|きれ|キレ|豹変|許してくれな",
		},
		latin: []string{
			"dv|domestic dv|violence|abuse|violent", "domestic violence|abuse|violens", "violence at|from|by|in|husband|home|family|partner", "violence", "violent husband|wife|partner|boyfriend|father|man|son|ex", "<人々> <hit>|is|scares|screams|yells|monitors|tracks|wont|drunk violent|abusive|me|dangerous|scary", "<人々> <hit>", "<hit> me|us|by_husband", "<hit> by|from|my husband|wife|boyfriend|girlfriend|partner|ex|man|someone|me|him", "abused|abuse|abusive|abuser", "abusive relationship|husband|partner|boyfriend|home|marriage",
			"kill|killing|murder|kills me|us|my", "he|she|they|someone|man|ex kill|hit|beat|beats|hits|choked|choke|punched|raped|threatened|stalking|following|touched|attacked|forced|hurt|hurts me|us|my", "afraid|scared|fear|terrified|frightened of|my husband|wife|partner|boyfriend|ex|him|home", "hiding|hide|hid from|away husband|wife|partner|boyfriend|ex|him|father|stalker|abuser", "escape|escaping|run|flee|leave|hide|get|away from|away husband|wife|partner|boyfriend|ex|abuser|him|man", "run away husband|boyfriend|partner|from", "womens|women|dv|domestic|battered|abuse shelter|refuge", "rape|raped|rapist|raping", "assaulted|assaulting", "sexual|sexually|indecent assault|assaulted|violence|abuse|abused|harassment|harassed|harassing|molested|attack",
			"molested|molest|groped|groping|grope", "touched|touching|touches|grabbed|forced me|my|us train|body|private|on", "touched me|my", "someone|man|he|stranger|guy following|follows|followed|watching me", "following me", "stalker|stalking|stalked|stalkers", "blackmail|blackmailed|blackmailing|sextortion|extortion|extorted", "threat|threats|threaten|threatens|threatened|threatening kill|me|my|from|us|photos|by|expose", "threatens|threatened|threatening", "nude|naked|private photos|pictures|video|images", "revenge porn", "locked|lock|trapped|wont me|let in|out|leave", "drugged|spiked my|drink|me", "power|sexual|workplace harassment", "human trafficking|trafficked", "forced|force sex|marriage|prostitution|me",
			"boryoku|bouryoku|nagura*|naguru|naguri*|tatakare*|chikan|sutoka|sutooka|sutokaa|reipu|sekuhara", "otto|danna|dannaga|ottoga|kareshi|otto_ga|tsuma ga|ni|kowai|naguru|nagurareta|nagurareru|tataku kowai|naguru|nagurareta|nagurareru|tataku|tatakareta|bouryoku", "otto|danna|kareshi|tsuma ga|ni|no|wa bouryoku|boryoku|dv|kowai|abareru", "dannaga|ottoga|kareshiga naguru|kowai|tataku", "bao luc|hanh", "violencia domestica|contra|familiar|sexual", "violencia", "me pega|bate|golpea|maltrata", "mi|meu marido|esposo|novio|namorado pega|bate|golpea|maltrata|violento", "violacion|estupro|violada|violaron", "sinasaktan|ginahasa|binubugbog", "chong danh|toi",
		},
	},
	{
		kind:  Abuse,
		alone: "189 いちはやく いじめ ねぐれくと 家出 体罰 毒親 いえで 仲間はずれ なかまはずれ 居場所がない 育児のいろーぜ 介護疲れ neglect runaway runawayfromhome",
		near: []string{
			"ぎやくたい|ぎやくたし|ぎやくだい", "ねぐれくと", "育児放棄|いくじほうき|子育て放棄", "<子>|子|妹|弟 たたいて|たたいちや|たたきそ|たたきた|たたく|なぐつて|なぐりそ|なぐる|なぐりた|手をあげ|手を上げ|手が出|手がで|手をだ|手を出し|どなつて|どなつちや|どなりつけ|ころしてしま|ころしそう|ころした|ころす|投げてしま|投げそう|なげてしま|なげそう|ゆさぶ|傷つけ|きずつけ|愛せ|可愛く|かわいく|かわいいと思|放置してしま|置き去り|くびをしめ|すてた|すてて|すてる|すてそ|憎|いらない|うざい|おとしそう|落としそう|落としてしま|床にたた",
			"手を上げてしま|手をあげてしま|てをあげてしま|どなつてしま|たたいてしま|なぐつてしま|怒鳴りつけてしま|ころしてしまいそ", "泣き止ま|なきやま|夜泣き|よなき|泣きやま たたき|なぐり|ころ|投げ|つらい|限界|げんかい|むり|おかしく|つかれ|イライラ|いらいら", "<親>|大人|施設の人|へるぱ|職員|叔父|兄弟|きようだい|義父|義母|継父|継母 <打つ>|どなら|どなる|さわら|さわつ|さわる|のぞかれ|のぞく|<怖い>|いやなこと|えつち|はだか|閉め出|しめださ|無視され|むしされ|むしする|ごはんくれ|にげ|捨てられ|すてられ|おいだ|死ねと|帰つてこな|かえつてこな|帰らな|かえらな|うらむ|ころされ|いないごはん|食べさせ",
			"<親> かえつてこ|帰つてこ|もどつてこ|いない ない|ません|ごはん|ひとり", "親 いない|いません ごはん|おなか|ひとり", "<老> <打つ>|どなら|つねら|しばられ|縛られ|怪我|あざ|ころ", "<子>|となりの子|子 たたかれ|なぐられ|あざ|傷だらけ|やせ|泣き叫|蹴ら|閉め出|外に出され|裸|はだか|どなられ|放置", "ごはん|ご飯|食事|たべもの|めし|給食|おふろ|お風呂|風呂|着替え くれ|もらえ|たべさせ|作つてもら|つくつてもら|いれてもら|入れてもら|ぬき|抜き させ|ない|ません|くれ", "ごはんをくれ|ご飯をくれ|ごはんもらえ|ごはんがもらえ|ご飯もらえ|ごはんをもらえ|ごはんぬき|ごはんをぬか|ごはんぬか|飯抜き|ごはんをたべさせ|ごはんたべさせ|ご飯をたべさせ|食事を与え", "家|いえ|部屋|おうち|うち いれて もらえ|くれ", "家に入れて|いえにいれて|おうちにいれて|べらんだに出|べらんだにだ|外に出され|そとにだされ|閉め出され|しめだされ|押し入れに",
			"家|いえ|うち|おうち かえりたくな|帰りたくな|いたくな|居場所|いばしよ|にいられ|出たい|でたい", "いばしよ ない|ありませ|なく|ほし", "かえる 家|いえ|ところ ない|ありませ", "家出 し|た|中|少女|先|人|の|を|で", "家出し|いえでし|いえで したい|しました|しよう|中", "いじめ られ|に|が|で|を|相談|の相|自殺|受|い|あつ|あい|被害|加害|学校|ネット|こわ|つら|なやん|やめ", "学校|くらす|職場|ねつと|会社|部活|sns|らいん|line|ぐるぷ|むすこ|娘|こども|友 いじめ|無視|むし|仲間はず|なかまはず|はぶ|悪口|わるくち|書かれ|ハブ|さらされ|嫌がらせ|いやがらせ|かつあげ", "無視|むし|仲間はずれ|なかまはずれ|ハブ|はぶか される|され|学校|れた|れて", "なかまはずれ", "学校|がつこう|教室|くらす いきたくな|行きたくな|いけな|行けな|行くのがこわ|いくのがこわ|こわい|つらい|やめたい",
			"隣|となり|近所|きんじよ|上の階|下の階|あぱと|まんしよん 泣き声|なきごえ|泣いて|ないてい|悲鳴|叫び|さけび|どなり|ぎやくたい|たたか|なぐ", "隣の子が泣|こども|子|あかちやん 泣き声|なきごえ|叫び声|さけびごえ|悲鳴|泣き叫|ずつと泣", "どなり声|怒鳴り声|どなりごえ|どなる声", "あざだらけ|あざがある子|傷だらけの子|やせた子|痣だらけ", "家|いえ|うち 飛び出|とび出|とびだし|追い出", "≤8 <親に> られた|られる|られて|られま|された|される|されて|されま|かれた|かれて|かれる|させられ|させてもらえ|もらえない|くれない", "家出", "毒親|どくおや|毒母|毒父", "体罰 を|され|受|し|相談|が", "子育て|育児|介護|家族|毎日|仕事|学校|いじめ おいつ", "かつあげ|万引きさせ|ぱしり|使い走り|土下座させ", "食事|ごはん|ご飯|めし ぬか|ぬかれ", "子育て|育児|こそだて|いくじ|わんおぺ|母親|産後 つらい|つらく|つかれ|限界|げんかい|のいろぜ|いや|やめた|むり|しんど|くるし|できな|にげ|たえ|ひとりで", "育児のいろぜ|産後うつ|さんごうつ|マタニティブルー", "そだてられな|そだてられま|そだてたくな|育てられな|そだてる自信", "<子>|あかちやん すてた|すてて|すてる|すてられ|いらない|そだてられ|そだてたくな|ぽすと", "あかちやんぽすと|こうのとりのゆりかご|内密出産",
			"妊娠 してしま|しちや|どうしよう|誰にも|だれにも|いえな|言えな|ばれ|望まな|相手がわから|おろしたい", "誰にも|だれにも いえない|言えない|相談でき 妊娠|にんしん|こと", "望まない妊娠|予期せぬ妊娠|思いがけない妊娠|ひとりで出産|一人で産", "やんぐけあら つら|たすけ|です|か|相談|かも|わたし", "介護|かいご|看病|母の世話|父の世話|親の世話 つらい|つらく|つかれ|限界|げんかい|いや|嫌|むり|しんど|くるし|にげ|たえ|ころし|心中|たたい|やめたい|のいろぜ|うつ", "介護疲れ|介護つかれ|かいごつかれ|介護殺人", "母|父|親|おばあ|おじい|妻|夫|認知症 たたいてしま|なぐつてしま|なぐつた|なぐりそう|ころしてしま|ころしそう|手をあげ|手を上げ|手が出|手がでそ|首をしめ|たたきそう|どなつてしま|にくい|憎い|ころしたい", "虐待儿童|儿童虐待|虐童|霸凌|被欺负|欺负我|학대|학교폭력|왕따|따돌림|집단괴롭힘",
		},
		latin: []string{
			"child|children|elder|elderly|sexual abuse|abused|neglect|abuser|maltreatment", "neglected|neglecting|neglect child|children|my|kids|baby|me|parents", "<家人> <hit>|touch|touches|touched|molests|scares|screams|yells|locks|starves", "<家人>|stepdad|uncle|man comes|came|enters into|in|to my|room|bed|bedroom room|bed|bedroom|night", "<家人> lock|locks|locked|leave|leaves|left|hate|hates|kick|kicks|ignore me", "<家人> afraid|scared|scary|drunk|kicked|throws me|of|out", "afraid|scared|hate of|my parents|father|mother|dad|mom|stepfather|stepdad|home", "<hit>|shook|shake|shaking|spank|spanked|scream|kill my|the|a|his|her|their|our|own <child>", "abused|beaten|hit|hurt by|my|at parents|father|mother|dad|mom|family|home|teacher|school", "neighbor|neighbour|neighbors|someone|parent hitting|beating|abusing|hits|beats|screaming|hurting|crying child|kid|kids|children|baby|at|his|her", "child|baby|kid|children crying|screaming next|neighbor|all|night|door|upstairs", "bullied|bullying|bully|bullies|cyberbullying|bulling me|at|by|is|my|being|son|daughter|school|us|in|victim|help|i", "bullied|bullying|cyberbullying",
			"run|ran|running|runaway away|from home|house|parents|family", "want|need|wanna run|runaway|leave away|home", "ran away home|from", "runaway teen|child|girl|boy|kid|shelter|help|i|home", "<not> want|go|wanna home|school", "afraid|scared go|to|of school|home", "parenting|mother|motherhood|baby exhausted|overwhelmed|burnout|cant|cope|stop", "postpartum depression", "unwanted|secret|unplanned pregnancy|pregnant", "pregnant alone|scared|nobody|secret|help|teen|afraid", "abandon|abandoned|give up my|baby|child baby|child", "nobody|noone|no_one|no one|takes|cares care|takes|cares|feeds of|for|me me", "cant|cannot|unable raise|care|handle|cope my|baby|child|with|for|anymore", "caregiver|caring|carer burnout|exhausted|abuse|stress|hits", "home|nursing|care abuse|abused|neglect|beaten|hits",
			"gyakutai|ijime*", "oya|otosan|otousan|okasan|okaasan|papa|mama|chichi|haha ni|ga|nagurareru|kowai nagurareru|nagurareta|tatakareru|tatakareta|kowai|naguru|tataku", "iede shitai|shita|suru|shimashita", "iedeshitai|iede", "gakkou|gakko ni|ikitakunai ikitakunai|ikitaku", "acoso escolar|laboral", "maltrato infantil|animal", "abuso infantil|sexual",
		},
	},
	{
		kind:  Hardship,
		alone: "金がない 金ない 金欠 無一文 一文無し ほーむれす 家がない いえがない 家ない おなかすいた おなかがすいた はらへった 炊き出し 強制退去 餓死 飢え死に 行き場がない いくところがない 行くところがない 帰るところがない かえるところがない nomoney nofood nohome",
		near: []string{
			"≤2 おかね|ぜに <ない>|つかいはた|使い果た|尽き|底を|いつさい|一銭|ほとんど|全然|全く|まつたく", "≤3 おかね|生活費|しよじきん|貯金|手持ち|てもち|全財産|ぜんざいさん|残高 ない|なくて|ありませ|ぜろ|0円|もうない|尽き|底|百円|100円|数百|わずか|つかいはた|円しか", "おかね|生活費 こまつて|こまつた|こまりま|たりな|たりま", "さいふ|手元|口座|通帳 円しか|えんしか|からつぽ|空つぽ|お金がない|ぜろ|0円|何も|しかない", "全財産|ぜんざいさん", "おかねが|お金は ぜんぜん|まつたく|ほんと|もう|ほとんど|いつさい|1円も|一円も", "ねかふえ|ほてる|どこに とまれ|とまるおかね", "風呂|ふろ|しやわ 入れず|はいれず|何日も|なんにちも", "金欠 食べ|たべ|生活|つらい|死", "無一文|一文無し|すつからかん|文無し",
			"たべるもの|たべもの|食べ物|食料|しよくりよう|ごはん|ご飯|おこめ|お米|米|食べる物|たべる物|めし <ない>|買え|かえな|かえま|ほしい|尽き|つき|もらいたい|ください|たべられ|たべてい|たべてな|たべれな|くれ|底", "たべていけな|たべていけま|たべられな|たべられま|たべれない|たべれな|食えな|くえない|食べてません|なにもたべ|何もたべ|なんもたべ|たべてません", "日|にち|か|何日|何日間|昨日|きのう|朝|三日|今日 たべてい|たべてな|食べてい|なにもたべ|何もたべ|食つて|ごはんがたべ", "水|もやし|公園の水|雑草 しか|だけ の|飲|食|たべ", "おなか|なか|はら|くうふく すいて|すいた|へつて|ぺこぺこ|で うごけ|動け|死|たおれ|おかね|ねむれ|つらい|食べ|たべ", "空腹|くうふく|飢え|餓死|うえじに|栄養失調 で|そう|て|しそう|死", "<子>|家族|犬 たべさせる|食べさせる|飲ませる|のませる|飯 もの|ごはん|みるく|お金 ない|ありませ|なく", "食べ物代|たべものを買う|たべものをかう|おむつ代がない|たべさせるもの|たべさせられな|たべさせてあげられ", "みるく|おむつ|生理用品|なぷきん|服|くすり|薬代|靴|灯油|食べ物|米|食材 買え|かえな|かえま|買うお金|かうおかね|かうかね", "食べ物代|たべものを買う|たべものをかう|おむつ代がない",
			"とまる|ねる|すむ|いく|いき|帰る|かえる|行く|行き|身を寄せる|暮らす|横になる ところ|場所|ばしよ|場|ば|所|家|いえ|部屋|あて|宛 <ない>|こまつ|さが|ほし|どこ|失|を失", "とまるところ|とまる場所|ねるところ|ねる場所|すむところ|すむ場所|すむいえ|すむ家|すまい|住まい|住居 <ない>|うしな|失つ|失い|失う|失く|こまつ|なくした|なくしました", "≤2 家|いえ|おうち <ない>|うしな|失つ|失い|失う|失く|なくした|なくしま", "今夜|こんや|今日|きよう|今晩|明日から|あしたから とまる|ねる|いく|行く|どこ|帰る ところ|場所|ばしよ|で|に|家 ない|ありませ|ねれ|ねれば|どう|なく|とまれ", "ほむれす|路上生活|ろじようせいかつ|野宿し|野宿す|野宿です|のじゆくし|公園で寝|こうえんでね|駅でね|駅で寝|公園でね|路上でね", "車|くるま|車中泊 ねて|ねとま|生活|くらし|寝泊|で泊|ねてい", "ねつとかふえ|ねかふえ|まんが喫茶|漫画喫茶|友達の家|さうな 難民|ねとまり|寝泊|生活|とまり|暮ら|くらし|ねて|転々", "≤3 ね場所|寝場所|寝床|ねどこ|ねば <ない>|こまつ|さが", "寮|社宅|あぱと|家|いえ|実家|部屋|店|会社|うち|施設|親|しえあはうす おいださ|おいだす|おいだし|出ていけ|でていけ|出て行けと|出ろ|でろ|出てくれ|追われ|出され", "おいだされ|おいだすと|立ち退き|立退き|たちのき 迫|と言|せま|され|を|そう|ら|で|求", "おいだされ", "強制退去|強制執行|明け渡し|あけわたし され|と|に|を|さ",
			"やちん|家賃|電気代|水道代|ガス代|がす代|光熱費|携帯代|けいたい代|医療費|病院代|治療費 はらえな|はらえま|はらえず|はらえそう|はらうおかね|はらう金|ない|滞納|たいのう|おくれ ない|ません|いま|生活|して|です|で|金|い|て", "やちん|電気代|水道代|がす代|光熱費|携帯代|医療費 はらえて|はらつてな|はらつていな|はらつてませ|はらえな|はらえま|はらえず|はらえそうに|はらうおかね|はらう金", "やちん 滞納|たいのう|待つて|まつて|おくれ|督促", "でんき|すいどう|がす|らいふらいん|携帯|けいたい|すまほ とまつ|とまり|とめられ|とめら|とめられそう", "生活|せいかつ でき|くるし|こまつ|こまり|こまる|なりたた|成り立た|していけ|やつていけ|いけな|つらい|立ち行か|ぎりぎり|破綻|どん底|苦|維持でき", "生活ができ|生活でき|せいかつでき|くらしていけ|暮らしていけ|くらせな|暮らせな|やりくりでき", "どうやつて|どう いきて いけば|いけ|く", "年金|給料|収入|手当|ぱと代 だけ|では|少な|すくな 生活でき|くらせ|暮らせ|たりな|食べて|くらして|やつていけ",
			"仕事|しごと|職|収入|くび|首|クビ|解雇|失業|派遣切り|内定取り消|ばいと おかね|生活|家賃|食べ|たべ|住むところ|すむところ|家も|いえも|やちん ない|でき|ありませ|はらえ|なく|もう|失|くるし", "仕事がなくて生活|くびになつて|くびになり", "しやつきん くび|返せ|かえせ|はらえ|取り立て|とりたて|死|こわ|くるし|おわれ|追われ|だらけ|地獄|どうしよう|ふくらん|もう|にげ|火だるま|たすけ|回ら", "とりたて|取り立て こわ|おど|電話|しつこ|来る|くる|がくる|借金|しやつきん|ひど", "やみ金|闇金|やみきん|ソフト闇金|多重債務|個人間融資|自己破産 で|に|か|を|おわ|追|おど|たすけ|どう|した|し", "闇金|やみきん|やみ金", "自己破産したい|破産したい|はさんしたい", "生活保護|せいかつほご 断|ことわ|もらえな|落ち|だめ|打ち切|とめられ|水際|追い返", "没钱|没有钱|没錢|沒有錢|没地方住|沒地方住|无家可归|無家可歸|没饭吃|没有饭吃|饿死|돈이없|돈없|배고파|노숙|집이없|갈곳이없|굶", "新聞配達|夜逃げ|よにげ したい|する|した|し", "ふどばんく たすけ|ほし|今日|おなか|たべ|どこ|ください|もらいたい|食べるもの", "炊き出し|たきだし 今日|どこ|場所|いつ|たべ|ほし|さが|近く|おしえて",
		},
		latin: []string{
			"no|without|out|nothing|zero|lack money|cash|yen|food|eat", "no money|food|home|house|shelter|roof|cash|electricity|heating", "no_money|no_food", "have|has|got|having no|0|nothing|only money|yen|food|eat|left|home|place", "<not> afford|able|enough eat|feed|buy|food", "<not> have|enough|got any|money|enough|food money|food|to_eat|eat|home|live|stay|sleep|rent", "broke hungry|homeless|no|cant|help|and", "run|ran|running out of money|food|cash", "nothing|something to eat", "need|want|help food|money|shelter|place tonight|now|today|help|urgent|urgently|baby|sleep|stay", "hungry no|money|kids|child|help|starving|days|cant|food|i|children|baby", "kids|children|baby|child|family|we hungry|starving", "<not> feed|feeding kids|children|baby|child|family|my|myself", "starving|starve|famished|starvation", "<not> eaten|ate|eat|food|afford|pay|buy days|day|food|rent|bills|meal|today|milk|diapers|electricity|two|three|anything|in|for|since|formula|medicine", "haven|have not|nt|t eaten", "eaten days|nothing", "havent eaten",
			"baby|child|kids no|without|out milk|formula|food|diapers", "food bank|pantry|banks", "free food|meal|meals", "homeless|homelessness", "nowhere|no|somewhere|place|need to|place|where stay|sleep|live|go", "nowhere to|else", "<not> anywhere|somewhere|place go|stay|sleep|live", "no place to|stay|live|sleep|home", "no home|house|where|shelter", "lost|losing my|our|the home|house|apartment", "lost job|my and|no home|house|money|food|income|homeless|rent", "evicted|eviction|evict|evicting", "kicked|thrown|forced|threw|kick out|of", "kicked out", "behind|late|overdue|owe on|with|in rent", "rent overdue|arrears|behind", "<not> pay|afford|cover|paying rent|bills|bill|food|electricity|water|gas|anything|mortgage|insurance|medical", "electricity|power|water|gas|lights cut|shut|turned|off|stopped off|cut", "electricity|power|water|gas is|was|got|been|being|getting|will cut|shut|stopped|disconnected|off", "cut off|power|electricity|water|gas electricity|power|water|gas|off", "sleep|sleeping|living|live|lived in|on|at|under car|street|streets|park|station|outside|cafe|bridge", "living on street|streets", "emergency shelter|food|money|loan", "homeless|night shelter", "debt collectors|collector|collection|suicide|drowning|loan", "drowning in debt", "loan shark|sharks", "cant survive|live", "struggling to|with eat|survive|money|rent|feed",
			"okane|okanega|kane ga|nai|wa nai|arimasen", "okane nai|arimasen|ga", "okanenai|okaneganai|okanega", "taberu mono|tabemono ga|nai nai|arimasen", "tabemono nai|ga", "taberumono nai|ga", "sumu|neru|tomaru|iku tokoro|basho ga|nai|wa nai|arimasen", "sumutokoro|nerutokoro nai|ga", "yachin haraenai|ga", "yachin|denki haraenai", "seikatsu dekinai|kurushii|ga", "khong co tien", "khong co cho", "doi", "no tengo dinero|comida|casa", "nao tenho dinheiro|comida|casa", "sem dinheiro|teto|casa", "wala pera|akong_pera|pagkain|bahay", "walang pera|pagkain|bahay|tirahan", "tengo hambre", "estou com fome",
		},
	},
}
