package guard

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// attacks are documents that pass the weighing, or nearly, and were made to be
// dear for what comes after it.
var attacks = map[string]string{
	// Many definitions.
	"anonymous operations":           each(660, "{a}"),
	"operations":                     each(390, "query q%{a}"),
	"good operations":                each(390, "query q%{streamCursor}"),
	"operations of one name":         strings.Repeat("query q{streamCursor}", 390),
	"operations with a fragment":     each(60, "query q%{...A}") + "fragment A on Query{viewer{id name email}}",
	"operations with a long list":    each(50, "query q%{...A}") + "fragment A on Query{...B}fragment B on Query{company(id:1){hubs(filter:{tile:[" + strings.Repeat("UNAVAILABLE ", 1550) + "]}){totalCount}}}",
	"operations with many fragments": each(2, "query q%{"+each(30, "...F%")+"}") + each(30, "fragment F% on Query{viewer{id "+each(1, "name email ")+"}}"),
	"fragments in a chain":           "{viewer{...F0}}" + chain(30, "User", "id name email "),
	"a dense net of fragments":       net(11),
	"fragments that double":          doubling(8),
	"fragments that are not used":    "{viewer{id}}" + each(30, "fragment F% on Hub{"+strings.Repeat("id ", 9)+"}"),
	"fragments that are not":         "{" + each(60, "...F%") + "}",
	"one fragment 60 times":          "{" + strings.Repeat("...F ", 60) + "}fragment F on Query{viewer{id name email " + each(9, "a%:id ") + "}}",
	"one fragment in 30 places":      "{" + each(10, "a%:hub(id:1){...F}") + each(10, "b%:node(id:1){...F}") + each(10, "c%:nodes(ids:1){...F}") + "}fragment F on Hub{" + hubFields + "}",
	"2,000 fields by fragments":      "{" + each(10, "a%:hub(id:1){...F}") + each(10, "b%:node(id:1){...F}") + each(10, "c%:nodes(ids:1){...F}") + "}fragment F on Hub{" + hubFields + " object{...G company{...H}}}fragment G on SecurityObject{" + objectFields + "}fragment H on Company{" + companyFields + "}",

	// Fields of one name.
	"fields beneath each other, 2":   wide(2, 8),
	"fields beneath each other, 3":   wide(3, 5),
	"fields beneath each other, 5":   wide(5, 3),
	"fields beneath each other, 9":   wide(9, 2),
	"one field with other arguments": "{" + strings.Repeat("...{node(id:1){id}}", 9) + "node(id:2){id}}",
	"long arguments in one field":    "{" + strings.Repeat("nodes(ids:["+strings.Repeat("1 ", 180)+"]){id}", 10) + "}",
	"long objects in one field":      "mutation{" + strings.Repeat("hubProvision(input:{companyId:1,items:["+strings.Repeat("{name:1,serialNumber:1,object:{id:1}}", 3)+"]}){results{hub{id}}}", 26) + "}",
	"inline fragments":               "{node(id:1){" + inline(20) + "}}",
	"types that cannot be":           "{node(id:1){" + strings.Repeat("...on Hub{...on Node{...on Company{...on Node{__typename}}}}", 10) + "}}",

	// What is not in the schema.
	"fields that are not":             "{" + each(1990, "a% ") + "}",
	"fields that are not, in objects": "{viewer{" + each(1900, "a% ") + "}}",
	"types that are not":              "{node(id:1){" + each(10, "...on T%{id}") + "}}",
	"directives that are not":         "{a" + each(20, "@d%(a:1)") + "}",
	"one directive again and again":   "{a" + strings.Repeat("@skip(if:true)", 20) + "}",
	"a directive with arguments":      "{a@skip(" + each(600, "a%:1 ") + ")}",
	"arguments":                       "{viewer(" + each(600, "a%:1 ") + "){id}}",
	"one argument again and again":    "{nodes(" + strings.Repeat("ids:[]", 390) + "){id}}",

	// Values.
	"variables":                  "query(" + each(390, "$v%:Int ") + "){streamCursor}",
	"variables used":             "query(" + each(190, "$v%:ID! ") + "){nodes(ids:[" + each(190, "$v% ") + each(190, "$v% ") + "]){id}}",
	"a variable used 950 times":  "query($v:ID!){nodes(ids:[" + strings.Repeat("$v ", 950) + "]){id}}",
	"variables and operations":   each(10, "query q%("+strings.ReplaceAll(each(20, "$v%:ID! "), "%", "#")+"){nodes(ids:["+each(20, "$v% ")+"]){id}}"),
	"variables in fragments":     each(20, "query q%($a:ID!,$b:ID!,$c:ID!){...F}") + "fragment F on Query{nodes(ids:[" + strings.Repeat("$a $b $c ", 50) + "]){id}}",
	"defaults":                   "query(" + each(20, "$v%:[ID!]=["+strings.Repeat("1 ", 80)+"] ") + "){a}",
	"a list":                     "{nodes(ids:[" + each(1980, "% ") + "]){id}}",
	"a list of wrong things":     "{nodes(ids:[" + strings.Repeat("{a:b}", 380) + "]){id}}",
	"lists in lists":             "{nodes(ids:" + strings.Repeat("[", 20) + each(1900, "% ") + strings.Repeat("]", 20) + "){id}}",
	"lists in lists, each wrong": "{nodes(ids:" + strings.Repeat("["+each(75, "a% "), 22) + strings.Repeat("]", 22) + "){id}}",
	"objects in objects":         "{hubTileChanges(after:1,scope:" + strings.Repeat("{a:1,b:", 20) + "1" + strings.Repeat("}", 20) + "){cursor}}",
	"enums that are not":         "{nodes(ids:[" + each(1980, "E% ") + "]){id}}",
	"an input object":            "mutation{hubProvision(input:{" + each(600, "m%:1 ") + "}){results{index}}}",
	"one member again and again": "mutation{hubProvision(input:{" + strings.Repeat("items:[]", 390) + "}){userErrors{message}}}",

	// Long words.
	"a name of 30 KB":            "{" + strings.Repeat("a", 30000) + "}",
	"names of 2 KB":              "{" + each(15, strings.Repeat("a", 2000)+"%:b% ") + "}",
	"a number of 30 KB":          "{nodes(ids:[" + strings.Repeat("1", 30000) + "]){id}}",
	"a page of 30,000 digits":    "{viewer{employments(first:" + strings.Repeat("9", 30000) + "){totalCount}}}",
	"a fraction of 30 KB":        "{viewer{employments(first:0.1e" + strings.Repeat("1", 30000) + "){totalCount}}}",
	"a text of escapes":          "{node(id:\"" + strings.Repeat("\\u00e9", 5000) + "\"){id}}",
	"a text of long escapes":     "{node(id:\"" + strings.Repeat("\\u{1F600}", 3000) + "\"){id}}",
	"a block of empty lines":     "{node(id:\"\"\"" + strings.Repeat("\n", 30000) + "\"\"\"){id}}",
	"a block of quotes":          "{node(id:\"\"\"" + strings.Repeat("\\\"\"\"", 7000) + "\"\"\"){id}}",
	"a block of pairs of quotes": "{node(id:\"\"\"" + strings.Repeat("\"\"a", 10000) + "\"\"\"){id}}",
	"a block of indents":         "{node(id:\"\"\"" + strings.Repeat(strings.Repeat(" ", 170)+"a\n", 180) + "\"\"\"){id}}",
	"comments":                   strings.Repeat("#\n", 1990) + "{a}",
	"a comment of 30 KB":         "#" + strings.Repeat("#", 30000) + "\n{a}",
	"commas":                     strings.Repeat(",", 32000) + "{a}",
	"byte order marks":           strings.Repeat("\ufeff", 10000) + "{a}",
	"bytes that are no text":     "{node(id:\"" + strings.Repeat("\xff", 30000) + "\"){id}}",

	// The schema itself.
	"introspection":               introspectionQuery,
	"introspection ten times":     "{" + each(10, "s%:__schema{types{fields{args{type{name}}}}}") + "}",
	"types of types":              "{__schema{types{fields{type{fields{name}}}}}}",
	"types of types by fragments": "{__schema{types{...F}}}fragment F on __Type{ofType{...G}}fragment G on __Type{fields{type{...H}}}fragment H on __Type{fields{name}}",
	"a type's own type":           "{" + strings.Repeat("__type(name:\"A\"){ofType{ofType{name}}}", 10) + "}",
}

const (
	hubFields     = "id name serialNumber statusIcons createdAt"
	objectFields  = "id name reference address createdAt"
	companyFields = "id name country kind createdAt"
)

// chain is n fragments, each spread in the one before.
func chain(n int, on, fields string) string {
	return strings.ReplaceAll(each(n-1, "fragment F% on "+on+"{"+fields+"...F^%}"), "^", "N") + "fragment F" + strconv.Itoa(n-1) + " on " + on + "{" + fields + "}"
}

// net is n fragments, each of which spreads all that follow.
func net(n int) string {
	var b strings.Builder
	b.WriteString("{viewer{...F0}}")
	for i := range n {
		b.WriteString("fragment F" + strconv.Itoa(i) + " on User{id ")
		for j := i + 1; j < n; j++ {
			b.WriteString("...F" + strconv.Itoa(j) + " ")
		}
		b.WriteString("}")
	}
	return b.String()
}

// wide selects one field n times in each of depth levels.
func wide(n, depth int) string {
	s := "{id}"
	for i := range depth {
		s = "{" + strings.Repeat([]string{"service", "hub"}[(depth-i+1)%2]+s, n) + "}"
	}
	return "{hub(id:1)" + s + "}"
}

// doubling is n fragments, each of which stands twice in the one before.
func doubling(n int) string {
	s := "{hub(id:1){...F0}}"
	for i := range n - 1 {
		next := "{hub{...F" + strconv.Itoa(i+1) + "}}"
		s += "fragment F" + strconv.Itoa(i) + " on Hub{a:service" + next + " b:service" + next + "}"
	}
	return s + "fragment F" + strconv.Itoa(n-1) + " on Hub{id}"
}

// inline is n inline fragments within each other.
func inline(n int) string {
	return strings.Repeat("...on Hub{...on Node{", n/2) + "id" + strings.Repeat("}}", n/2)
}

// What a document may take until it is executed or refused.
const (
	mostTime   = 100 * time.Millisecond
	mostMemory = 16 << 20
)

// No document, however it is made, takes more than it may: neither those that
// are weighed and refused nor those that are read.
func TestGate_attacks(t *testing.T) {
	for name, doc := range attacks {
		memory, took, list := price(doc)
		if memory > mostMemory || took > 10*mostTime {
			t.Errorf("%s: %d bytes, %v", name, memory, took)
		}
		outcome := "passes"
		if len(list) > 0 {
			outcome = list[0].Message
		}
		t.Logf("%6d us %6d KB  %s: %.60s", took.Microseconds(), memory>>10, name, outcome)
	}
}

// price returns what a document takes in a new gate: the memory of all
// allocations together, and the shortest of a few times, since a busy machine
// may halt one. Tests leave it tenfold room.
func price(doc string) (memory int, took time.Duration, list gqlerror.List) {
	took = time.Hour
	for try := 0; try < 5 && took > mostTime; try++ {
		start := time.Now()
		memory = allocated(func() { _, list = check(NewGate(testSchema, testLimits), doc, "", nil) })
		took = min(took, time.Since(start))
	}
	return memory, took, list
}

// allocated returns the bytes that f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// grown returns the bytes that are in use after f and were not before.
func grown(f func()) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}
