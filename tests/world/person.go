package world

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"partnerhub/internal/client"
)

// Password is everybody's.
const Password = "correct horse battery"

// Person is somebody with a PRO account, signed in.
type Person struct {
	w      *World
	ID     string
	Name   string
	Email  string
	Client *client.Client
}

// Person signs somebody up, confirms the address and signs in.
func (w *World) Person(name string) *Person {
	w.Helper()
	w.mu.Lock()
	w.people++
	n := w.people
	w.mu.Unlock()
	return w.SignUp(name, fmt.Sprintf("%s.%d@people.example", slug(name), n))
}

// SignUp is Person with an address of choice.
func (w *World) SignUp(name, email string) *Person {
	w.Helper()
	p := w.Unconfirmed(name, email)
	w.OK(w.Mutate("userEmailVerify", Vars{"token": w.Code(email)}, `user { id }`))
	return p
}

// Unconfirmed signs somebody up and in, but leaves the address unconfirmed.
func (w *World) Unconfirmed(name, email string) *Person {
	w.Helper()
	w.OK(w.Mutate("userSignUp", Vars{"email": email, "password": Password, "name": name}, `email`))
	p := &Person{w: w, Name: name, Email: email}
	p.SignIn()
	return p
}

// SignIn starts another session of the person and uses it from now on.
func (p *Person) SignIn() {
	p.w.Helper()
	a := p.w.OK(p.w.Mutate("userSignIn", Vars{"email": p.Email, "password": Password}, `sessionToken viewer { id }`))
	p.ID, p.Client = a.Text("viewer.id"), p.w.Anyone.WithToken(a.Text("sessionToken"))
}

// Nobody is somebody who is not signed in.
func (w *World) Nobody() *Person { return &Person{w: w, Client: w.Anyone} }

// Holder is whoever holds the token of a session.
func (w *World) Holder(token string) *Person { return &Person{w: w, Client: w.Anyone.WithToken(token)} }

// At returns the person, who is signed in, as a client of another server on the
// same database.
func (p *Person) At(other *World) *Person {
	q := *p
	q.w, q.Client = other, p.Client.At(other.URL)
	return &q
}

// Speaks returns the person with another language.
func (p *Person) Speaks(language string) *Person {
	q := *p
	q.Client = p.Client.WithLanguage(language)
	return &q
}

// Operator is the platform operator.
func (w *World) Operator() *Person {
	w.Helper()
	if w.operator == nil {
		w.operator = w.SignUp("Operator", OperatorEmail)
	}
	return w.operator
}

// Query runs a query as the person.
func (p *Person) Query(document string, variables ...Vars) Answer {
	p.w.Helper()
	return p.w.run(p.Client, document, variables...)
}

// Mutate runs one mutation as the person and returns its payload, user errors
// included. selection is what else to select of the payload.
func (p *Person) Mutate(field string, input Vars, selection string) Answer {
	p.w.Helper()
	return p.w.mutate(p.Client, field, input, selection)
}

// Query runs a query as somebody who is not signed in.
func (w *World) Query(document string, variables ...Vars) Answer {
	w.Helper()
	return w.run(w.Anyone, document, variables...)
}

// Mutate runs a mutation as somebody who is not signed in.
func (w *World) Mutate(field string, input Vars, selection string) Answer {
	w.Helper()
	return w.mutate(w.Anyone, field, input, selection)
}

func (w *World) mutate(c *client.Client, field string, input Vars, selection string) Answer {
	w.Helper()
	kind := strings.ToUpper(field[:1]) + field[1:] + "Input"
	document := fmt.Sprintf(`mutation Test($input: %s!) { %s(input: $input) { %s userErrors { __typename code message path
		... on InputError { existing { __typename id } }
		... on StateError { subject { __typename id } allowedActions allowedConnectionActions }
		... on ServicesActiveError { activeServiceCount hubs { id name } } } } }`, kind, field, selection)
	a := w.run(c, document, Vars{"input": input})
	a.Data = a.Get(field)
	return a
}

func (w *World) run(c *client.Client, document string, variables ...Vars) Answer {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	all := Vars{}
	for _, v := range variables {
		for name, value := range v {
			all[name] = value
		}
	}
	var data any
	err := c.Do(ctx, document, all, &data)
	return w.answer(data, err)
}

// slug makes the local part of an address of a name.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
}
