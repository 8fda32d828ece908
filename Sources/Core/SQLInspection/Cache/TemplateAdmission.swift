/// Decides whether the facts of one text may serve every text of its template.
///
/// They may if its tree has exactly one constant per slot, at the slot's place, of the slot's kind, and each where
/// nothing but its value depends on it. A parse tree that shows more, fewer or other constants than the lexer saw means
/// that lexer and grammar read the text differently; nothing may then be concluded from one about the other.
struct TemplateAdmission {
    let rules: AdmissionRule

    /// What the cache keeps for the template of `text`, nil if it must not be used.
    func admit(_ text: RawSpan, _ slots: [Slot], _ statements: [ParsedStatement]) -> InspectedText? {
        guard let statement = statements.first, statements.count == 1 || !rules.contains(.singleStatement) else {
            return nil
        }
        let facts = statement.facts
        guard facts.undecided == nil else { return nil }
        if facts.constants.count != slots.count && rules.contains(.constantCount) { return nil }
        guard facts.constants.count <= slots.count, let last = slots.last else { return nil }
        guard last.end <= statement.range.upperBound || !rules.contains(.singleStatement) else { return nil }

        var negated = ConstantSet()
        for (index, constant) in facts.constants.enumerated() {
            let slot = slots[index]
            if let reason = constant.fixed, rules.contains(reason.rule) { return nil }
            if constant.kind != slot.kind.constantKind && rules.contains(.constantKind) { return nil }
            if constant.offset == slot.start { continue }
            if isFoldedSign(text, constant, before: slot) {
                negated.insert(index)
            } else if rules.contains(.constantOffset) {
                return nil
            }
        }
        let layout = TemplateLayout(
            slots: slots,
            negated: negated,
            trailingBytes: text.byteCount - statement.range.upperBound
        )
        let general = facts.replacingConstants(facts.constants.map(withoutValue))
        return InspectedText(statement: ParsedStatement(facts: general, range: statement.range), layout: layout)
    }

    /// Whether the constant begins at a minus sign with nothing but white space between it and its numeral.
    private func isFoldedSign(_ text: RawSpan, _ constant: Constant, before slot: Slot) -> Bool {
        guard slot.kind != .string, constant.offset >= 0, constant.offset < slot.start else { return false }
        guard text.byte(at: constant.offset) == UInt8(ascii: "-") else { return false }
        return (constant.offset + 1..<slot.start).allSatisfy { offset in
            switch text.byte(at: offset) {
            case .space, .tab, .newline, .carriageReturn: true
            default: false
            }
        }
    }

    /// The first text's values must not be taken for another's: they are not kept. (A constant in a fixed place keeps
    /// its value; outside tests no template has one.)
    private func withoutValue(_ constant: Constant) -> Constant {
        guard constant.isInterchangeable else { return constant }
        return Constant(kind: constant.kind, value: "", offset: constant.offset)
    }
}
