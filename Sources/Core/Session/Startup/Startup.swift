import PostgresWire

/// How far a connection is on its way from the first packet to a running session. An object: its session changes it in
/// place.
final class Startup {
    enum Stage {
        case firstPacket
        case saslInitialResponse(StartupMessage, GatewayUser?)
        case saslResponse(StartupMessage, GatewayUser?, SCRAMServerExchange)
    }

    let address: String
    /// Why the session is turned away as soon as it has said who it is.
    let refusal: ErrorResponse?
    var stage = Stage.firstPacket
    /// Each kind of encryption is refused once; a second request for it is not understood, as in PostgreSQL.
    var hasRefusedSSL = false
    var hasRefusedGSS = false

    init(address: String, refusal: ErrorResponse?) {
        self.address = address
        self.refusal = refusal
    }
}
