import PluginAPI
import PostgresWire
import SQLInspection

/// A Bind right behind the Parse of its statement, as most drivers send them. The gates are asked about it before the
/// Parse gets a server connection, so that who waits at one keeps none from others.
extension ClientSession {
    /// What the gates say to the Bind behind an admitted Parse; nil lets the Parse go on.
    ///
    /// - Parameters:
    ///   - body: the Parse's.
    ///   - size: the Parse's, with its header.
    ///   - behind: what the client has sent behind it, as far as it is there.
    func held(
        behind verdict: Verdict,
        _ parse: ParseMessage,
        _ body: RawSpan,
        size: Int,
        _ behind: RawSpan
    ) -> MessageFate? {
        // Shown again: the gates have let it pass, and it was a server connection that was missing.
        if admission?.isOfBindBehind == true { return nil }
        guard verdict.judged.count == 1, behind.byteCount >= MessageHeader.size,
            behind.byte(at: 0) == FrontendTag.bind.rawValue
        else { return nil }
        let bindSize = Int(behind.int32(at: 1)) + 1
        guard bindSize > MessageHeader.size else { return nil }
        let wantsValues = verdict.gatesWantValues
        if wantsValues, behind.byteCount < bindSize, bindSize <= limits.maximumInspectedBindBytes {
            heldVerdict = verdict
            return .needMore(size + bindSize)
        }
        let bind = behind.extracting(MessageHeader.size..<min(bindSize, behind.byteCount))
        guard let found = BindMessage.names(bind),
            isSameName(body.extracting(parse.name), bind.extracting(found.statement)),
            let statement = prepared(
                verdict,
                body.extracting(parse.text),
                parameterTypes: parse.parameterTypes(in: body)
            )
        else { return nil }
        var parameters: BindParameters?
        if wantsValues {
            // One that is too long, or no Bind, is refused in its own place.
            guard behind.byteCount >= bindSize, let message = try? BindMessage(bind) else { return nil }
            parameters = BindParameters(all: message, bind, types: statement.parameterTypes)
        }
        let constants: [[String]?] = wantsValues ? [statement.constants] : []
        let outcome = admit(verdict.judged, constants: constants, parameters: parameters)
        if case .passed = outcome { admission?.isOfBindBehind = true }
        return fate(by: outcome, keeping: verdict) {
            denyParse($0, dropsUnnamed: parse.name.isEmpty, gatesKnow: true)
        }
    }

    private func isSameName(_ one: RawSpan, _ other: RawSpan) -> Bool {
        one.byteCount == other.byteCount && (0..<one.byteCount).allSatisfy { one.byte(at: $0) == other.byte(at: $0) }
    }
}
