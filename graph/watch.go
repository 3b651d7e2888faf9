package graph

import (
	"context"
	"errors"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/graph/model"
	"partnerhub/graph/transport"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/live"
	"partnerhub/internal/viewer"
)

// watched is what a stream tells of: the things of a scope.
type watched interface {
	// companies are those whose logs tell of the things.
	companies() []string

	// allowed fails with [authz.ErrForbidden] where the viewer of the context
	// may not have the stream, or no longer: the same for what is foreign and
	// what does not exist (A49).
	allowed(ctx context.Context) error

	// present returns the first things there are, in the order of their ids,
	// from the one behind an id on.
	present(ctx context.Context, after string, limit int) ([]thing, error)

	// about keeps the entries of the log that tell of the things.
	about(*sql.Selector)

	// column is that of the log with the thing's id.
	column() string
}

// thing is a hub, a connection, a transaction or the figures of a reseller, as
// far as a snapshot needs to know it.
type thing struct {
	id        string
	changedAt time.Time
}

// news is an event before it has a type of the schema.
type news struct {
	cursor       live.Cursor
	kind         model.EventKind
	occurredAt   time.Time
	id           string // of the thing; "" where there is nothing to tell of
	logged       string // the action of the entry of the log; "" in a snapshot
	subjectID    string // what the entry is about
	previousTile *string
	action       *string
	caughtUp     bool
}

// watcher feeds one stream. It reads the log whenever it is woken, and holds
// no more than a page of ids, however much there is to send; while nothing
// happens it holds no goroutine either.
//
// It is woken for the companies' logs and for the person, whose rights may
// have changed. What it sends is judged by the transport, when the reader is
// ready for it; where there is nothing to send it looks at the rights itself.
type watcher struct {
	*Resolver
	of    watched
	begin func(context.Context) error // brings the reader to the present; nil once it has
	at    int64                       // position in the log up to which all was sent
	held  *news                       // waits to be known as the last, or not the last, of its kind
	emit  func(news) error
}

// watch starts a stream after a cursor, or from the present state on.
//
// It registers for wake-ups before it looks at anything: so no change of the
// log or of a right falls between.
func watch[E any](ctx context.Context, r *Resolver, of watched, after *string, event func(news) E) (<-chan E, error) {
	from, err := placeAfter(after)
	if err != nil {
		return nil, err
	}
	feed := transport.NewFeed[E](ctx)
	stop := r.Broker.Call(feed.Wake, append(of.companies(), viewer.From(ctx).UserID)...)
	w := &watcher{Resolver: r, of: of}
	if w.begin, err = w.beginning(ctx, from); err != nil {
		stop()
		return nil, err
	}
	tell := func(ctx context.Context, emit func(E) error) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = Recover(r.Log)(ctx, p)
			}
		}()
		w.emit = func(n news) error { return emit(event(n)) }
		return w.tell(ctx)
	}
	return feed.Open(ctx, tell, stop), nil
}

// beginning judges whether the viewer may have the stream, and returns how it
// brings the reader to the present: by what was missed since the cursor where
// the log can tell, by the present state otherwise (A49).
func (w *watcher) beginning(ctx context.Context, from *live.Cursor) (func(context.Context) error, error) {
	if err := w.recheck(ctx); err != nil {
		return nil, err
	}
	if from == nil || from.Unfinished != "" {
		return w.snapshot, nil
	}
	newest, ok, err := w.canReplay(viewer.System(ctx), from.Position)
	if err != nil {
		return nil, err
	}
	if !ok {
		return w.snapshot, nil
	}
	return func(ctx context.Context) error { return w.replay(ctx, from.Position, newest) }, nil
}

// recheck asks whether the person, as of now, may have the stream.
func (w *watcher) recheck(ctx context.Context) error {
	fresh, err := w.Fresh(ctx)
	if errors.Is(err, authz.ErrUnauthenticated) {
		// The socket itself is being closed, with the code that says so.
		<-ctx.Done()
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	return w.of.allowed(fresh)
}

// tell sends what there is to send.
func (w *watcher) tell(person context.Context) error {
	ctx := viewer.System(person)
	begin := w.begin
	if begin != nil {
		if err := begin(ctx); err != nil {
			return err
		}
		w.begin = nil
	}
	sent, err := w.catchUp(ctx)
	if err != nil || sent || begin != nil {
		return err
	}
	return w.recheck(person)
}

// snapshot sends the present state, one event for each thing, in pages. What
// changes meanwhile is in the log behind the position that the first page is
// of.
func (w *watcher) snapshot(ctx context.Context) error {
	position, things, err := w.firstPage(ctx)
	for more := true; more; {
		if err != nil {
			return err
		}
		after := ""
		for _, t := range things {
			after = t.id
			if err := w.hold(stateOf(position, t)); err != nil {
				return err
			}
		}
		if more = len(things) == pageOfStream; more {
			things, err = w.of.present(ctx, after, pageOfStream)
		}
	}
	if w.held == nil {
		w.held = &news{kind: model.EventKindSnapshot, occurredAt: w.DB.Clock.Now()}
	}
	w.held.cursor = live.Cursor{Position: position} // all of it was seen by whoever comes back with it
	w.at = position
	return w.release()
}

// firstPage returns the newest position of the log and the first things, of
// one moment: so what is told of once, such as a transaction, is not told of
// again as a change.
func (w *watcher) firstPage(ctx context.Context) (int64, []thing, error) {
	ctx, done := w.DB.Reading(ctx)
	defer done()
	position, err := activity.Last(ctx, w.DB.Read(ctx))
	if err != nil {
		return 0, nil, err
	}
	things, err := w.of.present(ctx, "", pageOfStream)
	return position, things, err
}

// replay sends what happened between two positions.
func (w *watcher) replay(ctx context.Context, after, to int64) error {
	for more := true; more; {
		entries, err := w.entries(ctx, w.of, after, to, pageOfStream)
		if err != nil {
			return err
		}
		for _, n := range entries {
			after = n.cursor.Position
			if err := w.hold(n); err != nil {
				return err
			}
		}
		more = len(entries) == pageOfStream
	}
	w.at = to
	return w.release()
}

// catchUp sends what was written to the log since the watcher looked last, and
// reports whether that was anything. A reader that is too far behind gets a new
// snapshot instead.
func (w *watcher) catchUp(ctx context.Context) (sent bool, err error) {
	page := min(pageOfStream, w.MaxBehind+1)
	for {
		newest, err := activity.Last(ctx, w.DB.Read(ctx))
		if err != nil {
			return sent, err
		}
		entries, err := w.entries(ctx, w.of, w.at, newest, page)
		if err != nil {
			return sent, err
		}
		if len(entries) == page {
			far, err := w.isBehind(ctx, w.of, w.at, newest, w.MaxBehind)
			if err != nil {
				return sent, err
			}
			if far {
				return true, w.snapshot(ctx)
			}
		}
		for _, n := range entries {
			n.kind, n.caughtUp = model.EventKindChange, true
			if err := w.emit(n); err != nil {
				return sent, err
			}
			w.at, sent = n.cursor.Position, true
		}
		if len(entries) < page {
			w.at = newest
			return sent, nil
		}
	}
}

// hold sends the event held so far, which is not the last, and holds this one.
func (w *watcher) hold(n news) error {
	before := w.held
	w.held = &n
	if before == nil {
		return nil
	}
	return w.emit(*before)
}

// release sends the event held, if there is one, as the last.
func (w *watcher) release() error {
	last := w.held
	if last == nil {
		return nil
	}
	w.held = nil
	last.caughtUp = true
	return w.emit(*last)
}
