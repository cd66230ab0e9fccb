package index

// The weights of searching, all in one place: they are tuned together, against testdata/queries.tsv. Scores go from 0
// to 1 (a little above it for what fits in every way); what is added to one or taken from it orders what fits otherwise
// alike.

// Bounds of scores.
const (
	loose = 0.45 // below it a word does not fit
	firm  = 0.55 // from it on, all words together make a hit
	faint = 0.3  // below it nothing is shown, not even as close

	promoted      = 0.42 // what reaches this, and
	promotedShare = 0.85 // so much of the best, is the answer when nothing fits all words
)

// How well a term fits a word.
const (
	termIsWord       = 0.95
	termBegins       = 0.72 // with the word; and up to termRatio more, the more of the term the word is
	termContains     = 0.64 // likewise
	termRatio        = 0.2
	termContainsSign = 0.5 // a word of one character: 犬 in 狂犬病
	wordContains     = 0.4 // the term; and up to wordRatio more, the more of the word the term is
	wordRatio        = 0.5
	bareTermLoss     = 0.01 // without their endings they fit a little less

	summaryContains = 0.5 // the summary has the word

	// The more often it is spoken of, and the more the title is about it, the better.
	termBonus    = 0.003
	termBonusMax = 0.03
	titleBonus   = 0.1
)

// How well pairs of characters fit a word that no term has.
const (
	pairsShare     = 0.75 // what having all of them is worth
	pairsShareKana = 0.5  // short kana have pairs in common with everything; slips in them are for the vocabulary
	kanaShort      = 5    // characters; shorter is short
	latinCover     = 0.8  // pairs of Latin letters stand in every word: less of them says nothing

	pairRarityBase = 0.4 // the rarer a pair the more it tells: up to 1 above this
	pairUnknown    = 0.5 // a slip or a particle
)

// How much a word counts among the words of a query.
const (
	wordGeneric    = 0.15
	wordUnknown    = 0.3
	wordBase       = 0.5 // and up to a half more by its length
	wordLengthFull = 4   // characters
	wordLengthPart = 8
)

// The texts of a country that are looked at: what covers enough of the words.
const (
	coverLeastCent = 30 // hundredths
	coverLeast     = coverLeastCent / 100.0
	coverSlack     = 0.005 // sums of float32 are not exact
	coverShare     = 0.75  // what covering all is worth where there are too many to look at each
)

// What orders what fits alike.
const (
	commonBonus      = 0.05 // many come for it
	rareLoss         = 0.05 // few need it
	definitionLoss   = 0.02 // an entry found by its definition, not by its own text
	ofOnePlaceLoss   = 0.05 // a definition found by the text of one place's entry
	ofPlacesLoss     = 0.03 // what only some places have, beside definitions
	distanceLoss     = 0.01 // a step: the prefecture's, the nation's behind the place's own
	repeatedLoss     = 0.02 // each: the fifth way to apply for one thing is not the fifth thing
	repeatedMost     = 5
	unregisteredLoss = 0.1

	inEntryStrict = 0.5 // every word stands in what the office wrote
)
