package import PluginAPI
package import PostgresWire
import SQLInspection

/// What a session does with the chain, without a session: for PluginTestKit.
extension Judge {
    /// The text that would reach the server, or the error the client would get. With `parameters`, those of a Bind are
    /// judged too.
    package func judge(
        _ sql: String,
        identity: SessionIdentity,
        parameters: [ParameterValue]?
    ) -> Result<String, ErrorResponse> {
        let context = context(for: identity)
        let bytes = Array(sql.utf8)
        let text = unsafe bytes.span.bytes
        switch rule(on: text, in: context, parsed: nil) {
        case .needsWorker:
            return .failure(InspectionFailure.tooLong(limit: maximumStatementBytes).errorResponse)
        case .failed(let failure):
            return .failure(failure.errorResponse)
        case .denied(let refusal):
            return .failure(refusal.error)
        case .admitted(let verdict):
            if let parameters, !verdict.inspectedParameters.isEmpty {
                guard let constants = constants(of: verdict, in: text) else {
                    return .failure(Substitute.forgottenLiterals.error)
                }
                let statement = PreparedStatement(verdict: verdict, constants: constants, parameterTypes: [])
                if let refusal = refusal(of: statement, GivenParameters(values: parameters), report: { _ in }) {
                    return .failure(refusal.error)
                }
            }
            return .success(verdict.replacement.map { String(decoding: $0, as: UTF8.self) } ?? sql)
        }
    }

    /// What the gates say to a text, or with `parameters` to a Bind of it; the first that does not forward has spoken for
    /// all. What deciders refuse is told to them as a session would.
    package func admit(
        _ sql: String,
        identity: SessionIdentity,
        sessionNumber: Int,
        parameters: [ParameterValue]?,
        holdsServer: Bool,
        now: UInt64
    ) -> GateAnswer {
        let context = context(for: identity)
        let bytes = Array(sql.utf8)
        let text = unsafe bytes.span.bytes
        var statements: [JudgedStatement] = []
        var values: [[String]?] = []
        var refusal: Refusal?
        switch rule(on: text, in: context, parsed: nil) {
        case .needsWorker: return .denied(InspectionFailure.tooLong(limit: maximumStatementBytes).errorResponse)
        case .failed(let failure): refusal = Refusal(failure.errorResponse)
        case .denied(let denied):
            refusal = denied
            statements = denied.statements
        case .admitted(let verdict):
            statements = verdict.judged
            if context.gates.contains(where: { gate in statements.contains { gate.decider.wantsValues(of: $0) } }) {
                values = statements.indices.map { constants(of: verdict, statement: $0, in: text) }
            }
        }
        for step in context.gates {
            let event = AdmissionEvent(
                session: identity,
                sessionNumber: sessionNumber,
                statements: statements,
                isRefused: refusal != nil,
                holdsServer: holdsServer,
                now: now,
                constants: ReadConstants(values: values),
                parameters: parameters.map { GivenParameters(values: $0) }
            )
            switch step.decider.admit(event) {
            case .forward: continue
            case .delay(let until): return .delay(until: until)
            case .pending(let pending): return .pending(pending)
            case .deny(let denial): return .denied(Refusal(denial, file: step.file).error)
            }
        }
        return refusal.map { .denied($0.error) } ?? .forward
    }

    /// Tells the gates that something they have admitted has ended.
    package func release(identity: SessionIdentity, sessionNumber: Int) {
        for step in context(for: identity).gates { step.decider.release(sessionNumber: sessionNumber) }
    }

    /// What gates may say.
    package enum GateAnswer {
        case forward
        case delay(until: UInt64)
        case pending(PendingAdmission)
        case denied(ErrorResponse)
    }

    /// What the chain makes of startup parameters.
    package func startUp(
        _ parameters: [StartupParameter],
        identity: SessionIdentity
    ) -> Result<[StartupParameter], ErrorResponse> {
        do {
            return .success(try judged(parameters, in: context(for: identity)))
        } catch {
            return .failure(error)
        }
    }
}

/// Parameters that are simply there.
private struct GivenParameters: ParameterSource {
    let values: [ParameterValue]

    var count: Int { values.count }

    func value(ofParameter number: Int) -> ParameterValue {
        values.indices.contains(number - 1) ? values[number - 1] : .unknown
    }
}
