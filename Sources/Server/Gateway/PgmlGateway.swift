import ArgumentParser

/// The command line.
@main
struct PgmlGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgml-gateway",
        abstract: "Stands between PostgreSQL clients and PostgresML and lets through what its policy allows.",
        subcommands: [Serve.self, Check.self, Explain.self, Health.self],
        defaultSubcommand: Serve.self
    )
}
