import PostgresWire

/// The values of a DataRow message in text format, nil for NULL.
struct TextRow {
    let values: [String?]

    /// Reads a message's body (header cut off); nil when it is not one of a DataRow (protocol chapter, "Message Formats").
    init?(_ body: RawSpan) {
        guard body.byteCount >= 2 else { return nil }
        let count = Int(body.int16(at: 0))
        var values: [String?] = []
        var offset = 2
        while values.count < count {
            guard body.byteCount - offset >= 4 else { return nil }
            let length = Int(body.int32(at: offset))
            offset += 4
            guard length >= -1, length <= body.byteCount - offset else { return nil }
            values.append(length < 0 ? nil : body.string(offset..<offset + length))
            offset += max(0, length)
        }
        guard offset == body.byteCount else { return nil }
        self.values = values
    }
}
