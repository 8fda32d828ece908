/// The first byte of a message from the frontend (protocol chapter, "Message Formats").
public enum FrontendTag: UInt8, Sendable {
    case bind = 0x42  // B
    case close = 0x43  // C
    case describe = 0x44  // D
    case execute = 0x45  // E
    case functionCall = 0x46  // F
    case flush = 0x48  // H
    case parse = 0x50  // P
    case query = 0x51  // Q
    case sync = 0x53  // S
    case terminate = 0x58  // X
    case copyDone = 0x63  // c
    case copyData = 0x64  // d
    case copyFail = 0x66  // f
    /// PasswordMessage, SASLInitialResponse and SASLResponse.
    case password = 0x70  // p

    /// The longest message of this type that PostgreSQL reads (postgres.c, SocketBackend; pqcomm.h): length field
    /// included, tag not.
    public var maximumLength: Int {
        switch self {
        case .close, .describe, .execute, .flush, .sync, .terminate, .copyDone: 10_000
        case .password: 65_535
        case .bind, .functionCall, .parse, .query, .copyData, .copyFail: 0x3fff_ffff
        }
    }
}

/// The first byte of a message from the backend.
public enum BackendTag: UInt8, Sendable {
    case parseComplete = 0x31  // 1
    case bindComplete = 0x32  // 2
    case closeComplete = 0x33  // 3
    case notificationResponse = 0x41  // A
    case commandComplete = 0x43  // C
    case dataRow = 0x44  // D
    case errorResponse = 0x45  // E
    case copyInResponse = 0x47  // G
    case copyOutResponse = 0x48  // H
    case emptyQueryResponse = 0x49  // I
    case backendKeyData = 0x4b  // K
    case noticeResponse = 0x4e  // N
    case authentication = 0x52  // R
    case parameterStatus = 0x53  // S
    case rowDescription = 0x54  // T
    case functionCallResponse = 0x56  // V
    case copyBothResponse = 0x57  // W
    case readyForQuery = 0x5a  // Z
    case copyDone = 0x63  // c
    case copyData = 0x64  // d
    case noData = 0x6e  // n
    case portalSuspended = 0x73  // s
    case parameterDescription = 0x74  // t
    case negotiateProtocolVersion = 0x76  // v
}
