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
        case 80_877_103:
            guard length == 8 else { throw .invalidLength }
            return (.sslRequest, length)
        case 80_877_104:
            guard length == 8 else { throw .invalidLength }
            return (.gssEncryptionRequest, length)
        case 80_877_102:
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

/// StartupMessage: the protocol version's minor part and the parameters in their order.
public struct StartupMessage: Sendable, Equatable {
    /// One name and its value.
    public struct Parameter: Sendable, Equatable {
        /// As the client spelled it.
        public let name: String
        /// As the client gave it.
        public let value: String

        /// Neither may hold a NUL.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The minor part of the protocol version asked for.
    public let minorVersion: Int
    /// In the order of the packet.
    public let parameters: [Parameter]

    /// A message of protocol 3.0 unless told otherwise.
    public init(minorVersion: Int = 0, parameters: [Parameter]) {
        self.minorVersion = minorVersion
        self.parameters = parameters
    }

    /// The last value given for `name`: PostgreSQL lets a later one win.
    public subscript(name: String) -> String? {
        parameters.last { $0.name == name }?.value
    }

    static func decode(_ packet: RawSpan, minor: Int) throws(StartupRequest.Failure) -> StartupMessage {
        var parameters: [Parameter] = []
        var offset = 8
        while true {
            guard let nameEnd = packet.firstNull(from: offset) else { throw .invalidLayout }
            if nameEnd == offset {
                guard nameEnd == packet.byteCount - 1 else { throw .invalidLayout }
                return StartupMessage(minorVersion: minor, parameters: parameters)
            }
            guard let valueEnd = packet.firstNull(from: nameEnd + 1) else { throw .invalidLayout }
            parameters.append(
                Parameter(
                    name: packet.string(offset..<nameEnd),
                    value: packet.string(nameEnd + 1..<valueEnd)
                )
            )
            offset = valueEnd + 1
        }
    }

    /// The packet as a client sends it. Names and values must not hold NUL.
    public func encoded() -> [UInt8] {
        var packet: [UInt8] = [0, 0, 0, 0]
        packet.append(int32: Int32(3 << 16 | minorVersion))
        for parameter in parameters {
            packet.append(cString: parameter.name)
            packet.append(cString: parameter.value)
        }
        packet.append(0)
        packet.patchLength(at: 0)
        return packet
    }
}
