import PostgresWire

/// What the gateway answers without a server: whatever needs none, while nothing of the client's is on its way to one.
extension ClientSession {
    /// Whether statements are read, if only to know what they leave behind.
    var readsStatements: Bool { policy.isRead || poolMode == .transaction }

    /// Whether a server has no part in the answer to what the client says next, unless it is passed on.
    var answersAlone: Bool {
        guard poolMode == .transaction else { return false }
        guard server != nil else { return true }
        return expectations.isEmpty && !lease.isUnsynced && transactionStatus == .idle && copyIn == .no
            && lease.aside == nil
    }

    /// The whole answer to a Query that fails outside of any transaction.
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

    /// Ends a batch of which no server has heard.
    func answerSync() -> MessageFate {
        skipsToSync = false
        batch += 1
        toClient.appendReadyForQuery(.idle)
        return .replace
    }

    /// PostgreSQL does not mind if there is nothing to close.
    func answerClose() -> MessageFate {
        toClient.appendCloseComplete()
        return .replace
    }

    /// The message at hand asked for a server connection that it will not get, or for something of the gateway's own that
    /// was cancelled: it fails as a denied one does, where the client's transaction is.
    func refuse(_ tag: FrontendTag, _ substitute: Substitute) -> MessageFate {
        refusalOfLease = nil
        var refusal = substitute.refusal
        refusal.statements = heldVerdict.take()?.judged ?? []
        let substitute = Substitute(refusal, yieldsToAbortedTransaction: substitute.yieldsToAbortedTransaction)
        switch tag {
        case .query, .functionCall: return denyQuery(substitute, gatesKnow: true)
        default: return denyParse(substitute, dropsUnnamed: false, gatesKnow: true)
        }
    }
}
