package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Ahead asks several things of a server at once, in one round trip: what fn asks of its q is sent together, and comes
// to nothing there (fn passes the errors over); asked once more of this q, each with the same parameters, they are
// answered from what came. Each is asked of the server once, also one that writes and returns: so the caller asks all
// of them again, and writes nothing between. What fn cannot ask (it would need the answer to something else before) is
// simply asked later. On SQLite, where nothing travels, it does nothing.
func (q *Queries) Ahead(ctx context.Context, fn func(q *Queries)) error {
	tx, ok := q.db.(*placed)
	if !ok {
		return nil
	}
	whole, ok := tx.DBTX.(*pipeline)
	if !ok {
		return nil
	}
	noting := &noting{}
	placeless := func(context.Context, DBTX) (int64, error) { return 0, errAhead }
	fn(New(&placed{DBTX: noting, with: tx.with, take: placeless}))
	return whole.ask(ctx, noting.questions)
}

var errAhead = errors.New("it is asked ahead")

type question struct {
	query string
	args  []any
}

func (q question) is(query string, args []any) bool {
	return q.query == query && reflect.DeepEqual(q.args, args)
}

// noting notes what it is asked, and answers nothing.
type noting struct{ questions []question }

func (n *noting) note(query string, args []any) {
	n.questions = append(n.questions, question{query, slices.Clone(args)})
}

func (n *noting) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	n.note(query, args)
	return nil, errAhead
}

func (n *noting) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	n.note(query, args)
	return (&answer{err: errAhead}).row()
}

func (n *noting) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errAhead
}

func (n *noting) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errAhead }

// answer is what came to a question, in memory. It is given out as what database/sql gives, by a driver that does
// nothing else.
type answer struct {
	question
	columns []string
	values  [][]driver.Value
	err     error
}

// answerOf takes a question's answer out of what came to it.
func answerOf(q question, rows pgx.Rows) (*answer, error) {
	defer rows.Close()
	a := &answer{question: q}
	for _, column := range rows.FieldDescriptions() {
		a.columns = append(a.columns, column.Name)
	}
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return nil, err
		}
		values := make([]driver.Value, len(row))
		for i, value := range row {
			if values[i], err = plain(value); err != nil {
				return nil, err
			}
		}
		a.values = append(a.values, values)
	}
	return a, rows.Err()
}

// plain is a value as drivers give it.
func plain(value any) (driver.Value, error) {
	switch v := value.(type) {
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case driver.Valuer:
		return v.Value()
	}
	if !driver.IsValue(value) {
		return nil, fmt.Errorf("a value of the type %T was read ahead", value)
	}
	return value, nil
}

type answerKey struct{}

func (a *answer) rows() (*sql.Rows, error) {
	return answers.QueryContext(context.WithValue(context.Background(), answerKey{}, a), "")
}

func (a *answer) row() *sql.Row {
	return answers.QueryRowContext(context.WithValue(context.Background(), answerKey{}, a), "")
}

var answers = func() *sql.DB {
	d := sql.OpenDB(answering{})
	d.SetMaxIdleConns(64)
	return d
}()

// answering is the driver, its connector and its connection.
type answering struct{}

func (answering) Connect(context.Context) (driver.Conn, error) { return answering{}, nil }
func (answering) Driver() driver.Driver                        { return answering{} }
func (answering) Open(string) (driver.Conn, error)             { return answering{}, nil }
func (answering) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (answering) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (answering) Close() error                                 { return nil }

func (answering) QueryContext(ctx context.Context, _ string, _ []driver.NamedValue) (driver.Rows, error) {
	a := ctx.Value(answerKey{}).(*answer)
	return &answerRows{answer: a}, a.err
}

type answerRows struct {
	*answer
	next int
}

func (r *answerRows) Columns() []string { return r.columns }
func (r *answerRows) Close() error      { return nil }

func (r *answerRows) Next(into []driver.Value) error {
	if r.next == len(r.values) {
		return io.EOF
	}
	copy(into, r.values[r.next])
	r.next++
	return nil
}
