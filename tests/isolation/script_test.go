package isolation_test

import (
	"slices"
	"time"

	"partnerhub/tests/world"
)

// newcomer is somebody who signs up in the play.
func (p *play) newcomer() *viewer {
	p.Helper()
	v := &viewer{Person: p.Nobody(), name: "newcomer", roles: map[string]string{}, own: belongings{}}
	v.Email = "zznewcomermail@people.example"
	before := len(p.tell)
	p.tick()
	p.say(v, "userSignUp", world.Vars{"email": v.Email, "password": world.Password, "name": "Zznewcomername"})
	p.lookOn()
	for _, t := range p.judge.sight.list(func(t *thing) bool { return t.kind == "User" }) {
		if slices.ContainsFunc(p.judge.sight.marks["zznewcomermail"], func(s source) bool { return s.of.id == t.id }) {
			v.ID = t.id
		}
	}
	p.say(v, "userEmailVerificationResend", world.Vars{"email": v.Email})
	p.Letters(v.Email, 2)
	p.say(v, "userEmailVerify", world.Vars{"token": p.Code(v.Email)})
	p.say(v, "userPasswordResetRequest", world.Vars{"email": v.Email})
	p.Letters(v.Email, 3)
	p.say(v, "userPasswordReset", world.Vars{"token": p.Code(v.Email), "password": world.Password})
	a := p.say(v, "userSignIn", world.Vars{"email": v.Email, "password": world.Password})
	if a.Text("sessionToken") == "" {
		p.Fatal("the newcomer cannot sign in")
	}
	v.Client = p.Anyone.WithToken(a.Text("sessionToken"))
	p.lookOn()
	if len(p.tell)-before != 6 {
		p.Fatal("the newcomer was not answered")
	}
	return v
}

// accounts, companies, hubs, services, connections, money: everything that can
// be done, in an order in which it can.
func (p *play) accounts() (newcomer *viewer) {
	p.Helper()
	v := p.newcomer()
	p.does(v, "userUpdate", world.Vars{"name": "Zznewcomerother"})
	p.does(v, "userPasswordUpdate", world.Vars{"currentPassword": world.Password, "password": world.Password + "s"})
	there := *v.Person // on another device
	other := *v
	other.Person = &there
	signIn := func() {
		there.Client = p.Anyone.WithToken(p.say(v, "userSignIn", world.Vars{"email": v.Email, "password": world.Password + "s"}).Text("sessionToken"))
		p.lookOn()
	}
	signIn()
	p.does(v, "sessionRevoke", world.Vars{"sessionId": p.session(&there)})
	signIn()
	p.say(&other, "userSignOut", world.Vars{})
	return v
}

func (p *play) companies(newcomer *viewer) {
	p.Helper()
	alfa, op := p.firms["alfa"], p.viewers[0]
	owner := alfa.people["owner"]
	card := world.Vars{"country": "PL", "contact": world.Vars{"email": "zznewfirmoffice@firms.example"}, "idempotencyKey": "zzsharedkey"}
	found := func(name string) string {
		in := world.Vars{"name": name}
		for k, value := range card {
			in[k] = value
		}
		return p.does(newcomer, "companyCreate", in).Text("company.id")
	}
	p.say(newcomer, "companyCreate", world.Vars{"name": "", "country": "PL", "contact": card["contact"]})
	firm := found("Zznewfirm")
	newcomer.roles[firm] = "owner"
	// The key of somebody else is as any other.
	stranger := p.viewers[slices.IndexFunc(p.viewers, func(v *viewer) bool { return v.name == "golfowner" })]
	a := p.say(stranger, "companyCreate", world.Vars{"name": "Zznewfirm", "country": "PL", "contact": card["contact"], "idempotencyKey": "zzsharedkey"})
	if id := a.Text("company.id"); id == "" || id == firm {
		p.judge.finds("companyCreate: the key of somebody else is answered with %v", a.Data)
	} else {
		stranger.roles[id] = "owner"
	}
	p.does(newcomer, "companyUpdate", world.Vars{"companyId": firm, "name": "Zznewfirmother"})
	p.does(newcomer, "companyDealerEnroll", world.Vars{"companyId": firm, "registrationNumber": "zznewfirmregister", "acceptsTerms": true})
	p.does(newcomer, "companyDelete", world.Vars{"companyId": firm, "confirmName": "Zznewfirmother"})
	p.does(op, "companyResellerEnroll", world.Vars{"companyId": p.firms["tau"].ID, "currency": "USD", "creditLimit": "1515.33"})
	guest := p.viewers[slices.IndexFunc(p.viewers, func(v *viewer) bool { return v.name == "invited" })]
	helper := p.does(owner, "employeeAdd", world.Vars{"companyId": alfa.ID, "email": newcomer.Email, "role": "INSTALLER"}).Text("employee.id")
	newcomer.invited = []string{alfa.ID}
	p.does(owner, "employeeInvitationResend", world.Vars{"employeeId": helper})
	p.does(newcomer, "employeeInvitationDecline", world.Vars{"employeeId": helper})
	guest.roles[alfa.ID] = "installer"
	p.does(guest, "employeeInvitationAccept", world.Vars{"employeeId": guest.own["Employee"]})
	p.does(owner, "employeeRoleUpdate", world.Vars{"employeeId": guest.own["Employee"], "role": "INSTALLER"})
	p.does(owner, "employeeRemove", world.Vars{"employeeId": guest.own["Employee"]})
}

func (p *play) hubs() {
	p.Helper()
	alfa := p.firms["alfa"]
	installer, manager, bravo := alfa.people["installer"], alfa.people["manager"], p.firms["bravo"].people["owner"]
	site := p.does(installer, "objectCreate", world.Vars{"companyId": alfa.ID, "name": "zzplaysite", "reference": "zzplayref"}).Text("object.id")
	p.does(manager, "objectUpdate", world.Vars{"objectId": site, "address": "zzplayway"})
	card := func() world.Vars { p.numbers++; return world.Vars{"iccid": iccid(p.numbers)} }
	add := func(name string) world.Vars {
		p.numbers++
		return world.Vars{"objectId": site, "serialNumber": serial(p.numbers), "name": name, "sim": card()}
	}
	first := add("zzplayhub")
	hub := p.does(installer, "hubAdd", first).Text("hub.id")
	second := p.does(alfa.people["senior"], "hubAdd", add("zzplayother")).Text("hub.id")
	// What is taken says by whom to those alone who may see it.
	for _, in := range []world.Vars{
		{"objectId": bravo.own["SecurityObject"], "serialNumber": first["serialNumber"], "name": "X"},
		{"objectId": bravo.own["SecurityObject"], "serialNumber": serial(999_999), "name": "X", "sim": first["sim"]},
	} {
		if a := p.say(bravo, "hubAdd", in); len(a.List("userErrors")) == 0 {
			p.judge.finds("hubAdd: %s has got a number that is taken", bravo.name)
		}
	}
	p.say(p.firms["tau"].people["owner"], "companyUpdate", world.Vars{"companyId": p.firms["tau"].ID, "contact": world.Vars{"email": "zzsigmaoffice@firms.example"}})
	p.say(installer, "objectCreate", world.Vars{"companyId": alfa.ID, "name": "X", "reference": "zzplayref"})
	p.does(installer, "hubSimInstall", world.Vars{"hubId": hub, "sim": card()})
	p.does(installer, "hubUpdate", world.Vars{"hubId": hub, "name": "zzplaythird"})
	p.does(manager, "hubConfigurationTransfer", world.Vars{"fromHubId": hub, "toHubId": second})
	p.services(hub, second)
	p.numbers++
	items := world.Vars{"companyId": alfa.ID, "items": []world.Vars{{
		"object": world.Vars{"id": site}, "serialNumber": serial(p.numbers), "name": "zzplaybulk", "sim": card(),
		"activation": world.Vars{"packageId": p.pkg, "connectionId": alfa.ids["link rho"]},
	}}}
	p.does(installer, "hubProvision", items)
	p.say(installer, "hubProvision", items)
	p.say(installer, "hubProvision", world.Vars{"companyId": alfa.ID, "items": []world.Vars{}})
	bulk := p.judge.sight.marks["zzplaybulk"][0].of.id
	p.say(installer, "hubRemove", world.Vars{"hubId": bulk})       // services run
	p.say(installer, "objectDelete", world.Vars{"objectId": site}) // on a hub of it
	p.does(installer, "serviceStop", world.Vars{"hubId": bulk})
	p.does(installer, "hubRemove", world.Vars{"hubId": bulk})
	p.does(manager, "objectDelete", world.Vars{"objectId": site})
}

func (p *play) services(hub, second string) {
	p.Helper()
	alfa := p.firms["alfa"]
	start := world.Vars{"packageId": p.pkg, "connectionId": alfa.ids["link rho"]}
	for i, role := range []string{"installer", "manager"} {
		id := []string{hub, second}[i]
		start["hubId"] = id
		by := alfa.people[role]
		p.does(by, "serviceActivate", start)
		p.say(by, "serviceActivate", start)
		p.does(by, "serviceDeactivate", world.Vars{"hubId": id, "reason": "zzplayreason"})
		p.does(by, "serviceSuspend", world.Vars{"hubId": id})
		p.does(by, "serviceResume", world.Vars{"hubId": id})
		p.does(by, "serviceStop", world.Vars{"hubId": id})
	}
	p.say(alfa.people["owner"], "companyDelete", world.Vars{"companyId": alfa.ID, "confirmName": alfa.Name})
}

func (p *play) links() {
	p.Helper()
	charlie, rho, sigma, tau := p.firms["charlie"].people["owner"], p.firms["rho"], p.firms["sigma"], p.firms["tau"]
	ask := world.Vars{"dealerId": charlie.own["Company"], "reseller": world.Vars{"id": tau.ID}}
	p.does(charlie, "connectionCancel", world.Vars{"connectionId": p.does(charlie, "connectionRequest", ask).Text("connection.id")})
	p.does(sigma.people["owner"], "connectionReject", world.Vars{"connectionId": p.firms["charlie"].ids["link sigma"], "reason": "zzplayrefusal"})
	waiting := world.Vars{"connectionId": p.firms["alfa"].ids["link sigma"]}
	p.does(sigma.people["manager"], "connectionApprove", waiting)
	p.does(sigma.people["owner"], "connectionDealerNumberUpdate", world.Vars{"connectionId": waiting["connectionId"], "dealerNumber": "zzplaynumber"})
	p.does(sigma.people["owner"], "connectionSuspend", world.Vars{"connectionId": waiting["connectionId"], "reason": "zzplayquarrel"})
	p.does(sigma.people["manager"], "connectionResume", waiting)
	p.say(sigma.people["owner"], "connectionResume", waiting)
	p.say(rho.people["owner"], "connectionDealerNumberUpdate", world.Vars{"connectionId": p.firms["bravo"].ids["link rho"], "dealerNumber": "zzalfabyrho"})
}

func (p *play) money() {
	p.Helper()
	op, sigma := p.viewers[0], p.firms["sigma"]
	pay := func(amount string) world.Vars { return world.Vars{"amount": amount, "currency": "PLN"} }
	p.does(op, "balanceReplenish", world.Vars{"resellerId": sigma.ID, "amount": pay("4404.41"), "note": "zzplaypayment", "idempotencyKey": "zzplaykey"})
	p.does(op, "balanceAdjust", world.Vars{
		"transactionId": sigma.ids["payment"], "direction": "CREDIT", "amount": pay("1606.61"), "note": "zzplaycorrection", "idempotencyKey": "zzplaykey",
	})
	p.does(op, "servicePackageSave", world.Vars{
		"code": "AJAX_PLAY", "names": []world.Vars{{"language": "en", "text": "Play"}}, "monthlyFees": []world.Vars{pay("64.09")},
	})
	p.clock = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(-61 * time.Second)
	p.does(op, "clockAdvance", world.Vars{"to": "2026-03-01T09:01:00Z"})
	p.clock = time.Date(2026, 3, 1, 9, 1, 0, 0, time.UTC)
	p.does(op, "billingRun", world.Vars{"month": "2026-02", "isDryRun": false})
}
