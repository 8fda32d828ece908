import Glibc

/// Who, beside its owner, may do what with a file or directory.
enum Permissions {
    /// Why a directory's files cannot be trusted; nil when nobody but its owner can add, exchange or remove one, or
    /// when it cannot be looked at, which whoever reads it will find.
    static func complaint(aboutDirectory path: String) -> String? {
        guard let mode = mode(of: path), mode & 0o022 != 0 else { return nil }
        return "can be changed by others than its owner; run: chmod go-w \(path)"
    }

    /// Whether others than the owner may read a file.
    static func areWideForSecret(_ path: String) -> Bool {
        mode(of: path).map { $0 & 0o044 != 0 } ?? false
    }

    private static func mode(of path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode : nil
    }
}
