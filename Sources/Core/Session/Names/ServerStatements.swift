/// The statements that are prepared on one server connection, under the names they have there.
///
/// A client's own name is used where it is free, so that its messages pass as they are; otherwise one of the gateway's.
struct ServerStatements: Sendable {
    /// How much one server connection keeps prepared.
    struct Limits: Sendable {
        var count: Int
        var bytes: Int
    }

    /// How names begin that no client has chosen.
    static let madeUp = "pgml_gateway_"

    private struct Copy: Sendable {
        var source: StatementSource
        /// What Describe told of its result, as a hash; nil while nobody has asked.
        var shape: Int?
        var lastUse: Int
    }

    private var copies: [StatementName: Copy] = [:]
    private var names: [ObjectIdentifier: StatementName] = [:]
    /// An error has skipped what would have made or removed these, or SQL has: nobody knows whether they exist.
    private var doubtful: Set<StatementName> = []
    /// How many Parses under each name the server has not answered, and the batch of the last.
    private var unanswered: [StatementName: (count: Int, batch: Int)] = [:]
    /// How many Closes of each name the server has not answered: an error may skip them.
    private var closing: [StatementName: Int] = [:]
    private var bytes = 0
    private var uses = 0
    private var namesMade = 0

    var count: Int { copies.count }

    /// The name that the connection has `source` under, about to be used in `batch`; all there is to know of it at once,
    /// for looking up a name is what a Bind costs most.
    ///
    /// - Returns: the name; whether what is known of it holds in `batch`: an error in an earlier one, not answered yet, may
    ///   have skipped the Parse, where within a batch it would skip as well whatever uses the name; and what is known of
    ///   the result that the statement gives.
    mutating func use(
        _ source: StatementSource,
        in batch: Int
    ) -> (name: StatementName, isCertain: Bool, shape: Int?)? {
        guard let name = names[ObjectIdentifier(source)] else { return nil }
        uses += 1
        guard let place = copies.index(forKey: name) else { return (name, isCertain(name, in: batch), nil) }
        copies.values[place].lastUse = uses
        return (name, isCertain(name, in: batch), copies.values[place].shape)
    }

    func source(under name: StatementName) -> StatementSource? { copies[name]?.source }

    /// Whether a Close has to go before a Parse under this name.
    func mayExist(_ name: StatementName) -> Bool {
        copies[name] != nil || doubtful.contains(name) || closing[name] != nil
    }

    /// Whether what is known of `name` holds in `batch`: an error in an earlier one, not answered yet, may have skipped the
    /// Parse. Within a batch it would skip as well whatever uses the name.
    func isCertain(_ name: StatementName, in batch: Int) -> Bool {
        guard !unanswered.isEmpty, let last = unanswered[name] else { return true }
        return last.batch == batch
    }

    /// Names under which something is prepared, or may be.
    var all: [StatementName] { Array(copies.keys) + doubtful }

    /// A name to prepare `source` under: the one it has, the client's own if that is free, or one made up.
    mutating func name(for source: StatementSource, preferring own: StatementName) -> StatementName {
        if let name = names[ObjectIdentifier(source)] { return name }
        if !own.isUnnamed, own != Substitute.statementName, !mayExist(own) { return own }
        var made: StatementName
        repeat {
            namesMade += 1
            made = StatementName(sql: "\(Self.madeUp)\(namesMade)")
        } while mayExist(made)
        return made
    }

    /// The connection has come to another reactor, whose sessions know the same texts by objects of their own.
    mutating func move(to library: StatementLibrary) {
        names = [:]
        for (name, copy) in copies {
            let source = library.shared(copy.source)
            copies[name]?.source = source
            names[ObjectIdentifier(source)] = name
        }
    }

    /// A Parse was sent in a client's `batch`; nil for one that everything waits for.
    mutating func add(_ source: StatementSource, as name: StatementName, batch: Int? = nil) {
        remove(name)
        uses += 1
        copies[name] = Copy(source: source, lastUse: uses)
        if let batch { unanswered[name] = ((unanswered[name]?.count ?? 0) + 1, batch) }
        names[ObjectIdentifier(source)] = name
        bytes += source.byteCount
    }

    /// The eldest Parse under this name took place.
    mutating func confirm(_ name: StatementName) {
        noteAnswer(to: name)
        if copies[name] == nil { doubtful.insert(name) }
    }

    private mutating func noteAnswer(to name: StatementName) {
        guard let (count, batch) = unanswered[name] else { return }
        unanswered[name] = count > 1 ? (count - 1, batch) : nil
    }

    /// A Parse under this name was refused, perhaps because it is taken, or skipped: then it made nothing.
    mutating func drop(_ name: StatementName, isRefused: Bool) {
        noteAnswer(to: name)
        guard !isRefused else { return doubt(name) }
        let isDoubtful = doubtful.contains(name)
        remove(name)
        if isDoubtful { doubtful.insert(name) }
    }

    /// A Close was sent in a client's batch.
    mutating func sendClose(_ name: StatementName) {
        remove(name)
        closing[name, default: 0] += 1
    }

    /// The eldest Close of this name took place.
    mutating func confirmClose(_ name: StatementName) {
        closing[name] = closing[name].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// An error has skipped the eldest Close of this name.
    mutating func skipClose(_ name: StatementName) {
        confirmClose(name)
        doubt(name)
    }

    /// What had this name is gone.
    mutating func remove(_ name: StatementName) {
        doubtful.remove(name)
        guard let copy = copies.removeValue(forKey: name) else { return }
        if names[ObjectIdentifier(copy.source)] == name { names[ObjectIdentifier(copy.source)] = nil }
        bytes -= copy.source.byteCount
    }

    /// What was sent about this name may not have been done.
    mutating func doubt(_ name: StatementName) {
        remove(name)
        doubtful.insert(name)
    }

    /// SQL may have removed any of them.
    mutating func doubtAll() {
        for name in Array(copies.keys) { doubt(name) }
    }

    /// The server has none.
    mutating func removeAll() { self = ServerStatements(namesMade: namesMade) }

    init() {}

    private init(namesMade: Int) { self.namesMade = namesMade }

    /// What has to go before another statement of `source`'s size comes: all that may not even exist, then the least
    /// recently used first.
    func victims(for source: StatementSource, _ limits: Limits) -> [StatementName] {
        var left = copies
        var bytes = bytes
        var victims = copies.count + doubtful.count >= limits.count ? Array(doubtful) : []
        while left.count >= limits.count || bytes + source.byteCount > limits.bytes,
            let eldest = left.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            victims.append(eldest.key)
            bytes -= eldest.value.source.byteCount
            left[eldest.key] = nil
        }
        return victims
    }

    /// Names that may mean something, as soon as they are more than a connection may have statements.
    func excessiveDoubts(_ limits: Limits) -> [StatementName] { doubtful.count < limits.count ? [] : Array(doubtful) }

    // MARK: Shapes

    mutating func setShape(_ shape: Int, of name: StatementName) { copies[name]?.shape = shape }
}
