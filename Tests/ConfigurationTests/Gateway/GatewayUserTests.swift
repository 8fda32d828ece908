import Testing

@testable import Configuration

private let environment = [
    "DATABASE_URL": "postgres://pgml:s3cret@127.0.0.1/ml", "EMPTY": "", "HASH": "SCRAM-SHA-256$4096:x",
]

@Suite struct GatewayUserTests {
    @Test func `A password file beside gateway.toml is read without the line end at its end`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("one\n", to: "secrets/one")
        try directory.write("two\r\n", to: "secrets/two")
        try directory.write("SCRAM-SHA-256$4096:x\n", to: "secrets/three")
        let text = ["one", "two", "three"]
            .map { "[[users]]\nname = \"\($0)\"\npassword_file = \"secrets/\($0)\"\n" }.joined()
        let file = try directory.write(text, to: "gateway.toml")
        let configuration = try GatewayConfiguration.load(file: file, environment: environment)
        #expect(
            configuration.users.map(\.credential) == [
                .password(Secret("one")), .password(Secret("two")), .scramVerifier(Secret("SCRAM-SHA-256$4096:x")),
            ]
        )
        #expect(configuration.pluginsDirectory == "\(directory.path)/plugins.d")
    }

    @Test func `A verifier is never taken for a password, whichever key it comes from`() throws {
        for key in ["password = \"SCRAM-SHA-256$4096:x\"", "password_env = \"HASH\""] {
            let configuration = try load("[[users]]\nname = \"a\"\n\(key)", environment: environment)
            #expect(configuration.users.first?.credential == .scramVerifier(Secret("SCRAM-SHA-256$4096:x")))
        }
    }

    @Test func `A password file that others can read is refused with the command that mends it`() throws {
        let directory = try TemporaryDirectory()
        let secret = try directory.write("s3cret", to: "secret", mode: 0o644)
        let text = "[[users]]\nname = \"a\"\npassword_file = \"\(secret)\""
        #expect(
            complaints(aboutGateway: text, environment: environment) == [
                "gateway.toml:3: users[0].password_file: \(secret) can be read by others than its owner; "
                    + "run: chmod 600 \(secret)"
            ]
        )
    }

    @Test(arguments: [
        ("", "1: users[0]: has nothing to prove its identity with; write password_file = \"…\""),
        (
            "password = \"a\"\npassword_env = \"B\"",
            "4: users[0].password_env: stands beside password; keep one of the two"
        ),
        (
            "password = \"a\"\nscram_verifier = \"SCRAM-SHA-256$4096:x\"",
            "4: users[0].scram_verifier: stands beside a password; keep one of the two"
        ),
        (
            "scram_verifier = \"md5abc\"",
            "3: users[0].scram_verifier: is not a SCRAM verifier; "
                + "write what pg_authid.rolpassword holds: \"SCRAM-SHA-256$…\""
        ),
        ("password = \"\"", "3: users[0].password: is empty; write a password"),
        ("password = \"a\\nb\"", "3: users[0].password: is more than one line; write the password alone"),
        (
            "password_env = \"MISSING\"",
            "3: users[0].password_env: the environment has no MISSING; set it, or use password_file"
        ),
        ("password_env = \"EMPTY\"", "3: users[0].password_env: EMPTY is empty; write a password"),
        (
            "password_file = \"/nonexistent/secret\"",
            "3: users[0].password_file: /nonexistent/secret cannot be opened: No such file or directory"
        ),
        (
            "password = \"a\"\nupstream_password = \"b\"",
            "1: users[0]: has a password for the upstream and no user to go with it; write upstream_user = \"…\""
        ),
        (
            "password = \"a\"\nupstream_user = \"b\"\nupstream_password_env = \"HASH\"",
            "1: users[0]: has a SCRAM verifier for the upstream, with which nobody can log in; write the password"
        ),
        (
            "password = \"a\"\ndatabases = []",
            "4: users[0].databases: is empty, so that the user could not log in; name a database, or remove the key"
        ),
        ("password = \"a\"\ndatabase = [\"x\"]", "4: users[0].database: is not a known key; write databases"),
    ])
    func `A user that could not log in, or in an unclear way, is refused`(keys: String, line: String) {
        let text = "[[users]]\nname = \"a\"\n\(keys)"
        #expect(complaints(aboutGateway: text, environment: environment) == ["gateway.toml:\(line)"])
    }

    @Test func `Two users of one name are refused`() {
        let user = "[[users]]\nname = \"a\"\npassword = \"x\"\n"
        #expect(
            complaints(aboutGateway: user + user, environment: environment) == [
                "gateway.toml:5: users[1].name: \"a\" is the name of another user too; write each user once"
            ]
        )
    }

    @Test func `An empty list of users is refused`() {
        #expect(
            complaints(aboutGateway: "users = []", environment: environment) == [
                "gateway.toml:1: users: is empty, so that nobody could log in; write [[users]], or remove the key"
            ]
        )
    }

    @Test func `Without users the upstream's URL must have a password`() throws {
        let url = "postgres://pgml@127.0.0.1/ml"
        let message = "has no password, so that nobody could log in to the gateway; write one, or [[users]]"
        #expect(
            complaints(aboutGateway: "", environment: ["DATABASE_URL": url]) == [
                "environment: DATABASE_URL: \(message)"
            ]
        )
        #expect(
            complaints(aboutGateway: "[upstream]\nurl = \"\(url)\"") == ["gateway.toml:2: upstream.url: \(message)"]
        )
        let user = "[[users]]\nname = \"a\"\npassword = \"x\""
        #expect(try load(user, environment: ["DATABASE_URL": url]).upstream.login.password == nil)
    }
}
