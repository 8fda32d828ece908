import ArgumentParser
import Configuration
import Engine
import Glibc
import Logging
import SQLInspection

/// `pgml-gateway serve`: runs in the foreground until it is told to stop.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway in the foreground.",
        discussion: """
            Reads gateway.toml and the plugin files beside it. DATABASE_URL in the environment names the upstream. \
            SIGTERM and SIGINT let running transactions finish, for as long as shutdown_timeout says.
            """
    )

    @Option(help: "The configuration file.")
    var config = "gateway.toml"

    @Option(help: "Listen here instead of where the file says: ADDRESS:PORT.")
    var listen: String?

    @Option(help: "Read plugin files from this directory instead of the one the file names.")
    var plugins: String?

    @Option(help: "How much to log: debug, info, notice, warning, error.")
    var logLevel = "info"

    func run() throws {
        // Threads inherit the signal mask, so this comes before the first of them.
        SignalSource.blockSignals()
        var logger = Logger(label: "pgml-gateway") { StreamLogHandler.standardError(label: $0) }
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError("--log-level \(logLevel) is not known; write info, or one of the others")
        }
        logger.logLevel = level
        do {
            try SQLParser.selfTest()
            if unsafe access(config, F_OK) != 0, errno == ENOENT {
                throw StartFailure(description: "\(config): is not there; name your gateway.toml with --config FILE")
            }
            let configuration = try GatewayConfiguration.load(file: config, environment: Self.environment)
            for warning in GatewayFile(config)?.warnings ?? [] { logger.warning("\(warning)") }
            try Gateway(configuration, listen: listen, plugins: plugins, logger: logger).run()
        } catch {
            // One line per mistake, ready for an editor to jump to.
            throw StartFailure(description: "\(error)")
        }
    }

    /// The process's environment.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            unsafe next += 1
        }
        return variables
    }
}

/// Why the gateway does not start, one line per mistake, ready for an editor to jump to.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
}
