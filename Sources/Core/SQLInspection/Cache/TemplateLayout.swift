/// Where a template's first text had its literals, to carry offsets and values over to other texts of the template.
struct TemplateLayout: Sendable {
    /// The slots of the text that the facts were made from.
    let slots: [Slot]
    /// The slots whose constants have a sign folded in, which stands before the literal and in the key.
    let negated: ConstantSet
    /// How many bytes follow the statement in every text of the template: white space, a semicolon.
    let trailingBytes: Int

    /// Where `offset`, taken from the facts, is in a text with `current` for its slots.
    func translate(_ offset: Int, to current: [Slot]) -> Int {
        guard let before = slots.lastIndex(where: { $0.start <= offset }) else { return offset }
        if offset < slots[before].end {
            return min(current[before].start + offset - slots[before].start, current[before].end)
        }
        return current[before].end + offset - slots[before].end
    }
}
