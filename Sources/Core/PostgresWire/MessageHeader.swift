/// The sizes that every tagged message shares.
public enum MessageHeader {
    /// Tag and length field.
    public static let size = 5
    /// The length field counts itself.
    public static let lengthFieldSize = 4
}
