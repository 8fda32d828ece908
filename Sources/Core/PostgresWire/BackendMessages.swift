/// Writers for messages to the frontend. Each appends one whole message.
extension Array where Element == UInt8 {
    /// Appends AuthenticationOk.
    public mutating func appendAuthenticationOk() {
        appendMessage(BackendTag.authentication.rawValue) { $0.append(int32: 0) }
    }

    /// Appends AuthenticationSASL, the mechanisms in order of preference.
    public mutating func appendAuthenticationSASL(mechanisms: [String]) {
        appendMessage(BackendTag.authentication.rawValue) { body in
            body.append(int32: 10)
            for mechanism in mechanisms { body.append(cString: mechanism) }
            body.append(0)
        }
    }

    /// Appends AuthenticationSASLContinue.
    public mutating func appendAuthenticationSASLContinue(_ data: [UInt8]) {
        appendMessage(BackendTag.authentication.rawValue) { body in
            body.append(int32: 11)
            body.append(contentsOf: data)
        }
    }

    /// Appends AuthenticationSASLFinal.
    public mutating func appendAuthenticationSASLFinal(_ data: [UInt8]) {
        appendMessage(BackendTag.authentication.rawValue) { body in
            body.append(int32: 12)
            body.append(contentsOf: data)
        }
    }

    /// Appends ParameterStatus.
    public mutating func appendParameterStatus(name: String, value: String) {
        appendMessage(BackendTag.parameterStatus.rawValue) { body in
            body.append(cString: name)
            body.append(cString: value)
        }
    }

    /// Appends BackendKeyData.
    public mutating func appendBackendKeyData(processID: Int32, secret: Int32) {
        appendMessage(BackendTag.backendKeyData.rawValue) { body in
            body.append(int32: processID)
            body.append(int32: secret)
        }
    }

    /// Appends CloseComplete.
    public mutating func appendCloseComplete() {
        appendMessage(BackendTag.closeComplete.rawValue) { _ in }
    }

    /// Appends ReadyForQuery.
    public mutating func appendReadyForQuery(_ status: TransactionStatus) {
        appendMessage(BackendTag.readyForQuery.rawValue) { $0.append(status.rawValue) }
    }

    /// NegotiateProtocolVersion: 3.0 is the newest version spoken, and these `_pq_.` options are not known. The number is
    /// the whole version, as PostgreSQL sends it, though its documentation speaks of the minor one alone.
    public mutating func appendNegotiateProtocolVersion(unknownOptions: [String]) {
        appendMessage(BackendTag.negotiateProtocolVersion.rawValue) { body in
            body.append(int32: 3 << 16)
            body.append(int32: Int32(unknownOptions.count))
            for option in unknownOptions { body.append(cString: option) }
        }
    }

    /// Appends ErrorResponse.
    public mutating func append(_ error: ErrorResponse) {
        appendMessage(BackendTag.errorResponse.rawValue) { body in
            error.appendFields(to: &body)
        }
    }
}
