// What a text's literals are, when its facts stand for all texts of a template.
//
// All of this is about the text inspected last: `inspected` is what the `Inspector` answered for it, `text` its bytes.

extension Inspector {
    /// The value of constant `index` of `inspected.statements[statement]`, as PostgreSQL's lexer reads it.
    ///
    /// From the text if the facts are a template's, otherwise from the facts.
    public func literal(
        _ index: Int,
        of inspected: InspectedText,
        statement: Int = 0,
        text: RawSpan
    ) -> String {
        guard let layout = inspected.layout else {
            return inspected.statements[statement].facts.constants[index].value
        }
        let slot = literals(of: inspected)[index]
        return text.value(of: slot, isNegated: layout.negated.contains(index), rules: rules)
    }

    /// Where constant `index` of a template stands in the text: the literal with its quotes, without a sign.
    public func literalRange(_ index: Int, of inspected: InspectedText) -> Range<Int> {
        literals(of: inspected)[index].range
    }

    /// Where `inspected.statements[statement]` stands in the text. Its own `range` is that of the text it was made from.
    public func range(ofStatement statement: Int = 0, of inspected: InspectedText, text: RawSpan) -> Range<Int> {
        let range = inspected.statements[statement].range
        guard let layout = inspected.layout else { return range }
        return range.lowerBound..<text.byteCount - layout.trailingBytes
    }

    /// Where in the text an offset taken from the facts is. Negative offsets ("unknown") stay as they are.
    public func offset(_ offset: Int, in inspected: InspectedText) -> Int {
        guard let layout = inspected.layout, offset >= 0 else { return offset }
        return layout.translate(offset, to: literals(of: inspected))
    }
}

// MARK: - Keys for verdicts

extension Inspector {
    /// The hash under which a verdict that rests on these constants' values would be kept. Allocates nothing.
    public func literalHash(_ constants: ConstantSet, of inspected: InspectedText, text: RawSpan) -> UInt64 {
        var hash = KeyHash(key: seed ^ constants.bits)
        for (index, slot) in literals(of: inspected).enumerated() where constants.contains(index) {
            hash.mix(text, slot.range)
        }
        return hash.value
    }

    /// The key to keep such a verdict under.
    public func literalKey(_ constants: ConstantSet, of inspected: InspectedText, text: RawSpan) -> LiteralKey {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for (index, slot) in literals(of: inspected).enumerated() where constants.contains(index) {
            bytes.append(text, slot.range)
            ends.append(bytes.count)
        }
        let hash = literalHash(constants, of: inspected, text: text)
        return LiteralKey(constants: constants, hash: hash, bytes: bytes, ends: ends)
    }

    /// Whether the text has exactly the literals of `key`. Allocates nothing.
    public func matches(_ key: LiteralKey, of inspected: InspectedText, text: RawSpan) -> Bool {
        var position = 0
        var number = 0
        for (index, slot) in literals(of: inspected).enumerated() where key.constants.contains(index) {
            guard number < key.ends.count, key.ends[number] - position == slot.end - slot.start else { return false }
            guard unsafe text.holdsSameBytes(slot.range, as: key.bytes.span.bytes, at: position) else { return false }
            position = key.ends[number]
            number += 1
        }
        return number == key.ends.count
    }
}

// MARK: - Values

extension RawSpan {
    /// A literal's value: quotes gone, `''` made one, a folded sign in front.
    fileprivate func value(of slot: Slot, isNegated: Bool, rules: AdmissionRule) -> String {
        guard byte(at: slot.start) == UInt8(ascii: "'") else {
            let digits = string(slot.range)
            // PostgreSQL computes with integers and edits the digits of decimals: -0 is 0, -0.0 stays.
            let hasSign = isNegated && !(slot.kind == .int4 && digits == "0") && rules.contains(.foldedSign)
            return hasSign ? "-" + digits : digits
        }
        let content = slot.start + 1..<slot.end - 1
        let hasDoubledQuote = content.contains { byte(at: $0) == UInt8(ascii: "'") }
        guard hasDoubledQuote && rules.contains(.doubledQuotes) else { return string(content) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count)
        var offset = content.lowerBound
        while offset < content.upperBound {
            let byte = byte(at: offset)
            bytes.append(byte)
            offset += byte == UInt8(ascii: "'") ? 2 : 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func string(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
