/// Client text that is put into a message: what a log or a terminal could misread is left out, and so is all length.
enum Quoted {
    static func name(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(64).map { scalar -> Character in
            scalar.properties.isGraphic ? Character(scalar) : "?"
        }
        return "\"" + String(shown) + (text.unicodeScalars.count > 64 ? "…" : "") + "\""
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isGraphic: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
