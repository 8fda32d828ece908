import PluginAPI
import PostgresWire

/// The form that entries have in the log: docs/audit.md.
extension Entry {
    var type: StaticString {
        switch event {
        case .intent: "intent"
        case .report: "report"
        case .sessionBegan, .sessionRefused, .sessionEnded: "session"
        case .allowed, .suspended, .failed, .cancelled, .aborted, .unanswered, .denied: "statement"
        }
    }

    /// The members after `type`, each after a comma.
    ///
    /// - Parameter start: what makes the numbers of sessions and intents the log's own, with a hyphen.
    func append(to bytes: inout ByteBuffer, start: [UInt8]) {
        bytes.append(",\"session\":\"")
        appendNumber(session, start, to: &bytes)
        bytes.append(identity.bytes)
        switch event {
        case .sessionBegan: bytes.append(",\"event\":\"begin\"")
        case .sessionRefused: bytes.append(",\"event\":\"refused\"")
        case .sessionEnded: bytes.append(",\"event\":\"end\"")
        default: appendStatement(to: &bytes, start)
        }
        appendEnd(to: &bytes)
    }

    private func appendNumber(_ number: Int, _ start: [UInt8], to bytes: inout ByteBuffer) {
        bytes.append(start)
        bytes.append(decimal: UInt64(identity.ring))
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: UInt64(number))
        bytes.append(UInt8(ascii: "\""))
    }

    private func appendStatement(to bytes: inout ByteBuffer, _ start: [UInt8]) {
        // Chained, and not bound: see Recorder.
        statement?.append(to: &bytes, text: details?.text)
        if isRewritten { bytes.append(",\"rewritten\":true") }
        if let replacement = details?.replacement {
            bytes.append(",\"replacement\":")
            bytes.append(quoted: replacement)
        }
        if count > 1 {
            bytes.append(",\"place\":[")
            bytes.append(decimal: UInt64(index))
            bytes.append(UInt8(ascii: ","))
            bytes.append(decimal: UInt64(count))
            bytes.append(UInt8(ascii: "]"))
        }
        if let note = details?.note { append(note, to: &bytes, start) }
    }

    private func append(_ note: AdmissionNote, to bytes: inout ByteBuffer, _ start: [UInt8]) {
        if note.calls.indices.contains(Int(index)) {
            bytes.append(note.calls[Int(index)])
        } else if note.calls.count == 1 {
            bytes.append(note.calls[0])
        }
        if let intent = note.intent {
            bytes.append(",\"intent\":\"")
            appendNumber(intent, start, to: &bytes)
        }
    }

    private func appendEnd(to bytes: inout ByteBuffer) {
        switch event {
        case .allowed: bytes.append(",\"verdict\":\"allowed\"")
        case .suspended: bytes.append(",\"verdict\":\"allowed\",\"suspended\":true")
        case .failed: bytes.append(",\"verdict\":\"failed\"")
        case .cancelled: bytes.append(",\"verdict\":\"cancelled\",\"sqlstate\":\"57014\"")
        case .aborted: bytes.append(",\"verdict\":\"aborted\"")
        case .unanswered: bytes.append(",\"verdict\":\"unanswered\"")
        case .denied: bytes.append(",\"verdict\":\"denied\"")
        case .intent, .report, .sessionBegan, .sessionRefused, .sessionEnded: break
        }
        if let rows {
            bytes.append(",\"rows\":")
            bytes.append(decimal: rows)
        }
        if let denial = details?.denial { append(denial, to: &bytes) }
        switch event {
        case .allowed, .suspended, .failed, .cancelled, .aborted, .unanswered:
            bytes.append(",\"bytes\":")
            bytes.append(decimal: self.bytes)
            bytes.append(",\"duration_us\":")
            bytes.append(decimal: duration / 1000)
        case .denied, .intent, .report, .sessionBegan, .sessionRefused, .sessionEnded: break
        }
    }

    private func append(_ detail: DenialDetail, to bytes: inout ByteBuffer) {
        bytes.append(",\"sqlstate\":")
        bytes.append(quoted: detail.sqlState.rawValue)
        if let message = detail.message {
            bytes.append(",\"message\":")
            bytes.append(quoted: message)
        }
        if let file = detail.file {
            bytes.append(",\"file\":")
            bytes.append(quoted: file)
        }
        if let rule = detail.rule {
            bytes.append(",\"rule\":")
            bytes.append(quoted: rule)
        }
    }
}
