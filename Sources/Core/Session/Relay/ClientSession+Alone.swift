import PostgresWire

/// What the gateway answers without a server: whatever needs none, while nothing of the client's is on its way to one.
extension ClientSession {
    /// Whether statements are read, if only to know what they leave behind.
    var readsStatements: Bool { policy.isJudged || poolMode == .transaction }

    /// Whether a server has no part in the answer to what the client says next, unless it is passed on.
    var answersAlone: Bool {
        guard poolMode == .transaction else { return false }
        guard server != nil else { return true }
        return expectations.isEmpty && !lease.isUnsynced && transactionStatus == .idle && copyIn == .no
            && lease.aside == nil
    }

    func answerQuery(_ error: ErrorResponse) -> MessageFate {
        names.forgetUnnamed()
        toClient.append(error)
        toClient.appendReadyForQuery(.idle)
        return .replace
    }

    /// PostgreSQL reads on up to Sync and looks at nothing.
    func answerBatch(_ error: ErrorResponse, dropsUnnamed: Bool) -> MessageFate {
        if dropsUnnamed { names.forgetUnnamed() }
        toClient.append(error)
        skipsToSync = true
        return .replace
    }

    func answerSync() -> MessageFate {
        skipsToSync = false
        batch += 1
        toClient.appendReadyForQuery(.idle)
        return .replace
    }

    func answerClose() -> MessageFate {
        toClient.appendCloseComplete()
        return .replace
    }

    /// The message at hand asked for a server connection and will not get one.
    func refuse(_ tag: FrontendTag, _ error: ErrorResponse) -> MessageFate {
        refusalOfLease = nil
        heldVerdict = nil
        switch tag {
        case .query, .functionCall: return answerQuery(error)
        default: return answerBatch(error, dropsUnnamed: false)
        }
    }
}
