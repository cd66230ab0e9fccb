package db

import "context"

// Companion is what a call writes besides what its feature writes, in the same transaction.
type Companion interface {
	// Before runs in each transaction of the call, before its own statements, each time that the transaction is tried.
	// Its error is the transaction's.
	Before(ctx context.Context, q *Queries) error
	// Committed is called when that transaction holds.
	Committed()
}

type companionKey struct{}

// Beside has a companion in every transaction (Tx, Erase) under the context.
func Beside(ctx context.Context, c Companion) context.Context {
	return context.WithValue(ctx, companionKey{}, c)
}

// Alone has none: for what is written whether or not the call comes to anything.
func Alone(ctx context.Context) context.Context {
	return context.WithValue(ctx, companionKey{}, nil)
}

// runner is how an engine runs a transaction.
type runner func(ctx context.Context, fn func(q *Queries) error) error

// accompanied runs fn in a transaction of the engine's, beside the context's companion if there is one.
func (d *DB) accompanied(ctx context.Context, run runner, fn func(q *Queries) error) error {
	companion, ok := ctx.Value(companionKey{}).(Companion)
	if !ok {
		return d.transact(ctx, run, fn)
	}
	err := d.transact(ctx, run, func(q *Queries) error {
		if err := companion.Before(ctx, q); err != nil {
			return err
		}
		return fn(q)
	})
	if err == nil {
		companion.Committed()
	}
	return err
}
