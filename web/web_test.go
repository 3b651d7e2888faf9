package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ask sends one request to the page's handler.
func ask(t *testing.T, method, path, acceptEncoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if acceptEncoding != "" {
		r.Header.Set("Accept-Encoding", acceptEncoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

// body reads an answer to its end, unpacked where it is compressed.
func body(t *testing.T, response *http.Response) string {
	t.Helper()
	var r io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		zipped, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zipped
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// linked are the paths that the page itself asks for.
func linked(t *testing.T) []string {
	t.Helper()
	page := body(t, ask(t, http.MethodGet, "/", "gzip"))
	var paths []string
	for _, link := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		paths = append(paths, link[1])
	}
	return paths
}

func TestHandler_Page(t *testing.T) {
	response := ask(t, http.MethodGet, "/", "gzip")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d", response.StatusCode)
	}
	if page := body(t, response); !strings.Contains(page, "<title>Partner Hub</title>") {
		t.Errorf("not the page of Partner Hub: %s", page)
	}
	for name, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"Cache-Control":          "no-cache",
		"Content-Encoding":       "gzip",
		"Vary":                   "Accept-Encoding",
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "no-referrer",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// Every file that is embedded can be had, with a type, in both codings, and
// says the same in both.
func TestHandler_EveryFile(t *testing.T) {
	files, err := load(dist)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for path, f := range files {
		total += len(f.zipped)
		zipped, plain := ask(t, http.MethodGet, path, "gzip, br"), ask(t, http.MethodGet, path, "")
		if got := plain.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s: coding %q for a client that asked for none", path, got)
		}
		text := body(t, plain)
		if text == "" || text != body(t, zipped) {
			t.Errorf("%s: the two codings differ", path)
		}
		if got := plain.Header.Get("Content-Length"); got != strconv.Itoa(len(text)) {
			t.Errorf("%s: Content-Length %s of %d bytes", path, got, len(text))
		}
		if zipped.Header.Get("Content-Type") == "" || zipped.Header.Get("Content-Type") != plain.Header.Get("Content-Type") {
			t.Errorf("%s: types %q and %q", path, zipped.Header.Get("Content-Type"), plain.Header.Get("Content-Type"))
		}
	}
	if limit := 2_500_000; total > limit {
		t.Errorf("the page takes %d bytes of the program, more than %d", total, limit)
	}
}

func TestHandler_Assets(t *testing.T) {
	paths := linked(t)
	if len(paths) < 3 { // the script, the style, the icon
		t.Fatalf("the page links only %q", paths)
	}
	for _, path := range paths {
		response := ask(t, http.MethodGet, path, "gzip")
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
		if got, want := response.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
}

func TestHandler_Head(t *testing.T) {
	for _, accept := range []string{"", "gzip"} {
		get, head := ask(t, http.MethodGet, "/", accept), ask(t, http.MethodHead, "/", accept)
		if text := body(t, &http.Response{Body: head.Body}); text != "" || head.StatusCode != http.StatusOK {
			t.Errorf("HEAD answered %d with %d bytes", head.StatusCode, len(text))
		}
		for name := range get.Header {
			if head.Header.Get(name) != get.Header.Get(name) {
				t.Errorf("%s: HEAD says %q, GET %q", name, head.Header.Get(name), get.Header.Get(name))
			}
		}
	}
}

func TestHandler_Refusals(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodPost, "/", http.StatusMethodNotAllowed, "GET, HEAD"},
		{http.MethodDelete, linked(t)[0], http.StatusMethodNotAllowed, "GET, HEAD"},
		{http.MethodGet, "/index.html", http.StatusNotFound, ""},
		{http.MethodGet, "/assets/", http.StatusNotFound, ""},
		{http.MethodGet, "/assets/../web.go", http.StatusNotFound, ""},
		{http.MethodGet, "/dist/index.html.gz", http.StatusNotFound, ""},
		{http.MethodPost, "/nowhere", http.StatusNotFound, ""},
	} {
		response := ask(t, c.method, c.path, "")
		if response.StatusCode != c.status || response.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: got %d, Allow %q; want %d, %q", c.method, c.path,
				response.StatusCode, response.Header.Get("Allow"), c.status, c.allow)
		}
	}
}

// The policy names the page's own origin and nothing beyond it; scripts may
// neither stand in the page nor be made of strings.
func TestHandler_Policy(t *testing.T) {
	policy := ask(t, http.MethodGet, "/", "").Header.Get("Content-Security-Policy")
	for _, directive := range strings.Split(policy, ";") {
		words := strings.Fields(directive)
		for _, source := range words[1:] {
			switch {
			case source == "'none'", source == "'self'":
			case words[0] == "style-src" && source == "'unsafe-inline'":
			case words[0] == "img-src" && source == "data:":
			default:
				t.Errorf("%s allows %s", words[0], source)
			}
		}
	}
	if !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("what is not named is allowed: %s", policy)
	}
	page := body(t, ask(t, http.MethodGet, "/", ""))
	if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(page) || strings.Contains(page, "//") {
		t.Errorf("the page holds a script or names another origin: %s", page)
	}
}

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"":                           false,
		"gzip":                       true,
		"deflate, GZIP;q=0.5, br":    true,
		"br, *":                      true,
		"identity":                   false,
		"gzip;q=0":                   false,
		"gzip; q=0.000, *;q=1":       false,
		"*;q=0":                      false,
		"br;q=1.0, gzip;q=0.8, *;q0": true,
		"gzip;q=high":                false,
		"x-gzip":                     false,
	} {
		if got := takesGzip([]string{accept}); got != want {
			t.Errorf("%q: got %t", accept, got)
		}
	}
	if !takesGzip([]string{"br", "gzip"}) {
		t.Error("two lines of the header are not read as one")
	}
}

// The same sources give the same bytes: nothing of the time or the machine is
// in the compressed files.
func TestDist_NoTime(t *testing.T) {
	files, err := load(dist)
	if err != nil {
		t.Fatal(err)
	}
	for path, f := range files {
		if !bytes.Equal(f.zipped[4:8], make([]byte, 4)) {
			t.Errorf("%s was compressed with a time", path)
		}
	}
}
