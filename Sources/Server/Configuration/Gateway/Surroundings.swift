/// What a file's values may refer to outside of the file.
struct Surroundings: Sendable {
    let environment: [String: String]
    /// The file's directory with a slash at its end; empty for the working directory.
    private let directory: String

    init(environment: [String: String], file: String) {
        self.environment = environment
        let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
        directory = slash.map { String(file[...$0]) } ?? ""
    }

    /// A path from the file: what is relative is relative to the file, wherever the process was started.
    func path(_ path: String) -> String {
        path.utf8.first == UInt8(ascii: "/") ? path : directory + path
    }
}

extension CodingUserInfoKey {
    static let surroundings = CodingUserInfoKey(rawValue: "pgml-gateway.surroundings")!
}

extension Decoder {
    /// An empty environment and the working directory, unless the pass was given something else.
    var surroundings: Surroundings {
        userInfo[.surroundings] as? Surroundings ?? Surroundings(environment: [:], file: "")
    }
}
