package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
)

// pgx prepares every statement with parameters by itself and keeps it, sends batches as pipelines, copies in binary.
type pgxDriver struct {
	context     context.Context
	connection  *pgx.Conn
	transaction pgx.Tx
	prepared    int
}

func (d *pgxDriver) Connect(application string) error {
	config, err := pgx.ParseConfig("")
	if err != nil {
		return err
	}
	config.RuntimeParams["application_name"] = application
	d.connection, err = pgx.ConnectConfig(d.context, config)
	return err
}

func (d *pgxDriver) Close() error { return d.connection.Close(d.context) }

func (d *pgxDriver) Run(text string, values ...interface{}) (int, error) {
	tag, err := d.connection.Exec(d.context, text, values...)
	return int(tag.RowsAffected()), err
}

func (d *pgxDriver) Row(text string, values []interface{}, into ...interface{}) error {
	return d.connection.QueryRow(d.context, text, values...).Scan(into...)
}

func (d *pgxDriver) Rows(text string, values ...interface{}) ([]int, error) {
	rows, err := d.connection.Query(d.context, text, values...)
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

func (d *pgxDriver) Prepare(text string) (func([]interface{}, ...interface{}) error, error) {
	d.prepared++
	name := fmt.Sprintf("prepared_%d", d.prepared)
	if _, err := d.connection.Prepare(d.context, name, text); err != nil {
		return nil, err
	}
	return func(values []interface{}, into ...interface{}) error { return d.Row(name, values, into...) }, nil
}

func (d *pgxDriver) Begin() (err error) {
	d.transaction, err = d.connection.Begin(d.context)
	return err
}

func (d *pgxDriver) Commit() error   { return d.transaction.Commit(d.context) }
func (d *pgxDriver) Rollback() error { return d.transaction.Rollback(d.context) }

func (d *pgxDriver) Batch(text string, values [][]interface{}) (int, error) {
	batch := &pgx.Batch{}
	for _, row := range values {
		batch.Queue(text, row...)
	}
	results := d.connection.SendBatch(d.context, batch)
	affected := 0
	var failure error
	for range values {
		tag, err := results.Exec()
		if failure == nil {
			failure = err
		}
		affected += int(tag.RowsAffected())
	}
	if err := results.Close(); failure == nil {
		failure = err
	}
	return affected, failure
}

// pgx has no cursors of its own.
func (d *pgxDriver) Fetch(text string, value int) ([]int, error) {
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

func (d *pgxDriver) Copy(rows [][]interface{}, query string) (int, []int, error) {
	copied, err := d.connection.CopyFrom(d.context, pgx.Identifier{"app", "kept"}, []string{"id", "body"}, pgx.CopyFromRows(rows))
	if err != nil {
		return 0, nil, err
	}
	var out bytes.Buffer
	if _, err := d.connection.PgConn().CopyTo(d.context, &out, "COPY ("+query+") TO STDOUT"); err != nil {
		return 0, nil, err
	}
	read := []int{}
	for _, line := range strings.Fields(out.String()) {
		number, err := strconv.Atoi(line)
		if err != nil {
			return 0, nil, err
		}
		read = append(read, number)
	}
	return int(copied), read, nil
}

func (d *pgxDriver) Cancelled(text string, after time.Duration) error {
	cancelled := make(chan error, 1)
	go func() {
		time.Sleep(after)
		cancelled <- d.connection.PgConn().CancelRequest(d.context)
	}()
	_, failure := d.Run(text)
	if err := <-cancelled; err != nil {
		return err
	}
	return failure
}

func (d *pgxDriver) Embedding(text string, values ...interface{}) (vector []float32, err error) {
	return vector, d.Row(text, values, &vector)
}

func (d *pgxDriver) Fault(err error) (string, string) {
	var fault *pgconn.PgError
	if !errors.As(err, &fault) {
		must(err)
	}
	return fault.Code, fault.Message
}

// A context that ends closes the connection; a new one takes its place, and says who it is.
func (d *pgxDriver) Extra(number int) interface{} {
	limited, cancel := context.WithTimeout(d.context, 20*time.Millisecond)
	defer cancel()
	_, err := d.connection.Exec(limited, "SELECT pg_sleep(30)")
	closed := err != nil && d.connection.IsClosed()
	must(d.Connect(fmt.Sprintf("again client %d", number)))
	var application string
	must(d.Row("SHOW application_name", nil, &application))
	return map[string]interface{}{"closed_by_timeout": closed, "again": application}
}
