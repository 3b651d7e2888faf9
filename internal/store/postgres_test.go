package store_test

import (
	"strings"
	"testing"

	"partnerhub/internal/store"
	"partnerhub/tests/postgres"
)

// A PostgreSQL that may lose what it has acknowledged is refused, unless the URL
// says that this is meant.
func TestOpen_durable(t *testing.T) {
	for _, c := range []struct{ setting, want string }{
		{"fsync=off", "fsync off"},
		{"full_page_writes=off", "full_page_writes off"},
		{"synchronous_commit=off", "synchronous_commit off"},
		{"synchronous_commit=local", ""},
	} {
		t.Run(c.setting, func(t *testing.T) {
			server, err := postgres.Start(t.Context(), c.setting)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Remove() })
			for _, also := range []string{"?sslmode=disable", "?durable=no", "?durable=no&sslmode=disable", "?sslmode=disable&durable=no"} {
				db, err := store.Open(t.Context(), store.Options{URL: server.URL + "/postgres" + also})
				if err == nil {
					_ = db.Close()
				}
				switch refused := c.want != "" && !strings.Contains(also, "durable"); {
				case refused && (err == nil || !strings.Contains(err.Error(), c.want)):
					t.Errorf("%s is opened, or refused with %v", also, err)
				case !refused && err != nil:
					t.Errorf("%s is refused with %v", also, err)
				}
			}
		})
	}
}
