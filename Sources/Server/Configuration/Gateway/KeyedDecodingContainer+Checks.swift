extension KeyedDecodingContainer {
    /// Complains about the value of a key that is there, and lets decoding go on so that the other keys are looked at too.
    func refuse(_ key: Key, _ message: String) {
        guard contains(key), let decoder = (try? superDecoder(forKey: key)) as? StrictDecoder else { return }
        decoder.record.noteUnlessKnown(message, at: decoder.path)
    }

    /// A number or amount with bounds, both of which make sense as a value; nil where the key is absent.
    func bounded<Value: Decodable & Comparable>(
        _ key: Key,
        _ bounds: ClosedRange<Value>,
        written: (Value) -> String = { "\($0)" }
    ) throws -> Value? {
        guard let value = try decodeIfPresent(Value.self, forKey: key) else { return nil }
        if bounds.contains(value) { return value }
        let (least, most) = (written(bounds.lowerBound), written(bounds.upperBound))
        refuse(key, "\(written(value)) is out of range; write something from \(least) to \(most)")
        return nil
    }

    func bounded<Value: Decodable & Comparable>(
        _ key: Key,
        _ bounds: ClosedRange<Value>,
        default standard: Value
    ) throws -> Value {
        try bounded(key, bounds) ?? standard
    }

    func bounded(_ key: Key, _ bounds: ClosedRange<Duration>, default standard: Duration) throws -> Duration {
        try bounded(key, bounds) { "\"\($0.setting)\"" } ?? standard
    }

    /// A time limit with bounds; nil where `"0s"` takes it away.
    func timeout(_ key: Key, _ bounds: ClosedRange<Duration>, default standard: Duration?) throws -> Duration? {
        guard let value = try decodeIfPresent(Duration.self, forKey: key) else { return standard }
        if value == .zero { return nil }
        if bounds.contains(value) { return value }
        let (least, most) = (bounds.lowerBound.setting, bounds.upperBound.setting)
        let remedy = "write \"0s\" for no limit, or something from \"\(least)\" to \"\(most)\""
        refuse(key, "\"\(value.setting)\" is out of range; \(remedy)")
        return nil
    }

    func bounded(_ key: Key, _ bounds: ClosedRange<ByteCount>, default standard: ByteCount) throws -> ByteCount {
        try bounded(key, bounds) { "\"\($0)\"" } ?? standard
    }
}
