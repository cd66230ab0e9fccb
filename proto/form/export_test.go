package form

// For the tests that look from outside.
var (
	RandomCase   = randomCase
	Chance       = chance
	DefinitionOf = definition
)
