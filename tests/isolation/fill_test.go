package isolation_test

import (
	"context"
	"fmt"
	"time"

	"partnerhub/tests/world"
)

func serial(n int) string { return fmt.Sprintf("00C%09d", n) }
func iccid(n int) string  { return fmt.Sprintf("89480111%010d", n) }

// fill makes the cast.
//
//	alfa     dealer   of rho, with all states of services; tau has suspended it; has asked sigma, and invited a stranger
//	bravo    dealer   of sigma; rho has suspended it
//	charlie  dealer   rejected by rho, waits for sigma
//	delta    dealer   of nobody
//	echo     company  neither dealer nor reseller
//	golf     company  deleted
//	rho      reseller in EUR
//	sigma    reseller in PLN
//	tau      reseller in USD, without accounts and transactions
func (c *cast) fill() {
	op := c.viewer("operator", c.Operator())
	op.isOperator = true
	c.do(op.Person, "userUpdate", world.Vars{"name": "zzoperatorname", "language": "pl"}, ``)
	c.packages()
	alfa, bravo, charlie, delta := c.dealer("alfa"), c.dealer("bravo"), c.dealer("charlie"), c.dealer("delta")
	echo, golf := c.firm("echo"), c.firm("golf")
	rho, sigma, tau := c.reseller("rho", "EUR", "3141.59"), c.reseller("sigma", "PLN", "2718.28"), c.reseller("tau", "USD", "1414.21")
	for _, f := range []*firm{alfa, rho, tau} {
		f.employs(f.mark+"senior", "SENIOR_SERVICE_MANAGER")
		f.employs(f.mark+"manager", "SERVICE_MANAGER")
		f.employs(f.mark+"installer", "INSTALLER")
	}
	bravo.employs("bravoinstaller", "INSTALLER")
	sigma.employs("sigmamanager", "SERVICE_MANAGER")
	c.others(alfa)

	c.pays(rho, "7301.17")
	c.pays(sigma, "8402.29")
	ar, br, bs := alfa.connects(rho), bravo.connects(rho), bravo.connects(sigma)
	for _, hub := range []string{"running", "expiring", "paused", "halted", "stopped", "idle"} {
		alfa.hub(hub)
	}
	alfa.hubAt(alfa.ids["site running"], "beside")
	bravo.hub("suspended")
	bravo.hub("other")
	for _, f := range []*firm{charlie, delta, echo, rho} {
		f.hub(f.Name + "own")
	}
	for _, hub := range []string{"running", "expiring", "paused", "halted", "stopped"} {
		alfa.activates(hub, ar, c.pkg)
	}
	bravo.activates("suspended", br, c.pkg)
	bravo.activates("other", bs, c.pkg)

	c.clock = time.Date(2026, 2, 3, 8, 0, 0, 0, time.UTC) // January is booked
	c.Advance(c.clock.Format(time.RFC3339))
	alfa.hub("tried")
	alfa.activates("tried", ar, c.trial)
	c.do(op.Person, "servicePackageSave", world.Vars{"code": "AJAX_TRIAL", "names": []world.Vars{}, "monthlyFees": []world.Vars{}, "isArchived": true}, ``)
	alfa.step("serviceDeactivate", "expiring")
	alfa.step("serviceSuspend", "paused")
	alfa.step("serviceStop", "stopped")
	c.do(op.Person, "serviceSuspend", world.Vars{"hubId": alfa.ids["halted"], "reason": "zzhaltedreason"}, ``)
	c.do(tau.Owner, "connectionSuspend", world.Vars{"connectionId": alfa.connects(tau), "reason": "zzdebtreason"}, ``)
	c.do(rho.Owner, "connectionSuspend", world.Vars{"connectionId": br, "reason": "zzquarrelreason"}, ``)
	c.do(rho.Owner, "connectionReject", world.Vars{"connectionId": charlie.asks(rho), "reason": "zzrefusalreason"}, ``)
	charlie.asks(sigma)
	alfa.asks(sigma)
	alfa.ids["invitation"] = c.do(alfa.Owner, "connectionRequest", world.Vars{
		"dealerId": alfa.ID, "reseller": world.Vars{"email": "zzinvitedmail@stations.example"},
	}, `connection { id }`).Text("connection.id")
	c.adjusts(rho, "1202.05")
	c.adjusts(sigma, "1303.07")
	c.do(golf.Owner, "companyDelete", world.Vars{"companyId": golf.ID, "confirmName": golf.Name}, ``)
	delete(golf.people["owner"].roles, golf.ID)
	c.tick()
	c.belong()
}

// packages are for all alike, but a price is in a currency.
func (c *cast) packages() {
	save := func(code string, trialDays int, eur, pln, usd string) string {
		c.tick()
		return c.Package(code, world.Vars{"trialDays": trialDays, "monthlyFees": []world.Vars{
			{"amount": eur, "currency": "EUR"}, {"amount": pln, "currency": "PLN"}, {"amount": usd, "currency": "USD"},
		}})
	}
	c.pkg = save("AJAX_SIM", 0, "13.37", "61.03", "29.41")
	c.trial = save("AJAX_TRIAL", 30, "14.39", "62.07", "30.43")
}

// others are viewers whom the companies have nothing to do with, or no more.
func (c *cast) others(alfa *firm) {
	c.person("stranger")
	invited := c.person("invited")
	c.tick()
	unconfirmed := c.viewer("unconfirmed", c.Unconfirmed("Zzunconfirmedname", "zzunconfirmedmail@people.example"))
	for _, v := range []*viewer{invited, unconfirmed} {
		a := c.do(alfa.Owner, "employeeAdd", world.Vars{"companyId": alfa.ID, "email": v.Email, "role": "INSTALLER"}, `employee { id }`)
		v.invited, v.own["Employee"], v.own["Company"] = []string{alfa.ID}, a.Text("employee.id"), alfa.ID
	}
	stays := alfa.people["installer"]
	leaver := alfa.employs("leaver", "INSTALLER")
	alfa.people["installer"] = stays
	c.do(leaver.Person, "objectCreate", world.Vars{"companyId": alfa.ID, "name": "zzleaversite"}, ``)
	c.do(alfa.Owner, "employeeRemove", world.Vars{"employeeId": leaver.own["Employee"]}, ``)
	leaver.roles = map[string]string{}
	c.dead("signed out", c.Nobody())
	c.dead("garbage", c.Holder("hubs_zzgarbage"))
}

// dead makes a viewer of somebody without a session.
func (c *cast) dead(name string, p *world.Person) {
	c.viewer(name, p).isDead = true
}

// pays and adjusts book amounts that stand nowhere else.
func (c *cast) pays(f *firm, amount string) {
	c.Helper()
	f.ids["payment"] = c.do(c.Operator(), "balanceReplenish", world.Vars{
		"resellerId": f.ID, "amount": world.Vars{"amount": amount, "currency": c.currency(f)}, "note": "zz" + f.mark + "note", "idempotencyKey": "zz" + f.mark + "payment",
	}, `transaction { id }`).Text("transaction.id")
}

func (c *cast) adjusts(f *firm, amount string) {
	c.Helper()
	c.do(c.Operator(), "balanceAdjust", world.Vars{
		"transactionId": f.ids["payment"], "direction": "DEBIT", "amount": world.Vars{"amount": amount, "currency": c.currency(f)},
		"note": "zz" + f.mark + "correction", "idempotencyKey": "zz" + f.mark + "adjustment",
	}, ``)
}

func (c *cast) currency(f *firm) string {
	return map[string]string{"rho": "EUR", "sigma": "PLN", "tau": "USD"}[f.mark]
}

// belong gives the viewers ids of their own, for the fields beside the one
// with a foreign id, and makes viewers of those whose sessions are over.
func (c *cast) belong() {
	c.Helper()
	c.look()
	for _, v := range c.viewers {
		for _, t := range c.judge.sight.list(func(t *thing) bool { return !t.isGone }) {
			switch relation := v.relation(t); {
			case v.own[t.kind] != "" || v.isOperator:
			case relation == "self", isRole(relation):
				v.own[t.kind] = t.id
			}
		}
	}
	alfa, rho := c.firms["alfa"].Owner, c.firms["rho"].Owner
	revoked, expired := *rho, *alfa
	revoked.SignIn()
	c.OK(c.Mutate("userSignIn", world.Vars{"email": alfa.Email, "password": world.Password, "deviceName": "zzalfadevice"}, ``))
	c.OK(revoked.Mutate("sessionRevoke", world.Vars{"sessionId": c.session(&revoked)}, ``))
	expired.SignIn()
	if _, err := c.db.ExecContext(context.Background(), `UPDATE sessions SET expires_at = ? WHERE id = ?`, time.Now().UTC().Add(-time.Second), c.session(&expired)); err != nil {
		c.Fatal(err)
	}
	c.dead("revoked", &revoked)
	c.dead("expired", &expired)
	c.look()
}

// session is the id of a person's present session.
func (c *cast) session(p *world.Person) string {
	c.Helper()
	for _, s := range c.OK(p.Query(`{ viewer { sessions { id isCurrent } } }`)).List("viewer.sessions") {
		if s := (world.Answer{Data: s}); s.Get("isCurrent") == true {
			return s.Text("id")
		}
	}
	c.Fatal("no session")
	return ""
}

func isRole(relation string) bool {
	switch relation {
	case "owner", "senior", "manager", "installer":
		return true
	}
	return false
}
