extension String {
    /// Whether both are the same bytes: Swift's own comparison takes canonically equivalent spellings for the same.
    func hasSameBytes(as other: String) -> Bool {
        let isSame: Bool?? = unsafe utf8.withContiguousStorageIfAvailable { left in
            unsafe other.utf8.withContiguousStorageIfAvailable { right in
                unsafe left.count == right.count && left.elementsEqual(right)
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
