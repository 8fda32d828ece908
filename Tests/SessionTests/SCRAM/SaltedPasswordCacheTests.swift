import Testing

@testable import Session

@Suite struct SaltedPasswordCacheTests {
    private func fill(_ cache: SaltedPasswordCache, _ salt: UInt8, password: String = "pencil") throws -> [UInt8] {
        try cache.saltedPassword(user: "app", password: password, salt: [salt], iterations: 1)
    }

    private func isKnown(_ cache: SaltedPasswordCache, _ salt: UInt8, password: String = "pencil") throws -> Bool {
        try cache.known(user: "app", password: password, salt: [salt], iterations: 1) != nil
    }

    @Test func whatWasWorkedOutIsKnown() throws {
        let cache = SaltedPasswordCache(capacity: 4)
        #expect(try !isKnown(cache, 1))
        let value = try fill(cache, 1)
        #expect(try value == SCRAMKeys.saltedPassword("pencil", salt: [1], iterations: 1))
        #expect(try cache.known(user: "app", password: "pencil", salt: [1], iterations: 1) == value)
        #expect(try fill(cache, 1) == value)
        #expect(cache.count == 1)
    }

    @Test func userSaltIterationsAndPasswordAreAllTheKey() throws {
        let cache = SaltedPasswordCache(capacity: 4)
        _ = try fill(cache, 1)
        #expect(try !isKnown(cache, 2))
        #expect(try !isKnown(cache, 1, password: "pencil2"))
        #expect(try cache.known(user: "other", password: "pencil", salt: [1], iterations: 1) == nil)
        #expect(try cache.known(user: "app", password: "pencil", salt: [1], iterations: 2) == nil)
    }

    @Test func theOldestGoesWhenItIsFull() throws {
        let cache = SaltedPasswordCache(capacity: 2)
        for salt in 1...3 as ClosedRange<UInt8> { _ = try fill(cache, salt) }
        #expect(cache.count == 2)
        #expect(try !isKnown(cache, 1))
        #expect(try isKnown(cache, 2))
        #expect(try isKnown(cache, 3))
    }

    @Test func manyTasksMayUseItAtOnce() async throws {
        let cache = SaltedPasswordCache(capacity: 3)
        try await withThrowingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    let salt = UInt8(index % 5)
                    let value = try cache.saltedPassword(user: "app", password: "p", salt: [salt], iterations: 1)
                    #expect(try value == SCRAMKeys.saltedPassword("p", salt: [salt], iterations: 1))
                }
            }
            try await group.waitForAll()
        }
        #expect(cache.count == 3)
    }
}
