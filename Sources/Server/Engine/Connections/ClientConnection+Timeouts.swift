import PostgresWire
import Session

/// What happens to sessions that keep a server connection for too long.
extension ClientConnection {
    /// How long a server may take to answer a cancel.
    private static let cancelPatience = Duration.seconds(5)

    /// Looks how long the statement under way has run, or the open transaction has been idle.
    func checkClocks(at now: MonotonicTime) {
        guard let server, !isClosed else { return }
        if let limit = host.settings.queryTimeout, let since = clocks.busySince, session.isBusy {
            if let cancelled = clocks.cancelledAt {
                guard cancelled + Self.cancelPatience <= now else { return }
                end(ErrorResponse(.connectionFailure, "the upstream did not answer a cancel request"))
            } else if since + limit <= now {
                clocks.cancelledAt = now
                session.timesOut(after: limit)
                isBeingCancelled = true
                server.cancel { [weak self] in
                    self?.isBeingCancelled = false
                    self?.goOn()
                }
            }
        } else if let limit = host.settings.idleTransactionTimeout, let since = clocks.busySince, session.isBusy {
            guard since + limit <= now else { return }
            session.flushBatch()
            flushToServer()
        } else if let limit = host.settings.idleTransactionTimeout, let since = clocks.idleSince,
            session.keepsServerWaiting, !session.isBusy, since + limit <= now
        {
            end(
                ErrorResponse(
                    .idleInTransactionSessionTimeout,
                    "terminating connection due to idle-in-transaction timeout"
                )
            )
        }
    }
}
