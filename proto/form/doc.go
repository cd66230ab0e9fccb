// Package form is the engine of 電子申請: a form is data (Definition), and from one definition the page's form, the checks
// of both sides, the signed bytes, the receipt and the desk's view are made. Page and portal run this very code, so
// that both say the same of the same answers; it is small, and imports nothing that weighs.
//
// # A definition
//
// A definition is one JSON object, published as a schema in schema/definition.schema.json. Its members:
//
//	schema           1, the version of this format
//	id, version      "jido-teate-nintei", "2026.1"
//	procedure        the number in the catalogue of procedures
//	valid_from       the day of arrival from which it holds; valid_until the last, when it is known
//	laws             what it rests on, in the words of the law
//	sign             card (signing certificate), login, none
//	applicant        who may file: self, agent (of the person), helper (提出代行)
//	cosign           a second named person who signs too: name, birth (fields), show_if
//	deadline         from (a field), days: arrival after that many days from the day after is late; said, not refused
//	retention_years  how long an office keeps it
//	standard_days    how long an office usually takes (標準処理期間)
//	sections         in order; each is a step of its own on a phone: id, show_if, fields
//	checks           what answers together must be: id, when (true means at fault), at (fields), level
//	decision         outcomes of the office
//	texts            everything that people read, by key, each in ja, en, easy
//
// Texts have derived keys, so that none can be pointed at wrongly: "title", "lead", "section.<id>", "<field>",
// "<field>.help", "<field>.<option>", "<rows>.row" (how a row is called), "check.<id>", "document" (what comes of it).
// The word for a field, an option, a section and a check stands in all three languages; of the other texts, easy may be
// left out, and the Japanese is shown.
//
// A field has id, type, and by its type show_if, required (true or a condition), min, max, length, register, options,
// calc, prefill, link, accept, keep_metadata, original_by_post, fields; FieldType lists the types. register says of
// digits that they are the code of a bank, or of a branch of the bank in the field before it (pay_branch after
// pay_bank): the page finds it by its name, and the answer is the code. Where pay_kind (ordinary, current) and
// pay_number (seven digits) follow, an account of ゆうちょ銀行 may be typed as its passbooks have it, 記号 and 番号; answered,
// signed and sent is what they become (Account). Ids are unique in the whole form, those of rows included: a name means
// one thing everywhere. Rows hold no rows. prefill says from where the
// field may be filled in, the best first: the card, the profile, the household, わたしの情報 (self.27.number), an earlier
// application. link allows it to a link from outside, which is never so for accounts, ways to reach somebody, consents
// and free text.
//
// # Conditions and calculations
//
// The language has no loops but those over rows, no variables and no effects; every expression ends, within a cost that
// is known when the form is read:
//
//	||  &&  !  ==  !=  <  <=  >  >=  in  +  -  *      'text'  ['a', 'b']  12  true  false  (…)
//	today                   the day of arrival in Japan        office   the code of the place it is addressed to
//	answered(f)             something is answered (and shown)
//	age(birth, day)         years of age by the law (年齢計算ニ関する法律): reached at the end of the day before the birthday
//	reached(birth, n)       the day on which an age is reached
//	march_end(day)          the first 31 March on or after a day (年度末)
//	add_months(day, n)      民法143条: where the month has no such day, its last
//	year(day) month(day) day_of_month(day)
//	if(c, a, b)  min(a, b)  max(a, b)  div(a, b) rounded down  length(text)
//	account_name(text)      a reading as banks write the holder of an account
//	count(rows) count(rows, condition) count(files)  sum(rows, number)  any(rows, condition)  all(rows, condition)
//	rank(f)                 in a row: its place among the rows by f, from 1; equal ones as they stand
//
// Values are yes/no, whole numbers up to 2^53-1, days, texts and lists of texts, and what may be mixed is settled when
// the form is read: a name, an option or a type that does not fit is refused there, never at use. Days and numbers add;
// the difference of two days is a number. What is not answered, not shown, out of bounds or divided by zero is empty; a
// calculation with an empty part is empty, and a comparison with one is false, `!=` too. Yes/no is never empty: what
// was not answered is no. What is hidden counts as empty everywhere.
//
// # What was decided
//
//   - A hidden answer stays in the draft, so that nobody types it twice, and is not in what is evaluated, shown or
//     signed.
//   - Answers are a tree: texts, whole numbers, yes/no, lists, rows, files by name, size and digest. Days are
//     2026-11-26, months 2026-11, in whatever calendar they were typed (Clean). There are no fractions.
//   - Shared parts (申請者, 振込先 …) are expanded before a definition is published, and are none of the engine's business:
//     package source reads how authors write.
//   - Whether a place, a bank or its branch exists, whether a file is what it says, who signed: the portal's, at its
//     door.
//   - A version never changes, words and readings included. Signed is the hash of the labels that the page showed, and
//     the portal makes the same bytes from its own definition: a page that still has other words under the same version
//     would sign what is refused, after the card was asked. So one word put right in a published form is a new version
//     with its valid_from (of an office, other content under a version is refused, published.ErrChanged); drafts go on
//     under the old one while it holds. The same is asked of the forms that are built in from the first release with
//     them on; until then, while nobody has signed one, their texts are put right where they stand.
//   - Faults say code and field; the words of the codes belong to who shows them, those of checks to the definition.
package form
