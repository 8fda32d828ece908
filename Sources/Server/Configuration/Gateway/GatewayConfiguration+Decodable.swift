import FoundationEssentials
import PluginAPI

extension GatewayConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case listenAddress = "listen_address"
        case listenPort = "listen_port"
        case reactors
        case poolMode = "pool_mode"
        case pluginsDirectory = "plugins_directory"
        case unrestricted
        case pool
        case limits
        case upstream
        case users
    }

    package init(from decoder: any Decoder) throws {
        let surroundings = decoder.surroundings
        let table = try decoder.container(keyedBy: CodingKeys.self)

        listenAddress = try table.decodeIfPresent(String.self, forKey: .listenAddress) ?? "127.0.0.1"
        if IPAddress(listenAddress) == nil {
            table.refuse(.listenAddress, "is no numeric address; write \"127.0.0.1\", or \"0.0.0.0\" for all of IPv4")
        }
        listenPort = try table.bounded(.listenPort, 1...65535, default: 6432)
        let halfOfCores = min(256, max(1, ProcessInfo.processInfo.activeProcessorCount / 2))
        reactors = try table.bounded(.reactors, 1...256, default: halfOfCores)
        poolMode = try table.decodeIfPresent(PoolMode.self, forKey: .poolMode) ?? .session
        pool = try table.decodeIfPresent(Pool.self, forKey: .pool) ?? Pool()
        let plugins = try table.decodeIfPresent(String.self, forKey: .pluginsDirectory) ?? "plugins.d"
        pluginsDirectory = surroundings.path(plugins)
        isUnrestricted = try table.decodeIfPresent(Bool.self, forKey: .unrestricted) ?? false
        limits = try table.decodeIfPresent(Limits.self, forKey: .limits) ?? Limits()

        let ownUsers = try table.decodeIfPresent([GatewayUser].self, forKey: .users)
        let section = try table.decodeIfPresent(UpstreamSection.self, forKey: .upstream)
        upstream = try surroundings.upstream(orElse: section?.url, givesTheOnlyUser: !table.contains(.users))
        users = ownUsers ?? upstream.ownUser.map { [$0] } ?? []

        if let ownUsers { try Self.checkNames(of: ownUsers, codingPath: decoder.codingPath) }
    }

    /// A second user of the same name would never get in, or worse: nobody would know which one does.
    private static func checkNames(of users: [GatewayUser], codingPath: [any CodingKey]) throws {
        if users.isEmpty {
            let place = codingPath + [CodingKeys.users]
            let message = "is empty, so that nobody could log in; write [[users]], or remove the key"
            throw DecodingError.dataCorrupted(.init(codingPath: place, debugDescription: message))
        }
        var names: Set<String> = []
        for (index, user) in users.enumerated() where !names.insert(user.name).inserted {
            let place: [any CodingKey] = [CodingKeys.users, TOMLCodingKey(.index(index)), TOMLCodingKey(.key("name"))]
            let message = "\"\(user.name)\" is the name of another user too; write each user once"
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath + place, debugDescription: message))
        }
    }
}

/// `[upstream]`
private struct UpstreamSection: Decodable {
    let url: Secret?
}

extension Surroundings {
    /// The upstream: `DATABASE_URL` where it is set, so that one image serves several databases, else the file's.
    fileprivate func upstream(orElse url: Secret?, givesTheOnlyUser: Bool) throws -> UpstreamURL {
        let variable = environment["DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
        do throws(UpstreamURL.Refusal) {
            guard let text = variable ?? url?.revealed else { throw .missing }
            let upstream = try UpstreamURL(text)
            if givesTheOnlyUser && upstream.ownUser == nil { throw .withoutPassword }
            return upstream
        } catch {
            if variable != nil {
                throw ConfigurationError(file: "environment", key: "DATABASE_URL", message: error.message)
            }
            let place = ["upstream", "url"].map { TOMLCodingKey(.key($0)) }
            throw DecodingError.dataCorrupted(.init(codingPath: place, debugDescription: error.message))
        }
    }
}
