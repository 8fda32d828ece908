import PluginAPI

/// Whether a server may be reached without TLS, which this release does not speak to the upstream.
///
/// | `sslmode` | Unix socket, loopback, private network | anything else |
/// | --- | --- | --- |
/// | `disable` | plain | plain: the operator has said so |
/// | none, `allow`, `prefer` | plain | refused |
/// | `require`, `verify-ca`, `verify-full` | refused | refused |
///
/// A name may resolve to anything, so every name but `localhost` is "anything else".
enum TransportRule {
    /// - Throws: why the server must not be reached, and what to write.
    static func check(host: UpstreamURL.Host, sslMode: String?) throws(UpstreamURL.Refusal) {
        switch sslMode {
        case "disable":
            return
        case nil, "allow", "prefer":
            if isPrivate(host) { return }
            throw UpstreamURL.Refusal(
                message: "names a host that is not known to be on a private network, and TLS to the upstream is not "
                    + "there yet: passwords and data would cross the network in the clear; write a private address, "
                    + "or sslmode=disable if the way there is protected otherwise"
            )
        case "require", "verify-ca", "verify-full":
            throw UpstreamURL.Refusal(
                message: "asks for TLS by its sslmode, and TLS to the upstream is not there yet; "
                    + "write sslmode=disable if the way there is protected otherwise"
            )
        default:
            throw UpstreamURL.Refusal(message: "has an unknown sslmode; write sslmode=disable or leave it out")
        }
    }

    private static func isPrivate(_ host: UpstreamURL.Host) -> Bool {
        guard case .tcp(let name) = host else { return true }
        if name.lowercased() == "localhost" { return true }
        guard let address = IPAddress(name) else { return false }
        return privateRanges.contains { $0.contains(address) }
    }

    /// Loopback, RFC 1918, RFC 4193, link-local.
    private static let privateRanges: [AddressRange] = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1", "fc00::/7", "fe80::/10",
    ].compactMap { try? AddressRange($0) }
}
