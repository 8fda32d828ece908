import PluginAPI
import SQLInspection

/// The limits for the sessions of one identity on one reactor.
///
/// What it needs of the limits is looked up once: a statement costs a compare-and-exchange for each limit, and those by
/// function what is kept with the statement.
final class Gate: AdmissionGate {
    private let limits: [Limit]
    private let identity: SessionIdentity
    private let room: WaitingRoom
    /// Limit by limit, the bucket or the slots of this identity; nil for those by function, and before the first statement.
    private var own: [Own?] = []
    private let looksAtCalls: Bool
    private let wantsCharacters: Bool
    private let countsSlots: Bool
    /// By number, what sessions hold.
    private var sessions: [Int: SessionSlots] = [:]
    /// What the message at hand costs; kept for its memory.
    private var charges: [Charge] = []
    private var needs: [Need] = []
    /// The reactor's clock as the last message brought it.
    private var now: UInt64 = 0

    private enum Own {
        case bucket(TokenBucket)
        case slots(Slots)
    }

    private struct Charge {
        let limit: Int
        let rate: Rate
        let bucket: TokenBucket
        var units: UInt64
    }

    private struct Need {
        let limit: Int
        let slot: Slot
    }

    /// The slots of a session, until all it sent has ended.
    private struct SessionSlots {
        /// So many messages were admitted and have not ended.
        var messages = 0
        var held: [Slot] = []
        /// What the message at hand waits for.
        var waiting: (slots: [Slot], admission: PendingAdmission)?

        /// The wait is over: what was waited for is held, or was never given.
        mutating func settle() {
            guard let waiting else { return }
            if case .forward = waiting.admission.decision { held += waiting.slots }
            self.waiting = nil
        }
    }

    init(_ limits: [Limit], _ session: SessionIdentity, room: WaitingRoom) {
        self.limits = limits
        self.room = room
        identity = session
        looksAtCalls = limits.contains { $0.functions != nil }
        wantsCharacters = limits.contains { if case .characters = $0.unit { true } else { false } }
        countsSlots = limits.contains { if case .slots = $0.stock { true } else { false } }
    }

    // MARK: Costs

    func wantsValues(of statement: JudgedStatement) -> Bool {
        guard wantsCharacters else { return false }
        let calls = calls(of: statement)
        return limits.indices.contains { index in
            guard case .characters = limits[index].unit else { return false }
            return calls.byLimit[index].contains { !$0.counted.inputs.isEmpty }
        }
    }

    /// Kept with the statement.
    private final class StatementCalls {
        struct Calls {
            let counted: CountedCalls
            /// The function's own, for limits by function.
            let own: Own?
        }

        let byLimit: [[Calls]]

        init(_ byLimit: [[Calls]]) { self.byLimit = byLimit }
    }

    private func calls(of statement: JudgedStatement) -> StatementCalls {
        if let known = statement.attachment(of: ObjectIdentifier(self)) as? StatementCalls { return known }
        let calls = StatementCalls(
            limits.map { limit in
                guard let patterns = limit.functions else { return [] }
                return CountedCalls.find(in: statement.facts, of: patterns).map {
                    let own = limit.shares.contains(.function) ? own(of: limit, function: $0.function) : nil
                    return StatementCalls.Calls(counted: $0, own: own)
                }
            }
        )
        statement.attach(calls, of: ObjectIdentifier(self))
        return calls
    }

    private func own(of limit: Limit, function: String = "") -> Own {
        let key = limit.shares.key(of: identity, function: function)
        switch limit.stock {
        case .tokens(_, let table): return .bucket(table.bucket(of: key, at: now))
        case .slots(_, let table): return .slots(table.bucket(of: key, at: now))
        }
    }

    /// Puts what the statements cost into `charges` and `needs`.
    ///
    /// - Returns: the denial, where that cannot be told.
    private func reckon(_ event: borrowing AdmissionEvent) -> Denial? {
        charges.removeAll(keepingCapacity: true)
        needs.removeAll(keepingCapacity: true)
        if own.isEmpty { own = limits.map { $0.shares.contains(.function) ? nil : own(of: $0) } }
        for index in limits.indices where limits[index].functions == nil {
            add(UInt64(max(1, event.statements.count)), to: index, own[index])
        }
        guard looksAtCalls else { return nil }
        for (place, statement) in event.statements.enumerated() {
            // PREPARE runs nothing; EXECUTE runs what was prepared, and its arguments.
            if statement.facts.kinds.first != .prepare || event.isRefused {
                let denial = reckon(calls(of: statement), in: place, from: event, isRefused: event.isRefused)
                if let denial { return denial }
            }
            if let executed = event.executed(by: place) {
                let denial = reckon(calls(of: executed.statement), in: 0, from: executed, isRefused: false)
                if let denial { return denial }
            }
        }
        return nil
    }

    private func reckon<Source: InputSource & ~Copyable>(
        _ calls: StatementCalls,
        in place: Int,
        from source: borrowing Source,
        isRefused: Bool
    ) -> Denial? {
        for index in limits.indices where limits[index].functions != nil {
            for calls in calls.byLimit[index] {
                let units: UInt64
                switch limits[index].unit {
                case .statements: units = 1
                case .calls: units = calls.counted.count
                // Nothing has read what was refused.
                case .characters where isRefused: units = 0
                case .characters(let unknown):
                    var sum: UInt64 = 0
                    for input in calls.counted.inputs {
                        let count = Characters.count(input.value, isArray: input.isArray, in: place, from: source)
                        guard let count = count ?? unknown else {
                            return .unknownLength(calls.counted.function, limits[index])
                        }
                        sum += count
                    }
                    units = sum
                }
                if units > 0 { add(units, to: index, calls.own ?? own[index]) }
                // A statement counts once, however many of the functions it calls, unless each has its own bucket.
                if case .statements = limits[index].unit, calls.own == nil { break }
            }
        }
        return nil
    }

    private func add(_ units: UInt64, to index: Int, _ own: Own?) {
        switch (limits[index].stock, own) {
        case (.tokens(let rate, _), .bucket(let bucket)):
            if let known = charges.firstIndex(where: { $0.limit == index && $0.bucket === bucket }) {
                charges[known].units += units
            } else {
                charges.append(Charge(limit: index, rate: rate, bucket: bucket, units: units))
            }
        case (.slots(let capacity, _), .slots(let slots)):
            guard !needs.contains(where: { $0.slot.slots === slots }) else { return }
            needs.append(Need(limit: index, slot: Slot(slots: slots, capacity: capacity)))
        default:
            preconditionFailure("a limit has the buckets that its own table made")
        }
    }

    // MARK: Verdicts

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
        now = event.now
        if let denial = reckon(event) { return .deny(denial) }
        let mayWait = !event.holdsServer && !event.isRefused
        var until: UInt64 = 0
        // First a look, so that what one limit refuses costs nothing by the others.
        for charge in charges {
            switch charge.bucket.outlook(for: charge.units, charge.rate, at: now) {
            case .now: break
            case .never: return .deny(.tooMuchAtOnce(charge.units, limits[charge.limit], charge.rate.burst))
            case .later(let time):
                guard mayWait, time <= latest(limits[charge.limit]) else { return .deny(tooSoon(charge, time)) }
            }
        }
        for (index, charge) in charges.enumerated() {
            let latest = mayWait ? latest(limits[charge.limit]) : now
            switch charge.bucket.take(charge.units, charge.rate, at: now, latest: latest) {
            case .now: break
            case .later(let time) where time <= latest: until = max(until, time)
            case .later(let time):
                giveBackCharges(before: index)
                return .deny(tooSoon(charge, time))
            case .never:
                giveBackCharges(before: index)
                return .deny(.tooMuchAtOnce(charge.units, limits[charge.limit], charge.rate.burst))
            }
        }
        guard countsSlots, !event.isRefused else { return until > now ? .delay(until: until) : .forward }
        return takeSlots(for: event.sessionNumber, mayWait: mayWait, until)
    }

    private func giveBackCharges(before index: Int) {
        for charge in charges[..<index] { charge.bucket.giveBack(charge.units, charge.rate) }
    }

    /// Until when somebody may be made to wait by a limit.
    private func latest(_ limit: Limit) -> UInt64 {
        let (time, overflows) = now.addingReportingOverflow(limit.patience ?? 0)
        return overflows ? .max : time
    }

    private func tooSoon(_ charge: Charge, _ time: UInt64) -> Denial {
        .tooFast(limits[charge.limit], wait: time - now)
    }

    // MARK: Slots

    /// What a session sends together runs one after the other: it holds each slot once.
    private func takeSlots(for number: Int, mayWait: Bool, _ until: UInt64) -> AdmissionVerdict {
        var session = sessions[number] ?? SessionSlots()
        session.settle()
        needs.removeAll { need in session.held.contains { $0.slots === need.slot.slots } }
        let slots = needs.map(\.slot)
        session.messages += 1
        waiting: while !room.take(slots) {
            // None is missing when one was given back since.
            guard let missing = needs.first(where: isMissingForGood) ?? needs.first(where: \.slot.isMissing) else {
                continue
            }
            let denial = Denial.tooMany(limits[missing.limit])
            guard mayWait, limits[missing.limit].patience != nil else {
                giveBackCharges(before: charges.count)
                return .deny(denial)
            }
            let admission = PendingAdmission(
                deadline: PendingAdmission.Deadline(time: latest(limits[missing.limit]), denial: denial),
                notBefore: until
            )
            switch room.enter(slots, admission) {
            case .granted:
                break waiting
            case .waits:
                session.waiting = (slots, admission)
                sessions[number] = session
                return .pending(admission)
            case .full:
                giveBackCharges(before: charges.count)
                return .deny(denial)
            }
        }
        session.held += slots
        sessions[number] = session
        return until > now ? .delay(until: until) : .forward
    }

    private func isMissingForGood(_ need: Need) -> Bool {
        limits[need.limit].patience == nil && need.slot.isMissing
    }

    func release(sessionNumber: Int) {
        guard countsSlots, var session = sessions[sessionNumber] else { return }
        session.settle()
        session.messages -= 1
        guard session.messages <= 0 else {
            sessions[sessionNumber] = session
            return
        }
        sessions[sessionNumber] = nil
        room.giveBack(session.held)
    }
}
