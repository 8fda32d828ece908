public import PostgresWire

/// One Query of the gateway's own on a server connection that no session uses at the moment.
public struct ServerErrand {
    /// What the errand asks and tells the server, in this order, in one Query.
    enum Part: Equatable {
        case rollback
        /// The present values of these settings.
        case ask([String])
        /// Every setting that was changed since the connection's login, but those that PostgreSQL's pg_settings does not
        /// show: custom ones that no library defines.
        case askAll
        /// Which of these are there. Those that nobody can be asked about stay out of the answer. `loginUser` is who the
        /// connection was made for.
        case probe(PinReasons, loginUser: String)
        /// Back to how the connection began.
        case reset([String])
        /// All settings back to how the connection began, those too that `askAll` does not tell of.
        case resetAll
        case set([Setting])
        case discardSequences
        /// As `DISCARD ALL`, which PostgreSQL takes in a Query of its own only, so that other parts may stand beside it.
        case discardAll

        fileprivate var isSet: Bool { if case .set = self { true } else { false } }
    }

    /// A setting's name in lower case and a value as `set_config` takes it.
    struct Setting: Equatable {
        let name: String
        let value: String
    }

    /// What became of the bytes shown.
    public enum Step {
        case proceed(consumed: Int)
        /// A NotificationResponse of this many bytes stands first: it is for the session that holds the connection.
        case notification(Int)
        case needMore(Int)
        case done(consumed: Int)
        /// The server refused: close the connection.
        case failed(ErrorResponse)
    }

    /// What the server answered.
    struct Findings: Equatable {
        /// The settings asked for by name; nil for one that does not exist.
        var values: [String: String?] = [:]
        /// The answer to `askAll`.
        var all: [String: String]?
        /// The answer to `probe`.
        var pins: PinReasons = []
    }

    let parts: [Part]
    private(set) var findings = Findings()
    private(set) var parameters: ServerParameters
    private let statements: [ErrandStatement]
    /// How many of `statements` have been answered in full.
    private var answered = 0
    /// Which of `statements` is the first that sets what its session wants.
    private let firstThatSets: Int
    /// Whether the errand failed by what its session wants: another connection would refuse it as well. Anything else is
    /// the fault of this connection, or of what its last session has left there.
    public private(set) var isRefusal = false

    /// - Parameter parameters: what the server has reported so far.
    init(_ parts: [Part], parameters: ServerParameters) {
        self.parts = parts
        self.parameters = parameters
        statements = ErrandStatement.all(for: parts)
        firstThatSets = ErrandStatement.all(for: Array(parts.prefix { !$0.isSet })).count
        if parts.contains(.askAll) { findings.all = [:] }
    }

    /// The Query message to send.
    public var message: [UInt8] {
        var message: [UInt8] = []
        message.appendQuery(statements.map(\.text).joined(separator: "; "))
        return message
    }

    /// Looks at the message at the start of `bytes`.
    public mutating func receive(_ bytes: RawSpan) -> Step {
        switch ServerMessage(at: bytes) {
        case .incomplete(let needed): .needMore(needed)
        case .whole(let tag, let size): note(tag, bytes.extracting(MessageHeader.size..<size), size: size)
        case .malformed: .failed(Self.notPostgreSQL)
        }
    }

    private mutating func note(_ tag: BackendTag, _ body: RawSpan, size: Int) -> Step {
        switch tag {
        case .rowDescription where answered < statements.count: break
        case .dataRow where answered < statements.count:
            guard let row = TextRow(body), note(row, of: statements[answered].answer) else {
                return .failed(Self.notPostgreSQL)
            }
        case .commandComplete where answered < statements.count: answered += 1
        case .emptyQueryResponse where statements.isEmpty: break
        case .noticeResponse: break
        case .parameterStatus:
            guard parameters.note(body) != nil else { return .failed(Self.notPostgreSQL) }
        case .notificationResponse: return .notification(size)
        case .errorResponse:
            let error = Self.refusal(body)
            // A statement_timeout that was there before ends it too.
            isRefusal =
                parts.contains(where: \.isSet) && answered >= firstThatSets && error.severity == .error
                && error.sqlState != .queryCanceled
            return .failed(error)
        case .readyForQuery:
            guard answered == statements.count, body.byteCount == 1,
                TransactionStatus(rawValue: body.byte(at: 0)) == .idle
            else { return .failed(Self.notPostgreSQL) }
            return .done(consumed: size)
        default: return .failed(Self.notPostgreSQL)
        }
        return .proceed(consumed: size)
    }

    /// Takes in one row; false when it is not what was asked for.
    private mutating func note(_ row: TextRow, of answer: ErrandStatement.Answer) -> Bool {
        switch answer {
        case .nothing: break
        case .values(let names):
            guard row.values.count == names.count else { return false }
            for (name, value) in zip(names, row.values) {
                guard let value else {
                    findings.values.updateValue(nil, forKey: name)
                    continue
                }
                guard let value = value.unescapedBytea else { return false }
                findings.values[name] = value
            }
        case .all:
            guard row.values.count == 2, let name = row.values[0]?.unescapedBytea,
                let value = row.values[1]?.unescapedBytea
            else { return false }
            // SET TRANSACTION leaves its settings behind as the session's, and they can only be set in a transaction.
            if case .value(let name) = SettingName(name) { findings.all?[name] = value }
        case .pins(let reasons):
            guard row.values.count == reasons.count else { return false }
            for (reason, value) in zip(reasons, row.values) where value == "t" { findings.pins.insert(reason) }
        }
        return true
    }

    /// The server's own words.
    private static func refusal(_ body: RawSpan) -> ErrorResponse {
        let severity = ErrorFields.value("V", in: body)
        return ErrorResponse(
            severity: severity == "FATAL" || severity == "PANIC" ? .fatal : .error,
            ErrorFields.value("C", in: body).map(SQLState.init(rawValue:)) ?? .connectionFailure,
            ErrorFields.value("M", in: body) ?? "the upstream refused what the gateway asked of it",
            detail: ErrorFields.value("D", in: body),
            hint: ErrorFields.value("H", in: body)
        )
    }

    private static let notPostgreSQL = ErrorResponse(
        .connectionFailure,
        "the upstream does not answer as PostgreSQL does"
    )
}
