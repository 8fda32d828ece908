internal import CSystem
internal import Glibc

/// The process that listens on a port, as far as /proc tells: another user's descriptors are not readable.
struct PortHolder: Hashable, CustomStringConvertible {
    let processID: Int
    let command: String

    var description: String { "process \(processID) (\(command))" }

    static func find(port: UInt16) -> PortHolder? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { table in
            listeningInodes(port: port, table: ProcFile.text(of: table) ?? "")
        }
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for process in ProcFile.entries(of: "/proc").compactMap({ Int($0) }) {
            let directory = "/proc/\(process)/fd"
            for entry in ProcFile.entries(of: directory) {
                guard let link = ProcFile.link(at: "\(directory)/\(entry)"), links.contains(link) else { continue }
                let name = ProcFile.text(of: "/proc/\(process)/comm") ?? "?"
                return PortHolder(processID: process, command: String(name.prefix { $0 != "\n" }))
            }
        }
        return nil
    }

    /// Reads `/proc/net/tcp`: after a heading, lines of `slot: address:port remote state … inode …` with hexadecimal
    /// ports and states; 0A is LISTEN.
    static func listeningInodes(port: UInt16, table: String) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A" else { return nil }
            guard let hex = fields[1].split(separator: ":").last else { return nil }
            return UInt16(hex, radix: 16) == port ? fields[9] : nil
        }
    }
}

/// Reading /proc without Foundation. Whatever cannot be read is nil or empty.
private enum ProcFile {
    static func text(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Socket.close(descriptor) }
        var bytes: [UInt8] = []
        let chunk = 16_384
        while true {
            var part = [UInt8](repeating: 0, count: chunk)
            let count = unsafe read(descriptor, &part, chunk)
            if count <= 0 { break }
            bytes += part.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func entries(of path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            }
        }
        return names.filter { !$0.hasPrefix(".") }
    }

    static func link(at path: String) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = unsafe readlink(path, start, buffer.count)
            guard count >= 0 else { return nil }
            return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}
