/// The rules as the walk reads them: indexed by node tag, and without the fields that need no look at run time.
///
/// The walk looks here for every node, so entries and steps are plain memory that is written once and never freed:
/// there is one table, and one more for each test that masks a rule shares it. Hence also `@unchecked Sendable`.
@safe struct RuleTable: @unchecked Sendable {
    /// What is done with one field at run time.
    struct Step: Sendable {
        enum Action: UInt8, Sendable {
            case walk, from, statement, empty
        }

        let action: Action
        let offset: UInt16
        /// nil: the place of the parent.
        let place: SyntacticPlace?
        let literals: LiteralRule
    }

    /// One node type.
    struct Entry: Sendable {
        enum Kind: UInt8, Sendable {
            case missing, refused, walk
        }

        var kind: Kind
        var handler: NodeHandler
        var firstStep: Int32
        var endOfSteps: Int32
    }

    /// A rule taken out, for the tests that show that each rule is needed.
    struct Mask: Sendable, Equatable {
        let tag: Int
        let offset: Int
        let size: Int
        /// The whole node rule: such a node is passed over.
        let wholeNode: Bool
    }

    private let entries: UnsafePointer<Entry>
    private let entryCount: Int
    private let steps: UnsafePointer<Step>
    private let stepCount: Int
    /// The tag of `mask`, -1 without one: the only trace of masks on the walk's path.
    private(set) var maskedTag = -1
    private(set) var mask: Mask?

    static let standard = RuleTable(NodeRules.all)

    init(_ rules: [NodeRule]) {
        let highest = rules.map(\.tag).max() ?? 0
        let missing = Entry(kind: .missing, handler: .none, firstStep: 0, endOfSteps: 0)
        var entries = Array(repeating: missing, count: highest + 1)
        var steps: [Step] = []
        for rule in rules {
            precondition(entries[rule.tag].kind == .missing, "\(rule.name) has two rules")
            switch rule.body {
            case .refused:
                entries[rule.tag].kind = .refused
            case .walk(let handler, let fields):
                let first = Int32(steps.count)
                steps.append(contentsOf: fields.compactMap(Self.step))
                entries[rule.tag] = Entry(
                    kind: .walk,
                    handler: handler,
                    firstStep: first,
                    endOfSteps: Int32(steps.count)
                )
            }
        }
        (entryCount, stepCount) = (entries.count, steps.count)
        unsafe self.entries = Self.immortal(entries)
        unsafe self.steps = Self.immortal(steps)
    }

    /// The rule of a node type; `missing` for a tag beyond all rules.
    func entry(_ tag: Int) -> Entry {
        guard tag >= 0, tag < entryCount else {
            return Entry(kind: .missing, handler: .none, firstStep: 0, endOfSteps: 0)
        }
        return unsafe entries[tag]
    }

    /// One of the steps between an entry's `firstStep` and `endOfSteps`.
    func step(_ index: Int) -> Step {
        precondition(index >= 0 && index < stepCount, "a step of an entry")
        return unsafe steps[index]
    }

    private static func immortal<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        unsafe memory.initialize(from: elements, count: elements.count)
        return unsafe UnsafePointer(memory)
    }

    /// The table without the rule of one field, or of one node type when `field` is nil.
    func masking(node: String, field: String?) -> RuleTable? {
        guard let rule = NodeRules.all.first(where: { $0.name == node }) else { return nil }
        var table = self
        table.maskedTag = rule.tag
        guard let field else {
            table.mask = Mask(tag: rule.tag, offset: 0, size: 0, wholeNode: true)
            return table
        }
        guard case .walk(_, let fields) = rule.body, let masked = fields.first(where: { $0.name == field }) else {
            return nil
        }
        table.mask = Mask(tag: rule.tag, offset: masked.offset, size: masked.size, wholeNode: false)
        return table
    }

    private static func step(_ field: NodeRule.Field) -> Step? {
        let offset = UInt16(field.offset)
        switch field.rule {
        case .walk(let place, let literals):
            return Step(action: .walk, offset: offset, place: place, literals: literals)
        case .from:
            return Step(action: .from, offset: offset, place: .from, literals: .free)
        case .statement(let literals):
            return Step(action: .statement, offset: offset, place: .other, literals: literals)
        case .empty:
            return Step(action: .empty, offset: offset, place: nil, literals: .free)
        case .handled, .inert:
            return nil
        }
    }
}

extension NodeRules {
    /// Why a node type is refused, or why a field of it must be empty.
    static func undecided(tag: Int, offset: Int? = nil) -> Undecided {
        guard let rule = all.first(where: { $0.tag == tag }) else {
            return Undecided(node: "node tag \(tag)", reason: "there is no rule for it")
        }
        switch rule.body {
        case .refused(let reason):
            return Undecided(node: rule.name, reason: reason)
        case .walk(_, let fields):
            let field = fields.first { $0.offset == offset }
            if let field, case .empty(let reason) = field.rule {
                return Undecided(node: "\(rule.name).\(field.name)", reason: reason)
            }
            return Undecided(node: rule.name, reason: "there is no rule for it here")
        }
    }
}
