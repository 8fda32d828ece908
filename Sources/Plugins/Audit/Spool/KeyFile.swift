import Glibc

/// The file that a chain's key is in: all of it, but for white space at its end.
package enum KeyFile {
    /// The fewest bytes of a key.
    package static let shortest = 16

    /// Reads a key that nobody but its owner can read.
    package static func read(_ path: String) throws(LogFailure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LogFailure("\(path) cannot be opened", code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw LogFailure("\(path) is not a file")
        }
        guard status.st_mode & (status.st_uid == 0 ? 0o037 : 0o077) == 0 else {
            throw LogFailure("\(path) can be read by others than its owner; run: chmod 600 \(path)")
        }
        var bytes = try LogFile.read(descriptor, 0..<min(Int(status.st_size), 64 << 10))
        while let last = bytes.last, last == 0x20 || (9...13).contains(last) { bytes.removeLast() }
        guard bytes.count >= shortest else {
            throw LogFailure("\(path) holds fewer than \(shortest) bytes; make one: openssl rand -hex 32")
        }
        return bytes
    }
}
