// Go's drivers, as `pgx` and as `pq`: the work is the same, written down once against what both can do.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"strconv"
	"sync"
	"time"
)

// Driver is what a connection of either driver can do. Values are scanned into ints, strings and float slices.
type Driver interface {
	Connect(application string) error
	Close() error
	Run(text string, values ...interface{}) (int, error)
	Row(text string, values []interface{}, into ...interface{}) error
	Rows(text string, values ...interface{}) ([]int, error)
	Prepare(text string) (func(values []interface{}, into ...interface{}) error, error)
	Begin() error
	Commit() error
	Rollback() error
	Batch(text string, values [][]interface{}) (int, error)
	Fetch(text string, value int) ([]int, error)
	Copy(rows [][]interface{}, query string) (copied int, read []int, err error)
	Cancelled(text string, after time.Duration) error
	Embedding(text string, values ...interface{}) ([]float32, error)
	Fault(err error) (state, message string)
	Extra(number int) interface{}
}

var zones = []string{"Europe/Paris", "Asia/Tokyo", "UTC"}

type worker struct {
	Driver
	number, base int
	found        map[string]interface{}
	said         []string
	pids         []int
}

// What must not fail ends the program.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (w *worker) run(text string) int {
	count, err := w.Run(text)
	must(err)
	return count
}

func (w *worker) one(text string) (value string) {
	must(w.Row(text, nil, &value))
	return value
}

func (w *worker) number1(text string, values ...interface{}) (value int) {
	must(w.Row(text, values, &value))
	return value
}

func (w *worker) state(err error) interface{} {
	if err == nil {
		return nil
	}
	state, _ := w.Fault(err)
	return state
}

func (w *worker) insert(offset int) {
	w.run(fmt.Sprintf("INSERT INTO app.kept VALUES (%d)", w.base+offset))
}

func (w *worker) count(offset int) int {
	return w.number1(fmt.Sprintf("SELECT count(*) FROM app.kept WHERE id = %d", w.base+offset))
}

func (w *worker) simple() {
	w.found["application"] = w.one("SHOW application_name")
	var number int
	var text string
	must(w.Row(fmt.Sprintf("SELECT %d, 'it''s ü – %d'", w.number, w.number), nil, &number, &text))
	w.found["simple"] = []interface{}{number, text}
}

func (w *worker) prepared() {
	mine, err := w.Prepare(fmt.Sprintf("SELECT $1::int + %d, $2::text, pg_backend_pid()", w.number*100))
	must(err)
	everybodys, err := w.Prepare("SELECT $1::int * 2")
	must(err)
	own, shared := []interface{}{}, []int{}
	for round := 0; round < 10; round++ {
		var sum, pid, double int
		var text string
		must(mine([]interface{}{round, fmt.Sprintf("round %d", round)}, &sum, &text, &pid))
		own = append(own, []interface{}{sum, text})
		w.pids = append(w.pids, pid)
		must(everybodys([]interface{}{round}, &double))
		shared = append(shared, double)
	}
	w.found["prepared"], w.found["shared"] = own, shared
}

func (w *worker) transactions() {
	must(w.Begin())
	w.insert(1)
	must(w.Rollback())
	must(w.Begin())
	w.insert(2)
	must(w.Commit())
	w.found["rolled_back"], w.found["committed"] = w.count(1), w.count(2)
	must(w.Begin())
	w.insert(3)
	_, first := w.Run("SELECT 1/0")
	_, second := w.Run("SELECT 1")
	w.found["failed"] = []interface{}{w.state(first), w.state(second)}
	must(w.Rollback())
	w.found["after_failure"] = w.number1(fmt.Sprintf("SELECT %d", w.number))
	must(w.Begin())
	w.insert(4)
	w.run("SAVEPOINT s")
	w.insert(5)
	_, failure := w.Run("SELECT 1/0")
	w.found["savepoint"] = w.state(failure)
	w.run("ROLLBACK TO SAVEPOINT s")
	w.insert(6)
	must(w.Commit())
}

func (w *worker) settings() {
	w.run(fmt.Sprintf("SET statement_timeout = %d", 60000+w.number))
	w.run("SET TimeZone = '" + zones[w.number%3] + "'")
	read := [][]string{}
	for round := 0; round < 3; round++ {
		read = append(read, []string{w.one("SHOW statement_timeout"), w.one("SHOW TimeZone")})
	}
	w.found["settings"] = read
	must(w.Begin())
	w.run("SET LOCAL statement_timeout = 5000")
	within := w.one("SHOW statement_timeout")
	must(w.Commit())
	w.found["local"] = []string{within, w.one("SHOW statement_timeout")}
	must(w.Begin())
	w.run("SET statement_timeout = 7000")
	within = w.one("SHOW statement_timeout")
	must(w.Rollback())
	w.found["undone"] = []string{within, w.one("SHOW statement_timeout")}
	if w.number%2 == 1 {
		w.run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
	}
	isolation := []string{}
	for round := 0; round < 3; round++ {
		isolation = append(isolation, w.one("SHOW transaction_isolation"))
	}
	w.found["isolation"] = isolation
}

func (w *worker) fetch() {
	must(w.Begin())
	rows, err := w.Fetch("SELECT i + %d FROM generate_series(1, 100) AS t(i)", w.base)
	must(err)
	must(w.Commit())
	w.found["fetched"] = []int{len(rows), total(rows)}
}

func (w *worker) batches() {
	values := [][]interface{}{}
	for row := 0; row < 10; row++ {
		values = append(values, []interface{}{w.base + 100 + row, "batch"})
	}
	must(w.Begin())
	inserted, err := w.Batch("INSERT INTO app.kept VALUES ($1, $2)", values)
	must(err)
	must(w.Commit())
	w.found["batch"] = inserted
	must(w.Begin())
	_, err = w.Batch("INSERT INTO app.kept VALUES (100 / $1::int)", [][]interface{}{{1}, {0}, {2}})
	w.found["failed_batch"] = w.state(err)
	must(w.Rollback())
}

func (w *worker) copy() {
	rows := [][]interface{}{}
	for row := 0; row < 50; row++ {
		rows = append(rows, []interface{}{int32(w.base + 300 + row), "copied"})
	}
	query := fmt.Sprintf("SELECT id FROM app.kept WHERE id BETWEEN %d AND %d", w.base+300, w.base+399)
	copied, read, err := w.Copy(rows, query)
	must(err)
	w.found["copied"] = []int{copied, total(read)}
}

func (w *worker) cancel() {
	w.found["cancelled"] = nil
	if w.number == 1 {
		w.found["cancelled"] = w.state(w.Cancelled("SELECT pg_sleep(30)", 500*time.Millisecond))
		return
	}
	for round := 0; round < 4; round++ {
		w.run("SELECT pg_sleep(0.01)")
	}
}

func (w *worker) denial(err error) interface{} {
	if err == nil {
		return nil
	}
	state, message := w.Fault(err)
	if state == "42501" {
		w.said = append(w.said, message)
	}
	return state
}

func (w *worker) denied() {
	states := []interface{}{}
	forbidden := "SELECT pg_read_file('/etc/passwd')"
	_, err := w.Run(forbidden)
	states = append(states, w.denial(err))
	var content string
	states = append(states, w.denial(w.Row("SELECT pg_read_file($1)", []interface{}{"/etc/passwd"}, &content)))
	must(w.Begin())
	w.insert(7)
	_, err = w.Run(forbidden)
	states = append(states, w.denial(err))
	_, err = w.Run("SELECT 1")
	states = append(states, w.denial(err))
	must(w.Rollback())
	w.found["denied"] = states
	w.found["after_denied"] = w.number1(fmt.Sprintf("SELECT %d", w.number))
}

func (w *worker) embed(model string) {
	vector, err := w.Embedding("SELECT pgml.embed($1, $2)", model, "That is a happy person")
	must(err)
	squares := 0.0
	for _, number := range vector {
		squares += float64(number) * float64(number)
	}
	rounded := func(value float64) float64 { return math.Round(value*1000) / 1000 }
	found := []interface{}{len(vector), rounded(math.Sqrt(squares))}
	for _, number := range vector[:3] {
		found = append(found, rounded(float64(number)))
	}
	w.found["embedding"] = found
}

func (w *worker) leave() {
	kept, err := w.Rows("SELECT id FROM app.kept WHERE id >= $1 AND id < $2 ORDER BY id", w.base, w.base+1000)
	must(err)
	w.found["kept"] = kept
	w.pids = append(w.pids, w.number1("SELECT pg_backend_pid()"))
}

func total(numbers []int) (sum int) {
	for _, number := range numbers {
		sum += number
	}
	return sum
}

func main() {
	connections, err := strconv.Atoi(os.Args[2])
	must(err)
	workers := make([]*worker, connections)
	var connecting, leaving, working sync.WaitGroup
	connecting.Add(connections)
	leaving.Add(connections)
	working.Add(connections)
	for index := range workers {
		number := index + 1
		workers[index] = &worker{Driver: newDriver(os.Args[1]), number: number, base: number * 1000, found: map[string]interface{}{}}
		go func(w *worker) {
			defer working.Done()
			must(w.Connect(fmt.Sprintf("client %d", w.number)))
			connecting.Done()
			connecting.Wait()
			w.simple()
			w.prepared()
			w.transactions()
			w.settings()
			w.fetch()
			w.batches()
			w.copy()
			w.cancel()
			w.denied()
			w.embed(os.Args[3])
			w.leave()
			// What comes may cost a server its connection: nobody asks any more which one that was.
			leaving.Done()
			leaving.Wait()
			w.found["extra"] = w.Extra(w.number)
			must(w.Close())
		}(workers[index])
	}
	working.Wait()
	found, said, pids := []interface{}{}, [][]string{}, [][]int{}
	for _, w := range workers {
		found, said, pids = append(found, w.found), append(said, w.said), append(pids, w.pids)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"connections": found, "said": said, "pids": pids}))
}

func newDriver(name string) Driver {
	switch name {
	case "pgx":
		return &pgxDriver{context: context.Background()}
	case "pq":
		return &pqDriver{context: context.Background()}
	}
	log.Fatalf("no driver %q", name)
	return nil
}
