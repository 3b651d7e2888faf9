package isolation_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// source is where a value comes from: a thing, and the field that shows it.
type source struct {
	of    *thing
	field string // "" is shown to nobody
}

// marks are the values by which the database is known again, wherever they
// turn up: words, numbers, ids, hashes, instants and amounts. Whoever sees one
// must be somebody to whom one of its sources may be shown.
type marks map[string][]source

// shownBy are the fields that show a column, where its name does not say it.
// A column that no field shows is nobody's to see: hashes, codes, keys.
var shownBy = map[string]string{
	"companies.contact_email": "CompanyContact.email", "companies.contact_phone": "CompanyContact.phone",
	"companies.contact_website": "CompanyContact.website", "companies.contact_address": "CompanyContact.address",
	"companies.reseller_email": "CompanyContact.email", "companies.credit_limit": "ResellerOverview.creditLimit",
	"companies.name_key": "Company.name", "users.name_key": "User.name", "objects.name_key": "SecurityObject.name",
	"connections.number_key": "DealerLink.dealerNumber", "objects.reference_key": "SecurityObject.reference",
	"charge_lines.serial_number": "Hub.serialNumber", "services.serial_number": "Hub.serialNumber",
	"activities.words": "Activity.summary", "service_packages.names": "ServicePackage.name",
	"package_prices.amount": "ServicePackage.monthlyFee", "package_prices.valid_from": "PackagePrice.validFrom",
	"sessions.expires_at": "Session.createdAt", // told at sign-in
	"employees.role":      "", "connections.status": "",
}

// typeOf are the types whose fields show the columns of a table.
var typeOf = map[string]string{
	"companies": "Company", "users": "User", "employees": "Employee", "connections": "DealerLink", "objects": "SecurityObject",
	"hubs": "Hub", "sim_cards": "SimCard", "service_packages": "ServicePackage", "services": "HubService",
	"service_events": "ServiceEvent", "activities": "Activity", "ledgers": "ResellerOverview", "transactions": "Transaction",
	"charge_lines": "ChargeLine", "sessions": "Session",
}

// mark notes whose every value is.
func (s *sight) mark(data map[string][]row) {
	s.marks = marks{}
	for id, t := range s.things {
		s.marks.add(strings.ToLower(id), source{t, t.kind + ".id"})
	}
	for _, table := range tables {
		for _, r := range data[table] {
			owner := s.ownerOf(table, r)
			s.markChange(r)
			for column, value := range r {
				if strings.HasSuffix(column, "_id") || column == "id" {
					continue
				}
				field, known := shownBy[table+"."+column]
				if !known && typeOf[table] != "" {
					field = typeOf[table] + "." + camel(column)
				}
				from := source{owner, field}
				for _, m := range marksOf(value, isAmount[column]) {
					s.marks.add(m, from)
				}
			}
		}
	}
}

// markChange notes that the instant of an entry of the log is also told to
// those who watch what it is about.
func (s *sight) markChange(r row) {
	for column, field := range map[string]string{"hub_id": "Hub.tile", "connection_id": "DealerLink.version"} {
		t := s.things[r.text(column)]
		for _, m := range marksOf(r["occurred_at"], false) {
			if t != nil {
				s.marks.add(m, source{t, field})
			}
		}
	}
}

// ownerOf is the thing that a row belongs to: itself, or what stands for it.
func (s *sight) ownerOf(table string, r row) *thing {
	switch table {
	case "charge_lines":
		return &thing{kind: "ChargeLine", of: []string{r.text("reseller_id")}}
	case "package_prices": // a price is a secret of those who pay in its currency
		t := &thing{kind: "ServicePackage"}
		for _, c := range s.things {
			if c.kind == "Company" && c.isOpen && s.currencies[c.id] == r.text("currency") {
				t.of = append(t.of, c.id)
			}
		}
		return t
	}
	if t := s.things[r.text("id")]; t != nil {
		return t
	}
	return &thing{kind: table}
}

var isAmount = map[string]bool{"amount": true, "balance": true, "balance_after": true, "credit_limit": true}

// camel makes taxNumber of tax_number.
func camel(column string) string {
	parts := strings.Split(column, "_")
	for i, p := range parts[1:] {
		parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

func (m marks) add(mark string, from source) {
	for _, known := range m[mark] {
		if known == from {
			return
		}
	}
	m[mark] = append(m[mark], from)
}

var (
	words    = regexp.MustCompile(`[A-Za-z0-9_]+`)
	decimals = regexp.MustCompile(`\d{2,}[.,]\d{2}\b`)
	instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
)

// marksOf are the marks in a value of the database.
func marksOf(value any, isMoney bool) []string {
	switch v := value.(type) {
	case time.Time:
		if v = v.UTC(); v.Day() == 1 && v.Equal(v.Truncate(24*time.Hour)) {
			return nil // when months begin is no secret
		}
		return []string{markOfTime(v)}
	case int64:
		if v = max(v, -v); isMoney && v >= 1000 {
			return []string{strconv.FormatInt(v, 10), fmt.Sprintf("%d.%02d", v/100, v%100)}
		}
	case string, []byte:
		var found []string
		for _, w := range words.FindAllString(text(v), -1) {
			if w = strings.ToLower(w); isMark(w) {
				found = append(found, w)
			}
		}
		return found
	}
	return nil
}

// isMark reports whether a word is one by which its row is known again: those
// of the cast begin with zz, numbers of hubs and cards and hashes are long.
func isMark(w string) bool {
	return len(w) >= 6 && strings.HasPrefix(w, "zz") || len(w) >= 8 && strings.ContainsAny(w, "0123456789")
}

func markOfTime(t time.Time) string { return "at " + strconv.FormatInt(t.UnixMicro(), 10) }

// marksIn are what may be marks in a text of an answer, also where it hides
// them: cursors are opened.
func marksIn(s string) []string {
	var found []string
	for _, w := range words.FindAllString(s, -1) {
		found = append(found, strings.ToLower(w))
	}
	for _, n := range decimals.FindAllString(s, -1) {
		found = append(found, strings.ReplaceAll(n, ",", "."))
	}
	for _, i := range instants.FindAllString(s, -1) {
		if t, err := time.Parse(time.RFC3339Nano, i); err == nil {
			found = append(found, markOfTime(t))
		}
	}
	if inside, err := base64.RawURLEncoding.DecodeString(s); err == nil && len(inside) > 1 {
		var v any
		if json.Unmarshal(inside, &v) == nil {
			found = append(found, marksInside(v)...)
		} else {
			found = append(found, marksIn(" "+string(inside))...) // the blank keeps it from being a cursor again
		}
	}
	return found
}

// marksInside are the marks of all that a JSON value holds.
func marksInside(v any) (found []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			found = append(found, marksInside(inner)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, marksInside(inner)...)
		}
	case string:
		found = marksIn(v)
	case float64:
		found = []string{strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return found
}
