public import PluginAPI

/// The plugin `allowlist`: forwards what its policy lists and denies everything else.
public struct Allowlist: StartupDecider, StatementDecider, ParameterTypesDecider, BindDecider {
    /// `kind = "allowlist"`.
    public static let kind = "allowlist"

    private let policy: Policy

    /// Reads the profiles that the configuration includes and builds the policy.
    ///
    /// - Throws: `PluginConfigurationError` for what makes no sense, and what reading a profile throws.
    public init(configuration: AllowlistConfiguration, context: PluginContext) throws {
        policy = try PolicyBuilder.policy(from: configuration, context: context)
    }

    /// Judges the settings a session begins with, and pins its search_path.
    public func decide(_ event: borrowing StartupEvent) -> StartupVerdict {
        policy.judge(event)
    }

    /// Judges everything a statement reaches; the values that are still to come are asked for.
    public func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        policy.judge(event)
    }

    /// Judges the types that a Parse declares.
    public func decide(_ event: borrowing ParameterTypesEvent) -> BindVerdict {
        policy.judge(event)
    }

    /// Judges the values that have come.
    public func decide(_ event: borrowing BindEvent) -> BindVerdict {
        policy.judge(event)
    }
}
