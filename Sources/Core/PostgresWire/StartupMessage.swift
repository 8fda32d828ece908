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
