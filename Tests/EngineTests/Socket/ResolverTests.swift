import Testing

@testable import Engine

@Suite struct ResolverTests {
    private func resolve(_ host: String) throws -> Result<[SocketAddress], ResolutionFailure> {
        let reactor = try Reactor(index: 0)
        let resolver = try Resolver(threads: 1)
        var answer: Result<[SocketAddress], ResolutionFailure>?
        resolver.resolve(host, port: 5432, reply: reactor.expect { answer = $0 })
        while true {
            reactor.turn()
            if let answer { return answer }
        }
    }

    @Test func localhostHasItsLoopbackAddresses() throws {
        let addresses = try resolve("localhost").get()
        #expect(addresses.contains { $0.description == "127.0.0.1:5432" || $0.description == "[::1]:5432" })
        #expect(addresses.count == Set(addresses).count)
    }

    @Test func whatNeedsNoNameServerIsAnsweredWithoutOne() throws {
        #expect(try resolve("192.0.2.7").get() == [.ipv4(0xc000_0207, port: 5432)])
        #expect(try resolve("/run/postgresql/.s.PGSQL.5432").get() == [.unix(path: "/run/postgresql/.s.PGSQL.5432")])
    }

    @Test func aNameThatDoesNotExistIsAFailureThatNamesIt() throws {
        guard case .failure(let failure) = try resolve("no such name") else {
            Issue.record("a name with spaces was found")
            return
        }
        #expect(failure.description.contains("\"no such name\""))
    }
}
