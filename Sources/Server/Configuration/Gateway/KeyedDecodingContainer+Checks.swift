extension KeyedDecodingContainer {
    /// Complains about the value of a key that is there, and lets decoding go on so that the other keys are looked at too.
    func refuse(_ key: Key, _ message: String) {
        guard contains(key), let decoder = (try? superDecoder(forKey: key)) as? StrictDecoder else { return }
        decoder.record.noteUnlessKnown(message, at: decoder.path)
    }

    /// A number or amount with bounds, both of which make sense as a value.
    func bounded<Value: Decodable & Comparable>(
        _ key: Key,
        _ bounds: ClosedRange<Value>,
        default standard: Value,
        written: (Value) -> String = { "\($0)" }
    ) throws -> Value {
        guard let value = try decodeIfPresent(Value.self, forKey: key) else { return standard }
        if bounds.contains(value) { return value }
        let (least, most) = (written(bounds.lowerBound), written(bounds.upperBound))
        refuse(key, "\(written(value)) is out of range; write something from \(least) to \(most)")
        return standard
    }

    func bounded(_ key: Key, _ bounds: ClosedRange<Duration>, default standard: Duration) throws -> Duration {
        try bounded(key, bounds, default: standard) { "\"\($0.setting)\"" }
    }

    func bounded(_ key: Key, _ bounds: ClosedRange<ByteCount>, default standard: ByteCount) throws -> ByteCount {
        try bounded(key, bounds, default: standard) { "\"\($0)\"" }
    }
}
