/// What a reactor's `Inspector` says of one query text.
public enum Inspection {
    case inspected(InspectedText, path: InspectionPath)
    /// Too long to be parsed on a reactor: parse it with `SQLParser.parse` on a thread with a stack in proportion,
    /// and hand the result to `Inspector.admit`.
    case needsWorker
    case failed(InspectionFailure)
}

/// How facts were found, fastest first.
public enum InspectionPath: String, Sendable, CaseIterable {
    case text, template, grammar
}

/// A text's facts as the cache holds them, with room for the verdict that was made on them.
///
/// Confined to the reactor whose `Inspector` made it.
public final class InspectedText {
    /// The statements in their order; empty for an empty query.
    public let statements: [ParsedStatement]
    /// Whether one entry serves every text that differs only in its literals. Constants' values then come from
    /// `Inspector.literal(_:of:statement:text:)`, never from the facts: there they are empty.
    public let isTemplate: Bool
    /// What the plugin chain keeps with the facts.
    public var judgement: AnyObject?
    /// How the facts of a template are carried over to other texts.
    let layout: TemplateLayout?

    /// Facts outside any cache.
    public init(statements: [ParsedStatement], isTemplate: Bool) {
        self.statements = statements
        self.isTemplate = isTemplate
        layout = nil
    }

    /// The facts of a template.
    init(statement: ParsedStatement, layout: TemplateLayout) {
        statements = [statement]
        isTemplate = true
        self.layout = layout
    }
}
