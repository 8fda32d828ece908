/// A statement's text after edits, which knows what of it is the client's own and where that stood.
public struct EditedText: Sendable {
    /// A stretch of the text as it is now that stood in the client's.
    public struct Kept: Sendable, Hashable {
        /// In bytes of the text as it is now.
        public let range: Range<Int>
        /// Where it stood in the client's text, in bytes.
        public let origin: Int
    }

    /// A stretch of the text and what takes its place.
    public struct Edit: Sendable {
        /// In bytes.
        public let range: Range<Int>
        /// What takes its place.
        public let text: String

        /// An edit of these bytes.
        public init(range: Range<Int>, text: String) {
            self.range = range
            self.text = text
        }
    }

    /// The text as it is now.
    public private(set) var text: String
    /// What was kept, in the text's order and in the client's, which are one.
    public private(set) var kept: [Kept]

    /// A text that is as its client wrote it.
    public init(_ text: String) {
        self.text = text
        kept = text.utf8.isEmpty ? [] : [Kept(range: 0..<text.utf8.count, origin: 0)]
    }

    /// Another text in the place of `text`: what both begin with and what both end with is taken as kept.
    public mutating func become(_ other: String) {
        let (old, new) = (Array(text.utf8), Array(other.utf8))
        let most = min(old.count, new.count)
        var start = 0
        while start < most, old[start] == new[start] { start += 1 }
        while start > 0, start < old.count, old[start] & 0xC0 == 0x80 { start -= 1 }
        var tail = 0
        while tail < most - start, old[old.count - tail - 1] == new[new.count - tail - 1] { tail += 1 }
        while tail > 0, old[old.count - tail] & 0xC0 == 0x80 { tail -= 1 }
        let changed = String(decoding: new[start..<new.count - tail], as: UTF8.self)
        apply([Edit(range: start..<old.count - tail, text: changed)])
    }

    /// Makes edits of the text as it is now: from left to right, none over another.
    public mutating func apply(_ edits: [Edit]) {
        guard !edits.isEmpty else { return }
        let old = Array(text.utf8)
        var new: [UInt8] = []
        // Where the text between the edits goes.
        var moves: [Kept] = []
        var end = 0
        func keep(to start: Int) {
            guard start > end else { return }
            moves.append(Kept(range: new.count..<new.count + start - end, origin: end))
            new += old[end..<start]
        }
        for edit in edits {
            precondition(edit.range.lowerBound >= end && edit.range.upperBound <= old.count, "edits are in order")
            keep(to: edit.range.lowerBound)
            new += edit.text.utf8
            end = edit.range.upperBound
        }
        keep(to: old.count)
        text = String(decoding: new, as: UTF8.self)
        kept = Self.composed(moves, over: kept)
    }

    /// The same text, seen from the text that `earlier` was made of: this one was made of what `earlier` is.
    public func over(_ earlier: EditedText) -> EditedText {
        var whole = self
        whole.kept = Self.composed(kept, over: earlier.kept)
        return whole
    }

    /// Both are in order, by their ranges and by their origins.
    private static func composed(_ later: [Kept], over earlier: [Kept]) -> [Kept] {
        var result: [Kept] = []
        var index = 0
        for stretch in later {
            let from = stretch.origin..<stretch.origin + stretch.range.count
            while index < earlier.count, earlier[index].range.upperBound <= from.lowerBound { index += 1 }
            var next = index
            while next < earlier.count, earlier[next].range.lowerBound < from.upperBound {
                let common = earlier[next].range.clamped(to: from)
                let start = stretch.range.lowerBound + common.lowerBound - from.lowerBound
                let origin = earlier[next].origin + common.lowerBound - earlier[next].range.lowerBound
                result.append(Kept(range: start..<start + common.count, origin: origin))
                next += 1
            }
        }
        return result
    }

    /// Where a byte of the text stood in the client's; nil where the client has written none such.
    public func origin(of offset: Int) -> Int? {
        guard let stretch = kept.first(where: { $0.range.contains(offset) }) else { return nil }
        return stretch.origin + offset - stretch.range.lowerBound
    }
}
