package scenario_test

import (
	"fmt"
	"slices"
	"testing"

	"partnerhub/tests/world"
)

// slot is a field of an input that takes an id.
type slot struct {
	mutation, field, kind string
	input                 func(own belongings, id string) world.Vars
}

// only is a slot whose input needs nothing but the id, and what else it says.
func only(mutation, field, kind string, rest ...world.Vars) slot {
	return slot{mutation, field, kind, func(_ belongings, id string) world.Vars {
		in := world.Vars{field: id}
		for _, r := range rest {
			for name, value := range r {
				in[name] = value
			}
		}
		return in
	}}
}

// item is the input of a provisioning of one hub.
func item(company string, object, activation world.Vars) world.Vars {
	i := world.Vars{"object": object, "serialNumber": "00C0FFEE", "name": "X", "sim": world.Vars{"iccid": "894801999999999999"}}
	if activation != nil {
		i["activation"] = activation
	}
	return world.Vars{"companyId": company, "items": []world.Vars{i}}
}

var payment = world.Vars{"amount": world.Vars{"amount": "1.00", "currency": "EUR"}, "idempotencyKey": "isolation"}

var slots = []slot{
	only("companyUpdate", "companyId", "company", world.Vars{"name": "X"}),
	only("companyDealerEnroll", "companyId", "company", world.Vars{"registrationNumber": "1", "acceptsTerms": true}),
	only("companyResellerEnroll", "companyId", "company", world.Vars{"currency": "EUR"}),
	only("companyDelete", "companyId", "company", world.Vars{"confirmName": "Night Watch"}),
	only("employeeAdd", "companyId", "company", world.Vars{"email": "nobody@people.example", "role": "INSTALLER"}),
	only("objectCreate", "companyId", "company", world.Vars{"name": "X", "reference": "1"}),
	{"hubProvision", "companyId", "company", func(own belongings, id string) world.Vars {
		return item(id, world.Vars{"id": own.object}, nil)
	}},
	{"connectionRequest", "dealerId", "company", func(_ belongings, id string) world.Vars {
		return world.Vars{"dealerId": id, "reseller": world.Vars{"email": "new@station.example"}}
	}},
	{"connectionRequest", "reseller.id", "company", func(own belongings, id string) world.Vars {
		return world.Vars{"dealerId": own.company, "reseller": world.Vars{"id": id}}
	}},

	only("balanceReplenish", "resellerId", "company", payment),
	only("balanceAdjust", "transactionId", "transaction", payment, world.Vars{"direction": "DEBIT", "note": "X"}),

	only("employeeInvitationAccept", "employeeId", "employee"),
	only("employeeInvitationDecline", "employeeId", "employee"),
	only("employeeInvitationResend", "employeeId", "employee"),
	only("employeeRoleUpdate", "employeeId", "employee", world.Vars{"role": "INSTALLER"}),
	only("employeeRemove", "employeeId", "employee"),
	only("sessionRevoke", "sessionId", "session"),

	only("connectionCancel", "connectionId", "connection"),
	only("connectionApprove", "connectionId", "connection"),
	only("connectionReject", "connectionId", "connection"),
	only("connectionSuspend", "connectionId", "connection"),
	only("connectionResume", "connectionId", "connection"),
	only("connectionDealerNumberUpdate", "connectionId", "connection", world.Vars{"dealerNumber": "1"}),

	only("objectUpdate", "objectId", "object", world.Vars{"name": "X"}),
	only("objectDelete", "objectId", "object"),
	only("hubAdd", "objectId", "object", world.Vars{"serialNumber": "00C0FFEE", "name": "X"}),
	{"hubUpdate", "objectId", "object", func(own belongings, id string) world.Vars {
		return world.Vars{"hubId": own.hub, "objectId": id}
	}},
	{"hubProvision", "items.object.id", "object", func(own belongings, id string) world.Vars {
		return item(own.company, world.Vars{"id": id}, nil)
	}},

	only("hubUpdate", "hubId", "hub", world.Vars{"name": "X"}),
	only("hubRemove", "hubId", "hub"),
	only("hubSimInstall", "hubId", "hub", world.Vars{"sim": world.Vars{"iccid": "894801999999999999"}}),
	{"hubConfigurationTransfer", "fromHubId", "hub", func(own belongings, id string) world.Vars {
		return world.Vars{"fromHubId": id, "toHubId": own.hub}
	}},
	{"hubConfigurationTransfer", "toHubId", "hub", func(own belongings, id string) world.Vars {
		return world.Vars{"fromHubId": own.hub, "toHubId": id}
	}},
	only("serviceActivate", "hubId", "hub"),
	only("serviceDeactivate", "hubId", "hub"),
	only("serviceSuspend", "hubId", "hub"),
	only("serviceResume", "hubId", "hub"),
	only("serviceStop", "hubId", "hub"),

	{"serviceActivate", "connectionId", "connection", func(own belongings, id string) world.Vars {
		return world.Vars{"hubId": own.hub, "connectionId": id}
	}},
	{"hubProvision", "items.activation.connectionId", "connection", func(own belongings, id string) world.Vars {
		return item(own.company, world.Vars{"create": world.Vars{"name": "X"}}, world.Vars{"connectionId": id})
	}},
}

// A mutation answers what is not the caller's as what does not exist, in code,
// path and words, whichever field names it. (A34)
func (c *cast) changesAlike() {
	for _, s := range slots {
		if s.field == "connectionId" && s.mutation == "serviceActivate" || s.field == "items.activation.connectionId" {
			// The dealer's installers choose among connections by id, though
			// they do not read them (A36, A52).
			delete(c.people, "dealer.installer")
		}
		c.alike(s.kind, s.mutation+" "+s.field, func(p *world.Person, own belongings, id string) string {
			selection := ``
			if s.mutation == "hubProvision" {
				selection = `results { isExisting hub { id } service { id } userErrors { __typename code message path } }`
			}
			return said(p.Mutate(s.mutation, s.input(own, id), selection), id)
		})
	}
}

// What is common to all packages is no secret: every employee sees them all.
var open = []string{"serviceActivate packageId", "hubProvision items.activation.packageId"}

// The table of slots misses no field that takes an id.
func TestIsolation_EveryField(t *testing.T) {
	w := world.New(t)
	a := w.OK(w.Query(`{ __schema { mutationType { fields { name args { type { ofType { name } } } } }
		types { name inputFields { name type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }`))
	inputs := map[string]world.Answer{}
	for _, ty := range a.List("__schema.types") {
		inputs[world.Answer{Data: ty}.Text("name")] = world.Answer{Data: ty}
	}
	known := slices.Clone(open)
	for _, s := range slots {
		known = append(known, s.mutation+" "+s.field)
	}
	var look func(mutation, path, input string)
	look = func(mutation, path, input string) {
		for _, f := range inputs[input].List("inputFields") {
			f := world.Answer{Data: f}
			kind, at := f.Text("type.name"), "type"
			for kind == "" {
				at += ".ofType"
				kind = f.Text(at + ".name")
			}
			if name := path + f.Text("name"); kind == "ID" && !slices.Contains(known, mutation+" "+name) {
				t.Errorf("nobody tries foreign ids in %s of %s", name, mutation)
			} else if kind != "ID" {
				look(mutation, name+".", kind)
			}
		}
	}
	for _, m := range a.List("__schema.mutationType.fields") {
		m := world.Answer{Data: m}
		look(m.Text("name"), "", fmt.Sprint(m.Get("args.0.type.ofType.name")))
	}
}

// A reseller sees the hub that it bills, but of the dealer's other connections
// it must not even learn that they exist: not by choosing one for the hub.
func (c *cast) activatesAlike() {
	var villa string
	for _, th := range c.things {
		if th.kind == "hub" && th.name == "with services" {
			villa = th.id
		}
	}
	c.alike("connection", "serviceActivate connectionId", func(p *world.Person, _ belongings, id string) string {
		if p != c.reseller.Owner && p != c.people["reseller.manager"] {
			return ""
		}
		return said(p.Mutate("serviceActivate", world.Vars{"hubId": villa, "connectionId": id}, ``), id)
	})
}
