import Glibc

/// The directory that a log is in, and who may write there.
enum LogDirectory {
    /// Whether the directory is there.
    ///
    /// - Throws: that nothing can be written there, or that it cannot be made.
    static func check(_ directory: String) throws(LogFailure) -> Bool {
        guard unsafe access(directory, F_OK) == 0 else {
            guard unsafe access(parent(of: directory), W_OK | X_OK) == 0 else {
                throw failure(directory, "is not there and cannot be made", errno)
            }
            return false
        }
        guard unsafe access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw failure(directory, "cannot be written to", errno)
        }
        return true
    }

    /// Takes the directory for this process, as long as the descriptor is open.
    static func lock(_ directory: String) throws(LogFailure) -> Int32 {
        let path = "\(directory)/lock"
        let lock = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard lock >= 0 else { throw failure(directory, "cannot be written to", errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let holder = holder(lock)
            close(lock)
            throw LogFailure(
                "\(directory) is in use by another gateway: \(holder) holds \(path); stop that one, or give each a "
                    + "directory of its own"
            )
        }
        // Who holds it, for whoever does not get it. That it is held does not depend on it.
        let name = Array("\(getpid())\n".utf8)
        if ftruncate(lock, 0) == 0 { _ = unsafe pwrite(lock, name, name.count, 0) }
        return lock
    }

    private static func holder(_ lock: Int32) -> String {
        let text = (try? LogFile.read(lock, 0..<16)) ?? []
        let digits = text.prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "a process" : "process \(String(decoding: digits, as: UTF8.self))"
    }

    /// Why the directory cannot be used, whose it is, who the gateway is, and what to do.
    static func failure(_ directory: String, _ what: String, _ code: Int32) -> LogFailure {
        var status = stat()
        let isThere = unsafe stat(directory, &status) == 0
        var remedy = ""
        let isKnown = isThere ? true : unsafe stat(parent(of: directory), &status) == 0
        if isKnown {
            let place = isThere ? "it" : parent(of: directory)
            remedy = "; \(place) belongs to user \(status.st_uid), and the gateway runs as user \(geteuid())"
            if code == EACCES, geteuid() != 0 {
                remedy +=
                    isThere
                    ? ": chown -R \(geteuid()) \(directory)"
                    : ": install -d -o \(geteuid()) -m 0750 \(directory)"
            }
        }
        return LogFailure(
            "\(directory) \(what): \(LogFailure.reason(code))\(remedy); or name another directory, or write "
                + "enabled = false to have no log"
        )
    }

    private static func parent(of directory: String) -> String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }
}
