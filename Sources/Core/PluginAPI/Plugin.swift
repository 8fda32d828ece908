/// A plugin: one instance per file in `plugins.d`, shared by all reactors, made at start or reload.
///
/// A plugin takes part in a phase by conforming to that phase's protocol (`StartupDecider`, `StatementDecider`,
/// `BindDecider`). Hooks are synchronous and run on a reactor: they must not block, and what they share between
/// sessions must be safe to reach from several threads.
public protocol Plugin: Sendable {
    associatedtype Configuration: Decodable

    /// The word that `kind = "…"` in a plugin file uses for this plugin.
    static var kind: String { get }

    /// Makes an instance from its file's own keys. What it throws stops the start (or the reload): a rule that can
    /// never match, a value out of range, a combination that makes no sense.
    init(configuration: Configuration, context: PluginContext) throws
}

/// Judges StartupMessages: who wants in, with which startup parameters.
public protocol StartupDecider: Plugin {
    func decide(_ event: borrowing StartupEvent) -> StartupVerdict
}

/// Judges every statement of a Query and every Parse, on its facts.
public protocol StatementDecider: Plugin {
    func decide(_ event: borrowing StatementEvent) -> StatementVerdict
}

/// Judges the parameters of a Bind or of SQL's EXECUTE, for statements whose verdict asked for them.
public protocol BindDecider: Plugin {
    func decide(_ event: borrowing BindEvent) -> BindVerdict
}
