/// Writers for messages to a server. Each appends one whole message.
extension Array where Element == UInt8 {
    /// Appends Query. The text must not hold a NUL.
    public mutating func appendQuery(_ text: String) {
        appendMessage(FrontendTag.query.rawValue) { $0.append(cString: text) }
    }

    /// Appends Query. The text must not hold a NUL.
    public mutating func appendQuery(_ text: [UInt8]) {
        appendMessage(FrontendTag.query.rawValue) { body in
            body.append(contentsOf: text)
            body.append(0)
        }
    }

    /// Parse without declared parameter types, or with those given.
    public mutating func appendParse(name: [UInt8], text: [UInt8], parameterTypes: [UInt32] = []) {
        appendMessage(FrontendTag.parse.rawValue) { body in
            body.append(contentsOf: name)
            body.append(0)
            body.append(contentsOf: text)
            body.append(0)
            body.append(int16: Int16(truncatingIfNeeded: parameterTypes.count))
            for type in parameterTypes { body.append(int32: Int32(bitPattern: type)) }
        }
    }

    /// Bind without parameters, all results in text.
    public mutating func appendBind(portal: [UInt8], statement: [UInt8]) {
        appendMessage(FrontendTag.bind.rawValue) { body in
            body += portal + [0] + statement + [0]
            // No parameter formats, no parameters, no result formats.
            body.append(contentsOf: [0, 0, 0, 0, 0, 0])
        }
    }

    /// Execute to the end.
    public mutating func appendExecute(portal: [UInt8]) {
        appendMessage(FrontendTag.execute.rawValue) { body in
            body += portal + [0]
            body.append(int32: 0)
        }
    }

    /// Close of a portal.
    public mutating func appendClose(portal name: [UInt8]) { appendTarget(.close, .portal, name) }

    /// Close of a prepared statement.
    public mutating func appendClose(statement name: [UInt8]) { appendTarget(.close, .statement, name) }

    /// Describe of a prepared statement.
    public mutating func appendDescribe(statement name: [UInt8]) { appendTarget(.describe, .statement, name) }

    private mutating func appendTarget(_ tag: FrontendTag, _ target: TargetMessage.Target, _ name: [UInt8]) {
        appendMessage(tag.rawValue) { body in
            body.append(target.rawValue)
            body.append(contentsOf: name)
            body.append(0)
        }
    }

    /// A message of type `tag` with no body, or with the one NUL that makes it well formed.
    public mutating func appendEmpty(_ tag: UInt8, terminated: Bool = false) {
        appendMessage(tag) { body in
            if terminated { body.append(0) }
        }
    }

    /// Appends PasswordMessage.
    public mutating func appendPassword(_ password: [UInt8]) {
        appendMessage(FrontendTag.password.rawValue) { body in
            body.append(contentsOf: password)
            body.append(0)
        }
    }

    /// Appends SASLInitialResponse.
    public mutating func appendSASLInitialResponse(mechanism: String, _ data: [UInt8]) {
        appendMessage(FrontendTag.password.rawValue) { body in
            body.append(cString: mechanism)
            body.append(int32: Int32(data.count))
            body.append(contentsOf: data)
        }
    }

    /// Appends SASLResponse.
    public mutating func appendSASLResponse(_ data: [UInt8]) {
        appendMessage(FrontendTag.password.rawValue) { $0.append(contentsOf: data) }
    }

    /// Appends Terminate.
    public mutating func appendTerminate() {
        appendEmpty(FrontendTag.terminate.rawValue)
    }

    /// The packet that a connection of its own carries to cancel what `processID` runs.
    public static func cancelRequest(processID: Int32, secret: Int32) -> [UInt8] {
        var packet: [UInt8] = []
        packet.append(int32: 16)
        packet.append(int32: StartupRequest.Code.cancel)
        packet.append(int32: processID)
        packet.append(int32: secret)
        return packet
    }
}
