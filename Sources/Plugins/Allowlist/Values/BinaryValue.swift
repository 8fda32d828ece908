/// A parameter's value in binary format, read as the type that was declared for it.
enum BinaryValue {
    /// The value, nil when this type's binary form is not read or the bytes are not of it.
    static func read(_ bytes: [UInt8], type: UInt32) -> KnownValue? {
        if let element = TypeOID.elements[type] { return array(bytes, element: element) }
        return scalar(bytes[...], type: type)
    }

    /// As `read`, for a parameter whose type the server infers: the rule says what it expects.
    static func readInferred(_ bytes: [UInt8], expected: ValueRule) -> KnownValue? {
        if expected.isArray { return array(bytes, element: nil) }
        // jsonb's binary form begins with its version; no text that a rule admits does.
        if expected.object != nil, bytes.first == 1 { return scalar(bytes[...], type: TypeOID.jsonb) }
        if expected.number != nil || expected.isBoolean || expected.isRelation { return nil }
        return scalar(bytes[...], type: TypeOID.unknown)
    }

    private static func scalar(_ bytes: ArraySlice<UInt8>, type: UInt32) -> KnownValue? {
        switch type {
        case TypeOID.text, TypeOID.varchar: String(validating: bytes, as: UTF8.self).map { .text($0, as: .text) }
        case TypeOID.unknown: String(validating: bytes, as: UTF8.self).map { .text($0, as: .unknown) }
        case TypeOID.json: String(validating: bytes, as: UTF8.self).map { .text($0, as: .json) }
        case TypeOID.jsonb:
            bytes.first == 1 ? String(validating: bytes.dropFirst(), as: UTF8.self).map { .text($0, as: .json) } : nil
        case TypeOID.int2: integer(bytes, width: 2).map { .text(String(Int16(truncatingIfNeeded: $0)), as: .converted) }
        case TypeOID.int4: integer(bytes, width: 4).map { .text(String(Int32(truncatingIfNeeded: $0)), as: .converted) }
        case TypeOID.int8: integer(bytes, width: 8).map { .text(String(Int64(truncatingIfNeeded: $0)), as: .converted) }
        case TypeOID.bool: bytes.count == 1 ? .boolean : nil
        default: nil
        }
    }

    /// Reads array_recv's form: dimensions, flags, element type, then length and bytes of each element.
    private static func array(_ bytes: [UInt8], element: UInt32?) -> KnownValue? {
        var rest = bytes[...]
        guard let dimensions = takeInt32(&rest), let flags = takeInt32(&rest), flags == 0 || flags == 1,
            let type = takeInt32(&rest).map({ UInt32(bitPattern: $0) }), element == nil || type == element
        else { return nil }
        if dimensions == 0 { return rest.isEmpty ? .array([]) : nil }
        guard dimensions == 1, let count = takeInt32(&rest), count >= 0, takeInt32(&rest) != nil,
            Int(count) <= rest.count / 4
        else { return nil }
        var elements: [KnownValue] = []
        for _ in 0..<count {
            guard let length = takeInt32(&rest), length >= -1, Int(length) <= rest.count else { return nil }
            if length == -1 {
                elements.append(.null)
            } else {
                guard let value = scalar(rest.prefix(Int(length)), type: type) else { return nil }
                elements.append(value)
                rest = rest.dropFirst(Int(length))
            }
        }
        return rest.isEmpty ? .array(elements) : nil
    }

    private static func integer(_ bytes: ArraySlice<UInt8>, width: Int) -> UInt64? {
        bytes.count == width ? bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil
    }

    private static func takeInt32(_ rest: inout ArraySlice<UInt8>) -> Int32? {
        guard rest.count >= 4 else { return nil }
        let value = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        rest = rest.dropFirst(4)
        return Int32(bitPattern: value)
    }
}
