import PostgresWire
import SQLInspection

/// What the session itself refuses, with the words for it.
extension Substitute {
    static var malformed: Substitute {
        Substitute(ErrorResponse(.protocolViolation, "invalid message format"), yieldsToAbortedTransaction: false)
    }

    static func tooLong(_ limit: Int) -> Substitute {
        Substitute(InspectionFailure.tooLong(limit: limit).errorResponse, yieldsToAbortedTransaction: false)
    }

    static var unusableName: Substitute {
        Substitute(
            ErrorResponse(
                .protocolViolation,
                "the name of a prepared statement or portal is longer than 63 bytes and not ASCII",
                detail: "PostgreSQL tells names apart by their first 63 bytes, which would split a character.",
                hint: "Use a shorter name."
            ),
            yieldsToAbortedTransaction: false
        )
    }

    /// - Parameter isInSQL: EXECUTE says so; in an aborted transaction PostgreSQL does not get as far.
    static func unknownStatement(_ name: StatementName, isInSQL: Bool = false) -> Substitute {
        let message =
            name.isUnnamed
            ? "unnamed prepared statement does not exist" : "prepared statement \"\(name.text)\" does not exist"
        return Substitute(
            ErrorResponse(.undefinedPreparedStatement, message),
            yieldsToAbortedTransaction: isInSQL
        )
    }

    /// PostgreSQL's own words, for a name that another statement of the client's has: a text that an aborted transaction
    /// does not take was refused before.
    static func existingStatement(_ name: StatementName) -> Substitute {
        Substitute(
            ErrorResponse(.duplicatePreparedStatement, "prepared statement \"\(name.text)\" already exists"),
            yieldsToAbortedTransaction: false
        )
    }

    /// PostgreSQL's own words, where a statement's tables have changed since its client was told of its result.
    static var changedResult: Substitute {
        Substitute(
            ErrorResponse(.featureNotSupported, "cached plan must not change result type"),
            yieldsToAbortedTransaction: true
        )
    }

    /// PostgreSQL's own words for Execute and Describe of a portal that is not there.
    static var unknownPortal: Substitute {
        Substitute(ErrorResponse(.invalidCursorName, "portal \"\" does not exist"), yieldsToAbortedTransaction: false)
    }

    /// In an aborted transaction a server connection cannot forget what other clients' sequences gave.
    static var forgottenSequences: Substitute {
        Substitute(
            ErrorResponse(
                .objectNotInPrerequisiteState,
                "sequences have given this session nothing on this server connection",
                hint: "End the transaction in a query of its own."
            ),
            yieldsToAbortedTransaction: false
        )
    }

    /// SQL's PREPARE left no text that another policy could judge.
    static var ofEarlierPolicy: Substitute {
        Substitute(
            ErrorResponse(
                .insufficientPrivilege,
                "the statement was prepared under an earlier policy",
                hint: "DEALLOCATE it and PREPARE it again."
            ),
            yieldsToAbortedTransaction: true
        )
    }

    static func tooManyStatements(_ limit: Int) -> Substitute {
        Substitute(
            ErrorResponse(
                .configurationLimitExceeded,
                "too many prepared statements in this session",
                detail: "The limit is \(limit).",
                hint: "Close statements that are no longer used, or raise max_prepared_statements."
            ),
            yieldsToAbortedTransaction: true
        )
    }

    static func tooManyPortals(_ limit: Int) -> Substitute {
        Substitute(
            ErrorResponse(
                .configurationLimitExceeded,
                "too many portals in this transaction",
                detail: "The limit is \(limit).",
                hint: "Close portals that are no longer used, or raise max_prepared_statements."
            ),
            yieldsToAbortedTransaction: true
        )
    }

    static func bindTooLong(_ limit: Int) -> Substitute {
        Substitute(
            ErrorResponse(
                .configurationLimitExceeded,
                "the parameters are too long to be inspected",
                detail: "A rule judges a parameter of this statement; all of them together may take \(limit) bytes.",
                hint: "Send less, or raise max_inspected_bind_bytes."
            ),
            yieldsToAbortedTransaction: true
        )
    }

    static var forgottenLiterals: Substitute {
        Substitute(
            ErrorResponse(
                .insufficientPrivilege,
                "the literals of this statement can no longer be told",
                detail: "A rule judges its parameters together with literals that are no longer known.",
                hint: "Send the statement again."
            ),
            yieldsToAbortedTransaction: true
        )
    }

    static func inExtendedProtocol(_ word: String) -> Substitute {
        Substitute(
            ErrorResponse(
                .insufficientPrivilege,
                "\(word) is not allowed in the extended protocol",
                detail: "What a name stands for would only be known when it runs, after it has been judged.",
                hint: "Send \(word) as a simple query, or use the protocol's own prepared statements."
            ),
            yieldsToAbortedTransaction: true
        )
    }
}

extension InspectionFailure {
    /// The failure as PostgreSQL would put it, where it would fail too.
    var errorResponse: ErrorResponse {
        switch self {
        case .syntax(let message, let position):
            ErrorResponse(.syntaxError, message, position: position > 0 ? position : nil)
        case .invalidEncoding(let bytes):
            ErrorResponse(.characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": \(bytes)")
        case .embeddedNull:
            ErrorResponse(.protocolViolation, "invalid message format")
        case .tooLong(let limit):
            ErrorResponse(
                .configurationLimitExceeded,
                "statement is too long",
                detail: "The gateway inspects statements of up to \(limit) bytes.",
                hint: "Pass long values as parameters, or raise max_statement_bytes."
            )
        case .tooDeep(let limit):
            ErrorResponse(
                .statementTooComplex,
                "statement is nested too deeply",
                detail: "The gateway follows expressions up to \(limit) levels deep.",
                hint: "Simplify the statement."
            )
        }
    }
}
