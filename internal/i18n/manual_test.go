package i18n_test

import (
	"testing"

	"partnerhub/internal/i18n"
)

// The words that the manuals show on tiles, screens and buttons. (R93–R123)
func TestManualWords(t *testing.T) {
	for id, want := range map[string][2]string{
		"tileActivationRequired":        {"Activation required", "Wymagana aktywacja"},
		"tileActivated":                 {"Activated", "Aktywowane"},
		"tileExpiresSoon":               {"Expires soon", "Wygasa wkrótce"},
		"tileExpiresSoonHint":           {"Access to some features may expire if not activated", "Dostęp do niektórych funkcji może wygasnąć, jeśli nie zostaną one aktywowane"},
		"screenServicesActivatedTitle":  {"Services activated", "Aktywowane usługi"},
		"screenServicesExpireSoonTitle": {"Services expire soon", "Usługi wkrótce wygasną"},
		"actionActivate":                {"Activate", "Aktywuj"},
		"actionDeactivate":              {"Deactivate", "Dezaktywuj"},
		"actionResume":                  {"Resume", "Wznów"},
		"actionStop":                    {"Stop now", "Zatrzymaj teraz"},
		"roleOwner":                     {"Company owner", "Właściciel firmy"},
		"roleSeniorServiceManager":      {"Senior Service Manager", "Starszy menadżer usług"},
		"roleServiceManager":            {"Service Manager", "Menadżer usług"},
		"roleInstaller":                 {"Installer", "Instalator"},
		"kindDealer":                    {"Dealer", "Sprzedawca"},
		"kindReseller":                  {"Reseller", "Reseller"},
	} {
		for i, l := range []i18n.Language{i18n.English, i18n.Polish} {
			if got := i18n.Text(l, id, nil); got != want[i] {
				t.Errorf("%s in %q: %q, want %q", id, l, got, want[i])
			}
		}
	}
}
