package transport

import (
	"mime"
	"strconv"
	"strings"
)

// Media types of responses. The first is answered when it is asked for by its
// name; the second, which always has the status 200, to everybody else.
const (
	mediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
)

// negotiate chooses the media type of the response by the Accept headers, and
// reports false, with JSON to say so in, when none will do. events tells
// whether a subscription may be answered with server-sent events, which have to
// be asked for by their name; everything else is answered with them only to
// those who would rather have them than JSON.
func negotiate(accept []string, eventsServed bool) (media string, events, ok bool) {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return mediaJSON, false, true
	}
	response, asked := weight(header, mediaResponse)
	plain, _ := weight(header, mediaJSON)
	var stream float64
	if q, byName := weight(header, mediaEvents); byName && eventsServed {
		stream = q
	}
	switch {
	case response == 0 && plain == 0 && stream == 0:
		return mediaJSON, false, false
	case stream > max(response, plain):
		media = mediaEvents
	case response > plain, response == plain && asked:
		media = mediaResponse
	default:
		media = mediaJSON
	}
	return media, stream > 0, true
}

// weight is how much the header wants a media type, from 0 to 1, and whether
// it has it by its name. The most specific range counts.
func weight(header, media string) (q float64, byName bool) {
	best := -1
	for _, part := range strings.Split(header, ",") {
		accepted, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		specific := -1
		switch accepted {
		case media:
			specific = 2
		case "application/*":
			specific = 1
		case "*/*":
			specific = 0
		}
		if specific <= best {
			continue
		}
		best, q = specific, 1
		if v, ok := params["q"]; ok {
			q, _ = strconv.ParseFloat(v, 64) // what is no number is not wanted
		}
	}
	return q, best == 2
}
