import PostgresWire

/// How far a connection is on its way from the first packet to a running session.
struct Startup {
    enum Stage {
        case firstPacket
        case saslInitialResponse(StartupMessage, GatewayUser?)
        case saslResponse(StartupMessage, GatewayUser?, SCRAMServerExchange)
    }

    let address: String
    var stage = Stage.firstPacket
    /// Each kind of encryption is refused once; a second request for it is not understood, as in PostgreSQL.
    var hasRefusedSSL = false
    var hasRefusedGSS = false

    init(address: String) { self.address = address }
}
