/// Where PostgresML is and how to log in to it: a URL as libpq reads them
/// (PostgreSQL's documentation, "Connection URIs"; `conninfo_uri_parse` in `fe-connect.c`).
///
/// Left out on purpose: several hosts, and parameters that would ask for something this gateway does not do.
package struct UpstreamURL: Sendable, Hashable {
    /// How the server is reached.
    package enum Host: Sendable, Hashable {
        /// A name or a numeric address.
        case tcp(String)
        /// The directory that the server's socket is in.
        case unixSocket(directory: String)
    }

    package let host: Host
    package let port: UInt16
    package let login: UpstreamLogin
    /// The user's name unless the URL names one.
    package let database: String
    package let connectTimeout: Duration?
    package let applicationName: String?
    /// Command-line options for the server, as libpq's `options`.
    package let options: String?

    /// Why a URL is refused: what is wrong and what to write instead. Never repeats the URL: it holds a password.
    package struct Refusal: Error, Sendable, Hashable {
        package let message: String

        static let missing = Refusal(
            message: "is missing; set DATABASE_URL, or write url = \"postgres://USER:PASSWORD@HOST:5432/DATABASE\""
        )
        static let withoutPassword = Refusal(
            message: "has no password, so that nobody could log in to the gateway; write one, or [[users]]"
        )
    }

    /// Reads a URL and refuses one that would cross a public network in the clear.
    package init(_ text: String) throws(Refusal) {
        var values = try ConnectionURI(text).values
        guard let user = values.removeValue(forKey: "user") else {
            let form = "postgres://USER:PASSWORD@HOST/DATABASE"
            throw Refusal(message: "names no user; write \(form) \(ConnectionURI.encodingHint)")
        }
        login = UpstreamLogin(user: user, password: values.removeValue(forKey: "password").map { Secret($0) })
        database = values.removeValue(forKey: "dbname") ?? user
        port = try Self.port(values.removeValue(forKey: "port"))
        host = try Self.host(values.removeValue(forKey: "host"), port: port)
        connectTimeout = try Self.seconds(values.removeValue(forKey: "connect_timeout"))
        applicationName = values.removeValue(forKey: "application_name")
        options = values.removeValue(forKey: "options")
        try TransportRule.check(host: host, sslMode: values.removeValue(forKey: "sslmode"))
        precondition(values.isEmpty, "ConnectionURI lets a parameter through that nobody reads")
    }

    /// The socket to connect to; nil for TCP.
    package var socketPath: String? {
        if case .unixSocket(let directory) = host { "\(directory)/.s.PGSQL.\(port)" } else { nil }
    }

    /// The gateway's one user when the file names none: whoever knows the upstream's password. nil without one.
    var ownUser: GatewayUser? {
        login.password.map {
            GatewayUser(
                name: login.user,
                credential: Credential($0),
                upstreamLogin: nil,
                databases: nil,
                poolMode: nil,
                poolSize: nil
            )
        }
    }

    private static func port(_ text: String?) throws(Refusal) -> UInt16 {
        guard let text else { return 5432 }
        let isNumber = text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard isNumber, let port = UInt16(text), port > 0 else {
            throw Refusal(message: "has no port from 1 to 65535 \(ConnectionURI.encodingHint)")
        }
        return port
    }

    private static func host(_ text: String?, port: UInt16) throws(Refusal) -> Host {
        guard let text else {
            throw Refusal(message: "names no host; write postgres://USER:PASSWORD@HOST/DATABASE")
        }
        if text.contains(",") {
            throw Refusal(message: "names several hosts, which is not there yet; write one")
        }
        guard text.hasPrefix("/") else { return .tcp(text) }
        // `sockaddr_un` has room for 107 bytes and a NUL.
        if "\(text)/.s.PGSQL.\(port)".utf8.count > 107 {
            throw Refusal(message: "names a socket directory that is too long; choose a shorter one")
        }
        return .unixSocket(directory: text)
    }

    private static func seconds(_ text: String?) throws(Refusal) -> Duration? {
        guard let text else { return nil }
        guard let seconds = Int(text), (1...600).contains(seconds) else {
            throw Refusal(message: "has a connect_timeout that is not from 1 to 600; write it in seconds")
        }
        return .seconds(seconds)
    }
}

extension UpstreamURL: CustomStringConvertible {
    /// Everything but the password.
    package var description: String {
        switch host {
        case .tcp(let name): "\(login.user)@\(name.contains(":") ? "[\(name)]" : name):\(port)/\(database)"
        case .unixSocket(let directory): "\(login.user)@\(directory):\(port)/\(database)"
        }
    }
}
