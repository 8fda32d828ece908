import Testing

@testable import Configuration

private let url = "postgres://pgml:s3cret@127.0.0.1/ml"

@Suite struct GatewayConfigurationTests {
    @Test func `An empty file and DATABASE_URL are enough`() throws {
        let configuration = try load("", environment: ["DATABASE_URL": url])
        #expect(configuration.listenAddress == "127.0.0.1")
        #expect(configuration.listenPort == 6432)
        #expect(configuration.reactors >= 1)
        #expect(configuration.poolMode == .session)
        #expect(configuration.pool == Pool())
        #expect(configuration.limits == Limits())
        #expect(configuration.pluginsDirectory == "plugins.d")
        #expect(!configuration.isUnrestricted)
        #expect(configuration.upstream.host == .tcp("127.0.0.1"))
        #expect(configuration.users.map(\.name) == ["pgml"])
        #expect(configuration.users.first?.credential == .password(Secret("s3cret")))
        #expect(configuration.connectTimeout == .seconds(10))
    }

    @Test func `Every key of the file is read`() throws {
        let configuration = try load(
            """
            listen_address = "::1"
            listen_port = 7000
            reactors = 3
            pool_mode = "transaction"
            plugins_directory = "/etc/pgml-gateway/plugins.d"
            unrestricted = true
            [limits]
            authentication_timeout = "3s"
            connect_timeout = "500ms"
            shutdown_timeout = "5min"
            max_statement_bytes = "16MiB"
            max_inspected_bind_bytes = "64KiB"
            max_client_connections = 7
            max_prepared_statements = 8
            [upstream]
            url = "\(url)"
            [[users]]
            name = "rds"
            password = "one"
            databases = ["ml"]
            [[users]]
            name = "analyst"
            scram_verifier = "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"
            upstream_user = "reader"
            upstream_password_env = "READER_PASSWORD"
            """,
            environment: ["READER_PASSWORD": "two"]
        )
        #expect(configuration.listenAddress == "::1")
        #expect(configuration.listenPort == 7000)
        #expect(configuration.reactors == 3)
        #expect(configuration.poolMode == .transaction)
        #expect(configuration.pluginsDirectory == "/etc/pgml-gateway/plugins.d")
        #expect(configuration.isUnrestricted)
        #expect(configuration.limits.authenticationTimeout == .seconds(3))
        #expect(configuration.connectTimeout == .milliseconds(500))
        #expect(configuration.limits.shutdownTimeout == .seconds(300))
        #expect(configuration.limits.maxStatementBytes == .mebibytes(16))
        #expect(configuration.limits.maxInspectedBindBytes == .kibibytes(64))
        #expect(configuration.limits.maxClientConnections == 7)
        #expect(configuration.limits.maxPreparedStatements == 8)

        let (rds, analyst) = (configuration.users[0], configuration.users[1])
        #expect(rds.databases == ["ml"])
        #expect(rds.credential == .password(Secret("one")))
        #expect(configuration.upstreamLogin(of: rds) == UpstreamLogin(user: "pgml", password: Secret("s3cret")))
        #expect(analyst.databases == nil)
        #expect(analyst.credential == .scramVerifier(Secret("SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy")))
        #expect(configuration.upstreamLogin(of: analyst) == UpstreamLogin(user: "reader", password: Secret("two")))
    }

    @Test func `DATABASE_URL wins over the file's url, unless it is empty`() throws {
        let text = "[upstream]\nurl = \"postgres://file:file@10.0.0.1\""
        #expect(try load(text, environment: ["DATABASE_URL": url]).upstream.login.user == "pgml")
        #expect(try load(text, environment: ["DATABASE_URL": ""]).upstream.login.user == "file")
    }

    @Test(arguments: [
        (
            "listen_adress = \"::1\"",
            "gateway.toml:1: listen_adress: is not a known key; write listen_address"
        ),
        (
            "listen_address = \"localhost\"",
            "gateway.toml:1: listen_address: is no numeric address; "
                + "write \"127.0.0.1\", or \"0.0.0.0\" for all of IPv4"
        ),
        ("listen_port = 0", "gateway.toml:1: listen_port: 0 is out of range; write something from 1 to 65535"),
        (
            "\nlisten_port = 70000",
            "gateway.toml:2: listen_port: 70000 is out of range; write an integer from 0 to 65535"
        ),
        (
            "listen_port = \"6432\"",
            "gateway.toml:1: listen_port: found a string, needs an integer; write listen_port = 6432"
        ),
        (
            "[limits]\nauthentication_timeout = 60",
            "gateway.toml:2: limits.authentication_timeout: 60 has no unit; write \"60s\" or \"500ms\""
        ),
        (
            "[limits]\nauthentication_timeout = \"0s\"",
            "gateway.toml:2: limits.authentication_timeout: \"0s\" is out of range; write something from \"1s\" to \"10min\""
        ),
        (
            "limits.max_statement_bytes = \"17MiB\"",
            "gateway.toml:1: limits.max_statement_bytes: \"17MiB\" is out of range; write something from \"1KiB\" to \"16MiB\""
        ),
        (
            "limits.max_statement_bytes = \"1MB\"",
            "gateway.toml:1: limits.max_statement_bytes: \"1MB\" is not an amount of bytes; "
                + "write a whole number and B, KiB, MiB or GiB: \"64KiB\""
        ),
        (
            "limits = 3",
            "gateway.toml:1: limits: found an integer, needs a table; write [limits] and its keys in the lines below"
        ),
    ])
    func `A wrong setting is named with its line, its key and what to write`(text: String, line: String) {
        #expect(complaints(aboutGateway: text, environment: ["DATABASE_URL": url]) == [line])
    }

    @Test func `All that is wrong is told at once, in the order of the lines`() {
        let text = """
            listen_port = "x"
            reactors = 0
            colour = 1
            [limits]
            authentication_timeout = "soon"
            max_client_connections = -1
            [upstream]
            url = "mysql://x"
            [[users]]
            nmae = "a"
            password = 1
            [[users]]
            password = "b"
            """
        #expect(
            complaints(aboutGateway: text) == [
                "gateway.toml:1: listen_port: found a string, needs an integer; write listen_port = 1",
                "gateway.toml:2: reactors: 0 is out of range; write something from 1 to 256",
                "gateway.toml:3: colour: is not a known key; known are limits, listen_address, listen_port, "
                    + "plugins_directory, pool, pool_mode, reactors, unrestricted, upstream and users",
                "gateway.toml:5: limits.authentication_timeout: \"soon\" is not a duration; "
                    + "write a whole number and ms, s, min, h or d: \"30s\"",
                "gateway.toml:6: limits.max_client_connections: -1 is out of range; write something from 1 to 1000000",
                "gateway.toml:8: upstream.url: is not a URL of PostgreSQL; "
                    + "write postgres://USER:PASSWORD@HOST/DATABASE",
                "gateway.toml:9: users[0].name: is missing; write name = \"…\"",
                "gateway.toml:10: users[0].nmae: is not a known key; write name",
                "gateway.toml:11: users[0].password: found an integer, needs a string; write password = \"…\"",
                "gateway.toml:12: users[1].name: is missing; write name = \"…\"",
            ]
        )
    }
}
