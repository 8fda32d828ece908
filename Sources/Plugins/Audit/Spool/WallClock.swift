import Glibc

/// The time of day in UTC.
enum WallClock {
    static var now: timespec {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    /// `2026-11-21T18:52:47.123456Z`
    static func text(_ time: timespec) -> [UInt8] {
        let (days, second) = time.tv_sec.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = date(days)
        var text: [UInt8] = []
        append(year, digits: 4, to: &text)
        for (separator, value) in [("-", month), ("-", day), ("T", second / 3600)] {
            text += separator.utf8
            append(value, digits: 2, to: &text)
        }
        for value in [second / 60 % 60, second % 60] {
            text.append(UInt8(ascii: ":"))
            append(value, digits: 2, to: &text)
        }
        text.append(UInt8(ascii: "."))
        append(time.tv_nsec / 1000, digits: 6, to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// As a part of a file's name: `20261121T185247Z`
    static func name(_ time: timespec) -> String {
        String(
            decoding: text(time).prefix(19).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") },
            as: UTF8.self
        )
            + "Z"
    }

    /// The date so many days after 1970-01-01, in years that begin in March: then the leap day is a year's last.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (era * 400 + year + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9, day)
    }

    private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
