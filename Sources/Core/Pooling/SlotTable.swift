/// Values in numbered slots, each in at most one list: inserting, removing and moving from list to list shift nothing
/// and, once the table has grown, allocate nothing.
struct SlotTable<Element> {
    private struct Entry {
        var element: Element
        var previous: Int
        var next: Int
        var isVacant: Bool
    }

    private var entries: [Entry] = []
    private var vacant: [Int] = []
    /// How many slots are taken.
    private(set) var count = 0

    /// Every slot that is taken.
    var slots: [Int] { entries.indices.filter { !entries[$0].isVacant } }

    func contains(_ slot: Int) -> Bool { entries.indices.contains(slot) && !entries[slot].isVacant }

    subscript(slot: Int) -> Element {
        get { entries[slot].element }
        _modify { yield &entries[slot].element }
    }

    /// Puts an element into a slot that stands in no list.
    mutating func insert(_ element: Element) -> Int {
        count += 1
        guard let slot = vacant.popLast() else {
            entries.append(Entry(element: element, previous: SlotList.end, next: SlotList.end, isVacant: false))
            return entries.count - 1
        }
        entries[slot].element = element
        entries[slot].isVacant = false
        return slot
    }

    /// Empties a slot that stands in no list.
    mutating func remove(_ slot: Int) {
        precondition(contains(slot), "a slot is emptied once")
        count -= 1
        entries[slot].isVacant = true
        vacant.append(slot)
    }

    mutating func append(_ slot: Int, to list: inout SlotList) {
        entries[slot].previous = list.last
        entries[slot].next = SlotList.end
        if list.last == SlotList.end { list.first = slot } else { entries[list.last].next = slot }
        list.last = slot
        list.count += 1
    }

    mutating func prepend(_ slot: Int, to list: inout SlotList) {
        entries[slot].previous = SlotList.end
        entries[slot].next = list.first
        if list.first == SlotList.end { list.last = slot } else { entries[list.first].previous = slot }
        list.first = slot
        list.count += 1
    }

    mutating func unlink(_ slot: Int, from list: inout SlotList) {
        let (previous, next) = (entries[slot].previous, entries[slot].next)
        if previous == SlotList.end { list.first = next } else { entries[previous].next = next }
        if next == SlotList.end { list.last = previous } else { entries[next].previous = previous }
        list.count -= 1
    }

    /// A list's slots from first to last.
    func slots(of list: SlotList) -> [Int] {
        var slots: [Int] = []
        var slot = list.first
        while slot != SlotList.end {
            slots.append(slot)
            slot = entries[slot].next
        }
        return slots
    }
}

/// The ends of a list of slots.
struct SlotList {
    /// Where a list has no slot.
    static let end = -1

    var first = SlotList.end
    var last = SlotList.end
    var count = 0

    var isEmpty: Bool { first == SlotList.end }
}
