// node-pg: unnamed and named statements, pg-cursor. Its queries are sent one by one, each when the one before is done;
// there is no COPY without a package that Debian does not have.
'use strict'

const { Client } = require('pg')
const Cursor = require('pg-cursor')

const connections = Number(process.argv[2])
const model = process.argv[3]
const zones = ['Europe/Paris', 'Asia/Tokyo', 'UTC']

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const rounded = (value) => Math.round(value * 1000) / 1000

async function failure(promise) {
  try {
    await promise
  } catch (error) {
    return error.code ?? Promise.reject(error)
  }
  return null
}

class Worker {
  constructor(number) {
    this.number = number
    this.base = number * 1000
    this.found = {}
    this.said = []
    this.pids = []
    this.config = { application_name: `client ${number}`, statement_timeout: 90000 }
    this.client = new Client(this.config)
  }

  async one(text, values) {
    const result = await this.client.query({ text, values, rowMode: 'array' })
    return result.rows[0][0]
  }

  insert(offset) {
    return this.client.query(`INSERT INTO app.kept VALUES (${this.base + offset})`)
  }

  async count(offset) {
    return Number(await this.one(`SELECT count(*) FROM app.kept WHERE id = ${this.base + offset}`))
  }

  async simple() {
    this.found.application = await this.one('SHOW application_name')
    const text = `SELECT ${this.number}, 'it''s ü – ${this.number}'`
    this.found.simple = (await this.client.query({ text, rowMode: 'array' })).rows[0]
  }

  async prepared() {
    this.found.prepared = []
    this.found.shared = []
    const mine = {
      name: 'mine',
      text: `SELECT $1::int + ${this.number * 100}, $2::text, pg_backend_pid()`,
      rowMode: 'array',
    }
    const shared = { name: 'shared', text: 'SELECT $1::int * 2', rowMode: 'array' }
    for (let round = 0; round < 10; round++) {
      const [sum, text, pid] = (await this.client.query({ ...mine, values: [round, `round ${round}`] })).rows[0]
      this.found.prepared.push([sum, text])
      this.pids.push(pid)
      this.found.shared.push((await this.client.query({ ...shared, values: [round] })).rows[0][0])
    }
  }

  async transactions() {
    const { client, found } = this
    await client.query('BEGIN')
    await this.insert(1)
    await client.query('ROLLBACK')
    await client.query('BEGIN')
    await this.insert(2)
    await client.query('COMMIT')
    found.rolled_back = await this.count(1)
    found.committed = await this.count(2)
    await client.query('BEGIN')
    await this.insert(3)
    found.failed = [await failure(client.query('SELECT 1/0')), await failure(client.query('SELECT 1'))]
    await client.query('ROLLBACK')
    found.after_failure = await this.one(`SELECT ${this.number}`)
    await client.query('BEGIN')
    await this.insert(4)
    await client.query('SAVEPOINT s')
    await this.insert(5)
    found.savepoint = await failure(client.query('SELECT 1/0'))
    await client.query('ROLLBACK TO SAVEPOINT s')
    await this.insert(6)
    await client.query('COMMIT')
  }

  async settings() {
    const { client, found } = this
    await client.query(`SET statement_timeout = ${60000 + this.number}`)
    await client.query(`SET TimeZone = '${zones[this.number % 3]}'`)
    found.settings = []
    for (let round = 0; round < 3; round++) {
      found.settings.push([await this.one('SHOW statement_timeout'), await this.one('SHOW TimeZone')])
    }
    await client.query('BEGIN')
    await client.query('SET LOCAL statement_timeout = 5000')
    found.local = [await this.one('SHOW statement_timeout')]
    await client.query('COMMIT')
    found.local.push(await this.one('SHOW statement_timeout'))
    await client.query('BEGIN')
    await client.query('SET statement_timeout = 7000')
    found.undone = [await this.one('SHOW statement_timeout')]
    await client.query('ROLLBACK')
    found.undone.push(await this.one('SHOW statement_timeout'))
    if (this.number % 2 === 1) {
      await client.query('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    }
    found.isolation = []
    for (let round = 0; round < 3; round++) {
      found.isolation.push(await this.one('SHOW transaction_isolation'))
    }
  }

  async fetch() {
    await this.client.query('BEGIN')
    const cursor = this.client.query(new Cursor('SELECT i + $1::int AS i FROM generate_series(1, 100) AS t(i)', [this.base]))
    let count = 0
    let sum = 0
    for (let rows = await cursor.read(30); rows.length > 0; rows = await cursor.read(30)) {
      count += rows.length
      for (const row of rows) sum += row.i
    }
    await cursor.close()
    await this.client.query('COMMIT')
    this.found.fetched = [count, sum]
  }

  async batches() {
    const { client, found, base } = this
    const insert = (row) => client.query('INSERT INTO app.kept VALUES ($1, $2)', [base + 100 + row, 'batch'])
    await client.query('BEGIN')
    const results = await Promise.all(Array.from({ length: 10 }, (_, row) => insert(row)))
    await client.query('COMMIT')
    found.batch = results.reduce((sum, result) => sum + result.rowCount, 0)
    await client.query('BEGIN')
    const divide = (divisor) => client.query('INSERT INTO app.kept VALUES (100 / $1::int)', [divisor])
    const states = await Promise.all([1, 0, 2].map((divisor) => failure(divide(divisor))))
    found.failed_batch = states.find((state) => state !== null)
    await client.query('ROLLBACK')
    found.copied = null
  }

  async cancel() {
    this.found.cancelled = null
    if (this.number > 1) {
      for (let round = 0; round < 4; round++) await this.client.query('SELECT pg_sleep(0.01)')
      return
    }
    const sleeping = new Promise((resolve) => {
      const query = this.client.query('SELECT pg_sleep(30)', (error) => resolve([error?.code ?? null, query]))
    })
    await sleep(500)
    const canceller = new Client(this.config)
    canceller.cancel(this.client, this.client.activeQuery)
    this.found.cancelled = (await sleeping)[0]
    // The cancel has arrived when its connection has been closed.
    if (!canceller.connection.stream.destroyed) {
      await new Promise((resolve) => canceller.connection.stream.once('close', resolve))
    }
  }

  async denial(promise) {
    try {
      await promise
    } catch (error) {
      if (error.code === '42501') this.said.push(error.message)
      return error.code
    }
    return null
  }

  async denied() {
    const { client } = this
    const states = []
    states.push(await this.denial(client.query("SELECT pg_read_file('/etc/passwd')")))
    states.push(
      await this.denial(
        client.query({ name: 'forbidden', text: 'SELECT pg_read_file($1)', values: ['/etc/passwd'] })
      )
    )
    await client.query('BEGIN')
    await this.insert(7)
    states.push(await this.denial(client.query("SELECT pg_read_file('/etc/passwd')")))
    states.push(await this.denial(client.query('SELECT 1')))
    await client.query('ROLLBACK')
    this.found.denied = states
    this.found.after_denied = await this.one(`SELECT ${this.number}`)
  }

  async embed() {
    const vector = await this.one('SELECT pgml.embed($1, $2)', [model, 'That is a happy person'])
    const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0))
    this.found.embedding = [vector.length, rounded(length), ...vector.slice(0, 3).map(rounded)]
  }

  async leave() {
    const text = 'SELECT id FROM app.kept WHERE id >= $1 AND id < $2 ORDER BY id'
    const result = await this.client.query(text, [this.base, this.base + 1000])
    this.found.kept = result.rows.map((row) => row.id)
    // Several statements in one string have several results.
    const results = await this.client.query(`SELECT ${this.number} AS n; SHOW TimeZone`)
    this.found.extra = { several: results.map((one) => Object.values(one.rows[0])[0]) }
    this.pids.push(await this.one('SELECT pg_backend_pid()'))
  }

  async work() {
    await this.simple()
    await this.prepared()
    await this.transactions()
    await this.settings()
    await this.fetch()
    await this.batches()
    await this.cancel()
    await this.denied()
    await this.embed()
    await this.leave()
    await this.client.end()
  }
}

async function main() {
  const workers = Array.from({ length: connections }, (_, index) => new Worker(index + 1))
  await Promise.all(workers.map((worker) => worker.client.connect()))
  await Promise.all(workers.map((worker) => worker.work()))
  const all = (key) => workers.map((worker) => worker[key])
  console.log(JSON.stringify({ connections: all('found'), said: all('said'), pids: all('pids') }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
