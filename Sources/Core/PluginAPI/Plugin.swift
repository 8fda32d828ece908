/// A plugin: one instance per file in `plugins.d`, shared by all reactors, made at start or reload.
///
/// A plugin takes part in a phase by conforming to that phase's protocol (`StartupDecider`, `StatementDecider`,
/// `ParameterTypesDecider`, `BindDecider`). Hooks are synchronous and run on a reactor: they must not block, and what they share between
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

/// Changes statements and has no say in whether they may run: it counts as no judge, a judge has to stand after it, and it
/// is not asked about what it made itself. It may still deny what it should have changed and could not.
public protocol StatementRewriter: StatementDecider {}

/// Judges the types that a Parse declares for its parameters. PREPARE's are among its statement's facts.
public protocol ParameterTypesDecider: Plugin {
    func decide(_ event: borrowing ParameterTypesEvent) -> BindVerdict
}

/// Judges the parameters of a Bind or of SQL's EXECUTE, for statements whose verdict asked for them.
public protocol BindDecider: Plugin {
    func decide(_ event: borrowing BindEvent) -> BindVerdict
}

/// What a plugin may use while it is being made.
public struct PluginContext: Sendable {
    /// The plugin file's path as the operator wrote it: `plugins.d/10-allowlist.toml`.
    public let file: String
    /// The directory that relative paths in a plugin file start from: that of gateway.toml, as the operator wrote it.
    public let directory: String
    /// At a reload, the plugin that the same file describes in the chain in force: what was counted or opened by it can go
    /// on. Sessions are still under it while this one is made, and after, if the reload fails.
    public let predecessor: (any Plugin)?
    /// The time of day, in UTC: what has passed since 1970 began. It may be set back at any moment: how long something takes
    /// is told by `AdmissionEvent.now`. Hooks may ask, from any thread.
    public let wallClock: @Sendable () -> Duration

    private let profileDecoder: @Sendable (String) throws -> any Decoder

    /// - Parameter profileDecoder: gives the decoder of `profiles/NAME.toml` beside the plugin files.
    public init(
        file: String,
        directory: String = ".",
        predecessor: (any Plugin)? = nil,
        wallClock: @escaping @Sendable () -> Duration,
        profileDecoder: @escaping @Sendable (String) throws -> any Decoder
    ) {
        self.file = file
        self.directory = directory
        self.predecessor = predecessor
        self.wallClock = wallClock
        self.profileDecoder = profileDecoder
    }

    /// Reads `profiles/NAME.toml` beside the plugin files. Errors name that file, its line and key.
    public func profile<Value: Decodable>(named name: String, as type: Value.Type) throws -> Value {
        try Value(from: profileDecoder(name))
    }
}

/// A kind of plugin that `plugins.d` may name: how the registry lists what is built in.
public struct PluginKind: Sendable {
    /// What `kind = "…"` calls it.
    public let name: String
    private let maker: @Sendable (any Decoder, PluginContext) throws -> any Plugin

    /// The kind that `plugin` is.
    public init<P: Plugin>(_ plugin: P.Type) {
        name = P.kind
        maker = { decoder, context in
            try P(configuration: P.Configuration(from: decoder), context: context)
        }
    }

    /// Makes an instance from the plugin file's own keys.
    public func make(from decoder: any Decoder, context: PluginContext) throws -> any Plugin {
        try maker(decoder, context)
    }
}

/// Thrown by a plugin for a value it cannot accept; the loader adds file and line.
public struct PluginConfigurationError: Error, Sendable {
    /// The key's path in the file, outermost first: `["functions", "2", "models"]`.
    public let keyPath: [String]
    /// What is wrong and what to write instead.
    public let message: String

    /// An error about the value at `keyPath`.
    public init(at keyPath: [String], _ message: String) {
        self.keyPath = keyPath
        self.message = message
    }
}
