import Testing

@testable import Configuration

private let noUser =
    "names no user; write postgres://USER:PASSWORD@HOST/DATABASE \(ConnectionURI.encodingHint)"

@Suite struct UpstreamURLTests {
    @Test func `All parts of a URL are read, and percent-encoding is undone`() throws {
        let url = try UpstreamURL(
            "postgresql://us%65r:p%40ss:w+rd%2F@10.0.0.1:6000/d%20b"
                + "?sslmode=prefer&connect_timeout=3&application_name=gate%3Dway&options=-c%20jit%3Doff"
        )
        #expect(url.host == .tcp("10.0.0.1"))
        #expect(url.port == 6000)
        #expect(url.login == UpstreamLogin(user: "user", password: Secret("p@ss:w+rd/")))
        #expect(url.database == "d b")
        #expect(url.connectTimeout == .seconds(3))
        #expect(url.applicationName == "gate=way")
        #expect(url.options == "-c jit=off")
        #expect(url.description == "user@10.0.0.1:6000/d b")
    }

    @Test func `Port and database have libpq's defaults`() throws {
        let url = try UpstreamURL("postgres://me@localhost")
        #expect(url.port == 5432)
        #expect(url.database == "me")
        #expect(url.login.password == nil)
        #expect(url.socketPath == nil)
    }

    @Test(arguments: [
        "postgres://me@[::1]:5433/db", "postgres://me@/db?host=::1&port=5433", "postgres://[::1]:5433/db?user=me",
        "postgres://me@%5b%3a%3a1%5d:5433/db".replacing("%5b%3a%3a1%5d", with: "[%3a%3a1]"),
    ])
    func `An IPv6 address stands in brackets or among the parameters`(text: String) throws {
        let url = try UpstreamURL(text)
        #expect(url.host == .tcp("::1"))
        #expect(url.port == 5433)
        #expect(url.description == "me@[::1]:5433/db")
    }

    @Test(arguments: [
        "postgres://me@%2Fvar%2Frun%2Fpostgresql/db", "postgres://me@/db?host=/var/run/postgresql",
        "postgres://me@:5432/db?host=%2fvar%2frun%2fpostgresql",
    ])
    func `A host that begins with a slash is the directory of a socket`(text: String) throws {
        let url = try UpstreamURL(text)
        #expect(url.host == .unixSocket(directory: "/var/run/postgresql"))
        #expect(url.socketPath == "/var/run/postgresql/.s.PGSQL.5432")
        #expect(url.database == "db")
    }

    @Test(arguments: [
        ("", "is not a URL of PostgreSQL; write postgres://USER:PASSWORD@HOST/DATABASE"),
        ("host=localhost user=me", "is not a URL of PostgreSQL; write postgres://USER:PASSWORD@HOST/DATABASE"),
        ("postgres://localhost/db", noUser),
        ("postgres://me:se/cret@localhost/", noUser),
        ("postgres://me@/db", "names no host; write postgres://USER:PASSWORD@HOST/DATABASE"),
        ("postgres://me@a,b/db", "names several hosts, which is not there yet; write one"),
        ("postgres://me@/db?host=a,b", "names several hosts, which is not there yet; write one"),
        ("postgres://me@a/db?host=b", "names host twice; write it once"),
        (
            "postgres://me@localhost/?sslmode=disable&sslmode=prefer",
            "names sslmode twice; write it once"
        ),
        (
            "postgres://me@localhost/?target_session_attrs=any",
            "has the parameter target_session_attrs, which is not known here; "
                + "known are application_name, connect_timeout, host, options and sslmode"
        ),
        ("postgres://me@localhost:0/", "has no port from 1 to 65535 \(ConnectionURI.encodingHint)"),
        ("postgres://me@localhost:65536/", "has no port from 1 to 65535 \(ConnectionURI.encodingHint)"),
        ("postgres://me:1/2?se=cret@h/", "has a parameter that is not known here \(ConnectionURI.encodingHint)"),
        ("postgres://me@localhost/?a", "has a parameter that is not NAME=VALUE \(ConnectionURI.encodingHint)"),
        ("postgres://me@localhost/?", "has a parameter that is not NAME=VALUE \(ConnectionURI.encodingHint)"),
        (
            "postgres://me:5%zz@localhost/",
            "has a % without two hexadecimal digits after it; write a percent sign as %25"
        ),
        (
            "postgres://me:5%00@localhost/",
            "has a % without two hexadecimal digits after it; write a percent sign as %25"
        ),
        ("postgres://me:5%ff@localhost/", "is not UTF-8 once its percent-encoding is undone"),
        ("postgres://me@[::1/", "has an IPv6 address that is not in brackets of its own; write [::1]:5432"),
        ("postgres://me@[::1]x/", "has an IPv6 address that is not in brackets of its own; write [::1]:5432"),
        (
            "postgres://me@localhost/?connect_timeout=0",
            "has a connect_timeout that is not from 1 to 600; write it in seconds"
        ),
        (
            "postgres://me@/?host=/" + String(repeating: "d", count: 93),
            "names a socket directory that is too long; choose a shorter one"
        ),
    ])
    func `A URL is refused with what to write, and without a piece of its password`(text: String, message: String) {
        #expect(throws: UpstreamURL.Refusal(message: message)) { try UpstreamURL(text) }
        #expect(!message.contains("cret"))
    }
}
