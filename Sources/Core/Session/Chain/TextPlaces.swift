import PluginAPI
import PostgresWire

/// Where in a client's text the places of its replacement are, as PostgreSQL counts: in characters, from 1.
final class TextPlaces {
    private struct Stretch {
        let range: Range<Int>
        let origin: Int
    }

    private let stretches: [Stretch]

    /// - Parameter replacements: in the text's order; what stands around them was kept.
    init(_ replacements: [(range: Range<Int>, text: EditedText)], in text: RawSpan) {
        var stretches: [Stretch] = []
        var old = CharacterCount(0)
        var new = 1
        var end = 0
        func keep(_ count: Int, at place: Int, origin: Int) {
            guard count > 0 else { return }
            stretches.append(Stretch(range: place..<place + count, origin: origin))
        }
        for (range, edited) in replacements {
            let before = old.advance(to: range.lowerBound, in: text) - end
            keep(before, at: new, origin: end + 1)
            new += before
            let bytes = Array(edited.text.utf8)
            let made = unsafe bytes.span.bytes
            var count = CharacterCount(0)
            for stretch in edited.kept {
                let start = count.advance(to: stretch.range.lowerBound, in: made)
                let length = count.advance(to: stretch.range.upperBound, in: made) - start
                let origin = old.advance(to: range.lowerBound + stretch.origin, in: text)
                keep(length, at: new + start, origin: origin + 1)
            }
            new += count.advance(to: made.byteCount, in: made)
            end = old.advance(to: range.upperBound, in: text)
        }
        keep(old.advance(to: text.byteCount, in: text) - end, at: new, origin: end + 1)
        self.stretches = stretches
    }

    /// Counts the characters of a text up to places that only move on.
    private struct CharacterCount {
        private var byte = 0
        private(set) var count = 0

        init(_ byte: Int) { self.byte = byte }

        mutating func advance(to end: Int, in text: RawSpan) -> Int {
            while byte < end {
                if text.byte(at: byte) & 0xC0 != 0x80 { count += 1 }
                byte += 1
            }
            return count
        }
    }

    /// Where the client has written what stands at `position` of the replacement; nil where it has not.
    func origin(of position: Int) -> Int? {
        guard let stretch = stretches.first(where: { $0.range.contains(position) }) else { return nil }
        return stretch.origin + position - stretch.range.lowerBound
    }
}
