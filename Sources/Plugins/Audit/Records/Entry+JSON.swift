import PluginAPI
import PostgresWire

/// The form that entries have in the log: docs/audit.md.
extension Entry {
    var type: StaticString {
        switch event {
        case .intent: "intent"
        case .sessionBegan, .sessionRefused, .sessionEnded: "session"
        default: "statement"
        }
    }

    /// The members after `type`, each after a comma.
    func append(to bytes: inout [UInt8]) {
        bytes.append(",\"session\":\"")
        bytes.append(decimal: identity.ring)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: session)
        bytes.append(UInt8(ascii: "\""))
        bytes += identity.bytes
        switch event {
        case .sessionBegan:
            bytes.append(",\"event\":\"begin\"")
        case .sessionRefused(let detail):
            bytes.append(",\"event\":\"refused\"")
            append(detail, to: &bytes)
        case .sessionEnded(let detail):
            bytes.append(",\"event\":\"end\"")
            if let detail { append(detail, to: &bytes) }
        case .intent:
            appendStatement(to: &bytes)
        default:
            appendStatement(to: &bytes)
            appendEnd(to: &bytes)
        }
    }

    private func appendStatement(to bytes: inout [UInt8]) {
        if let statement {
            bytes += statement.bytes
            if let text {
                bytes.append(",\"text\":")
                bytes.append(quoted: text)
                bytes.append(",\"full\":true")
            } else {
                bytes += statement.text
            }
        }
        if isRewritten { bytes.append(",\"rewritten\":true") }
        if let replacement {
            bytes.append(",\"replacement\":")
            bytes.append(quoted: replacement)
        }
        if count > 1 {
            bytes.append(",\"place\":[")
            bytes.append(decimal: index)
            bytes.append(UInt8(ascii: ","))
            bytes.append(decimal: count)
            bytes.append(UInt8(ascii: "]"))
        }
        guard let note else { return }
        if note.calls.indices.contains(index) {
            bytes += note.calls[index]
        } else if note.calls.count == 1 {
            bytes += note.calls[0]
        }
        if let intent = note.intent {
            bytes.append(",\"intent\":\"")
            bytes.append(decimal: identity.ring)
            bytes.append(UInt8(ascii: "-"))
            bytes.append(decimal: intent)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private func appendEnd(to bytes: inout [UInt8]) {
        switch event {
        case .allowed(let rows, let isSuspended):
            bytes.append(",\"verdict\":\"allowed\"")
            if isSuspended { bytes.append(",\"suspended\":true") }
            if let rows {
                bytes.append(",\"rows\":")
                bytes.append(decimal: rows)
            }
        case .failed(let sqlState):
            bytes.append(",\"verdict\":\"failed\",\"sqlstate\":")
            bytes.append(quoted: sqlState.rawValue)
        case .cancelled: bytes.append(",\"verdict\":\"cancelled\",\"sqlstate\":\"57014\"")
        case .aborted: bytes.append(",\"verdict\":\"aborted\"")
        case .denied(let detail):
            bytes.append(",\"verdict\":\"denied\"")
            return append(detail, to: &bytes)
        default: return
        }
        bytes.append(",\"bytes\":")
        bytes.append(decimal: self.bytes)
        bytes.append(",\"duration_us\":")
        bytes.append(decimal: duration / 1000)
    }

    private func append(_ detail: DenialDetail, to bytes: inout [UInt8]) {
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
