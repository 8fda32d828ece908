import PostgresWire

/// What the gateway knows of one server connection: who it is to the server, what the server has reported, what is
/// prepared there, and which session's state is on it. Lives on the connection's reactor.
///
/// A session's settings are known from what it said at startup and from what the server was asked since. Which settings a
/// statement may have changed can be told from its text; their values, after savepoints, errors and all, only the server
/// can tell. So the session keeps its connection as `holder` until somebody else needs it, and only then is the server
/// asked.
public final class ServerState {
    /// What stands between a server connection and its next session.
    public enum Preparation {
        case ready
        /// Send this, give it to `finish` when it is done, and ask again.
        case errand(ServerErrand)
        /// Only its holder can use it.
        case pinned(PinReasons)
    }

    /// What remains of a server connection whose session has ended.
    public enum Departure {
        case reusable
        /// Send this first, and give it to `finish` when it is done.
        case errand(ServerErrand)
        case close
    }

    /// The server process's id, as BackendKeyData tells it.
    public let processID: Int32
    /// The server's own cancel secret.
    public let secret: Int32
    /// What the server has reported last.
    public internal(set) var parameters: ServerParameters
    /// As whom the connection logged in.
    let loginUser: String
    /// The session whose state is on the connection and nowhere else.
    public private(set) weak var holder: ClientSession?
    /// Its number, 0 without one: cheaper to look at.
    private var holderNumber = 0

    /// The settings as they are, but for those in `unsettled`.
    var settings = SessionSettings.none
    /// What a statement of the holder's, or of a session that is gone, may have changed.
    var unsettled = Unsettled()
    /// What may be on the connection, and whether the server has said that it is.
    public private(set) var pins: PinReasons = []
    private var arePinsProven = true

    /// The prepared statements.
    var statements = ServerStatements()
    /// Which Parse of an unnamed statement was the last one here; 0 when there is none.
    var unnamedStatement = 0
    /// Whose statements may have drawn from sequences here: 0 for nobody's, -1 for those of several sessions. What currval
    /// and lastval know is theirs.
    private var sequencesDrawnBy = 0
    private static let several = -1

    /// For whom the errand under way sets the settings.
    private weak var beneficiary: ClientSession?

    struct Unsettled: Sendable {
        var names: Set<String> = []
        /// Others may have changed whose names nobody knows.
        var all = false
        var isEmpty: Bool { names.isEmpty && !all }
    }

    /// The state of a connection that has just logged in.
    public init(_ identity: ServerIdentity) {
        processID = identity.processID
        secret = identity.secret
        parameters = identity.parameters
        loginUser = identity.user
    }

    /// Whether the session's state is on the connection and nowhere else.
    func isHeld(by session: ClientSession) -> Bool { holderNumber == session.number }

    /// Whether SQL's PREPARE may have made statements here for `session`.
    func hasStatementsFromSQL(of session: ClientSession) -> Bool {
        isHeld(by: session) && pins.contains(.preparedStatements)
    }

    private func hold(for session: ClientSession?) {
        holder = session
        holderNumber = session?.number ?? 0
    }

    /// A statement was sent that may leave this behind.
    func note(_ effects: StatementEffects, of session: ClientSession) {
        guard !effects.isEmpty else { return }
        hold(for: session)
        unsettled.names.formUnion(effects.settings)
        if effects.changesUnknownSettings || effects.callsUnknownFunctions { unsettled.all = true }
        if effects.resetsAll { unsettled.names.formUnion(settings.values.keys) }
        var found = effects.pins
        if effects.callsUnknownFunctions { found.formUnion(.probed) }
        guard !found.isEmpty else { return }
        pins.formUnion(found)
        arePinsProven = false
    }

    /// Whether the values of some settings are known to the server alone.
    var isUnsettled: Bool { !unsettled.isEmpty }

    /// Something holds `session` here for as long as it lives.
    func pin(_ reason: PinReasons, for session: ClientSession) {
        hold(for: session)
        pins.insert(reason)
        arePinsProven = false
    }

    /// A statement is sent that may undo what was found on the connection.
    func doubtPins() {
        if !pins.isEmpty { arePinsProven = false }
    }

    /// Whether a statement may have changed a setting.
    func expectsChange(of name: String) -> Bool {
        unsettled.all || unsettled.names.contains(name) || pins.contains(.role)
    }

    /// The server reported a setting that no statement's text spoke of.
    func note(changedSetting name: String, of session: ClientSession) {
        hold(for: session)
        unsettled.names.insert(name)
    }

    /// Whether currval and lastval may know something of another session's.
    func hasForeignSequences(for session: ClientSession) -> Bool {
        sequencesDrawnBy != 0 && sequencesDrawnBy != session.number
    }

    /// A statement is sent that may draw from a sequence.
    func noteDraw(of session: ClientSession) {
        sequencesDrawnBy = hasForeignSequences(for: session) ? Self.several : session.number
    }

    /// Nobody knows whose statements have.
    func noteSeveralDraws() { sequencesDrawnBy = Self.several }

    /// What sequences gave is forgotten on the server.
    func forgetSequences() {
        sequencesDrawnBy = 0
        pins.remove(.sequences)
    }

    // MARK: Between sessions

    /// What has to be done before `session` may use the connection; nil asks for anybody else than its holder.
    public func preparation(for session: ClientSession?) -> Preparation {
        if let session, isHeld(by: session) { return .ready }
        if !pins.isEmpty {
            guard holder != nil else { return errand([.discardAll], for: nil) }
            guard !arePinsProven, !pins.isDisjoint(with: .probed) else { return .pinned(pins) }
            return errand([.probe(pins.intersection(.probed), loginUser: loginUser)], for: nil)
        }
        var parts: [ServerErrand.Part] = []
        if !unsettled.isEmpty {
            if holder == nil {
                if unsettled.all { return errand([.discardAll], for: nil) }
            } else {
                if unsettled.all {
                    // Custom settings are not among all that the server tells of.
                    let custom = settings.values.keys.filter { $0.contains(".") }
                    parts = [.askAll, .ask(unsettled.names.union(custom).sorted())]
                    // What it tells can differ from what is known: first take it in.
                    return errand(parts, for: nil)
                }
                parts.append(.ask(unsettled.names.sorted()))
            }
        }
        guard let session else { return parts.isEmpty ? .ready : errand(parts, for: nil) }
        let target = session.settings
        if unsettled.isEmpty {
            guard settings !== target else { return .ready }
            if settings.isSame(as: target) {
                settings = settings.representative(or: target)
                session.settings = settings
                return .ready
            }
        }
        let difference = difference(to: target)
        if !difference.reset.isEmpty { parts.append(.reset(difference.reset)) }
        if !difference.set.isEmpty { parts.append(.set(difference.set)) }
        return errand(parts, for: session)
    }

    /// What makes the settings those of `target`. Nothing is known of those that are unsettled.
    private func difference(to target: SessionSettings) -> (set: [ServerErrand.Setting], reset: [String]) {
        guard !unsettled.names.isEmpty else { return target.difference(from: settings) }
        var changes: [String: String?] = [:]
        for name in unsettled.names { changes.updateValue(nil, forKey: name) }
        var (set, reset) = target.difference(from: settings.setting(changes))
        reset += unsettled.names.filter { target.values[$0] == nil }.sorted()
        return (set, reset)
    }

    private func errand(_ parts: [ServerErrand.Part], for session: ClientSession?) -> Preparation {
        beneficiary = session
        return .errand(ServerErrand(parts, parameters: parameters))
    }

    /// Takes in what an errand found out.
    public func finish(_ errand: ServerErrand) {
        parameters = errand.parameters
        unnamedStatement = 0
        for part in errand.parts {
            switch part {
            case .probe(let asked, _):
                pins = pins.subtracting(asked).union(errand.findings.pins)
                arePinsProven = true
            case .ask, .askAll:
                settle(errand.findings)
            case .set, .reset, .resetAll:
                guard let beneficiary else { break }
                settings = beneficiary.settings
                unsettled = Unsettled()
            case .discardAll:
                forgetAll()
            case .rollback, .discardSequences:
                break
            }
        }
        if unsettled.isEmpty, pins.isEmpty { hold(for: nil) }
        beneficiary = nil
    }

    /// The holder's settings are known again, wherever it goes.
    private func settle(_ findings: ServerErrand.Findings) {
        let known = findings.all.map { SessionSettings($0) } ?? settings
        settings = known.setting(findings.values)
        unsettled = Unsettled()
        holder?.settings = settings
    }

    private func forgetAll() {
        settings = .none
        unsettled = Unsettled()
        pins = []
        arePinsProven = true
        statements.removeAll()
        hold(for: nil)
        sequencesDrawnBy = 0
    }

    /// The session that used the connection has ended.
    public func leave(_ session: ClientSession) -> Departure {
        guard !pins.contains(anyOf: .indelible), session.canLeaveServer, session.readsStatements else { return .close }
        var parts: [ServerErrand.Part] = session.transactionStatus == .idle ? [] : [.rollback]
        let needsCleaning = session.poolMode == .session || !pins.isEmpty || unsettled.all
        if needsCleaning { parts.append(.discardAll) }
        if isHeld(by: session) { hold(for: nil) }
        guard !parts.isEmpty else { return .reusable }
        beneficiary = nil
        return .errand(ServerErrand(parts, parameters: parameters))
    }
}
