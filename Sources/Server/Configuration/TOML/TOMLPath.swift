/// Where a value stands in a TOML file, outermost key first.
struct TOMLPath: Hashable, Sendable {
    enum Component: Hashable, Sendable {
        case key(String)
        /// Counted from 0, as TOML's arrays of tables have no other name for their tables.
        case index(Int)
    }

    static let root = TOMLPath()

    var components: [Component] = []

    static func + (path: TOMLPath, key: String) -> TOMLPath {
        TOMLPath(components: path.components + [.key(key)])
    }

    static func + (path: TOMLPath, index: Int) -> TOMLPath {
        TOMLPath(components: path.components + [.index(index)])
    }

    /// The same path, one table or array further out.
    func within(_ component: Component) -> TOMLPath {
        TOMLPath(components: [component] + components)
    }

    /// The table or array that holds this value; the root is its own parent.
    var parent: TOMLPath { TOMLPath(components: components.dropLast()) }

    /// Whether one of the two holds the other, or both are the same.
    func isRelated(to other: TOMLPath) -> Bool {
        components.starts(with: other.components) || other.components.starts(with: components)
    }

    /// How an assignment to this value begins, `name = `; empty for an element of an array.
    var assignment: String {
        guard case .key(let key) = components.last else { return "" }
        return "\(Self.quoted(key)) = "
    }

    /// A key as TOML wants it written: quoted unless it is a bare key.
    static func quoted(_ key: String) -> String {
        let isBare = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isBare && !key.isEmpty ? key : "\"\(key)\""
    }
}

extension TOMLPath: CustomStringConvertible {
    /// `users[1].name`
    var description: String {
        components.reduce(into: "") { text, component in
            switch component {
            case .key(let key): text += (text.isEmpty ? "" : ".") + Self.quoted(key)
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}

/// A step of a path in the form that `Decodable` types see in `codingPath`.
struct TOMLCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ component: TOMLPath.Component) {
        switch component {
        case .key(let key): (stringValue, intValue) = (key, nil)
        case .index(let index): (stringValue, intValue) = (String(index), index)
        }
    }

    init(stringValue: String) {
        self.init(.key(stringValue))
    }

    init(intValue: Int) {
        self.init(.index(intValue))
    }
}
