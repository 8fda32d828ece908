import FoundationEssentials
import Testing

@testable import Configuration

/// The lines an operator would see for a text that must not decode.
func complaints<Value: Decodable>(
    about text: String,
    as type: Value.Type,
    file: String = "gateway.toml",
    sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
    do {
        _ = try TOMLDocument(text: text, file: file).decode(type)
    } catch {
        return error.errors.map(\.description)
    }
    Issue.record("decoded, and should not have", sourceLocation: sourceLocation)
    return []
}

/// The lines an operator would see for a `gateway.toml` that must not load.
func complaints(
    aboutGateway text: String,
    environment: [String: String] = [:],
    file: String = "gateway.toml",
    sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
    do {
        _ = try GatewayConfiguration.load(TOMLDocument(text: text, file: file), environment: environment)
    } catch {
        return error.errors.map(\.description)
    }
    Issue.record("loaded, and should not have", sourceLocation: sourceLocation)
    return []
}

func load(_ text: String, environment: [String: String] = [:]) throws -> GatewayConfiguration {
    try GatewayConfiguration.load(TOMLDocument(text: text, file: "gateway.toml"), environment: environment)
}

/// A directory of its own that is gone with its last user.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let parent = FileManager.default.temporaryDirectory.path
        path = "\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/configuration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, with its directory if need be, and gives its path.
    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        let directory = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
        try FileManager.default.createDirectory(atPath: String(directory), withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}
