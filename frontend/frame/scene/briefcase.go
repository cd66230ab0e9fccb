package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Briefcase is for starting or leaving a job.
func Briefcase(size Size) app.UI {
	return draw(size, glow+
		`<path d="M38 44v-6a6 6 0 0 1 6-6h8a6 6 0 0 1 6 6v6"/><rect class="scene-paper" x="20" y="44" width="56" height="40" rx="6"/>`+
		`<path d="M20 56c16 10 40 10 56 0"/><rect class="scene-accent" x="44" y="58" width="8" height="10" rx="2"/>`+
		sill)
}
