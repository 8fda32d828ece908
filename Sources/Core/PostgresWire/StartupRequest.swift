/// The first packet of a connection: the one kind without a tag.
public enum StartupRequest: Sendable, Equatable {
    case sslRequest
    case gssEncryptionRequest
    case cancel(processID: Int32, secret: Int32)
    case startup(StartupMessage)

    /// Why a first packet cannot be answered. PostgreSQL closes on these; we say why first.
    public enum Failure: Error, Sendable, Equatable {
        case invalidLength
        case invalidLayout
        case unsupportedVersion(major: Int, minor: Int)

        /// In PostgreSQL's words.
        public var message: String {
            switch self {
            case .invalidLength: "invalid length of startup packet"
            case .invalidLayout: "invalid startup packet layout: expected terminator as last byte"
            case .unsupportedVersion(let major, let minor):
                "unsupported frontend protocol \(major).\(minor): server supports 3.0 to 3.0"
            }
        }

        /// PostgreSQL's code for it.
        public var sqlState: SQLState {
            switch self {
            case .invalidLength, .invalidLayout: .protocolViolation
            case .unsupportedVersion: .featureNotSupported
            }
        }
    }

    /// What stands in a version's place in a packet that asks for something else (pqcomm.h).
    enum Code {
        static let cancel: Int32 = 80_877_102
        static let ssl: Int32 = 80_877_103
        static let gssEncryption: Int32 = 80_877_104
    }

    /// PostgreSQL's MAX_STARTUP_PACKET_LENGTH, the length field not counted.
    public static let maximumBodyLength = 10_000

    /// Reads the packet at the start of `bytes`.
    ///
    /// - Returns: the request and the packet's size, or nil when more bytes are needed.
    /// - Throws: as soon as the length is out of bounds, without waiting for the rest.
    public static func decode(_ bytes: RawSpan) throws(Failure) -> (request: StartupRequest, size: Int)? {
        guard bytes.byteCount >= 4 else { return nil }
        let length = Int(bytes.int32(at: 0))
        guard length >= 8, length - 4 <= maximumBodyLength else { throw .invalidLength }
        guard bytes.byteCount >= length else { return nil }
        let code = bytes.int32(at: 4)
        switch code {
        case Code.ssl:
            guard length == 8 else { throw .invalidLength }
            return (.sslRequest, length)
        case Code.gssEncryption:
            guard length == 8 else { throw .invalidLength }
            return (.gssEncryptionRequest, length)
        case Code.cancel:
            guard length == 16 else { throw .invalidLength }
            return (.cancel(processID: bytes.int32(at: 8), secret: bytes.int32(at: 12)), length)
        default:
            let major = Int(code >> 16)
            let minor = Int(code & 0xffff)
            guard major == 3 else { throw .unsupportedVersion(major: major, minor: minor) }
            return (.startup(try StartupMessage.decode(bytes.extracting(0..<length), minor: minor)), length)
        }
    }
}
