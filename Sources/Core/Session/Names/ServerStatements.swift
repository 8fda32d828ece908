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
        let since: Int
    }

    /// Where a source is found, and when it was last.
    private struct Place: Sendable {
        let name: StatementName
        var lastUse: Int
    }

    private var copies: [StatementName: Copy] = [:]
    private var places: [ObjectIdentifier: Place] = [:]
    /// An error has skipped what would have made or removed these, or SQL has: nobody knows whether they exist.
    private var doubtful: Set<StatementName> = []
    private var bytes = 0
    private var uses = 0
    private var namesMade = 0

    var count: Int { copies.count }

    /// The name that the connection has `source` under.
    mutating func use(_ source: StatementSource) -> StatementName? {
        guard let index = places.index(forKey: ObjectIdentifier(source)) else { return nil }
        uses += 1
        places.values[index].lastUse = uses
        return places.values[index].name
    }

    func source(under name: StatementName) -> StatementSource? { copies[name]?.source }

    /// Whether a Close has to go before a Parse under this name.
    func mayExist(_ name: StatementName) -> Bool { copies[name] != nil || doubtful.contains(name) }

    /// Names under which something is prepared, or may be.
    var all: [StatementName] { Array(copies.keys) + doubtful }

    /// A name to prepare `source` under: the one it has, the client's own if that is free, or one made up.
    mutating func name(for source: StatementSource, preferring own: StatementName) -> StatementName {
        if let place = places[ObjectIdentifier(source)] { return place.name }
        if !own.isUnnamed, !mayExist(own) { return own }
        var made: StatementName
        repeat {
            namesMade += 1
            made = StatementName(sql: "\(Self.madeUp)\(namesMade)")
        } while mayExist(made)
        return made
    }

    /// The connection has come to another reactor, whose sessions know the same texts by objects of their own.
    mutating func move(to library: StatementLibrary) {
        places = [:]
        for (name, copy) in copies {
            let source = library.shared(copy.source)
            copies[name]?.source = source
            places[ObjectIdentifier(source)] = Place(name: name, lastUse: copy.since)
        }
    }

    /// A Parse was sent.
    mutating func add(_ source: StatementSource, as name: StatementName) {
        remove(name)
        uses += 1
        copies[name] = Copy(source: source, since: uses)
        places[ObjectIdentifier(source)] = Place(name: name, lastUse: uses)
        bytes += source.byteCount
    }

    /// A Close was sent.
    mutating func remove(_ name: StatementName) {
        doubtful.remove(name)
        guard let copy = copies.removeValue(forKey: name) else { return }
        let source = ObjectIdentifier(copy.source)
        if places[source]?.name == name { places[source] = nil }
        bytes -= copy.source.byteCount
    }

    /// A Parse under this name was refused or skipped: what was there before it, if anything, has been closed or is in
    /// doubt already.
    mutating func parseFailed(_ name: StatementName) {
        let isDoubtful = doubtful.contains(name)
        remove(name)
        if isDoubtful { doubtful.insert(name) }
    }

    /// One that may exist or not: closing it ends the doubt.
    var anyDoubtful: StatementName? { doubtful.first }

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

    /// What has to go before another statement of `source`'s size comes: least recently used first.
    func victims(for source: StatementSource, _ limits: Limits) -> [StatementName] {
        var left = copies
        var bytes = bytes
        var victims: [StatementName] = []
        while left.count >= limits.count || bytes + source.byteCount > limits.bytes,
            let eldest = left.min(by: { lastUse($0) < lastUse($1) })
        {
            victims.append(eldest.key)
            bytes -= eldest.value.source.byteCount
            left[eldest.key] = nil
        }
        return victims
    }

    private func lastUse(_ entry: (key: StatementName, value: Copy)) -> Int {
        let (name, copy) = entry
        guard let place = places[ObjectIdentifier(copy.source)], place.name == name else { return copy.since }
        return place.lastUse
    }

    // MARK: Shapes

    /// What is known of the result that the statement under `name` gives.
    func shape(_ name: StatementName) -> Int? { copies[name]?.shape }

    mutating func setShape(_ shape: Int, of name: StatementName) { copies[name]?.shape = shape }
}
