package isolation_test

import (
	"encoding/json"
	"strings"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

// said is what somebody was told while things changed. It is judged when all
// is over, by who stood to the things at any time of the play.
type said struct {
	to       *viewer
	what     string
	document string
	data     json.RawMessage
	errors   []client.Error
}

// play has everybody do everything once, and all others try the same before:
// each answer asks for all that is reached by the shortest paths from the
// payload, and is told to those who may do it alone.
type play struct {
	*cast
	paths  *paths
	tell   []said
	filled int // paths of the documents
	texts  map[string]string
}

func newPlay(c *cast) *play {
	return &play{cast: c, paths: shortest(c.judge.schema, c.judge.schema.Mutation, overOne), texts: map[string]string{}}
}

// document is that of a mutation, with all its payload reaches.
func (p *play) document(mutation string) string {
	if p.texts[mutation] == "" {
		f := p.judge.schema.Mutation.Fields.ForName(mutation)
		selected, count := p.paths.document(mutation, "")
		p.filled += count
		var b strings.Builder
		p.paths.text(&b, selected, "Mutation", p.arguments)
		declared := "$input: " + f.Arguments[0].Type.String()
		if strings.Contains(b.String(), "$dealer") {
			declared += " $dealer: ID!"
		}
		p.texts[mutation] = "mutation(" + declared + ") " + b.String()
	}
	return p.texts[mutation]
}

// tries runs a mutation as somebody who may not, and keeps the answer.
func (p *play) tries(v *viewer, mutation string, input world.Vars) {
	p.Helper()
	f := p.judge.schema.Mutation.Fields.ForName(mutation)
	document := "mutation($input: " + f.Arguments[0].Type.String() + ") { " + mutation + "(input: $input) " + p.refusal(f) + " }"
	r, err := v.Client.Execute(p.Context(), client.Request{Query: document, Variables: world.Vars{"input": input}})
	if err != nil {
		p.Fatal(err)
	}
	p.asked.Add(1)
	p.tell = append(p.tell, said{v, mutation, document, r.Data, r.Errors})
}

// say runs a mutation as a viewer and keeps the answer.
func (p *play) say(v *viewer, mutation string, input world.Vars) world.Answer {
	p.Helper()
	document := p.document(mutation)
	variables := world.Vars{"input": input}
	if strings.Contains(document, "$dealer") {
		variables["dealer"] = p.firms["alfa"].ID
	}
	r, err := v.Client.Execute(p.Context(), client.Request{Query: document, Variables: variables})
	if err != nil {
		p.Fatal(err)
	}
	p.asked.Add(1)
	for _, e := range r.Errors {
		if e.Code() != "UNAUTHENTICATED" && e.Code() != "FORBIDDEN" {
			p.Fatalf("%s as %s: %s %s\n%s", mutation, v.name, e.Code(), e.Message, document)
		}
	}
	p.tell = append(p.tell, said{v, mutation, document, r.Data, r.Errors})
	var data map[string]any
	if len(r.Data) > 0 {
		if err := json.Unmarshal(r.Data, &data); err != nil {
			p.Fatal(err)
		}
	}
	return world.Answer{Data: data[mutation]}
}

// does has somebody do something, after all who may not have tried it.
func (p *play) does(v *viewer, mutation string, input world.Vars) world.Answer {
	p.Helper()
	p.tick()
	for i, other := range p.viewers {
		if isTurn(len(p.tell), i) && other != v && !p.mayLike(other, v, mutation) && p.isNear(other, v, mutation) {
			p.tries(other, mutation, input)
		}
	}
	a := p.say(v, mutation, input)
	if refusals := a.List("userErrors"); len(refusals) > 0 || a.Data == nil {
		p.Fatalf("%s is refused to %s: %v", mutation, v.name, refusals)
	}
	p.lookOn()
	return a
}

// mayLike reports whether somebody may do as another: in the same company,
// with a role to which the table shows what comes of it, or to oneself.
func (p *play) mayLike(other, v *viewer, mutation string) bool {
	payload := p.judge.schema.Types[p.judge.schema.Mutation.Fields.ForName(mutation).Type.Name()]
	result := payload.Name + "." + fieldsOf(payload)[0].Name
	if !p.judge.table.sees(result, other.relation(nil)) {
		return false
	}
	for company := range other.roles {
		if v.roles[company] != "" {
			return true
		}
	}
	return other.isOperator || other.ID == v.ID || isOnesOwn[mutation]
}

// isNear reports whether somebody is not a stranger to what another does, or
// it names no thing: strangers have tried what names one in changes.
func (p *play) isNear(other, v *viewer, mutation string) bool {
	if len(p.idsIn(p.judge.schema.Mutation.Fields.ForName(mutation).Arguments[0].Type, nil)) == 0 || v.isOperator {
		return true
	}
	for company := range v.roles {
		if t := p.judge.sight.things[company]; t != nil && !other.isStranger(t) {
			return true
		}
	}
	return false
}

// isOnesOwn are the mutations that everybody does to themselves.
var isOnesOwn = map[string]bool{
	"userSignUp": true, "userSignIn": true, "userSignOut": true, "userUpdate": true, "userEmailVerify": true, "userEmailVerificationResend": true,
	"userPasswordReset": true, "userPasswordResetRequest": true, "userPasswordUpdate": true, "companyCreate": true,
}

// lookOn reads anew whose everything is, and keeps what was.
func (p *play) lookOn() {
	p.Helper()
	before := p.judge.sight
	p.look()
	p.judge.mu.Lock()
	defer p.judge.mu.Unlock()
	p.judge.sight.merge(before)
}

// judged judges all that was said.
func (p *play) judged() {
	for _, s := range p.tell {
		p.judge.answer(s.to, s.what, s.document, &client.Response{Data: s.data, Errors: s.errors})
	}
	p.tell = nil
}

// plays runs the play before everybody's eyes, and judges all that is told.
func (c *cast) plays() (paths, events int) {
	c.Helper()
	p := newPlay(c)
	all := p.watches()
	p.companies(p.accounts())
	p.hubs()
	p.links()
	p.money()
	p.revokes(all)
	events = p.judgeStreams(all)
	return p.filled, events
}
