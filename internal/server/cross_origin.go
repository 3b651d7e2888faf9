package server

import (
	"net/http"
	"time"

	"github.com/rs/cors"
)

// crossOrigin lets browsers from the configured origins ask, and read what
// their programs need. Without any, no header tells of other origins at all.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	if len(s.config.AllowedOrigins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.config.AllowedOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept-Language", "Accept"},
		ExposedHeaders: []string{"X-Request-Id", "Retry-After", headerLimit, headerRemaining, headerReset},
		MaxAge:         int(time.Hour / time.Second),
	}).Handler(next)
}
