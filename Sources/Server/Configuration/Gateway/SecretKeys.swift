/// The three ways a file names a secret: itself, a file that holds it, an environment variable that holds it.
struct SecretKeys<Key: CodingKey> {
    let inline: Key
    let file: Key
    let variable: Key
}

extension KeyedDecodingContainer {
    /// The secret that one of the keys gives; nil when none is there.
    func secret(_ keys: SecretKeys<Key>, _ surroundings: Surroundings) throws -> Secret? {
        let present = [keys.inline, keys.file, keys.variable].filter { contains($0) }
        guard let key = present.first else { return nil }
        for other in present.dropFirst() {
            refuse(other, "stands beside \(key.stringValue); keep one of the two")
        }
        let text = try decode(String.self, forKey: key)
        do throws(TextFile.Refusal) {
            switch key.stringValue {
            case keys.file.stringValue: return try Secret.inFile(surroundings.path(text))
            case keys.variable.stringValue:
                return try Secret.inVariable(text, of: surroundings.environment, orElse: keys.file)
            default: return try Secret(checking: text, found: "is")
            }
        } catch {
            refuse(key, error.message)
            return Secret("")
        }
    }
}

extension Secret {
    /// Reads a file that nobody but its owner may read. One line end at its end is not part of the secret.
    fileprivate static func inFile(_ path: String) throws(TextFile.Refusal) -> Secret {
        var text: String
        do {
            text = try TextFile.read(path, as: .secret)
        } catch {
            throw TextFile.Refusal(message: "\(path) \(error.message)")
        }
        // "\r\n" is one Character.
        if text.hasSuffix("\n") || text.hasSuffix("\r\n") { text.removeLast() }
        return try Secret(checking: text, found: "\(path) is")
    }

    fileprivate static func inVariable(
        _ name: String,
        of environment: [String: String],
        orElse file: some CodingKey
    ) throws(TextFile.Refusal) -> Secret {
        guard let text = environment[name] else {
            throw TextFile.Refusal(message: "the environment has no \(name); set it, or use \(file.stringValue)")
        }
        return try Secret(checking: text, found: "\(name) is")
    }

    fileprivate init(checking text: String, found: String) throws(TextFile.Refusal) {
        if text.isEmpty { throw TextFile.Refusal(message: "\(found) empty; write a password") }
        if text.unicodeScalars.contains(where: { "\0\n\r".unicodeScalars.contains($0) }) {
            throw TextFile.Refusal(message: "\(found) more than one line; write the password alone")
        }
        self.init(text)
    }
}
