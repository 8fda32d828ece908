import PostgresWire

/// A message that brought the server a text of a plugin's making, or runs what such a text has prepared.
struct RewrittenMessage {
    /// Its number among the session's expectations.
    let message: Int
    /// nil where nobody can tell which text a place would be in.
    let places: TextPlaces?
}

/// Places in errors, which the server counts in the text that it got.
extension ClientSession {
    /// The message sent last rests on a text with this verdict.
    func noteRewrite(of verdict: Verdict?) {
        guard let places = verdict?.places else { return }
        append(RewrittenMessage(message: expectations.lastNumber, places: places))
    }

    /// The message sent last runs statements that other texts have prepared.
    func noteRewriteOfExecuted() {
        append(RewrittenMessage(message: expectations.lastNumber, places: nil))
    }

    private func append(_ rewrite: RewrittenMessage) {
        let first = expectations.firstNumber
        if let eldest = rewrites.first, eldest.message < first { rewrites.removeAll { $0.message < first } }
        rewrites.append(rewrite)
    }

    /// The rewrite that the error which the server sends now is about.
    private var rewriteInQuestion: RewrittenMessage? {
        rewrites.isEmpty ? nil : rewrites.last { $0.message == expectations.firstNumber }
    }

    /// Whether an error that comes now would have its place changed.
    var wantsPlace: Bool { rewriteInQuestion != nil }

    /// So much of an error is waited for. What of its words is beyond that is cut off, for the place follows them.
    static let longestPlacedError = 256 * 1024

    /// The ErrorResponse with its place in the client's text, or without where that is not the client's; nil for one that
    /// needs no change.
    ///
    /// - Parameter error: its body, from the beginning.
    func inClientsPlaces(_ error: RawSpan, isWhole: Bool) -> [UInt8]? {
        guard let rewrite = rewriteInQuestion else { return nil }
        var fields: [UInt8] = []
        var isChanged = !isWhole
        var offset = 0
        while offset < error.byteCount, case let code = error.byte(at: offset), code != 0 {
            guard let end = error.firstNull(from: offset + 1) else {
                if code == UInt8(ascii: "M") { fields += [code] + characters(of: error, from: offset + 1) + [0] }
                break
            }
            if code == UInt8(ascii: "P") {
                isChanged = true
                if let position = Int(error.string(offset + 1..<end)), let origin = rewrite.places?.origin(of: position)
                {
                    fields += [code] + Array(String(origin).utf8) + [0]
                }
            } else {
                fields += error.array(offset..<end + 1)
            }
            offset = end + 1
        }
        guard isChanged else { return nil }
        var message: [UInt8] = []
        message.appendMessage(BackendTag.errorResponse.rawValue) { $0.append(contentsOf: fields + [0]) }
        return message
    }

    /// Up to the end, where none is cut through.
    private func characters(of error: RawSpan, from start: Int) -> [UInt8] {
        var end = error.byteCount
        while end > start, error.byte(at: end - 1) & 0xC0 == 0x80 { end -= 1 }
        return error.array(start..<max(start, end - 1))
    }
}
