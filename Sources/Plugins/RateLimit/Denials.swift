import PluginAPI

extension Denial {
    /// More than the rate lets pass.
    ///
    /// - Parameter wait: nanoseconds until it would.
    static func tooFast(_ limit: Limit, wait: UInt64) -> Denial {
        ofLimit(
            "limit \"\(limit.name)\" is reached: \(limit.words)",
            rule: limit.name,
            hint: "Try again in \(seconds(wait)) seconds."
        )
    }

    /// As many are under way as may be.
    static func tooMany(_ limit: Limit) -> Denial {
        ofLimit(
            "limit \"\(limit.name)\" is reached: \(limit.words)",
            rule: limit.name,
            hint: "Try again when one of the statements under way has ended."
        )
    }

    /// More than the limit ever lets pass at once: it makes no sense to try again.
    static func tooMuchAtOnce(_ units: UInt64, _ limit: Limit, _ burst: UInt64) -> Denial {
        ofLimit(
            "\(units) at once are more than limit \"\(limit.name)\" ever lets pass: \(limit.words), \(burst) at once",
            rule: limit.name,
            hint: "Send less at once, or raise the limit's `burst`."
        )
    }

    /// What a call costs stands neither in the text nor in its parameters.
    static func unknownLength(_ function: String, _ limit: Limit) -> Denial {
        Denial(
            "how many characters \(function) is called with cannot be told",
            rule: limit.name,
            hint: "Give the text as a constant or as a parameter, or set the limit's `unknown_characters`."
        )
    }

    /// Hundredths, rounded up: who comes back then is let in.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let hundredths = nanoseconds / 10_000_000 + (nanoseconds % 10_000_000 == 0 ? 0 : 1)
        let (whole, part) = (hundredths / 100, hundredths % 100)
        if part == 0 { return "\(whole)" }
        return part % 10 == 0 ? "\(whole).\(part / 10)" : "\(whole).\(part < 10 ? "0" : "")\(part)"
    }
}
