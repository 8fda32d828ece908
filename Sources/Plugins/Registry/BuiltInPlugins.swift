import Allowlist
import MaxCalls
public import PluginAPI
import RateLimit
import Rewrite

/// The plugins that are built into the gateway: the one place that knows them all.
public enum BuiltInPlugins {
    /// One for each word that `kind = "…"` in a plugin file may be.
    public static let kinds: [PluginKind] = [
        PluginKind(Allowlist.self),
        PluginKind(MaxCalls.self),
        PluginKind(RateLimit.self),
        PluginKind(Rewrite.self),
    ]
}
