public import PluginAPI

/// The plugins of one configuration in file-name order: made at start, shared by all reactors, never changed.
public final class PluginChain: Sendable {
    /// One plugin with the file it came from and the sessions it applies to.
    public struct Link: Sendable {
        /// The plugin file as the operator knows it: `plugins.d/10-allowlist.toml`.
        public let file: String
        /// The instance that the file describes.
        public let plugin: any Plugin
        /// Whether its denials are only told to observers.
        public let isReport: Bool
        /// Whether the file's scope (users, databases, applications, addresses) holds the session.
        public let applies: @Sendable (SessionIdentity) -> Bool

        /// A link that applies to every session unless told otherwise.
        public init(
            file: String,
            plugin: any Plugin,
            isReport: Bool = false,
            applies: @escaping @Sendable (SessionIdentity) -> Bool = { _ in true }
        ) {
            self.file = file
            self.plugin = plugin
            self.isReport = isReport
            self.applies = applies
        }
    }

    /// The plugins in the order in which they decide.
    public let links: [Link]

    /// A chain of these plugins.
    public init(_ links: [Link]) { self.links = links }

    /// Whether anything in the chain has a say in statements, or wants to know of them. Without one, traffic is relayed
    /// unread.
    public var readsStatements: Bool {
        links.contains {
            $0.plugin is any StatementDecider || $0.plugin is any AdmissionDecider || $0.plugin is any SessionObserver
        }
    }

    /// Whether anything in the chain refuses statements by what they are.
    public var enforces: Bool { links.contains(where: \.judges) }

    /// A plugin that changes statements, and the last that judges them, if that stands before it: what it made would
    /// reach the server unjudged.
    public var unjudgedRewrite: (rewriter: String, judge: String)? {
        guard let last = links.lastIndex(where: \.judges),
            let rewriter = links[last...].first(where: { !$0.isReport && $0.plugin is any StatementRewriter })
        else { return nil }
        return (rewriter.file, links[last].file)
    }
}

extension PluginChain.Link {
    /// Whether it has a say in whether statements may run.
    fileprivate var judges: Bool {
        !isReport && plugin is any StatementDecider && !(plugin is any StatementRewriter)
    }
}
