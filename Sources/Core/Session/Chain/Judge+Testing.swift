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
