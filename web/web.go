// Package web is the page at `/`: GraphiQL, built from src by `make web` and
// embedded, so that the API can be explored without internet and the program
// be built without npm.
//
// The built files are kept compressed only, as nearly every client takes them.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets the page load and talk to its own origin and nothing else. The
// editor writes styles of its own into the page.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; " +
	"connect-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"style-src 'self' 'unsafe-inline'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// types are the content types of the built files by the ends of their names.
// The machine's own table is not asked: it differs between machines.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".ttf":  "font/ttf",
	".txt":  "text/plain; charset=utf-8",
}

// file is one built file, ready to be sent.
type file struct {
	contentType  string
	cacheControl string
	zipped       []byte
}

// Handler serves the page at `/`, its files under `/assets/` and the licences
// of what is built into it at `/licenses.txt`. Anything else is 404, and any
// method but GET and HEAD is 405.
func Handler() http.Handler {
	files, err := load(dist)
	if err != nil {
		panic(fmt.Sprintf("web: the embedded page: %v", err)) // the build is broken
	}
	return handler(files)
}

// handler serves files by their paths.
type handler map[string]file

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := h[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f.send(w, r)
}

// send answers with the file as it is kept, or unpacked for a client that does
// not take gzip.
func (f file) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cacheControl)
	header.Set("Vary", "Accept-Encoding")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")

	body := f.zipped
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
	} else {
		body = unpack(f.zipped)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // fails only when the client is gone
	}
}

// takesGzip tells whether a client's Accept-Encoding allows gzip. One without
// the header is taken for a plain program that would not unpack it.
func takesGzip(accept []string) bool {
	quality := map[string]float64{}
	for _, coding := range strings.Split(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(coding, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64) // nonsense is a refusal
		}
		quality[strings.ToLower(strings.TrimSpace(name))] = q
	}
	if q, ok := quality["gzip"]; ok {
		return q > 0
	}
	return quality["*"] > 0
}

// unpack answers what was compressed. The files are part of the program, and
// the tests have unpacked each of them.
func unpack(zipped []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		panic(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return plain
}

// load reads the built files and gives each its path on the server. Names
// under assets carry a hash of their content, so a browser may keep them for
// ever; the others are asked for anew each time.
func load(built fs.FS) (map[string]file, error) {
	files := map[string]file{}
	err := fs.WalkDir(built, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		zipped, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		url := strings.TrimSuffix(strings.TrimPrefix(name, "dist"), ".gz")
		f := file{contentType: types[path.Ext(url)], cacheControl: "no-cache", zipped: zipped}
		if f.contentType == "" {
			return fmt.Errorf("%s has no content type", name)
		}
		if strings.HasPrefix(url, "/assets/") {
			f.cacheControl = "public, max-age=31536000, immutable"
		}
		if url == "/index.html" {
			url = "/"
		}
		files[url] = f
		return nil
	})
	return files, err
}
