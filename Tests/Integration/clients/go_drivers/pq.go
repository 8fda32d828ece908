package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// lib/pq parses and describes an unnamed statement in one batch and executes it in the next, names its prepared
// statements 1, 2, 3 … on every connection, and cannot copy out.
type pqDriver struct {
	context     context.Context
	database    *sql.DB
	connection  *sql.Conn
	transaction *sql.Tx
}

func (d *pqDriver) Connect(application string) (err error) {
	if d.database, err = sql.Open("postgres", "sslmode=disable application_name='"+application+"'"); err != nil {
		return err
	}
	d.connection, err = d.database.Conn(d.context)
	return err
}

func (d *pqDriver) Close() error {
	if err := d.connection.Close(); err != nil {
		return err
	}
	return d.database.Close()
}

func (d *pqDriver) Run(text string, values ...interface{}) (int, error) {
	result, err := d.connection.ExecContext(d.context, text, values...)
	if err != nil {
		return 0, err
	}
	affected, err := result.RowsAffected()
	return int(affected), err
}

func (d *pqDriver) Row(text string, values []interface{}, into ...interface{}) error {
	return d.connection.QueryRowContext(d.context, text, values...).Scan(into...)
}

func (d *pqDriver) Rows(text string, values ...interface{}) ([]int, error) {
	rows, err := d.connection.QueryContext(d.context, text, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []int{}
	for rows.Next() {
		var number int
		if err := rows.Scan(&number); err != nil {
			return nil, err
		}
		found = append(found, number)
	}
	return found, rows.Err()
}

func (d *pqDriver) Prepare(text string) (func([]interface{}, ...interface{}) error, error) {
	statement, err := d.connection.PrepareContext(d.context, text)
	if err != nil {
		return nil, err
	}
	return func(values []interface{}, into ...interface{}) error {
		return statement.QueryRowContext(d.context, values...).Scan(into...)
	}, nil
}

func (d *pqDriver) Begin() (err error) {
	d.transaction, err = d.connection.BeginTx(d.context, nil)
	return err
}

func (d *pqDriver) Commit() error   { return d.transaction.Commit() }
func (d *pqDriver) Rollback() error { return d.transaction.Rollback() }

// No batches: a prepared statement, executed one by one, and closed.
func (d *pqDriver) Batch(text string, values [][]interface{}) (int, error) {
	statement, err := d.transaction.Prepare(text)
	if err != nil {
		return 0, err
	}
	affected := 0
	for _, row := range values {
		result, err := statement.Exec(row...)
		if err != nil {
			return 0, err
		}
		one, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		affected += int(one)
	}
	return affected, statement.Close()
}

func (d *pqDriver) Fetch(text string, value int) ([]int, error) {
	if _, err := d.Run("DECLARE numbers CURSOR FOR " + fmt.Sprintf(text, value)); err != nil {
		return nil, err
	}
	all := []int{}
	for {
		rows, err := d.Rows("FETCH 30 FROM numbers")
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			_, err := d.Run("CLOSE numbers")
			return all, err
		}
		all = append(all, rows...)
	}
}

func (d *pqDriver) Copy(rows [][]interface{}, query string) (int, []int, error) {
	if err := d.Begin(); err != nil {
		return 0, nil, err
	}
	statement, err := d.transaction.Prepare(pq.CopyInSchema("app", "kept", "id", "body"))
	if err != nil {
		return 0, nil, err
	}
	for _, row := range rows {
		if _, err := statement.Exec(row...); err != nil {
			return 0, nil, err
		}
	}
	result, err := statement.Exec()
	if err != nil {
		return 0, nil, err
	}
	copied, err := result.RowsAffected()
	if err != nil {
		return 0, nil, err
	}
	if err := statement.Close(); err != nil {
		return 0, nil, err
	}
	if err := d.Commit(); err != nil {
		return 0, nil, err
	}
	read, err := d.Rows(query)
	return int(copied), read, err
}

// lib/pq gives up a connection that it has cancelled a statement on: this one is another.
func (d *pqDriver) Cancelled(text string, after time.Duration) error {
	other, err := d.database.Conn(d.context)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(d.context, after)
	defer cancel()
	_, failure := other.ExecContext(limited, text)
	if err := other.PingContext(d.context); err != driver.ErrBadConn {
		return fmt.Errorf("a cancelled connection is used again: %v", err)
	}
	return failure
}

func (d *pqDriver) Embedding(text string, values ...interface{}) (vector []float32, err error) {
	return vector, d.Row(text, values, (*pq.Float32Array)(&vector))
}

func (d *pqDriver) Fault(err error) (string, string) {
	var fault *pq.Error
	if !errors.As(err, &fault) {
		must(err)
	}
	return string(fault.Code), fault.Message
}

// A ping is an empty query.
func (d *pqDriver) Extra(int) interface{} {
	return map[string]interface{}{"ping": d.connection.PingContext(d.context) == nil}
}
