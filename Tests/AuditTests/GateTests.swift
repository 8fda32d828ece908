import FoundationEssentials
import Glibc
import PluginAPI
import PostgresWire
import Synchronization
import Testing

@testable import Audit

@Suite("The audit gate")
struct GateTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("guarantee = \"before\": what waits may run once its intent is in the file, and its outcome names the intent")
    func before() throws {
        let desk = try Desk(folder, "guarantee = \"before\"")
        let statements = try Desk.statements("SELECT 1; SELECT 2")
        let notes = AdmissionNotes()
        guard case .pending(let pending) = desk.gate.admit(desk.event(statements, notes)) else {
            Issue.record("nothing is waited for")
            return
        }
        let inFile = Mutex<[String]>([])
        let decided = DispatchPoint()
        let folder = folder.path
        pending.whenDecided {
            let text = (try? String(contentsOfFile: "\(folder)/audit.jsonl", encoding: .utf8)) ?? ""
            inFile.withLock { $0 = text.split(separator: "\n").map(String.init) }
            decided.reach()
        }
        decided.wait()
        let intents = inFile.withLock { $0 }.filter { $0.contains("\"type\":\"intent\"") }
        #expect(intents.count == 2)
        #expect(intents.allSatisfy { $0.contains("\"intent\":\"1-0-1\"") })
        guard case .forward = pending.decision else {
            Issue.record("refused")
            return
        }
        desk.tell(statements[0], .aborted, notes, place: (0, 2))
        desk.audit.finish()
        #expect(
            try self.folder.lines().contains {
                $0.contains("\"verdict\":\"aborted\"") && $0.contains("\"intent\":\"1-0-1\"")
            }
        )
    }

    @Test("A ring without room keeps what was admitted before beside it, and counts what was refused")
    func full() throws {
        let waker = try #require(Waker())
        let ring = Ring(number: 0, capacity: 64, waker: waker)
        let identity = IdentityFragment(Desk.session, ring: 0)
        for _ in 0..<64 { ring.push(Entry(.aborted, session: 1, identity: identity), mayBeLost: false) }
        #expect(!ring.hasRoom(for: 1))
        // What was admitted before is kept beside the ring; what was refused only as far as that goes.
        for session in 2..<200 {
            ring.push(Entry(.cancelled, session: session, identity: identity), mayBeLost: false)
        }
        for _ in 0..<10 { ring.push(Entry(.sessionBegan, session: 3, identity: identity), mayBeLost: true) }
        #expect(ring.takeOverflow().isEmpty, "the slots come first")
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try ring.drain(8) { _ in throw Refused() }
        }
        var sessions: [Int] = []
        #expect(ring.drain(60) { sessions.append($0.session) } == 60)
        #expect(ring.drain(60) { sessions.append($0.session) } == 4)
        #expect(sessions == Array(repeating: 1, count: 64), "what was not taken stays, and comes first")
        #expect(ring.drain(1) { _ in } == 0)
        #expect(ring.takeOverflow().map { $0.entry.session } == Array(2..<200))
        #expect(ring.takeLost() == 10)
        #expect(ring.hasRoom(for: 64) && !ring.hasRoom(for: 65))
    }

    @Test("A ring gives back what it was given, in order, whichever slots it uses, with a writer at work all the while")
    func reused() throws {
        let ring = Ring(number: 0, capacity: 1024, waker: try #require(Waker()))
        let identity = IdentityFragment(Desk.session, ring: 0)
        let count = 300_000
        let isWrong = Atomic<Bool>(false)
        let writer = Thread {
            var next = 0
            while next < count {
                _ = ring.drain(100) { entry in
                    if entry.session != next { isWrong.store(true, ordering: .relaxed) }
                    next += 1
                }
                // Empty now and then, as after a nap.
                if next % 7 == 0 { usleep(20) }
            }
        }
        for session in 0..<count {
            while !ring.hasRoom(for: 1) { usleep(10) }
            ring.push(Entry(.aborted, session: session, identity: identity), mayBeLost: false)
            if session % 5000 == 0 { usleep(2000) }
        }
        writer.join()
        #expect(!isWrong.load(ordering: .relaxed) && ring.isEmpty)
    }

    @Test("What there is no room for is refused with 53400; with on_full = \"drop\" it may pass")
    func noRoom() throws {
        let query = Array(repeating: "SELECT 1", count: 65).joined(separator: ";")
        let statements = try Desk.statements(query)
        let desk = try Desk(folder, "ring = 64")
        guard case .deny(let denial) = desk.gate.admit(desk.event(statements, AdmissionNotes())) else {
            Issue.record("let pass")
            return
        }
        #expect(denial.sqlState == .configurationLimitExceeded && denial.hint.contains("raise ring"))
        let dropping = try Desk(folder, "ring = 64\non_full = \"drop\"")
        guard case .forward = dropping.gate.admit(dropping.event(statements, AdmissionNotes())) else {
            Issue.record("refused")
            return
        }
        guard case .forward = desk.gate.admit(desk.event([statements[0]], AdmissionNotes())) else {
            Issue.record("refused")
            return
        }
        desk.audit.finish()
    }

    @Test("A log that cannot be written refuses with 58030, and goes on when it can")
    func broken() throws {
        // A directory stands where the file has to be.
        try FileManager.default.createDirectory(atPath: "\(folder.path)/audit.jsonl", withIntermediateDirectories: true)
        let desk = try Desk(folder)
        let statements = try Desk.statements("SELECT 1")
        var denial: Denial?
        for _ in 0..<2000 where denial == nil {
            if case .deny(let found) = desk.gate.admit(desk.event(statements, AdmissionNotes())) { denial = found }
            usleep(1000)
        }
        #expect(denial?.sqlState == SQLState(rawValue: "58030"))
        #expect(denial?.hint.contains("audit.jsonl cannot be opened: Is a directory") == true, "\(denial?.hint ?? "")")
        let dropping = try Desk(folder, "on_full = \"drop\"")
        guard case .forward = dropping.gate.admit(dropping.event(statements, AdmissionNotes())) else {
            Issue.record("refused")
            return
        }
        desk.tell(statements[0], .aborted)
        try FileManager.default.removeItem(atPath: "\(folder.path)/audit.jsonl")
        for _ in 0..<3000 where desk.audit.log.writer.isFailing { usleep(1000) }
        guard case .forward = desk.gate.admit(desk.event(statements, AdmissionNotes())) else {
            Issue.record("still refused")
            return
        }
        desk.audit.finish()
        #expect(try folder.lines().contains { $0.contains("\"verdict\":\"aborted\"") })
    }

    @Test(
        "An intent that cannot be brought to disk is refused, or forwarded with on_full = \"drop\"",
        arguments: ["deny", "drop"]
    )
    func brokenIntent(onFull: String) throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/audit.jsonl", withIntermediateDirectories: true)
        let desk = try Desk(folder, "guarantee = \"before\"\non_full = \"\(onFull)\"")
        let statements = try Desk.statements("SELECT 1")
        var isRefused = false
        switch desk.gate.admit(desk.event(statements, AdmissionNotes())) {
        case .forward: break
        case .deny: isRefused = true
        case .delay: Issue.record("delayed")
        case .pending(let pending):
            for _ in 0..<5000 where pending.decision == nil { usleep(1000) }
            #expect(pending.decision != nil)
            if case .deny? = pending.decision { isRefused = true }
        }
        #expect(isRefused == (onFull == "deny"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/audit.jsonl")
        for _ in 0..<3000 where desk.audit.log.writer.isFailing { usleep(1000) }
        desk.audit.finish()
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/audit.jsonl"))
    }

    @Test("Entries of several threads are all recorded, those of each in its order")
    func threads() throws {
        let audit = try Desk.audit(folder, "ring = 64")
        let count = 20_000
        let threads = (1...3).map { session in
            ThreadHandle {
                let observer = audit.observer(of: Desk.session)
                for _ in 0..<count {
                    observer.sessionBegan(SessionEvent(session: Desk.session, sessionNumber: session, error: nil))
                }
            }
        }
        for thread in threads { thread.join() }
        audit.finish()
        let lines = try folder.lines()
        #expect(lines.count { $0.contains("\"event\":\"begin\"") } == 3 * count)
        let report = try LogVerifier.verify(folder.files, head: "\(folder.path)/head.json", key: nil)
        #expect(report.findings == [])
    }
}

/// Waited for by one thread, reached by another.
private final class DispatchPoint: Sendable {
    private let isReached = Atomic<Bool>(false)

    func reach() { isReached.store(true, ordering: .releasing) }

    func wait() {
        for _ in 0..<5000 where !isReached.load(ordering: .acquiring) { usleep(1000) }
    }
}

/// A thread of the operating system.
private struct ThreadHandle {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t

    init(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
        unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}

/// A thread that can be waited for.
private final class Thread: @unchecked Sendable {
    private var thread = pthread_t()
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        _ = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Thread>.fromOpaque(context).takeRetainedValue().body()
                }
                return nil
            },
            context
        )
    }

    func join() { _ = pthread_join(thread, nil) }
}
