/// The exact bytes of some of a text's literals: what a verdict on a template is kept under when it rests on them.
///
/// Made by `Inspector.literalKey(_:_:)`; looked up without allocation by `literalHash` and then `matches`.
public struct LiteralKey: Sendable {
    /// The constants whose literals these are.
    public let constants: ConstantSet
    /// Equal for equal bytes, in one process.
    public let hash: UInt64
    let bytes: [UInt8]
    /// Where in `bytes` each literal ends.
    let ends: [Int]
}
