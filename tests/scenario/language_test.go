package scenario_test

import (
	"testing"

	"partnerhub/tests/world"
)

// The manuals' words on tiles, screens and buttons, in both languages: by the
// request's language. (R93 R94 R95 R101 R114 R115 R116 R117 R118 R121 R122 R123)
func TestLanguage_services(t *testing.T) {
	f := newFirm(t)
	for language, words := range map[string]map[string]string{
		"en": {
			"ACTIVATION_REQUIRED": "Activation required", "ACTIVATED": "Activated", "EXPIRES_SOON": "Expires soon", "SUSPENDED": "Suspended",
			"hint": "Access to some features may expire if not activated", "expire": "Services expire soon", "active": "Services activated",
			"ACTIVATE": "Activate", "DEACTIVATE": "Deactivate", "SUSPEND": "Suspend", "RESUME": "Resume", "STOP": "Stop now",
			"refusal": "Ajax Services are already activated on this hub.",
		},
		"pl-PL,pl;q=0.9,en;q=0.5": {
			"ACTIVATION_REQUIRED": "Wymagana aktywacja", "ACTIVATED": "Aktywowane", "EXPIRES_SOON": "Wygasa wkrótce", "SUSPENDED": "Zawieszone",
			"hint":   "Dostęp do niektórych funkcji może wygasnąć, jeśli nie zostaną one aktywowane",
			"expire": "Usługi wkrótce wygasną", "active": "Aktywowane usługi",
			"ACTIVATE": "Aktywuj", "DEACTIVATE": "Dezaktywuj", "SUSPEND": "Zawieś", "RESUME": "Wznów", "STOP": "Zatrzymaj teraz",
			"refusal": "Usługi Ajax są już aktywowane na tym hubie.",
		},
	} {
		p, h := f.dealer.Owner.Speaks(language), f.dealer.Hub("Villa")
		says := func(tile string) world.Answer {
			t.Helper()
			for _, a := range []world.Answer{f.hub(p, h), f.onList(p, h)} {
				f.Equal(a.Text("tile.kind"), tile)
				f.Equal(a.Text("tile.label"), words[tile])
			}
			return f.hub(p, h)
		}
		for _, o := range says("ACTIVATION_REQUIRED").List("serviceActions") {
			o := world.Answer{Data: o}
			f.Equal(o.Text("label"), words[o.Text("action")])
		}
		f.Equal(f.OK(f.takes(p, "Activate", h)).Text("screen.title"), words["active"])
		says("ACTIVATED")
		f.Equal(f.Refused(f.takes(p, "Activate", h), "INVALID_STATE").Text("userErrors.0.message"), words["refusal"])
		f.OK(f.takes(p, "Suspend", h))
		says("SUSPENDED")
		f.OK(f.takes(p, "Resume", h))
		f.Equal(f.OK(f.takes(p, "Deactivate", h)).Text("screen.title"), words["expire"])
		f.Equal(says("EXPIRES_SOON").Text("tile.hint"), words["hint"])
		f.Equal(f.OK(f.takes(p, "Resume", h)).Text("screen.title"), words["active"])
		f.OK(f.takes(p, "Stop", h))
		says("ACTIVATION_REQUIRED")
	}
}
