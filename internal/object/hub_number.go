package object

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/simcard"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals of the numbers that are printed on hubs and cards.
var (
	// ErrSerialNumber answers what is no serial number.
	ErrSerialNumber = errs.New(errs.Invalid, "errorInvalidSerialNumber")
	// ErrSerialNumberTaken answers the serial number of a present hub, whoever
	// has it (A40).
	ErrSerialNumberTaken = errs.New(errs.Taken, "errorSerialNumberTaken")
	// ErrICCID answers what is no number of a card.
	ErrICCID = errs.New(errs.Invalid, "errorInvalidIccid")
	// ErrICCIDTaken answers the number of a card in a present hub, whoever has
	// it (A40).
	ErrICCIDTaken = errs.New(errs.Taken, "errorIccidTaken")
)

var (
	serialNumber = regexp.MustCompile(`^[0-9A-Za-z]{4,32}$`)
	iccid        = regexp.MustCompile(`^[0-9]{18,22}$`)
)

// CheckSerialNumber checks the number printed on a hub: 4 to 32 letters and
// digits. People type it with spaces, dashes and small letters, which are not
// part of it.
func CheckSerialNumber(list *errs.List, value string, path ...string) string {
	return strings.ToUpper(checkNumber(list, value, serialNumber, ErrSerialNumber, path))
}

// checkICCID checks the number of a card: 18 to 22 digits, however grouped.
func checkICCID(list *errs.List, value string, path ...string) string {
	return checkNumber(list, value, iccid, ErrICCID, path)
}

func checkNumber(list *errs.List, value string, pattern *regexp.Regexp, refusal *errs.Error, path []string) string {
	value = strings.Map(ungrouped, value)
	switch {
	case value == "":
		list.Add(form.ErrRequired.On(path...))
	case !pattern.MatchString(value):
		list.Add(refusal.On(path...))
	default:
		return value
	}
	return ""
}

// ungrouped drops what only groups the signs of a number.
func ungrouped(r rune) rune {
	if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
		return -1
	}
	return r
}

// withSerialNumber returns the present hub of the whole platform that has the
// serial number, nil where none has.
func withSerialNumber(ctx context.Context, tx *store.Tx, number string) (*ent.Hub, error) {
	h, err := tx.Hub.Query().Where(hub.SerialNumber(number), hub.RemovedAtIsNil()).Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a serial number: %w", err)
	}
	return h, nil
}

// freeICCID fails with [ErrICCIDTaken] where a hub other than the one with id
// except has the card. It names that hub only to the people of its company:
// others do not see its card (A50).
func freeICCID(ctx context.Context, tx *store.Tx, number, except string) error {
	card, err := tx.SIMCard.Query().Where(simcard.Iccid(number)).WithHub().Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a card: %w", err)
	}
	if card.HubID == except {
		return nil
	}
	refusal := ErrICCIDTaken.On("sim", "iccid")
	if _, own := viewer.From(ctx).In(card.Edges.Hub.CompanyID); own {
		refusal = refusal.About(errs.Existing{ID: card.HubID})
	}
	return refusal
}
