import CPgQuery

/// A node of PostgreSQL's raw parse tree, read in place.
///
/// It is valid while the parser's memory context is, which is exactly as long as `SQLParser.parse` runs.
@safe struct TreeNode {
    private let address: UnsafeRawPointer

    init?(_ address: UnsafeRawPointer?) {
        guard let address = unsafe address else { return nil }
        unsafe self.address = address
    }

    var tag: Int {
        unsafe Int(address.load(as: NodeTag.self).rawValue)
    }

    /// The node's C struct; the caller has looked at `tag`.
    func fields<Struct>(as type: Struct.Type) -> Struct {
        unsafe address.load(as: type)
    }

    /// The node or list that the field at `offset` points at.
    func child(at offset: Int) -> TreeNode? {
        unsafe TreeNode(address.load(fromByteOffset: offset, as: UnsafeRawPointer?.self))
    }

    /// The node itself as a list, when it is one of nodes.
    var list: TreeList? {
        tag == Tag.list ? unsafe TreeList(address.assumingMemoryBound(to: List.self)) : nil
    }

    /// The text of a `String` node.
    var identifier: Swift.String? {
        guard tag == Tag.string, let text = unsafe fields(as: CPgQuery.String.self).sval else { return nil }
        return unsafe Swift.String(cString: text)
    }

    /// Writes zero over a field: how a test takes one rule out of the walk.
    func blank(offset: Int, size: Int) {
        unsafe UnsafeMutableRawPointer(mutating: address).advanced(by: offset)
            .initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }
}

/// PostgreSQL's `List` of nodes.
@safe struct TreeList {
    private let cells: UnsafeMutablePointer<ListCell>?
    let count: Int

    /// A list of nodes; nil for NIL. Lists of integers and OIDs, which no raw tree has, count as empty.
    init?(_ list: UnsafePointer<List>?) {
        guard let list = unsafe list else { return nil }
        unsafe cells = list.pointee.elements
        count = unsafe list.pointee.type == T_List ? Int(list.pointee.length) : 0
    }

    init?(_ list: UnsafeMutablePointer<List>?) {
        unsafe self.init(UnsafePointer(list))
    }

    /// The node in a cell; nil for an empty cell.
    subscript(index: Int) -> TreeNode? {
        precondition(index >= 0 && index < count, "a cell of the list")
        return unsafe TreeNode(cells.unsafelyUnwrapped[index].ptr_value)
    }

    /// The names of a list of `String` nodes; nil when anything else is among them.
    var identifiers: [Swift.String]? {
        var names: [Swift.String] = []
        names.reserveCapacity(count)
        for index in 0..<count {
            guard let name = self[index]?.identifier else { return nil }
            names.append(name)
        }
        return names
    }

    /// The dotted name that the list spells; nil unless it has one to three parts, all of them names.
    var qualifiedName: QualifiedName? {
        switch count {
        case 1:
            guard let name = self[0]?.identifier else { return nil }
            return QualifiedName(name)
        case 2:
            guard let schema = self[0]?.identifier, let name = self[1]?.identifier else { return nil }
            return QualifiedName(schema: schema, name)
        case 3:
            guard let database = self[0]?.identifier, let schema = self[1]?.identifier, let name = self[2]?.identifier
            else { return nil }
            return QualifiedName(database: database, schema: schema, name)
        default:
            return nil
        }
    }
}

/// Node tags as integers, for switches.
enum Tag {
    static let list = Int(T_List.rawValue)
    static let string = Int(T_String.rawValue)
    static let integer = Int(T_Integer.rawValue)
    static let float = Int(T_Float.rawValue)
    static let boolean = Int(T_Boolean.rawValue)
    static let bitString = Int(T_BitString.rawValue)
    static let constant = Int(T_A_Const.rawValue)
    static let tableFunction = Int(T_RangeTableFunc.rawValue)
    static let xmlSerialize = Int(T_XmlSerialize.rawValue)
    static let parameter = Int(T_ParamRef.rawValue)
    static let cast = Int(T_TypeCast.rawValue)
    static let array = Int(T_A_ArrayExpr.rawValue)
    static let namedArgument = Int(T_NamedArgExpr.rawValue)
    static let star = Int(T_A_Star.rawValue)
    static let subscripts = Int(T_A_Indices.rawValue)
    static let rangeVar = Int(T_RangeVar.rawValue)
    static let select = Int(T_SelectStmt.rawValue)
    static let commonTable = Int(T_CommonTableExpr.rawValue)
    static let mergeWhen = Int(T_MergeWhenClause.rawValue)
    static let locking = Int(T_LockingClause.rawValue)
    static let definition = Int(T_DefElem.rawValue)
    static let typeName = Int(T_TypeName.rawValue)
    static let rawStatement = Int(T_RawStmt.rawValue)
}

/// A C string of the tree as a Swift string.
func text(_ characters: UnsafeMutablePointer<CChar>?) -> Swift.String? {
    guard let characters = unsafe characters else { return nil }
    return unsafe Swift.String(cString: characters)
}
