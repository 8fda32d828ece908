extension Array {
    /// `removeFirst`, but cheap where nothing is behind the first, as mostly: that one replaces a range even then.
    mutating func removeEldest() -> Element { count == 1 ? removeLast() : removeFirst() }
}
