package scene

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
)

// sign draws a service: lines with one part of them in the light.
func sign(within string) app.UI { return kit.Drawing("scene scene-sign", "0 0 48 48", within) }

// SignFind is a lens: finding a procedure.
func SignFind() app.UI {
	return sign(`<circle class="scene-accent" cx="21" cy="21" r="13"/><path d="M31 31l10 10M14 20a8 8 0 0 1 6-6"/>`)
}

// SignGuide is a signpost: what to do after an event of life.
func SignGuide() app.UI {
	return sign(`<path d="M24 4v40M16 44h16"/><path class="scene-accent" d="M12 9h20l6 6-6 6H12z"/>` +
		`<path class="scene-paper" d="M36 25H18l-6 5 6 5h18z"/>`)
}

// SignNotices is a bell that rings: notices from offices.
func SignNotices() app.UI {
	return sign(`<path class="scene-paper" d="M12 34V21a12 12 0 0 1 24 0v13l4 4H8z"/><path d="M20 43h8M24 9V5"/>` +
		`<circle class="scene-accent" cx="36" cy="13" r="6"/>`)
}

// SignTodo is a list with checks: what is to be done.
func SignTodo() app.UI {
	return sign(`<rect class="scene-paper" x="9" y="8" width="30" height="36" rx="4"/>` +
		`<rect class="scene-accent" x="17" y="4" width="14" height="8" rx="2"/>` +
		`<path d="M15 22l3 3 5-6M28 23h5M15 33l3 3 5-6M28 34h5"/>`)
}

// SignPerson is a card with a face: who one is to the portal.
func SignPerson() app.UI {
	return sign(`<rect class="scene-paper" x="5" y="9" width="38" height="30" rx="4"/>` +
		`<circle class="scene-accent" cx="17" cy="20" r="5"/><path d="M9 33a8 8 0 0 1 16 0M30 19h7M30 28h7"/>`)
}

// SignReader is a card over its reader: getting ready.
func SignReader() app.UI {
	return sign(`<rect class="scene-paper" x="13" y="4" width="22" height="26" rx="3"/>` +
		`<rect class="scene-accent" x="18" y="9" width="7" height="6" rx="1"/>` +
		`<path class="scene-paper" d="M10 24h28l5 16a3 3 0 0 1-3 4H8a3 3 0 0 1-3-4zM13 36h6"/>`)
}

// SignHelp is a question in a bubble.
func SignHelp() app.UI {
	return sign(`<path class="scene-paper" d="M9 6h30a4 4 0 0 1 4 4v22a4 4 0 0 1-4 4H24l-8 8v-8H9a4 4 0 0 1-4-4V10a4 4 0 0 1 4-4z"/>` +
		`<circle class="scene-light" cx="24" cy="21" r="11"/>` +
		`<path d="M20 18a4 4 0 1 1 6 3.500c-1.500.900-2 1.500-2 3M24 28v.1"/>`)
}

// SignApply is a pen on a form: filing.
func SignApply() app.UI {
	return sign(`<path class="scene-paper" d="M10 4h20l8 8v32H10zM30 4v8h8"/><path d="M16 20h14M16 28h8"/>` +
		`<path class="scene-accent" d="M26 40l1-6 12-12 5 5-12 12z"/>`)
}

// SignPay is a coin of yen.
func SignPay() app.UI {
	return sign(`<circle class="scene-paper" cx="24" cy="24" r="19"/><circle class="scene-light" cx="24" cy="24" r="14"/>` +
		`<path d="M17 14l7 9 7-9M24 23v12M18 25h12M18 30h12"/>`)
}

// SignHistory is a clock that looks back: what was done and when.
func SignHistory() app.UI {
	return sign(
		`<circle class="scene-light" cx="25" cy="24" r="12"/><path d="M8 8v9h9M8.500 17a18 18 0 1 1-1.500 9M25 14v10l7 5"/>`,
	)
}

// SignRecords is a folder with a person in it: what offices know of one.
func SignRecords() app.UI {
	return sign(`<path class="scene-paper" d="M5 12a4 4 0 0 1 4-4h9l4 5h17a4 4 0 0 1 4 4v20a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4z"/>` +
		`<circle class="scene-accent" cx="24" cy="23" r="4"/><path d="M16 35a8 8 0 0 1 16 0"/>`)
}

// SignFamily is two people: acting for each other.
func SignFamily() app.UI {
	return sign(`<circle class="scene-paper" cx="18" cy="15" r="8"/><path d="M5 42a13 13 0 0 1 26 0"/>` +
		`<circle class="scene-accent" cx="35" cy="22" r="5"/><path d="M32 32a9 9 0 0 1 12 9"/>`)
}

// SignPlace is a pin: municipalities and their counters.
func SignPlace() app.UI {
	return sign(`<path class="scene-paper" d="M24 44c10-10 15-17 15-24a15 15 0 0 0-30 0c0 7 5 14 15 24z"/>` +
		`<circle class="scene-accent" cx="24" cy="20" r="6"/>`)
}

// SignDevice is a telephone: this device and what stays on it.
func SignDevice() app.UI {
	return sign(`<rect class="scene-paper" x="13" y="4" width="22" height="40" rx="4"/>` +
		`<path class="scene-light" d="M17 10h14v24H17z"/><path d="M22 39h4"/>`)
}

// SignCompare is two sheets side by side.
func SignCompare() app.UI {
	return sign(`<path class="scene-light" d="M5 18h38v10H5z"/><rect x="5" y="7" width="17" height="34" rx="3"/>` +
		`<rect x="26" y="7" width="17" height="34" rx="3"/><path d="M10 14h7M10 23h7M10 32h7M31 14h7M31 23h7M31 32h4"/>`)
}

// SignSafe is a shield: consents, and what the portal promises.
func SignSafe() app.UI {
	return sign(`<path class="scene-paper" d="M24 4l16 6v12c0 10-6 17-16 22-10-5-16-12-16-22V10z"/>` +
		`<path class="scene-light" d="M24 9l11 4v9c0 7-4 12-11 16-7-4-11-9-11-16v-9z"/><path d="M17 23l5 5 9-10"/>`)
}
