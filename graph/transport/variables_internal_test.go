package transport

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValueLimits(t *testing.T) {
	l := ValueLimits{Size: 200, Depth: 3, Values: 8}
	for name, c := range map[string]struct{ object, limit string }{
		"nothing":           {`{}`, ""},
		"all kinds":         {`{"a":null,"b":true,"c":-1.5e+3,"d":"x","e":[],"f":{}}`, ""},
		"space":             {" {\n\t\"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : \"\\\"}\" } }\r", ""},
		"as deep":           {`{"a":[[1]]}`, ""},
		"too deep":          {`{"a":[[{}]]}`, "variables-depth"},
		"as many":           {`{"a":[1,2,3,4,5,6]}`, ""},
		"too many":          {`{"a":[1,2,3,4,5,6,7]}`, "variables-values"},
		"as large":          {`{"a":"` + strings.Repeat("x", 192) + `"}`, ""},
		"too large":         {`{"a":"` + strings.Repeat("x", 193) + `"}`, "variables"},
		"twice":             {`{"a":1,"b":2,"a":3}`, "twice"},
		"twice, escaped":    {`{"a":1,"\u0061":3}`, "twice"},
		"twice, below":      {`{"a":[{"b":1,"b":1}]}`, "twice"},
		"twice, apart":      {`{"a":{"b":1},"b":{"b":"b"},"c":["b","b"]}`, ""},
		"a null character":  {`{"a":"\u0000"}`, "U+0000"},
		"no null character": {`{"a":"\\u0000"}`, ""},
		"a name in texts":   {`{"a":"a","b":["a"],"c":"{\"a\":1}"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if !json.Valid([]byte(c.object)) {
				t.Fatal("no JSON")
			}
			limit := ""
			if err := l.check(json.RawMessage(c.object)); err != nil {
				limit, _ = err.Extensions["limit"].(string)
				for _, word := range []string{"twice", "U+0000"} {
					if strings.Contains(err.Message, word) {
						limit = word
					}
				}
				if err.Message == "" || err.Extensions["code"] == "" {
					t.Errorf("%+v", err)
				}
			}
			if limit != c.limit {
				t.Errorf("refused by %q, want %q", limit, c.limit)
			}
		})
	}
}

// What is counted is what a decoder finds.
func TestValueLimits_AsDecoded(t *testing.T) {
	value := rapid.Deferred(func() *rapid.Generator[any] { return jsonValue(4) })
	rapid.Check(t, func(t *rapid.T) {
		object := map[string]any{"v": value.Draw(t, "value"), "w": value.Draw(t, "more")}
		data, err := json.MarshalIndent(object, "", rapid.SampledFrom([]string{"", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		values, depth := count(object)
		for _, l := range []ValueLimits{{Values: values, Depth: depth}, {Values: max(1, values-1), Depth: 100}, {Values: 10000, Depth: max(1, depth-1)}} {
			l.Size = 1 << 20
			want := values > l.Values || depth > l.Depth
			if got := l.check(data) != nil; got != want {
				t.Fatalf("%+v refuses %s: %v", l, data, got)
			}
		}
	})
}

var jsonText = rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") })

func jsonValue(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(rapid.Just(any(nil)), rapid.Bool().AsAny(), rapid.Float64().AsAny(), jsonText.AsAny())
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf,
		rapid.SliceOfN(jsonValue(depth-1), 0, 3).AsAny(),
		rapid.MapOfN(jsonText, jsonValue(depth-1), 0, 3).AsAny())
}

func count(v any) (values, depth int) {
	values = 1
	each := func(below any) {
		n, d := count(below)
		values += n
		depth = max(depth, d)
	}
	switch v := v.(type) {
	case []any:
		for _, below := range v {
			each(below)
		}
		depth++
	case map[string]any:
		for _, below := range v {
			each(below)
		}
		depth++
	}
	return values, depth
}

// A walk goes through any JSON object to its end, whatever is in it.
func FuzzValueLimits(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[{"b":"\\\""}],"c":-0.1E+5}`, ` {"\ud83d":"\n" , "x" : [ ] } `, `{"a":{"a":{"a":[[[]]]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok := object(data); !ok {
			return
		}
		var v map[string]any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		err := ValueLimits{Size: 1 << 20, Depth: 1 << 20, Values: 1 << 20}.check(data)
		if err != nil && !strings.Contains(err.Message, "twice") && !strings.Contains(err.Message, "U+0000") {
			t.Error(fmt.Sprint(err))
		}
	})
}
