/// Where and how a log is kept.
struct LogSettings: Sendable {
    var directory: String
    var key: ChainKey
    var rotateBytes = 256 << 20
    /// 0 for never.
    var rotateSeconds = 24 * 3600
    var checkpointRecords = 10_000
    var checkpointSeconds = 10
    /// Entries of each reactor's ring; a power of two.
    var ringCapacity = 16 * 1024
}
