package kit

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// IconName is one of the quiet line icons: its name and, after a space, how it is drawn. Its drawing is part of it so
// that of all there are only those weigh in the page that it shows. An icon never stands alone: the words beside it, or
// an aria-label, say what it says.
type IconName string

// Ours, drawn on 24 × 24 with round ends, 1.75 wide. Others of the same grid and line are Lucide's, in lucide_gen.go.
const (
	IconBell     IconName = `bell <path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15z"/><path d="M10 21h4"/>`
	IconMenu     IconName = `menu <path d="M4 7h16M4 12h16M4 17h16"/>`
	IconClose    IconName = `close <path d="M6 6l12 12M18 6L6 18"/>`
	IconHome     IconName = `home <path d="M4 11l8-7 8 7"/><path d="M6 10v10h12V10"/><path d="M10 20v-6h4v6"/>`
	IconPerson   IconName = `person <circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>`
	IconHelp     IconName = `help <circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8"/><path d="M12 16.8v.2"/>`
	IconCard     IconName = `card <rect x="3" y="5" width="18" height="14" rx="2"/><rect x="6" y="9" width="4" height="3.5" rx=".8"/><path d="M13 10h5M6 15.5h12"/>`
	IconReader   IconName = `reader <rect x="6" y="3" width="12" height="8" rx="1.5"/><path d="M4 13h16v6a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z"/><path d="M8 17h3"/>`
	IconCheck    IconName = `check <path d="M5 12.5l4.5 4.5L19 7.5"/>`
	IconInfo     IconName = `info <circle cx="12" cy="12" r="9"/><path d="M12 11v5.5"/><path d="M12 7.5v.2"/>`
	IconWarning  IconName = `warning <path d="M12 4L2.8 20h18.4z"/><path d="M12 10v4.5"/><path d="M12 17.2v.2"/>`
	IconError    IconName = `error <path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z"/><path d="M12 7.5v5.5"/><path d="M12 16.2v.2"/>`
	IconChevron  IconName = `chevron <path d="M9 5l7 7-7 7"/>`
	IconExternal IconName = `external <path d="M14 4h6v6"/><path d="M20 4l-9 9"/><path d="M18 14v6H4V6h6"/>`
	IconOffline  IconName = `offline <path d="M3 3l18 18"/><path d="M7 18a4.5 4.5 0 0 1-.3-9 6 6 0 0 1 1.5-2.6M11 5.1a6 6 0 0 1 7 5.4 3.8 3.8 0 0 1 2.2 6"/>`
	IconLanguage IconName = `language <circle cx="12" cy="12" r="9"/><path d="M3 12h18"/><path d="M12 3c2.6 2.6 3.8 5.6 3.8 9s-1.2 6.4-3.8 9c-2.6-2.6-3.8-5.6-3.8-9s1.2-6.4 3.8-9z"/>`
	IconLogIn    IconName = `login <path d="M13 4h6v16h-6"/><path d="M4 12h11"/><path d="M11 8l4 4-4 4"/>`
	IconLogOut   IconName = `logout <path d="M11 4H5v16h6"/><path d="M9 12h11"/><path d="M16 8l4 4-4 4"/>`
	IconClock    IconName = `clock <circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`
	IconMail     IconName = `mail <rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3.5 7l8.5 6 8.5-6"/>`
	IconPrint    IconName = `print <path d="M7 8V3h10v5"/><rect x="3" y="8" width="18" height="8" rx="1.5"/><path d="M7 14h10v7H7z"/>`
	IconLock     IconName = `lock <rect x="5" y="11" width="14" height="10" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`
	IconRefresh  IconName = `refresh <path d="M20 5v5h-5"/><path d="M19.5 10A8 8 0 1 0 20 14"/>`
	IconSearch   IconName = `search <circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>`
	IconPlace    IconName = `place <path d="M12 21c4.5-4.6 7-8.1 7-11a7 7 0 0 0-14 0c0 2.9 2.5 6.4 7 11z"/><circle cx="12" cy="10" r="2.5"/>`
	IconShield   IconName = `shield <path d="M12 3l8 3v6c0 4.6-3.2 7.8-8 9.5C7.2 19.800 4 16.600 4 12V6z"/><path d="M8.500 12l2.500 2.500 4.500-5"/>`
	IconTask     IconName = `task <rect x="4" y="4" width="16" height="17" rx="2"/><path d="M9 2.500h6v3H9z"/><path d="M8 13l3 3 5-6"/>`
	IconPlug     IconName = `plug <path d="M9 3v5M15 3v5"/><path d="M6 8h12v3a6 6 0 0 1-12 0z"/><path d="M12 17v4"/>`
	IconBack     IconName = `back <path d="M15 5l-7 7 7 7"/>`
	IconDelete   IconName = `delete <path d="M4 7h16"/><path d="M9 7V4h6v3"/><path d="M6 7l1 14h10l1-14"/><path d="M10 11v6M14 11v6"/>`
)

// Icons are all of them, to look at.
func Icons() []IconName {
	return append([]IconName{
		IconBell, IconMenu, IconClose, IconHome, IconPerson, IconHelp, IconCard, IconReader, IconCheck, IconInfo,
		IconWarning, IconError, IconChevron, IconExternal, IconOffline, IconLanguage, IconLogIn, IconLogOut,
		IconClock, IconMail, IconPrint, IconLock, IconRefresh, IconSearch, IconPlace, IconShield, IconTask, IconPlug,
		IconBack, IconDelete,
	}, lucide()...)
}

// Icon draws an icon in the colour and size of the text around it, hidden from screen readers.
func Icon(icon IconName) app.UI {
	name, drawing, _ := strings.Cut(string(icon), " ")
	return Drawing("icon icon-"+name, "0 0 24 24", drawing)
}

func iconOrNone(name IconName) app.UI {
	if name == "" {
		return app.Span().Class("icon-none")
	}
	return Icon(name)
}
