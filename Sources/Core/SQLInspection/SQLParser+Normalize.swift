import CPgQuery

extension SQLParser {
    /// The text with `$n` in the place of every constant, by libpg_query; nil for a text that does not parse. Comments stay.
    ///
    /// Takes the stack that parsing takes: not for texts beyond a reactor's parse limit.
    public static func normalized(_ text: RawSpan) -> Swift.String? {
        unsafe withTerminated(text) { terminated in
            let result = unsafe pg_query_normalize(terminated)
            defer { unsafe pg_query_free_normalize_result(result) }
            guard unsafe result.error == nil, let normalized = unsafe result.normalized_query else { return nil }
            return unsafe Swift.String(cString: normalized)
        }
    }
}
