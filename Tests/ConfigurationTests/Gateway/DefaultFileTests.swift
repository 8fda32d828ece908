import FoundationEssentials
import Testing

@testable import Configuration

/// The annotated `gateway.toml` of the repository, and that of the image.
@Suite struct DefaultFileTests {
    private let environment = ["DATABASE_URL": "postgres://pgml:s3cret@127.0.0.1/ml"]

    @Test func `The file as it is changes no default and listens on the loopback only`() throws {
        let configuration = try load(try text(), environment: environment)
        #expect(configuration.listenAddress == "127.0.0.1")
        #expect(configuration.listenPort == 6432)
        #expect(configuration.limits == Limits())
        #expect(configuration.pool == Pool())
        #expect(!configuration.isUnrestricted)
        #expect(configuration.users.map(\.name) == ["pgml"])
    }

    @Test func `Every setting that is commented out is valid and shows the default`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("one", to: "secrets/rds")
        try directory.write("two", to: "secrets/inference")
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
        let settings = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
        let file = try directory.write(settings.joined(separator: "\n"), to: "gateway.toml")

        let configuration = try GatewayConfiguration.load(file: file, environment: [:])
        #expect(configuration.listenAddress == "127.0.0.1")
        #expect(configuration.listenPort == 6432)
        #expect(configuration.poolMode == .session)
        #expect(configuration.limits == Limits())
        // The size is that of transaction pooling: the default goes by the mode.
        var pool = Pool()
        pool.size = 20
        #expect(configuration.pool == pool)
        #expect(configuration.pluginsDirectory == "\(directory.path)/plugins.d")
        #expect(!configuration.isUnrestricted)
        #expect(configuration.users.map(\.name) == ["rds"])
        #expect(configuration.users.first?.credential == .password(Secret("one")))
        #expect(
            configuration.users.first?.upstreamLogin == UpstreamLogin(user: "inference", password: Secret("two"))
        )
        #expect(configuration.users.first?.poolMode == .transaction)
        #expect(configuration.users.first?.poolSize == 5)
    }

    @Test func `The image's file listens on every network, and is for many clients that come and go`() throws {
        let configuration = try load(try text("deploy/docker/gateway.toml"), environment: environment)
        #expect(configuration.listenAddress == "0.0.0.0")
        #expect(configuration.listenPort == 6432)
        #expect(configuration.poolMode == .transaction)
        #expect(configuration.limits == Limits())
        #expect(configuration.pool == Pool())
        #expect(configuration.pluginsDirectory == "plugins.d")
        #expect(!configuration.isUnrestricted)
        #expect(configuration.users.map(\.name) == ["pgml"])
    }

    private func text(_ file: String = "gateway.toml", _ here: String = #filePath) throws -> String {
        let root = here.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        return try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
    }
}
