package import Logging
import Synchronization

/// Keeps what is logged, as `level message`.
package final class KeptLog: LogHandler {
    private let kept = Mutex<[String]>([])

    package init() {}

    /// A logger that writes here.
    package var logger: Logger { Logger(label: "test") { _ in self } }

    /// What was logged so far.
    package var lines: [String] { kept.withLock { $0 } }

    package var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    package func log(event: LogEvent) {
        kept.withLock { $0.append("\(event.level) \(event.message)") }
    }
}
