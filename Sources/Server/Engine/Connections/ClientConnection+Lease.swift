import PostgresWire
import Session

/// How a client comes by its server connection, and how it loses it.
extension ClientConnection {
    // MARK: Getting one

    /// Asks for a server connection. Answers whether it is there.
    func leaseServer() -> Bool {
        stopLoginTimer()
        guard settledServer == nil, preparedServer == nil, waiter == nil else { return false }
        guard let pool = pool ?? joinPool() else { return false }
        if let free = pool.take() { free.prepare(for: self) } else { pool.wait(self) }
        return server != nil || isClosed
    }

    private func joinPool() -> ReactorPool? {
        guard let request = session.serverRequest else { return nil }
        let pool = host.pool(for: request)
        pool.join()
        self.pool = pool
        return pool
    }

    /// A server connection is there, prepared for the session.
    func attach(_ server: ServerConnection) {
        // Nothing of this is so where a connection was free.
        if preparedServer != nil { preparedServer = nil }
        if settledServer != nil { settledServer = nil }
        if waiter != nil { pool?.leave(self) }
        self.server = server
        server.client = self
        session.attach(server.state, key: cancelKey ?? makeCancelKey(server))
        guard isWaiting else { return }
        flushToClient()
        goOn()
    }

    /// The session needs no server connection yet: what it is told goes out with the login's last word.
    func greet() {
        stopLoginTimer()
        session.greet(key: makeCancelKey(nil))
    }

    /// A session that holds its server connection for life is known by that server's process id, as without a gateway.
    private func makeCancelKey(_ server: ServerConnection?) -> CancelKey {
        let key = host.register(self, processID: session.poolMode == .session ? server?.state.processID : nil)
        cancelKey = key
        return key
    }

    /// No server connection will come.
    func refuse(_ error: ErrorResponse) {
        guard session.isRunning else { return end(error) }
        session.refuseLease(error)
        goOn()
    }

    /// The connection that was being prepared for this session has died, or is another's.
    func preparedServerEnded() {
        preparedServer = nil
        guard !isClosed else { return }
        pool?.waitAgain(self)
    }

    /// Ends the wait for a server connection or at a gate as a cancel does. Answers false when it waits for neither.
    func cancelWait() -> Bool {
        if session.cancelHeld() {
            goOn()
            return true
        }
        guard session.isRunning, waiter != nil || preparedServer != nil else { return false }
        leaveQueue()
        refuse(ErrorResponse(.queryCanceled, "canceling statement due to user request"))
        return true
    }

    private func leaveQueue() {
        pool?.leave(self)
        preparedServer.take()?.targetEnded()
    }

    // MARK: Giving it back

    /// Looks whether the session still needs its server connection, after the server has spoken.
    func endLease() {
        guard server != nil else { return }
        switch session.leaseEnd {
        case .busy:
            break
        case .free:
            session.detach()
            let server = server.take()
            clocks.stop()
            if !isWaiting { resumeReading() }
            server?.finishLease()
        case .revocable:
            guard let server, !server.isRevocable else { return }
            server.isRevocable = true
            pool?.becameRevocable(server)
        }
    }

    /// Uses again what somebody else might have had.
    func resume(_ server: ServerConnection) {
        server.isRevocable = false
        pool?.resume(server)
    }

    /// The session's silence is used to settle its server connection.
    func lose(_ server: ServerConnection) {
        session.detach()
        self.server = nil
        settledServer = server
        clocks.stop()
    }

    /// What the session left on its last server connection is known, and another one will do.
    func isSettled() {
        settledServer = nil
        goOn()
    }

    /// The server connection died while the session's state was being taken off it.
    func settledServerEnded() {
        settledServer = nil
        serverEnded()
    }

    /// The client has gone.
    func leaveServers() {
        leaveQueue()
        if let server = server.take() { server.release(after: session) }
        settledServer.take()?.holderEnded(session)
        pool?.quit()
    }
}
