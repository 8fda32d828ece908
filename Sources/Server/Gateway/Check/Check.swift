import ArgumentParser
import Configuration
import SQLInspection

/// `pgml-gateway check`: reads everything that the start would read, and starts nothing.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what is wrong with gateway.toml and the plugin files.",
        discussion: """
            Reads what the start would read, runs the tests that plugin files hold, looks at the files' permissions, and \
            tells every mistake it finds, one per line. Exit status: 0 the gateway would start, 1 it would not, 64 the \
            command line is wrong.
            """
    )

    @Option(help: "The configuration file.")
    var config = "gateway.toml"

    @Option(help: "Read plugin files from this directory instead of the one the file names.")
    var plugins: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    func run() throws {
        var report = CheckReport()
        do {
            try SQLParser.selfTest()
        } catch {
            report.mistakes.append("\(error)")
        }
        report.check(config: config, plugins: plugins, environment: Serve.environment)
        if json {
            print(try CommandLineOutput.json(report))
        } else {
            for line in report.checked { print(line) }
            for warning in report.warnings { CommandLineOutput.complain("warning: \(warning)") }
            for mistake in report.mistakes { CommandLineOutput.complain(mistake) }
            print(report.summary)
        }
        if !report.mistakes.isEmpty { throw ExitCode(1) }
    }
}
