import PostgresWire
import Session

/// A connection's way from one session to the next.
extension ServerConnection {
    /// Prepares the connection for a client's session and gives it to it.
    func prepare(for client: ClientConnection) {
        switch state.preparation(for: client.session) {
        case .ready:
            work = .serving
            client.attach(self)
        case .errand(let errand):
            target = client
            client.preparedServer = self
            begin(errand)
        case .pinned:
            // Not after it has been given to the pool.
            closeNow()
            client.preparedServerEnded()
        }
    }

    /// The session's hold has ended and nothing of it is left here.
    func finishLease() {
        client = nil
        isRevocable = false
        work = .resting
        resumeReading()
        if cancelsUnderWay == 0 { pool.give(self) }
    }

    /// Takes the connection from its silent client, for somebody else or for nobody in particular.
    func settle(for other: ClientConnection?) {
        isRevocable = false
        holder = client
        client = nil
        holder?.lose(self)
        target = other
        other?.preparedServer = self
        work = .resting
        // The client may have been slow to read what it was sent; the errand's answer is not for it.
        resumeReading()
        goOn()
    }

    /// The session is over. What it left is cleaned away, or the connection is closed.
    func release(after session: ClientSession) {
        guard !isClosed else { return }
        if isRevocable {
            isRevocable = false
            pool.resume(self)
        }
        guard session.canLeaveServer, !hasOutput, !hasInput, !hasEnded else {
            return closeNow()
        }
        client = nil
        work = .resting
        departed = session
        resumeReading()
        goOn()
    }

    /// The session whose state is being taken off the connection has ended.
    func holderEnded(_ session: ClientSession) {
        holder = nil
        departed = session
    }

    /// The client that the connection is being prepared for has gone.
    func targetEnded() { target = nil }

    /// Does what stands between the connection and whoever is to have it.
    func goOn() {
        // An errand that a cancel hits fails; and whoever got the connection would be hit.
        guard cancelsUnderWay == 0 else { return }
        if let session = departed.take() {
            switch state.leave(session) {
            case .reusable: break
            case .errand(let errand): return begin(errand)
            case .close: return closeNow()
            }
        }
        switch state.preparation(for: target?.session) {
        case .ready: finishPreparation()
        case .errand(let errand): begin(errand)
        case .pinned: stayWithHolder()
        }
    }

    private func finishPreparation() {
        stopTimer()
        let holder = holder.take()
        if let target = target.take() {
            work = .serving
            target.attach(self)
        } else {
            pool.give(self)
        }
        holder?.isSettled()
    }

    private func stayWithHolder() {
        stopTimer()
        guard let holder = holder.take() else { return closeNow() }
        let target = target.take()
        work = .serving
        pool.pinned(self)
        holder.attach(self)
        target?.preparedServerEnded()
    }

    // MARK: Errands

    private func begin(_ errand: ServerErrand) {
        work = .errand(errand)
        startTimer()
        send(errand.message)
    }

    func receive(_ bytes: RawSpan, _ begun: ServerErrand) -> (consumed: Int, needed: Int) {
        var errand = begun
        let step = errand.receive(bytes)
        work = .errand(errand)
        switch step {
        case .proceed(let consumed):
            return (consumed, 0)
        case .notification(let count):
            holder?.send(bytes.extracting(0..<count))
            return (count, 0)
        case .needMore(let count):
            return (0, count)
        case .done(let consumed):
            work = .resting
            state.finish(errand)
            goOn()
            return (consumed, 0)
        case .failed(let error):
            // Without its own fault, the client it was done for gets another connection.
            let refused = errand.isRefusal ? target.take() : nil
            closeNow()
            refused?.end(error)
            return (bytes.byteCount, 0)
        }
    }
}
