import PostgresWire

extension ClientSession {
    /// The statement under way has run for longer than `limit` and is about to be cancelled: the error that the server
    /// answers will say why.
    public func timesOut(after limit: Duration) { exceededLimit = limit }

    /// The error for a statement that the server has cancelled because it ran for too long; nil for any other error.
    func timeout(inPlaceOf body: RawSpan) -> ErrorResponse? {
        guard let limit = exceededLimit, ErrorFields.value("C", in: body) == SQLState.queryCanceled.rawValue,
            ErrorFields.value("V", in: body) == ErrorResponse.Severity.error.rawValue
        else { return nil }
        exceededLimit = nil
        return ErrorResponse(
            .queryCanceled,
            "canceling statement due to query_timeout",
            detail: "It had not ended after \(limit).",
            hint: "Raise query_timeout in [pool] of gateway.toml."
        )
    }
}
