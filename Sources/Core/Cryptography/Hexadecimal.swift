/// Bytes as pairs of lower-case hexadecimal digits.
package enum Hexadecimal {
    /// Writes bytes as ASCII.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
