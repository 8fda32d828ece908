import TOMLKit

/// A parsed TOML value: an owned copy, because TOMLKit's are references into a C++ tree.
enum TOMLNode: Sendable {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    /// A date, a time or both: no configuration key takes one.
    case date
    case array([TOMLNode])
    case table([String: TOMLNode])

    init(_ table: TOMLTable) {
        var nodes: [String: TOMLNode] = [:]
        for (key, value) in table { nodes[key] = TOMLNode(value) }
        self = .table(nodes)
    }

    private init(_ value: any TOMLValueConvertible) {
        if let text = value.string {
            self = .string(text)
        } else if let integer = value.int {
            self = .integer(integer)
        } else if let boolean = value.bool {
            self = .boolean(boolean)
        } else if let float = value.double {
            self = .float(float)
        } else if let array = value.array {
            self = .array(array.map { TOMLNode($0) })
        } else if let table = value.table {
            self = TOMLNode(table)
        } else {
            self = .date
        }
    }

    /// What it is, in the words of an error message.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a floating-point number"
        case .boolean: "a boolean"
        case .date: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }

    /// Where a string stands; nil when it is nowhere in here.
    func path(ofString text: String) -> TOMLPath? {
        switch self {
        case .string(let own): own == text ? .root : nil
        case .array(let array): array.enumerated().lazy.compactMap { $1.path(ofString: text)?.within(.index($0)) }.first
        case .table(let table):
            table.keys.sorted().lazy.compactMap { table[$0]?.path(ofString: text)?.within(.key($0)) }.first
        case .integer, .float, .boolean, .date: nil
        }
    }

    /// Follows names as `Decodable` types and plugins give them (an array's index is a number in decimal) as far as
    /// they lead. Names may lead on to what is missing: a key that is not there is a thing to complain about.
    func path(following names: [String]) -> (path: TOMLPath, leadsToTheEnd: Bool) {
        var path = TOMLPath.root
        var node: TOMLNode? = self
        for name in names {
            switch node {
            case .table(let table):
                path = path + name
                node = table[name]
            case .array(let array):
                guard let index = Int(name), array.indices.contains(index) else { return (path, false) }
                path = path + index
                node = array[index]
            case nil:
                path = path + name
            case .string, .integer, .float, .boolean, .date:
                return (path, false)
            }
        }
        return (path, node != nil)
    }
}
