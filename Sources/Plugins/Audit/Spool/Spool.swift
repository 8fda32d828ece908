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
    private var buffer: [UInt8] = []
    private var written = 0
    /// `{"v":1,"stream":"…","seq":`
    private var prefix: [UInt8] = []
    private var stream = ""
    private var sequence = 0
    private var digest = ChainKey.zeros
    private var timeText: [UInt8] = []
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
        timeText = WallClock.text(time)
        if unsafe mkdir(settings.directory, 0o750) != 0, errno != EEXIST {
            throw LogFailure("\(settings.directory) cannot be made", code: errno)
        }
        lock = try LogFile.open("\(settings.directory)/lock", O_RDWR | O_CREAT)
        do {
            guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
                throw Self.inUse(settings.directory)
            }
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
        let directory = settings.directory
        let parent = directory.lastIndex(of: "/").map { $0 == directory.startIndex ? "/" : String(directory[..<$0]) }
        guard unsafe access(directory, F_OK) == 0 else {
            guard unsafe access(parent ?? ".", W_OK | X_OK) == 0 else {
                throw LogFailure("\(directory) is not there and cannot be made", code: errno)
            }
            return
        }
        guard unsafe access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw LogFailure("\(directory) cannot be written to", code: errno)
        }
        try checkKey(try head("\(directory)/head.json"), settings)
    }

    private static func inUse(_ directory: String) -> LogFailure {
        LogFailure("\(directory) is in use by another gateway; give each a directory of its own")
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
        var members: [UInt8] = []
        members +=
            ",\"reason\":\"\(reason)\",\"key\":\"\(settings.key.name)\",\"previous\":{\"number\":\(sequence),\"digest\":\""
            .utf8
        members.append(hexadecimal: digest)
        members += "\"}".utf8
        if torn > 0 { members += ",\"torn\":\(torn)".utf8 }
        try append("open") { $0 += members }
        try flush()
        try writeHead()
    }

    // MARK: Recording

    /// The time that the records to come will have.
    func tick() {
        time = WallClock.now
        timeText = WallClock.text(time)
    }

    /// Encodes one record: the members after `type`, each after a comma.
    func append(_ type: StaticString, _ members: (inout [UInt8]) -> Void) throws {
        let start = buffer.count
        sequence += 1
        buffer += prefix
        buffer.append(decimal: sequence)
        buffer.append(",\"time\":\"")
        buffer += timeText
        buffer.append("\",\"type\":\"")
        buffer.append(type)
        buffer.append(UInt8(ascii: "\""))
        members(&buffer)
        digest = try settings.key.digest(after: digest, buffer[start...])
        buffer.append(",\"mac\":\"")
        buffer.append(hexadecimal: digest)
        buffer.append("\"}\n")
    }

    /// Writes what was encoded. On an error what is left is kept: call it again.
    func flush() throws(LogFailure) {
        guard pendingBytes > 0 else { return }
        let (count, code) = LogFile.write(buffer[written...], to: descriptor)
        written += count
        size += count
        guard written == buffer.count else { throw LogFailure("\(path) cannot be written", code: code) }
        buffer.removeAll(keepingCapacity: buffer.count < 1 << 20)
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
            lastLook = time.tv_sec
            if !LogFile.leads(path, to: descriptor) { return try change("moved") }
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
            bytes.append(decimal: start)
        }
        try flush()
        try sync()
        try writeHead()
        lastCheckpoint = time.tv_sec
        sequenceOfCheckpoint = sequence
    }

    private func writeHead() throws {
        var line: [UInt8] = prefix
        line.append(decimal: sequence)
        line.append(",\"time\":\"")
        line += timeText
        line += "\",\"type\":\"head\",\"key\":\"\(settings.key.name)\",\"last\":\"".utf8
        line.append(hexadecimal: digest)
        line.append(UInt8(ascii: "\""))
        let own = try settings.key.digest(after: ChainKey.zeros, line[...])
        line.append(",\"mac\":\"")
        line.append(hexadecimal: own)
        line.append("\"}\n")
        try LogFile.replace(headPath, with: line)
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
