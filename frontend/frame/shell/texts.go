package shell

import "madoguchi/frontend/frame/lang"

// footer are the pages about the site, on every page.
var footer = []struct {
	path  string
	label lang.Text
}{
	{"/help", textHowToUse},
	{"/news", textNews},
	{"/terms", textTermsOfUse},
	{"/privacy", textPrivacy},
	{"/environment", textSystemRequirements},
	{"/accessibility", textAccessibility},
	{"/related", textRelatedSites},
}
