import Testing

@testable import Configuration

@Suite struct TransportRuleTests {
    static let privateHosts: [UpstreamURL.Host] = [
        .unixSocket(directory: "/run"), .tcp("localhost"), .tcp("LocalHost"), .tcp("127.0.0.1"), .tcp("127.1.2.3"),
        .tcp("10.255.0.1"), .tcp("172.16.0.1"), .tcp("172.31.255.255"), .tcp("192.168.1.1"), .tcp("169.254.0.1"),
        .tcp("::1"), .tcp("fd00::1"), .tcp("fe80::1%eth0"), .tcp("::ffff:10.0.0.1"),
    ]
    static let otherHosts: [UpstreamURL.Host] = [
        .tcp("8.8.8.8"), .tcp("172.32.0.1"), .tcp("172.15.0.1"), .tcp("192.169.0.1"), .tcp("11.0.0.1"), .tcp("0.0.0.0"),
        .tcp("::"), .tcp("::2"), .tcp("2001:db8::1"), .tcp("fe00::1"), .tcp("::ffff:8.8.8.8"), .tcp("db.example.com"),
        .tcp("db.internal"), .tcp("localhost.example.com"),
        // Forms that getaddrinfo reads as addresses, some of them not the ones a reader sees.
        .tcp("010.0.0.1"), .tcp("127.1"), .tcp("0x7f.0.0.1"), .tcp("2130706433"), .tcp("10.0.0.1 "),
        .tcp("10.0.0.1.evil.com"),
    ]

    @Test(arguments: privateHosts, [nil, "allow", "prefer", "disable"])
    func `A private host is reached plainly`(host: UpstreamURL.Host, sslMode: String?) throws {
        try TransportRule.check(host: host, sslMode: sslMode)
    }

    @Test(arguments: otherHosts, [nil, "allow", "prefer"])
    func `Any other host is not, unless the operator says so`(host: UpstreamURL.Host, sslMode: String?) throws {
        let message =
            "names a host that is not known to be on a private network, and TLS to the upstream is not there yet: "
            + "passwords and data would cross the network in the clear; write a private address, "
            + "or sslmode=disable if the way there is protected otherwise"
        #expect(throws: UpstreamURL.Refusal(message: message)) {
            try TransportRule.check(host: host, sslMode: sslMode)
        }
        try TransportRule.check(host: host, sslMode: "disable")
    }

    @Test(arguments: privateHosts + otherHosts, ["require", "verify-ca", "verify-full"])
    func `TLS that is asked for and not there yet is refused`(host: UpstreamURL.Host, sslMode: String) {
        let message =
            "asks for TLS by its sslmode, and TLS to the upstream is not there yet; "
            + "write sslmode=disable if the way there is protected otherwise"
        #expect(throws: UpstreamURL.Refusal(message: message)) {
            try TransportRule.check(host: host, sslMode: sslMode)
        }
    }

    @Test(arguments: ["", "Disable", "off"])
    func `An unknown sslmode is refused`(sslMode: String) {
        #expect(throws: UpstreamURL.Refusal(message: "has an unknown sslmode; write sslmode=disable or leave it out")) {
            try TransportRule.check(host: .tcp("localhost"), sslMode: sslMode)
        }
    }

    @Test func `The rule reaches the operator with file, line and key, or the variable's name`() {
        let url = "postgres://me:s3cret@db.example.com/ml"
        let message =
            "names a host that is not known to be on a private network, and TLS to the upstream is not there yet: "
            + "passwords and data would cross the network in the clear; write a private address, "
            + "or sslmode=disable if the way there is protected otherwise"
        #expect(
            complaints(aboutGateway: "[upstream]\nurl = \"\(url)\"") == ["gateway.toml:2: upstream.url: \(message)"]
        )
        #expect(
            complaints(aboutGateway: "", environment: ["DATABASE_URL": url]) == [
                "environment: DATABASE_URL: \(message)"
            ]
        )
    }

    @Test func `Without an upstream the operator learns both ways to name one`() {
        #expect(
            complaints(aboutGateway: "") == [
                "gateway.toml: upstream.url: is missing; set DATABASE_URL, "
                    + "or write url = \"postgres://USER:PASSWORD@HOST:5432/DATABASE\""
            ]
        )
    }
}
