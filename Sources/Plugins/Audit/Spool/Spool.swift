import Cryptography
import Glibc

/// The log's files: `audit.jsonl`, those that rotation has put aside, and `head.json`, which says how far the log goes.
///
/// Used by the writer alone.
final class Spool {
    private let settings: LogSettings
    private let path: String
    private let headPath: String
    private var descriptor: Int32 = -1
    private let lock: Int32
    private var size = 0
    private var begun: Int
    /// Encoded and not yet written.
    private var buffer = ByteBuffer(capacity: 64 << 10)
    private var written = 0
    private let chain: MessageDigest
    /// `{"v":1,"stream":"…","seq":`
    private var prefix: [UInt8] = []
    private var stream = ""
    private var sequence = 0
    private var digest = ChainKey.zeros
    /// `,"time":"…","type":"`
    private var timeMember: [UInt8] = []
    /// What makes the numbers of sessions the log's own: the number of this process's first record, and a hyphen.
    private var startPrefix: [UInt8] = []
    private var time = timespec()
    private var lastCheckpoint: Int
    private var sequenceOfCheckpoint = 0
    private var lastLook: Int
    private var start = 0

    /// Opens the log, and goes on where it ended.
    init(_ settings: LogSettings) throws {
        self.settings = settings
        path = "\(settings.directory)/audit.jsonl"
        headPath = "\(settings.directory)/head.json"
        time = WallClock.now
        (begun, lastCheckpoint, lastLook) = (time.tv_sec, time.tv_sec, time.tv_sec)
        chain = try settings.key.chain()
        timeMember = Self.timeMember(time)
        if unsafe mkdir(settings.directory, 0o750) != 0, errno != EEXIST {
            throw LogDirectory.failure(settings.directory, "cannot be made", errno)
        }
        lock = try LogDirectory.lock(settings.directory)
        do {
            try goOn()
        } catch {
            close(lock)
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
    }

    deinit {
        close(lock)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether the log could be opened, as far as that can be told without making anything.
    static func check(_ settings: LogSettings) throws {
        guard try LogDirectory.check(settings.directory) else { return }
        try checkKey(try head("\(settings.directory)/head.json"), settings)
    }

    private static func checkKey(_ head: Place?, _ settings: LogSettings) throws {
        guard let head, head.keyName != settings.key.name else { return }
        throw LogFailure(
            "\(settings.directory) was written under another key (\(head.keyName)); name another directory"
        )
    }

    /// How many bytes wait to be written.
    var pendingBytes: Int { buffer.count - written }
    /// Whether something was recorded since the last checkpoint.
    var isUnchecked: Bool { sequence > sequenceOfCheckpoint }
    /// Seconds until the next checkpoint is due.
    var secondsToCheckpoint: Int { max(0, lastCheckpoint + settings.checkpointSeconds - time.tv_sec) }

    // MARK: Opening

    private func goOn() throws {
        let head = try Self.head(headPath)
        descriptor = try LogFile.open(path, O_RDWR | O_APPEND | O_CREAT)
        size = LogFile.size(descriptor)
        var (last, torn) = try lastLine()
        if let head, last.map({ $0.sequence < head.sequence }) ?? true {
            // Rotated just before the end, or cut off since: then the gap shows.
            last = head
        }
        try Self.checkKey(head, settings)
        if let last {
            stream = last.stream
            sequence = last.sequence
            digest = last.digest
        } else {
            stream = String(decoding: Hexadecimal.encode(try SecureRandom.bytes(8)), as: UTF8.self)
        }
        prefix = Array("{\"v\":1,\"stream\":\"\(stream)\",\"seq\":".utf8)
        if torn > 0 {
            guard ftruncate(descriptor, size - torn) == 0 else {
                throw LogFailure("\(path) ends within a line, which cannot be removed", code: errno)
            }
            size -= torn
        }
        sequenceOfCheckpoint = sequence
        start = sequence + 1
        startPrefix = Array("\(start)-".utf8)
        try open(last == nil ? "new" : "restart", torn: torn)
    }

    private struct Place {
        let stream: String
        let sequence: Int
        let digest: [UInt8]
        var keyName = ""
    }

    private static func head(_ path: String) throws -> Place? {
        guard let bytes = try LogFile.contents(path) else { return nil }
        guard let line = Line(bytes[...].prefix { $0 != UInt8(ascii: "\n") }), line.type == "head",
            let last = line.value(of: "last").flatMap({ Line.bytes(hexadecimal: $0.utf8) }),
            let key = line.value(of: "key")
        else { throw LogFailure("\(path) is not what a gateway has written; put it back, or name another directory") }
        return Place(
            stream: String(decoding: line.stream, as: UTF8.self),
            sequence: line.sequence,
            digest: last,
            keyName: key
        )
    }

    /// The last whole line of the file, and how many bytes follow it.
    private func lastLine() throws -> (Place?, torn: Int) {
        var window = 64 << 10
        while size > 0 {
            let tail = try LogFile.read(descriptor, max(0, size - window)..<size)
            let end = tail.lastIndex(of: UInt8(ascii: "\n"))
            if let end, let before = tail[..<end].lastIndex(of: UInt8(ascii: "\n")) ?? (tail.count == size ? -1 : nil) {
                guard let line = Line(tail[(before + 1)..<end]) else {
                    throw LogFailure("\(path) does not end with a record; move it away, and keep it")
                }
                let place = Place(
                    stream: String(decoding: line.stream, as: UTF8.self),
                    sequence: line.sequence,
                    digest: line.digest
                )
                return (place, tail.count - end - 1)
            }
            if tail.count == size { return (nil, size) }
            window *= 4
        }
        return (nil, 0)
    }

    private func open(_ reason: String, torn: Int = 0) throws {
        let previous = Hexadecimal.encode(digest)
        try append("open") { bytes in
            bytes.append(text: ",\"reason\":\"\(reason)\",\"key\":\"\(settings.key.name)\"")
            bytes.append(text: ",\"previous\":{\"number\":\(sequence),\"digest\":\"")
            bytes.append(previous)
            bytes.append("\"}")
            if torn > 0 { bytes.append(text: ",\"torn\":\(torn)") }
        }
        try flush()
        try writeHead()
    }

    // MARK: Recording

    /// The time that the records to come will have.
    func tick() {
        time = WallClock.now
        timeMember = Self.timeMember(time)
    }

    private static func timeMember(_ time: timespec) -> [UInt8] {
        Array(",\"time\":\"".utf8) + WallClock.text(time) + "\",\"type\":\"".utf8
    }

    /// Encodes what a reactor has told.
    func append(_ entry: borrowing Entry) throws {
        let offset = begin(entry.type)
        entry.append(to: &buffer, start: startPrefix)
        try end(from: offset)
    }

    /// Encodes one record: the members after `type`, each after a comma.
    private func append(_ type: StaticString, _ members: (inout ByteBuffer) -> Void) throws {
        let offset = begin(type)
        members(&buffer)
        try end(from: offset)
    }

    /// So many records are missing here.
    func append(lost count: Int) throws {
        try append("lost") { bytes in
            bytes.append(",\"count\":")
            bytes.append(decimal: UInt64(count))
        }
    }

    private func begin(_ type: StaticString) -> Int {
        let offset = buffer.count
        buffer.append(prefix)
        buffer.append(decimal: UInt64(sequence + 1))
        buffer.append(timeMember)
        buffer.append(type)
        buffer.append(UInt8(ascii: "\""))
        return offset
    }

    /// Chains the record to the one before it. Where that fails there is no such record.
    private func end(from offset: Int) throws {
        do {
            try buffer.withBytes(from: offset) { try chain.link(&digest, $0) }
        } catch {
            buffer.truncate(to: offset)
            throw error
        }
        sequence += 1
        buffer.append(",\"mac\":\"")
        buffer.append(hexadecimal: digest)
        buffer.append("\"}\n")
    }

    /// Writes what was encoded. On an error what is left is kept: call it again.
    func flush() throws(LogFailure) {
        guard pendingBytes > 0 else { return }
        let (count, code) = buffer.withBytes(from: written) { LogFile.write($0, to: descriptor) }
        written += count
        size += count
        guard written == buffer.count else { throw LogFailure("\(path) cannot be written", code: code) }
        buffer.removeAll(keeping: 1 << 20)
        written = 0
    }

    /// What was written is on disk.
    func sync() throws(LogFailure) {
        guard fdatasync(descriptor) == 0 else { throw LogFailure("\(path) cannot be written", code: errno) }
    }

    // MARK: Checkpoints and files

    /// Does what is due: a checkpoint, another file.
    func keepUp() throws {
        if time.tv_sec != lastLook {
            if !LogFile.leads(path, to: descriptor) { try change("moved") }
            // Behind it: what has failed is tried again, not passed over.
            lastLook = time.tv_sec
        }
        if size >= settings.rotateBytes || (settings.rotateSeconds > 0 && time.tv_sec - begun >= settings.rotateSeconds)
        {
            return try change("rotation")
        }
        if isUnchecked,
            sequence - sequenceOfCheckpoint >= settings.checkpointRecords || secondsToCheckpoint == 0
        {
            try checkpoint("interval")
        }
    }

    /// Says how far the log goes, in the log and beside it, both on disk.
    func checkpoint(_ reason: StaticString) throws {
        try append("checkpoint") { bytes in
            bytes.append(",\"reason\":\"")
            bytes.append(reason)
            bytes.append("\",\"since\":")
            bytes.append(decimal: UInt64(start))
        }
        try flush()
        try sync()
        try writeHead()
        lastCheckpoint = time.tv_sec
        sequenceOfCheckpoint = sequence
    }

    private func writeHead() throws {
        var line = ByteBuffer()
        line.append(prefix)
        line.append(decimal: UInt64(sequence))
        line.append(timeMember)
        line.append(text: "head\",\"key\":\"\(settings.key.name)\",\"last\":\"")
        line.append(hexadecimal: digest)
        line.append(UInt8(ascii: "\""))
        var own = ChainKey.zeros
        try line.withBytes { try chain.link(&own, $0) }
        line.append(",\"mac\":\"")
        line.append(hexadecimal: own)
        line.append("\"}\n")
        try LogFile.replace(headPath, with: line.array)
    }

    private func change(_ reason: StaticString) throws {
        try checkpoint(reason)
        if LogFile.leads(path, to: descriptor) {
            let aside = "\(settings.directory)/audit-\(WallClock.name(time))-\(sequence).jsonl"
            guard unsafe rename(path, aside) == 0 else { throw LogFailure("\(path) cannot be renamed", code: errno) }
        }
        let next = try LogFile.open(path, O_RDWR | O_APPEND | O_CREAT)
        close(descriptor)
        descriptor = next
        size = LogFile.size(next)
        begun = time.tv_sec
        try open("\(reason)")
    }
}
