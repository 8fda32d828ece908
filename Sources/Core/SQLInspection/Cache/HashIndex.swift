/// An open-addressing table from hashes to numbers of entries, with linear probing and no tombstones.
///
/// It holds 32-bit numbers only; the hashes stay with the entries, and whoever looks up decides on the entry itself.
struct HashIndex {
    private var cells: [UInt32]
    private var count = 0
    private static let empty = UInt32.max

    init() { cells = Array(repeating: Self.empty, count: 64) }

    /// The first entry on the hash's probe sequence for which `matches` holds.
    @inline(__always)
    func first(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        var cell = home(hash)
        while cells[cell] != Self.empty {
            let entry = Int(cells[cell])
            if matches(entry) { return entry }
            cell = (cell + 1) & mask
        }
        return nil
    }

    mutating func insert(_ entry: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        if (count + 1) * 2 > cells.count { grow(hashOf: hashOf) }
        place(UInt32(entry), hash)
        count += 1
    }

    mutating func remove(_ entry: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        var hole = home(hash)
        while cells[hole] != UInt32(entry) {
            precondition(cells[hole] != Self.empty, "only what was inserted is removed")
            hole = (hole + 1) & mask
        }
        count -= 1
        // Close the gap: move back whatever may stand nearer to its home.
        var cell = (hole + 1) & mask
        while cells[cell] != Self.empty {
            let distance = (cell - home(hashOf(Int(cells[cell])))) & mask
            if distance >= (cell - hole) & mask {
                cells[hole] = cells[cell]
                hole = cell
            }
            cell = (cell + 1) & mask
        }
        cells[hole] = Self.empty
    }

    private var mask: Int { cells.count - 1 }

    @inline(__always)
    private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 8) & mask }

    private mutating func place(_ entry: UInt32, _ hash: UInt64) {
        var cell = home(hash)
        while cells[cell] != Self.empty { cell = (cell + 1) & mask }
        cells[cell] = entry
    }

    private mutating func grow(hashOf: (Int) -> UInt64) {
        let old = cells
        cells = Array(repeating: Self.empty, count: old.count * 2)
        for entry in old where entry != Self.empty { place(entry, hashOf(Int(entry))) }
    }
}
