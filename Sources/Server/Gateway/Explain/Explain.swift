import ArgumentParser
import Configuration
import PluginAPI
import SQLInspection

/// `pgml-gateway explain`: what the plugin files make of a statement, without sending it anywhere.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what the plugin files make of a statement, and why.",
        discussion: """
            The statement is judged as a session would have it judged, and sent nowhere. What a client sets when it \
            connects (startup parameters) is not judged, nor are the types that a Parse declares and parameters in \
            binary format. At most 16 KiB of SQL. Exit status: 0 allowed, 1 denied, 2 it could not be judged (a mistake \
            in a file, a longer text), 64 the command line is wrong.
            """
    )

    @Option(help: "The statement, or several, as a client sends them; - reads it from standard input.")
    var sql: String

    @Option(help: "Who asks. Default: the first user of gateway.toml.")
    var user: String?

    @Option(help: "The database that the client names. Default: the upstream's.")
    var database: String?

    @Option(help: "What the client calls itself.")
    var application = ""

    @Option(help: "The client's address, without port.")
    var address = "127.0.0.1"

    @Option(
        name: .customLong("param"),
        parsing: .unconditionalSingleValue,
        help: "The value of the next parameter, as text, once for each of $1, $2 …; \\N is NULL."
    )
    var parameters: [String] = []

    @Option(help: "The configuration file. Not read when --plugins is given without it. Default: gateway.toml.")
    var config: String?

    @Option(help: "Read plugin files from this directory instead of the one the file names.")
    var plugins: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    /// What the main thread's stack is enough for, however it is nested.
    private static let longestText = Inspector.Limits().reactorParseLimit

    func run() throws {
        let explanation: Explanation
        let text: String
        do {
            try SQLParser.selfTest()
            text = sql == "-" ? try Self.standardInput() : sql
            guard text.utf8.count <= Self.longestText else {
                throw StartFailure(description: "the statement is longer than 16 KiB; explain a shorter one like it")
            }
            explanation = try explain(text)
        } catch {
            CommandLineOutput.complain("\(error)")
            throw ExitCode(2)
        }
        print(json ? try CommandLineOutput.json(explanation) : explanation.text(for: text))
        if explanation.verdict == .denied { throw ExitCode(1) }
    }

    private func explain(_ text: String) throws -> Explanation {
        let configuration = try gatewayConfiguration()
        guard let directory = plugins ?? configuration?.pluginsDirectory else {
            throw StartFailure(description: "no plugin files are named; write --plugins DIRECTORY or --config FILE")
        }
        let loader = ChainLoader(
            directory: directory,
            config: config ?? "gateway.toml",
            isUnrestricted: configuration?.isUnrestricted ?? false
        )
        let identity = SessionIdentity(
            user: user ?? configuration?.users.first?.name ?? "pg",
            database: database ?? configuration?.upstream.database ?? "pgml",
            applicationName: application,
            address: address
        )
        let values = parameters.map { $0 == "\\N" ? ParameterValue.null : .text($0) }
        return Explanation(
            of: text,
            for: identity,
            by: try loader.plugins(),
            parameters: values.isEmpty ? nil : values,
            maximumStatementBytes: configuration?.limits.maxStatementBytes.bytes ?? 1 << 20
        )
    }

    private func gatewayConfiguration() throws -> GatewayConfiguration? {
        if config == nil, plugins != nil { return nil }
        let file = config ?? "gateway.toml"
        do {
            return try GatewayConfiguration.load(file: file, environment: Serve.environment)
        } catch {
            guard Serve.environment["DATABASE_URL"] == nil else { throw error }
            // Nothing is sent anywhere: a policy can be tried where nobody knows the upstream.
            let standIn = ["DATABASE_URL": "postgres://pg:nobody@127.0.0.1/pgml"]
            let environment = Serve.environment.merging(standIn) { $1 }
            return try GatewayConfiguration.load(file: file, environment: environment)
        }
    }

    private static func standardInput() throws -> String {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }
}
