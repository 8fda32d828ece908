/// How work done on another thread reports back to a reactor: it crosses threads, the handler that waits for it never
/// does. Made by `Reactor.expect`.
public struct Reply<Value: Sendable>: Sendable {
    let number: UInt64
    let mailbox: Mailbox

    /// Runs the handler on its reactor. Nothing happens when it was forgotten or the reactor has ended, or the second time.
    public func send(_ value: Value) {
        mailbox.post { [number] reactor in reactor.deliver(value, to: number) }
    }
}

/// A waiting handler, boxed so that handlers of every type of value fit one table.
final class ReplyHandler<Value> {
    let body: (Value) -> Void

    init(_ body: @escaping (Value) -> Void) {
        self.body = body
    }
}
