extension ClientSession {
    /// The statement under way has run for longer than `limit` and is about to be cancelled: the error that the server
    /// answers will say why.
    public func timesOut(after limit: Duration) {}
}
