extension String {
    /// Whether both are the same bytes: Swift's own comparison takes canonically equivalent spellings for the same.
    func hasSameBytes(as other: String) -> Bool {
        let own = utf8Span.span
        let others = other.utf8Span.span
        guard own.count == others.count else { return false }
        for index in own.indices where own[index] != others[index] { return false }
        return true
    }
}
