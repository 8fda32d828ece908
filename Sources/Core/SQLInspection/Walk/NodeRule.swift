/// What the walk does with a node of one type. There is one for every node type of the grammar.
struct NodeRule: Sendable {
    enum Body: Sendable {
        /// The node is understood: its handler, if it has one, and a rule for each of its fields in the order of the walk.
        case walk(NodeHandler, [Field])
        /// A statement with such a node is undecided.
        case refused(String)
    }

    /// One field: where it is in the C struct and what is done with it.
    struct Field: Sendable {
        let name: String
        let offset: Int
        let size: Int
        let rule: FieldRule
    }

    /// PostgreSQL's name of the node type.
    let name: String
    let tag: Int
    let body: Body
}

/// What the walk does with one field.
enum FieldRule: Sendable {
    /// A node or a list of nodes: visited, in the given place or the one its parent stands in.
    case walk(SyntacticPlace? = nil, literals: LiteralRule = .free)
    /// The FROM list: visited under the row locks of its SELECT.
    case from
    /// A statement that this one carries: visited, and its kind is added.
    case statement(literals: LiteralRule = .free)
    /// The node's handler reads it.
    case handled
    /// It changes nothing that a policy could ask about.
    case inert(Inert)
    /// A pointer that must be null: what it would mean is not among the facts.
    case empty(String)
}

/// Why a field carries no meaning for a policy.
enum Inert: Sendable {
    /// Names a column, an alias, a window or a savepoint of the statement itself: naming reaches and runs nothing.
    case identifier
    /// Chooses among behaviours of the same node, all of which reach the same things.
    case variant
    /// Where the node stands in the text.
    case location
    /// Zero until parse analysis, which never runs here.
    case analysis
}

/// Whether a literal in a field may have another value without the facts being different.
enum LiteralRule: Sendable, Equatable {
    case free
    /// A literal that is the field's own value is fixed, one inside an expression is not: `ORDER BY 1`.
    case here(FixedReason)
    /// Everything below is fixed: type modifiers, options.
    case below(FixedReason)
    /// As the parent: the node only groups, as `(1, 2)` in GROUP BY.
    case inherited

    /// Why a literal that stands here is fixed.
    var reason: FixedReason? {
        switch self {
        case .here(let reason), .below(let reason): reason
        case .free, .inherited: nil
        }
    }
}

/// Nodes whose meaning is more than their fields'.
enum NodeHandler: UInt8, Sendable {
    case none
    // Queries
    case select, insert, update, delete, merge, with, rangeVar, rangeSubselect, tableSample, join, into, indexElement
    // Expressions
    case constant, parameter, column, operation, call, valueFunction, xml, cast, typeName, collation, indirection
    case resultTarget, multipleAssignment, sublink, caseExpression, sortBy
    // Utility statements
    case explain, declareCursor, fetch, closeCursor, prepare, execute, deallocate, transaction, set, show, discard
    case copy, truncate, lock, listen, unlisten, notify, createTableAs
}
