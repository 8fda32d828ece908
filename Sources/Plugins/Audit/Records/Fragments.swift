import PluginAPI
import SQLInspection

/// What records say of who it was: encoded once for all sessions of an identity on a reactor.
final class IdentityFragment: Sendable {
    /// JSON members, each after a comma.
    let bytes: [UInt8]
    /// The ring's number, before the session's own.
    let ring: Int

    init(_ identity: SessionIdentity, ring: Int) {
        self.ring = ring
        var bytes = ByteBuffer()
        bytes.append(",\"user\":")
        bytes.append(quoted: identity.user)
        bytes.append(",\"database\":")
        bytes.append(quoted: identity.database)
        bytes.append(",\"application\":")
        bytes.append(quoted: identity.applicationName)
        bytes.append(",\"address\":")
        bytes.append(quoted: identity.address)
        self.bytes = bytes.array
    }
}

/// What records say of a statement: encoded once, and kept with the statement's verdict.
final class StatementFragment: Sendable {
    /// Kinds, fingerprint, functions and reports: JSON members, each after a comma.
    let bytes: [UInt8]
    /// The normalized text, as such a member.
    let text: [UInt8]
    /// Whether the statement is of a kind that carries passwords: its own text is never written.
    let mayHoldSecrets: Bool
    /// Whether it calls one of PostgresML's functions, so that records describe its arguments.
    let hasCalls: Bool
    /// Whether it takes parameters.
    let hasParameters: Bool

    /// - Parameter text: the client's own, where that is written.
    func append(to buffer: inout ByteBuffer, text own: String?) {
        buffer.append(bytes)
        guard let own else { return buffer.append(text) }
        buffer.append(",\"text\":")
        buffer.append(quoted: own)
        buffer.append(",\"full\":true")
    }

    fileprivate init(_ statement: JudgedStatement) {
        var bytes = ByteBuffer()
        bytes.append(",\"kinds\":")
        bytes.append(quoted: statement.facts.kinds.map(\.rawValue))
        if !statement.normalizedText.isEmpty {
            bytes.append(",\"fingerprint\":\"")
            bytes.append(hexadecimal: statement.fingerprint)
            bytes.append(UInt8(ascii: "\""))
        }
        var functions: [String] = []
        for call in statement.facts.calls where !functions.contains(call.name.description) {
            functions.append(call.name.description)
        }
        if !functions.isEmpty {
            bytes.append(",\"functions\":")
            bytes.append(quoted: functions)
        }
        if !statement.reports.isEmpty {
            bytes.append(",\"reports\":[")
            for (index, report) in statement.reports.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append("{\"file\":")
                bytes.append(quoted: report.file)
                bytes.append(",\"rule\":")
                bytes.append(quoted: report.denial.rule)
                bytes.append(",\"message\":")
                bytes.append(quoted: report.denial.message)
                bytes.append(UInt8(ascii: "}"))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        self.bytes = bytes.array
        var text = ByteBuffer()
        if !statement.normalizedText.isEmpty {
            text.append(",\"text\":")
            text.append(quoted: statement.normalizedText)
        }
        self.text = text.array
        mayHoldSecrets = statement.facts.kinds.contains(.unknown)
        hasCalls = CallDescription.applies(to: statement.facts)
        hasParameters = statement.facts.parameterCount > 0
    }
}

extension JudgedStatement {
    private static let key = ObjectIdentifier(StatementFragment.self)

    /// The statement's one fragment on its reactor.
    var fragment: StatementFragment {
        if let known = attachment(of: Self.key) {
            return unsafe unsafeDowncast(known, to: StatementFragment.self)
        }
        let fragment = StatementFragment(self)
        attach(fragment, of: Self.key)
        return fragment
    }
}
