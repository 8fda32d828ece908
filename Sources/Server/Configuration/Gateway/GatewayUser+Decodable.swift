extension GatewayUser: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name
        case password
        case passwordFile = "password_file"
        case passwordVariable = "password_env"
        case scramVerifier = "scram_verifier"
        case upstreamUser = "upstream_user"
        case upstreamPassword = "upstream_password"
        case upstreamPasswordFile = "upstream_password_file"
        case upstreamPasswordVariable = "upstream_password_env"
        case databases
        case poolMode = "pool_mode"
        case poolSize = "pool_size"
    }

    package init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        let surroundings = decoder.surroundings

        name = try table.decode(String.self, forKey: .name)
        if name.isEmpty { table.refuse(.name, "is empty; write the name that clients log in with") }

        let password = try table.secret(
            SecretKeys(inline: .password, file: .passwordFile, variable: .passwordVariable),
            surroundings
        )
        let verifier = try table.verifier(.scramVerifier, beside: password)
        guard let credential = verifier ?? password.map(Credential.init) else {
            let message = "has nothing to prove its identity with; write password_file = \"…\""
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
        }
        self.credential = credential

        let upstreamPassword = try table.secret(
            SecretKeys(
                inline: .upstreamPassword,
                file: .upstreamPasswordFile,
                variable: .upstreamPasswordVariable
            ),
            surroundings
        )
        upstreamLogin = try table.login(.upstreamUser, upstreamPassword, codingPath: decoder.codingPath)

        databases = try table.decodeIfPresent(Set<String>.self, forKey: .databases)
        if databases?.isEmpty == true {
            table.refuse(.databases, "is empty, so that the user could not log in; name a database, or remove the key")
        }
        poolMode = try table.decodeIfPresent(PoolMode.self, forKey: .poolMode)
        poolSize = try table.bounded(.poolSize, Pool.sizes)
    }
}

extension KeyedDecodingContainer {
    fileprivate func verifier(_ key: Key, beside password: Secret?) throws -> Credential? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        if password != nil { refuse(key, "stands beside a password; keep one of the two") }
        if !text.hasPrefix(Credential.verifierPrefix) {
            refuse(key, "is not a SCRAM verifier; write what pg_authid.rolpassword holds: \"SCRAM-SHA-256$…\"")
        }
        return .scramVerifier(Secret(text))
    }

    fileprivate func login(
        _ key: Key,
        _ password: Secret?,
        codingPath: [any CodingKey]
    ) throws -> UpstreamLogin? {
        guard let user = try decodeIfPresent(String.self, forKey: key) else {
            if password == nil { return nil }
            let message = "has a password for the upstream and no user to go with it; write upstream_user = \"…\""
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: message))
        }
        if let password, case .scramVerifier = Credential(password) {
            let message = "has a SCRAM verifier for the upstream, with which nobody can log in; write the password"
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: message))
        }
        if user.isEmpty { refuse(key, "is empty; write the name of a role of the upstream") }
        return UpstreamLogin(user: user, password: password)
    }
}
