package property_test

import (
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/internal/company"
	"partnerhub/internal/object"
	"partnerhub/internal/store"
	"partnerhub/tests/property/model"
)

// cast are the things of a run, in the order in which they are drawn from.
type cast struct {
	dealers, resellers []*model.Company
	operator           *model.Person
}

// hands are the people and what they are; "" is nobody's employee.
var hands = []struct {
	name, company string
	role          model.Role
}{
	{"operator", "", 0},
	{"d0owner", "d0", model.Owner}, {"d0senior", "d0", model.Senior}, {"d0manager", "d0", model.Manager},
	{"d0installer", "d0", model.Installer}, {"d0invited", "d0", model.Invited},
	{"d1owner", "d1", model.Owner}, {"d1installer", "d1", model.Installer},
	{"r0owner", "r0", model.Owner}, {"r0manager", "r0", model.Manager}, {"r0installer", "r0", model.Installer},
	{"r1owner", "r1", model.Owner}, {"r1senior", "r1", model.Senior},
	{"stranger", "x", model.Owner}, // of a company that is neither
	{"exemployee", "", 0},
}

// setUp plays the cast: two dealers, two resellers, a company that is neither,
// an object each, three packages, two connections, and a hub for each dealer.
func (p *play) setUp() {
	p.w = model.New(mustLoad(p.place.zone), p.place.start)
	named := map[string]*model.Company{}
	for _, name := range []string{"d0", "d1", "r0", "r1", "x"} {
		named[name] = &model.Company{ID: "co_" + name}
		p.w.Companies = append(p.w.Companies, named[name])
	}
	for _, h := range hands {
		p.w.People = append(p.w.People, &model.Person{
			ID: "usr_" + h.name, Operator: h.name == "operator", Company: named[h.company], Role: h.role,
		})
	}
	p.cast = cast{
		dealers: []*model.Company{named["d0"], named["d1"]}, resellers: []*model.Company{named["r0"], named["r1"]},
		operator: p.w.People[0],
	}
	if p.playing {
		p.insertCast()
	}
	for _, c := range p.cast.dealers {
		p.do(model.Outcome{Do: func(string) { c.Dealer = true }}, func() (string, error) {
			return "", fail(company.EnrollDealer(as(p.boss(c)), p.db, company.DealerEnrollment{
				CompanyID: c.ID, RegistrationNumber: "R-1", AcceptsTerms: true,
			}))
		})
	}
	p.enroll(p.cast.operator, named["r0"], "EUR", nil)
	p.enroll(p.cast.operator, named["r1"], "PLN", nil)
	p.save(p.cast.operator, "AJAX_SIM", map[string]int64{"EUR": 500, "PLN": 2100}, nil, nil)
	p.save(p.cast.operator, "GUARD", map[string]int64{"EUR": 130}, nil, nil)
	p.save(p.cast.operator, "CLOUD", map[string]int64{"EUR": 75, "PLN": 0}, ptr(20), nil)
	for _, c := range []string{"d0", "d1", "x"} {
		o := &model.Object{Company: named[c]}
		p.w.Objects = append(p.w.Objects, o)
		p.do(model.Outcome{Do: func(id string) { o.ID = id }}, func() (string, error) {
			made, err := object.Create(as(p.boss(o.Company)), p.db, object.Creation{CompanyID: o.Company.ID, Name: "Villa"})
			return idOf(made, err, func(o *ent.Object) string { return o.ID })
		})
	}
	p.request(model.Call{By: p.boss(named["d0"])}, named["d0"], named["r0"])
	p.decide(p.boss(named["r0"]), p.w.Connections[0], "APPROVE", "")
	p.request(model.Call{By: p.boss(named["d1"])}, named["d1"], named["r0"])
	p.decide(p.boss(named["r0"]), p.w.Connections[1], "APPROVE", "")
	for i := range p.cast.dealers {
		o := p.w.Objects[i]
		p.hubAdd(model.Call{By: p.boss(o.Company)}, o, serials[i], &model.Card{ICCID: iccids[i], Ajax: true})
	}
}

// boss is a company's owner.
func (p *play) boss(c *model.Company) *model.Person {
	for _, who := range p.w.People {
		if who.Company == c && who.Role == model.Owner {
			return who
		}
	}
	return nil
}

// insertCast writes the people and companies, which no command under test
// makes.
func (p *play) insertCast() {
	ctx := system()
	_, err := store.Do(ctx, p.db, func(tx *store.Tx) (struct{}, error) {
		for _, who := range p.w.People {
			err := tx.User.Create().SetID(who.ID).SetEmail(who.ID + "@example.org").SetName(who.ID).SetNameKey(who.ID).
				SetPasswordHash("x").SetCreatedAt(tx.Now).Exec(ctx)
			if err != nil {
				return struct{}{}, err
			}
		}
		for _, c := range p.w.Companies {
			err := tx.Company.Create().SetID(c.ID).SetName(c.ID).SetNameKey(c.ID).SetCountry("PL").
				SetContactEmail(c.ID + "@example.org").SetCreatedAt(tx.Now).Exec(ctx)
			if err != nil {
				return struct{}{}, err
			}
			err = tx.Employee.Create().SetUserID(p.boss(c).ID).SetCompanyID(c.ID).SetRole(employee.RoleOWNER).
				SetStatus(employee.StatusACTIVE).SetInvitedAt(tx.Now).SetJoinedAt(tx.Now).Exec(ctx)
			if err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		p.fatal("insert the cast: %v", err)
	}
}

// idOf is the id of what a command made.
func idOf[T any](made *T, err error, id func(*T) string) (string, error) {
	if err != nil {
		return "", err
	}
	return id(made), nil
}

// fail is the error alone.
func fail[T any](_ T, err error) error { return err }

func ptr[T any](v T) *T { return &v }

// or is a value that may be left out, for the log.
func or[T any](v *T) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprint(*v)
}
