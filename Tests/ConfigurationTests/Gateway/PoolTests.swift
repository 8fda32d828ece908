import Testing

@testable import Configuration

private let environment = ["DATABASE_URL": "postgres://pgml:s3cret@127.0.0.1/ml"]

private func user(_ name: String, _ keys: String = "") -> String {
    "[[users]]\nname = \"\(name)\"\npassword = \"x\"\n\(keys)\n"
}

@Suite struct PoolTests {
    @Test func `Every key of the pool is read`() throws {
        let pool = try load(
            """
            [pool]
            size = 7
            reserve_size = 3
            reserve_after = "1s"
            minimum = 2
            server_lifetime = "2h"
            server_idle_timeout = "3min"
            query_wait_timeout = "4s"
            query_timeout = "5s"
            idle_transaction_timeout = "600ms"
            max_prepared_statements = 8
            max_prepared_statement_bytes = "9KiB"
            """,
            environment: environment
        ).pool
        #expect(pool.size == 7)
        #expect(pool.reserveSize == 3)
        #expect(pool.reserveAfter == .seconds(1))
        #expect(pool.minimum == 2)
        #expect(pool.serverLifetime == .seconds(7200))
        #expect(pool.serverIdleTimeout == .seconds(180))
        #expect(pool.queryWaitTimeout == .seconds(4))
        #expect(pool.queryTimeout == .seconds(5))
        #expect(pool.idleTransactionTimeout == .milliseconds(600))
        #expect(pool.maxPreparedStatements == 8)
        #expect(pool.maxPreparedStatementBytes == .kibibytes(9))
    }

    @Test func `Zero takes a time limit away`() throws {
        let keys: [(String, KeyPath<Pool, Duration?>)] = [
            ("server_lifetime", \.serverLifetime), ("server_idle_timeout", \.serverIdleTimeout),
            ("query_wait_timeout", \.queryWaitTimeout), ("query_timeout", \.queryTimeout),
            ("idle_transaction_timeout", \.idleTransactionTimeout),
        ]
        for (key, value) in keys {
            let pool = try load("[pool]\n\(key) = \"0s\"", environment: environment).pool
            #expect(pool[keyPath: value] == nil, "\(key)")
        }
    }

    @Test(arguments: [
        ("", "", 1000),
        ("limits.max_client_connections = 300", "", 300),
        ("pool_mode = \"transaction\"", "", 20),
        ("pool_mode = \"transaction\"\nlimits.max_client_connections = 10", "", 20),
        ("pool.size = 7", "", 7),
        ("pool_mode = \"transaction\"\npool.size = 7", "", 7),
        ("pool_mode = \"transaction\"", "pool_mode = \"session\"", 1000),
        ("", "pool_mode = \"transaction\"", 20),
        ("pool.size = 7", "pool_mode = \"transaction\"", 7),
        ("pool.size = 7", "pool_size = 5", 5),
        ("pool_mode = \"transaction\"", "pool_size = 5", 5),
        ("", "pool_size = 100000", 100_000),
    ])
    func `A pool's size is the user's, else the file's, else the mode's`(file: String, keys: String, size: Int) throws {
        let configuration = try load("\(file)\n\(user("a", keys))", environment: environment)
        #expect(configuration.poolSize(of: configuration.users[0]) == size)
    }

    @Test func `A user's pool mode overrides the file's, for this user only`() throws {
        let users = user("own", "pool_mode = \"session\"") + user("common")
        let configuration = try load("pool_mode = \"transaction\"\n\(users)", environment: environment)
        #expect(configuration.users.map(configuration.poolMode(of:)) == [.session, .transaction])
    }

    @Test func `The user of the upstream's URL has the file's pool mode and size`() throws {
        let configuration = try load("pool_mode = \"transaction\"\npool.size = 7", environment: environment)
        let user = try #require(configuration.users.first)
        #expect(configuration.poolMode(of: user) == .transaction)
        #expect(configuration.poolSize(of: user) == 7)
    }

    @Test(arguments: ["sesion", "statement", "Transaction", ""])
    func `A pool mode is one of two`(mode: String) {
        let line = "pool_mode: \"\(mode)\" is not known here; write \"session\" or \"transaction\""
        let key = "pool_mode = \"\(mode)\""
        #expect(complaints(aboutGateway: key, environment: environment) == ["gateway.toml:1: \(line)"])
        #expect(
            complaints(aboutGateway: user("a", key), environment: environment) == ["gateway.toml:4: users[0].\(line)"]
        )
    }

    @Test(arguments: [
        ("size = 0", "size: 0 is out of range; write something from 1 to 100000"),
        ("size = 100001", "size: 100001 is out of range; write something from 1 to 100000"),
        ("size = \"20\"", "size: found a string, needs an integer; write size = 20"),
        ("sise = 3", "sise: is not a known key; write size"),
        ("reserve_size = -1", "reserve_size: -1 is out of range; write something from 0 to 100000"),
        ("minimum = 100001", "minimum: 100001 is out of range; write something from 0 to 100000"),
        ("max_prepared_statements = 0", "max_prepared_statements: 0 is out of range; write something from 1 to 100000"),
        ("reserve_after = \"0s\"", "reserve_after: \"0s\" is out of range; write something from \"10ms\" to \"1d\""),
        ("query_timeout = 0", "query_timeout: 0 has no unit; write \"0s\" or \"500ms\""),
        ("query_wait_timout = \"1s\"", "query_wait_timout: is not a known key; write query_wait_timeout"),
        (
            "max_prepared_statement_bytes = 64",
            "max_prepared_statement_bytes: 64 has no unit; write \"64B\" or \"64KiB\""
        ),
    ])
    func `A wrong key of the pool is named with its line and what to write`(key: String, line: String) {
        let text = "[pool]\n\(key)"
        #expect(complaints(aboutGateway: text, environment: environment) == ["gateway.toml:2: pool.\(line)"])
    }

    @Test(arguments: [
        ("server_lifetime", "99ms", "100ms", "30d"), ("server_lifetime", "31d", "100ms", "30d"),
        ("server_idle_timeout", "99ms", "100ms", "30d"), ("server_idle_timeout", "31d", "100ms", "30d"),
        ("query_wait_timeout", "9ms", "10ms", "1d"), ("query_wait_timeout", "25h", "10ms", "1d"),
        ("query_timeout", "9ms", "10ms", "1d"), ("query_timeout", "25h", "10ms", "1d"),
        ("idle_transaction_timeout", "9ms", "10ms", "1d"), ("idle_transaction_timeout", "25h", "10ms", "1d"),
    ])
    func `A time limit is within its bounds or zero`(key: String, value: String, least: String, most: String) {
        let remedy = "write \"0s\" for no limit, or something from \"\(least)\" to \"\(most)\""
        #expect(
            complaints(aboutGateway: "[pool]\n\(key) = \"\(value)\"", environment: environment) == [
                "gateway.toml:2: pool.\(key): \"\(value)\" is out of range; \(remedy)"
            ]
        )
        for bound in [least, most] {
            #expect(throws: Never.self) { try load("[pool]\n\(key) = \"\(bound)\"", environment: environment) }
        }
    }

    @Test(arguments: ["1023B", "1025MiB"])
    func `The bytes of prepared statements are within bounds`(amount: String) {
        let key = "max_prepared_statement_bytes"
        let line = "\(key): \"\(amount)\" is out of range; write something from \"1KiB\" to \"1GiB\""
        let text = "[pool]\n\(key) = \"\(amount)\""
        #expect(complaints(aboutGateway: text, environment: environment) == ["gateway.toml:2: pool.\(line)"])
    }

    @Test(arguments: [
        ("pool_size = 0", "pool_size: 0 is out of range; write something from 1 to 100000"),
        ("pool_size = 100001", "pool_size: 100001 is out of range; write something from 1 to 100000"),
        ("pool_size = \"5\"", "pool_size: found a string, needs an integer; write pool_size = 5"),
        ("pool_mode = 1", "pool_mode: found an integer, needs a string; write pool_mode = \"…\""),
        ("pool_sise = 5", "pool_sise: is not a known key; write pool_size"),
    ])
    func `A user's wrong key is named with its line and what to write`(key: String, line: String) {
        let text = user("a", key)
        #expect(complaints(aboutGateway: text, environment: environment) == ["gateway.toml:4: users[0].\(line)"])
    }

    @Test(arguments: [
        "pool.size = 5\npool.minimum = 5\npool.reserve_size = 5",
        "pool.minimum = 1000\npool.reserve_size = 1000",
        "pool_mode = \"transaction\"\npool.minimum = 20",
        "pool.minimum = 5\n" + user("a", "pool_size = 5"),
        // Nobody's pools have this size.
        "pool.minimum = 30\npool.size = 10\n" + user("a", "pool_size = 40"),
        "pool.reserve_size = 1\npool.reserve_after = \"1s\"\npool.query_wait_timeout = \"1001ms\"",
        "pool.reserve_size = 1\npool.reserve_after = \"1d\"\npool.query_wait_timeout = \"0s\"",
        "pool.reserve_after = \"1s\"\npool.query_wait_timeout = \"1s\"",
        "pool.query_wait_timeout = \"1s\"\npool.query_timeout = \"1s\"\npool.idle_transaction_timeout = \"1s\"",
    ])
    func `What does not contradict itself loads`(text: String) throws {
        _ = try load(text, environment: environment)
    }

    @Test(arguments: [
        (
            "[pool]\nsize = 5\nminimum = 6",
            ["3: pool.minimum: 6 is more than the size of a pool, 5; write at most 5, or a larger size"]
        ),
        (
            "[pool]\nreserve_size = 6\nsize = 5",
            ["2: pool.reserve_size: 6 is more than the size of a pool, 5; write at most 5, or a larger size"]
        ),
        (
            "pool_mode = \"transaction\"\n[pool]\nminimum = 21",
            ["3: pool.minimum: 21 is more than the size of a pool, 20; write at most 20, or a larger size"]
        ),
        (
            "[limits]\nmax_client_connections = 7\n[pool]\nminimum = 8",
            ["4: pool.minimum: 8 is more than the size of a pool, 7; write at most 7, or a larger size"]
        ),
        // The smallest pool counts: here that of the user whose mode has the smaller default.
        (
            "[pool]\nminimum = 21\n" + user("a") + user("b", "pool_mode = \"transaction\""),
            ["2: pool.minimum: 21 is more than the size of a pool, 20; write at most 20, or a larger size"]
        ),
        (
            "[pool]\nminimum = 6\nreserve_size = 7\n" + user("a") + user("b", "pool_size = 5"),
            [
                "11: users[1].pool_size: 5 is less than minimum of [pool]; write at least 6, or a smaller minimum",
                "11: users[1].pool_size: 5 is less than reserve_size of [pool]; write at least 7, "
                    + "or a smaller reserve_size",
            ]
        ),
        (
            "[pool]\nreserve_size = 1\nquery_wait_timeout = \"5s\"",
            [
                "2: pool.reserve_size: is never used: clients wait \"5s\" at most (query_wait_timeout), and the reserve "
                    + "is for those who have waited \"5s\"; write a shorter reserve_after"
            ]
        ),
        (
            "[pool]\nminimum = 9\nsize = 5\nreserve_size = 8",
            [
                "2: pool.minimum: 9 is more than the size of a pool, 5; write at most 5, or a larger size",
                "4: pool.reserve_size: 8 is more than the size of a pool, 5; write at most 5, or a larger size",
            ]
        ),
    ])
    func `Keys that contradict each other are refused, in the order of the lines`(text: String, lines: [String]) {
        #expect(complaints(aboutGateway: text, environment: environment) == lines.map { "gateway.toml:\($0)" })
    }

    @Test(arguments: [
        (
            "[pool]\nsize = \"ten\"\nminimum = 30",
            "2: pool.size: found a string, needs an integer; write size = 1"
        ),
        (
            "pool_mode = \"sesion\"\n[pool]\nminimum = 30\nreserve_size = 2000",
            "1: pool_mode: \"sesion\" is not known here; write \"session\" or \"transaction\""
        ),
    ])
    func `What a wrong value would contradict is not held against the other key`(text: String, line: String) {
        #expect(complaints(aboutGateway: text, environment: environment) == ["gateway.toml:\(line)"])
    }
}
