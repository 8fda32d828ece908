/// A whole number with a unit behind it, `30s`, white space between them allowed.
struct Quantity {
    let number: Int
    let unit: String

    init?(_ text: String) {
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.number = number
        let rest = text.utf8.dropFirst(digits.count).drop { $0 == UInt8(ascii: " ") }
        unit = String(decoding: rest, as: UTF8.self)
    }
}
