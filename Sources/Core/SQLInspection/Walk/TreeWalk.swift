/// The one walk over a statement's parse tree: follows the rule table and collects facts.
struct TreeWalk: ~Copyable {
    /// Where the walk is, as far as it matters to the nodes below.
    struct Context {
        var place: SyntacticPlace
        var literals: LiteralRule

        /// The context of a field's value.
        func below(_ step: RuleTable.Step) -> Context {
            Context(place: step.place ?? place, literals: combined(step.literals))
        }

        /// The context of a value in the same place.
        func with(_ rule: LiteralRule) -> Context {
            Context(place: place, literals: combined(rule))
        }

        private func combined(_ rule: LiteralRule) -> LiteralRule {
            if case .below = literals { return literals }
            return rule == .inherited ? literals : rule
        }
    }

    let table: RuleTable
    let depthLimit: Int
    var facts = FactsBuilder()
    var depth = 0
    private(set) var isTooDeep = false

    /// Names of the CTEs in scope, inner ones last.
    var commonTables: [String] = []
    /// Whether the next SELECT is a statement of its own and not part of one.
    var isAtStatement = false
    /// The row locks of the SELECT being walked, and those that hold for the FROM items being visited.
    var selectLocks = RowLocks.none
    var activeLocks = RowLocks.none
    /// The row locks that the SELECT visited next has from outside.
    var inheritedLocks = RowLocks.none

    init(table: RuleTable, depthLimit: Int) {
        self.table = table
        self.depthLimit = depthLimit
    }

    /// Visits a node, a list of nodes, or nothing.
    mutating func visit(_ node: TreeNode?, _ context: Context) {
        guard let node else { return }
        let tag = node.tag
        if tag == Tag.list {
            visitElements(of: node, context)
            return
        }
        guard !isMasked(node, tag: tag) else { return }
        let entry = table.entry(tag)
        guard entry.kind == .walk else {
            refuse(node)
            return
        }
        guard enter() else { return }
        if entry.handler == .none {
            walkFields(of: node, entry, context)
        } else {
            handle(node, entry, context)
        }
        depth -= 1
    }

    /// Visits the fields of a node in the order of its rule.
    mutating func walkFields(of node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        for index in Int(entry.firstStep)..<Int(entry.endOfSteps) {
            let step = table.step(index)
            guard let child = node.child(at: Int(step.offset)) else { continue }
            switch step.action {
            case .walk:
                visit(child, context.below(step))
            case .from:
                activeLocks = selectLocks
                visit(child, context.below(step))
                activeLocks = .none
            case .statement:
                isAtStatement = true
                visit(child, context.below(step))
                isAtStatement = false
            case .empty:
                facts.refuse(NodeRules.undecided(tag: node.tag, offset: Int(step.offset)))
            }
        }
    }

    private mutating func visitElements(of node: TreeNode, _ context: Context) {
        guard enter() else { return }
        if let list = node.list {
            for index in 0..<list.count { visit(list[index], context) }
        }
        depth -= 1
    }

    /// One level down; false at the limit, where the walk turns back.
    mutating func enter() -> Bool {
        guard depth < depthLimit else {
            isTooDeep = true
            return false
        }
        depth += 1
        return true
    }

    /// Takes a masked rule out of the walk; true when it is the whole node's.
    func isMasked(_ node: TreeNode, tag: Int) -> Bool {
        guard tag == table.maskedTag, let mask = table.mask else { return false }
        node.blank(offset: mask.offset, size: mask.size)
        return mask.wholeNode
    }

    /// For handlers that read a node before it is visited.
    func applyMask(to node: TreeNode?) {
        guard let node else { return }
        _ = isMasked(node, tag: node.tag)
    }

    private mutating func refuse(_ node: TreeNode) {
        if isAtStatement {
            facts.kinds.append(.unknown)
            facts.sessionState.formUnion(stateLeft(byRefused: node))
        }
        facts.refuse(NodeRules.undecided(tag: node.tag))
    }
}
