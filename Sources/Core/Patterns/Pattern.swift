internal import CPCRE2

/// A regular expression in PCRE2's syntax, compiled once and used by any thread.
///
/// Text and pattern are UTF-8; a dot and a class stand for characters.
@safe public final class Pattern: Sendable {
    nonisolated(unsafe) let code: OpaquePointer
    /// How many groups the pattern has, group 0 (the match) not counted.
    public let groupCount: Int
    /// The numbers of groups that have names.
    public let groupNames: [String: Int]
    /// Whether it runs as machine code: everywhere but on processors for which PCRE2 makes none.
    public let isCompiledToMachineCode: Bool

    /// Compiles a pattern.
    ///
    /// - Parameter ignoresCase: letters match in either case, as with `(?i)` in front.
    public init(_ source: String, ignoresCase: Bool = false) throws(PatternError) {
        var options =
            UInt32(PCRE2_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_AUTO_CALLOUT)
            | UInt32(PCRE2_DOLLAR_ENDONLY)
        if ignoresCase { options |= UInt32(PCRE2_CASELESS) }
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(source.utf8)
        let compiled = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe pcre2_compile_8(buffer.baseAddress ?? Self.nothing, buffer.count, options, &number, &offset, nil)
        }
        guard let compiled = unsafe compiled else { throw PatternError(Self.words(for: number), offset: offset) }
        unsafe code = compiled
        isCompiledToMachineCode = unsafe pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE)) == 0
        groupCount = unsafe Int(Self.number(PCRE2_INFO_CAPTURECOUNT, of: compiled))
        groupNames = unsafe Self.names(of: compiled)
    }

    deinit { unsafe pcre2_code_free_8(code) }

    private static func number(_ what: Int32, of code: OpaquePointer) -> UInt32 {
        var value: UInt32 = 0
        unsafe pcre2_pattern_info_8(code, UInt32(bitPattern: what), &value)
        return value
    }

    /// The table of names: entries of one size, each a number in two bytes and a name that ends with NUL.
    private static func names(of code: OpaquePointer) -> [String: Int] {
        let count = unsafe Int(number(PCRE2_INFO_NAMECOUNT, of: code))
        let size = unsafe Int(number(PCRE2_INFO_NAMEENTRYSIZE, of: code))
        var table: UnsafePointer<UInt8>?
        unsafe pcre2_pattern_info_8(code, UInt32(bitPattern: Int32(PCRE2_INFO_NAMETABLE)), &table)
        guard let table = unsafe table else { return [:] }
        var names: [String: Int] = [:]
        for index in 0..<count {
            let entry = unsafe UnsafeBufferPointer(start: table + index * size, count: size)
            let name = unsafe String(decoding: entry.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
            names[name] = unsafe Int(entry[0]) << 8 | Int(entry[1])
        }
        return names
    }

    private static func words(for number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe pcre2_get_error_message_8(number, buffer.baseAddress, buffer.count)
        }
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : "is no pattern"
    }

    /// Where an empty text stands, which an empty array has no address for.
    nonisolated(unsafe) static let nothing: UnsafePointer<UInt8> = {
        let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        unsafe nothing.initialize(to: 0)
        return unsafe UnsafePointer(nothing)
    }()
}

/// Why a text is no pattern, or not one that is taken here.
public struct PatternError: Error, Sendable, Equatable {
    /// What is wrong.
    public let message: String
    /// At which byte of the pattern.
    public let offset: Int

    init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}
