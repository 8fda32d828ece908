import Glibc

/// Reads a file that decides about security, and refuses it when others could have changed or read it.
///
/// The file is opened once and asked about through its descriptor, so that what was checked is what is read.
enum TextFile {
    /// What the file is for, and so who may do what with it.
    enum Purpose {
        /// Nobody but the owner may write to it.
        case settings
        /// Nobody but the owner may read it either. Root's files may be readable by their group, as PostgreSQL has it
        /// for its key file: that is how an orchestrator hands a mounted secret to a process that is not root.
        case secret

        /// What to tell the operator about a file with this mode; nil when the mode will do.
        func complaint(mode: UInt32, ownedByRoot: Bool, path: String) -> String? {
            switch self {
            case .settings:
                mode & 0o022 == 0 ? nil : "can be changed by others than its owner; run: chmod go-w \(path)"
            case .secret:
                mode & (ownedByRoot ? 0o037 : 0o077) == 0
                    ? nil : "can be read by others than its owner; run: chmod 600 \(path)"
            }
        }
    }

    /// Why a file is not read: what is wrong and what to do.
    struct Refusal: Error {
        let message: String
    }

    /// Larger than any file an operator writes, small enough to be read at once.
    private static let maximumSize = 1 << 20

    static func read(_ path: String, as purpose: Purpose) throws(Refusal) -> String {
        // Without O_NONBLOCK, opening a FIFO would wait for its writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(message: "cannot be opened: \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Refusal(message: "cannot be read: \(reason())") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal(message: "is not a file") }
        if let complaint = purpose.complaint(mode: status.st_mode, ownedByRoot: status.st_uid == 0, path: path) {
            throw Refusal(message: complaint)
        }
        let bytes = try contents(of: descriptor)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(message: "is not UTF-8; save it in that encoding")
        }
        return text
    }

    private static func contents(of descriptor: Int32) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Refusal(message: "cannot be read: \(reason())") }
            bytes += chunk[..<count]
            guard bytes.count <= maximumSize else { throw Refusal(message: "is larger than 1MiB") }
        }
    }

    private static func reason() -> String {
        let number = errno
        return unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}
