package mail

import (
	"context"
	"fmt"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Topic is signalled when a letter was put into the outbox.
const Topic = "mail"

// Post puts a letter into the outbox, in the transaction of what it tells of
// (R26). It is sent once that is committed, and again until it is.
func Post(ctx context.Context, tx *store.Tx, recipient string, l Letter) error {
	now := time.Now() // mails follow the real clock
	err := tx.Mail.Create().SetRecipient(recipient).SetSubject(l.Subject).SetText(l.Text).SetHTML(l.HTML).
		SetCreatedAt(now).SetNextAttemptAt(now).Exec(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("post a mail: %w", err)
	}
	tx.Signal(Topic)
	return nil
}
