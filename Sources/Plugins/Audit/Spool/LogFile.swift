import Glibc

/// Why a file of the log cannot be used.
package struct LogFailure: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String
    let code: Int32

    init(_ description: String, code: Int32 = 0) {
        self.code = code
        self.description = code == 0 ? description : "\(description): \(Self.reason(code))"
    }

    static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}

/// The system calls that the log makes.
enum LogFile {
    static func open(_ path: String, _ flags: Int32) throws(LogFailure) -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogFailure("\(path) cannot be opened", code: errno) }
        return descriptor
    }

    /// Writes as much as can be written, and answers how much that was.
    static func write(_ bytes: RawSpan, to descriptor: Int32) -> (count: Int, code: Int32) {
        var done = 0
        while done < bytes.byteCount {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (done, errno) }
            done += count
        }
        return (done, 0)
    }

    static func size(_ descriptor: Int32) -> Int {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether `path` leads to the file that is open.
    static func leads(_ path: String, to descriptor: Int32) -> Bool {
        var (there, here) = (stat(), stat())
        guard unsafe stat(path, &there) == 0, unsafe fstat(descriptor, &here) == 0 else { return false }
        return there.st_ino == here.st_ino && there.st_dev == here.st_dev
    }

    static func read(_ descriptor: Int32, _ range: Range<Int>) throws(LogFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < range.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + done },
                    buffer.count - done,
                    range.lowerBound + done
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LogFailure("a file of the log cannot be read", code: errno) }
            if count == 0 { return Array(bytes.prefix(done)) }
            done += count
        }
        return bytes
    }

    /// All of a file; nil where there is none.
    static func contents(_ path: String) throws(LogFailure) -> [UInt8]? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw LogFailure("\(path) cannot be opened", code: errno) }
        defer { close(descriptor) }
        return try read(descriptor, 0..<size(descriptor))
    }

    /// Replaces a small file, so that there is always one, old or new.
    static func replace(_ path: String, with bytes: [UInt8]) throws(LogFailure) {
        let next = "\(path).new"
        let descriptor = try open(next, O_WRONLY | O_CREAT | O_TRUNC)
        let (count, code) = unsafe write(bytes.span.bytes, to: descriptor)
        let isDone = count == bytes.count && fdatasync(descriptor) == 0
        close(descriptor)
        guard isDone, unsafe rename(next, path) == 0 else {
            throw LogFailure("\(path) cannot be written", code: code == 0 ? errno : code)
        }
    }
}
