import Configuration
import Engine

extension SocketAddress {
    /// Reads `ADDRESS:PORT` as the command line has it, an IPv6 address in brackets.
    ///
    /// - Parameter option: which one, for the message.
    init(_ text: String, option: String) throws(ConfigurationError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            let address = SocketAddress(
                numeric: String(text[..<colon].filter { $0 != "[" && $0 != "]" }),
                port: port
            )
        else {
            throw ConfigurationError(
                file: option,
                message: "\"\(text)\" is not an address; write 127.0.0.1:6432 or [::1]:6432"
            )
        }
        self = address
    }
}
