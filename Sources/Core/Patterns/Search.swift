internal import CPCRE2

/// One text's way through some patterns, within limits.
@safe public final class Search {
    /// A stretch of a text and what takes its place.
    public struct Edit: Sendable, Hashable {
        /// In bytes.
        public let range: Range<Int>
        /// What takes the place of these bytes.
        public let text: String
    }

    private let data: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer?
    /// What PCRE2's callouts look at.
    private let watch: UnsafeMutablePointer<Watch>

    /// Sees to it that all searches of a text together end in time. PCRE2 calls before every item of a pattern, wherever
    /// it tries it; its own limits hold for each place at which a match may begin, and count neither the length of a text
    /// nor what is possessive.
    private struct Watch {
        let budget: UInt64
        var start: UInt64 = 0
        var threadStart: UInt64 = 0
        /// So many items may be tried between two looks at the clock: fewer in a long text, all of which one may go over.
        var interval = 1
        var untilLook = 0

        mutating func isLate() -> Bool {
            untilLook -= 1
            guard untilLook <= 0 else { return false }
            untilLook = interval
            // The thread's own clock takes a system call, so it is asked only when the wall's says that it may be late.
            guard cpcre2_monotonic_nanoseconds() &- start > budget else { return false }
            return cpcre2_thread_nanoseconds() &- threadStart > budget
        }
    }

    /// What a callout answers when the time is up.
    private static let late = Int32(PCRE2_ERROR_CALLOUT)
    /// About as many bytes are gone over between two looks at the clock.
    private static let bytesPerLook = 1 << 20

    init?(limits: MatchLimits, groups: Int) {
        guard let data = unsafe pcre2_match_data_create_8(UInt32(groups + 1), nil) else { return nil }
        guard let context = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_match_data_free_8(data)
            return nil
        }
        let (seconds, attoseconds) = limits.time.components
        let budget = UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds / 1_000_000_000))
        let watch = UnsafeMutablePointer<Watch>.allocate(capacity: 1)
        unsafe watch.initialize(to: Watch(budget: budget))
        unsafe pcre2_set_match_limit_8(context, limits.match)
        unsafe pcre2_set_depth_limit_8(context, limits.depth)
        unsafe pcre2_set_heap_limit_8(context, limits.heap)
        unsafe pcre2_set_callout_8(
            context,
            { _, watch in
                guard let watch = unsafe watch?.assumingMemoryBound(to: Watch.self) else { return 0 }
                return unsafe watch.pointee.isLate() ? Search.late : 0
            },
            watch
        )
        let smallest = 32 * 1024
        unsafe stack = pcre2_jit_stack_create_8(smallest, max(smallest, Int(limits.heap) * 1024), nil)
        unsafe pcre2_jit_stack_assign_8(context, nil, stack.map { unsafe UnsafeMutableRawPointer($0) })
        unsafe self.data = data
        unsafe self.context = context
        unsafe self.watch = watch
    }

    deinit {
        unsafe pcre2_match_data_free_8(data)
        unsafe pcre2_match_context_free_8(context)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_free_8(stack) }
        unsafe watch.deallocate()
    }

    /// What the calling thread has used of the processor.
    static var threadNanoseconds: UInt64 { cpcre2_thread_nanoseconds() }

    /// Another text is about to be searched, with all the time there is.
    func begin() {
        unsafe watch.pointee.start = cpcre2_monotonic_nanoseconds()
        unsafe watch.pointee.threadStart = Self.threadNanoseconds
    }

    /// The matches of a pattern in a text and what takes their places, from left to right.
    public func edits(
        _ pattern: Pattern,
        _ replacement: Replacement,
        in text: String
    ) throws(MatchLimits.Exceeded) -> [Edit] {
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(MatchLimits.Exceeded) in try unsafe edits(pattern, replacement, in: bytes) }
        }
        return try result.get()
    }

    private func edits(
        _ pattern: Pattern,
        _ replacement: Replacement,
        in text: UnsafeBufferPointer<UInt8>
    ) throws(MatchLimits.Exceeded) -> [Edit] {
        unsafe watch.pointee.interval = max(1, min(1024, Self.bytesPerLook / max(1, text.count)))
        var edits: [Edit] = []
        var offset = 0
        var end = 0
        while offset <= text.count, let match = try unsafe firstMatch(pattern, in: text, from: offset) {
            // An assertion may put a match's beginning before the end of the one before.
            if match.lowerBound >= end {
                edits.append(Edit(range: match, text: unsafe words(of: replacement, in: text)))
                end = match.upperBound
            }
            offset = unsafe match.upperBound > offset ? match.upperBound : Self.next(after: offset, in: text)
        }
        return edits
    }

    /// The first match that begins at `offset` or behind.
    private func firstMatch(
        _ pattern: Pattern,
        in text: UnsafeBufferPointer<UInt8>,
        from offset: Int
    ) throws(MatchLimits.Exceeded) -> Range<Int>? {
        // A text with many matches is watched from one to the next.
        guard unsafe !watch.pointee.isLate() else { throw .time }
        let found = unsafe pcre2_match_8(
            pattern.code,
            text.baseAddress ?? Pattern.nothing,
            text.count,
            offset,
            UInt32(PCRE2_NO_UTF_CHECK),
            data,
            context
        )
        switch found {
        case PCRE2_ERROR_NOMATCH: return nil
        case PCRE2_ERROR_MATCHLIMIT: throw .match
        case PCRE2_ERROR_DEPTHLIMIT: throw .depth
        case PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_JIT_STACKLIMIT: throw .heap
        case Self.late: throw .time
        case ..<0: throw .other(found)
        default: return group(0)
        }
    }

    /// Where the character behind the one at `offset` begins.
    private static func next(after offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var next = offset + 1
        while next < text.count, unsafe text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }

    private func group(_ number: Int) -> Range<Int>? {
        guard number < Int(unsafe pcre2_get_ovector_count_8(data)), let pairs = unsafe pcre2_get_ovector_pointer_8(data)
        else { return nil }
        let (start, end) = unsafe (pairs[2 * number], pairs[2 * number + 1])
        // PCRE2_UNSET, for a group that took no part, is all ones.
        return start >= 0 && start <= end ? start..<end : nil
    }

    private func words(of replacement: Replacement, in text: UnsafeBufferPointer<UInt8>) -> String {
        var bytes: [UInt8] = []
        for part in replacement.parts {
            switch part {
            case .text(let text): bytes += text
            case .group(let number):
                if let range = group(number) { unsafe bytes.append(contentsOf: text[range]) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
