import Testing

@testable import SQLInspection

/// Random statements that come in families: one skeleton, many fillings, so that the cache has something to be wrong
/// about. Some are then mutated byte by byte; some are mutations of the corpus.
///
/// In skeletons `%v` stands for any literal, `%s` for a string, `%i` for an integer, `%w` for white space that may hold
/// more than that, `%c` for a column and `%e` for an expression, which is expanded when the skeleton is made.
struct StatementGenerator {
    private var random: SeededGenerator
    private var skeletons: [[UInt8]] = []
    private let corpus = CorpusStatement.all.map { Array($0.sql.utf8) }

    private static let poolSize = 48

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> [UInt8] {
        if random.oneIn(6), !corpus.isEmpty {
            let text = random.pick(corpus)
            return random.oneIn(2) ? mutated(text) : withOtherLiterals(text)
        }
        if skeletons.count < Self.poolSize {
            skeletons.append(newSkeleton())
        } else if random.oneIn(40) {
            skeletons[random.below(Self.poolSize)] = newSkeleton()
        }
        let text = filled(random.pick(skeletons))
        return random.oneIn(12) ? mutated(text) : text
    }
}

// MARK: - Skeletons

extension StatementGenerator {
    private static let statements = [
        "SELECT %e", "SELECT a::varchar(%i)", "SELECT date %s", "SELECT %v; SELECT a", "SELECT %e, %e",
        "SELECT %e AS %c FROM t1 WHERE %e = %v", "SELECT %e; SELECT %c",
        "SELECT %v, x::float(%i)", "SELECT x::float(%i), %v", "SELECT %c FROM t1 FETCH FIRST ROW ONLY",
        "SELECT x::float(%i) FROM t FETCH FIRST ROW ONLY",
        "SELECT %c, %e FROM t2 ORDER BY %v LIMIT %i", "SELECT %c FROM t GROUP BY %i HAVING %e > %v",
        "SELECT DISTINCT ON (%i) %c FROM t", "SELECT %c FROM t ORDER BY %i, %c USING <",
        "SELECT pgml.embed(%s, %s)", "SELECT pgml.embed('m', %s, kwargs => %s::jsonb)", "SELECT pgml.embed(%v,%w%v)",
        "SELECT id FROM docs ORDER BY e <=> pgml.embed(%s, %s)::vector LIMIT %i",
        "SELECT * FROM pgml.rank(%s, %s, ARRAY[%s, %s])", "INSERT INTO t1 (a, b) VALUES (%v, %v), (%v, %e)",
        "UPDATE t1 SET a = %v WHERE %c = %v RETURNING %e", "DELETE FROM t WHERE a = %v AND b < %e",
        "SET work_mem = %v", "SET search_path = %s", "SET TIME ZONE %v", "SELECT set_config('work_mem', %s, false)",
        "EXPLAIN SELECT %e", "EXPLAIN (COSTS %v) SELECT %c", "DECLARE c CURSOR FOR SELECT %e", "FETCH %i FROM c",
        "PREPARE p (int) AS SELECT %e", "EXECUTE p(%v, %v)", "COPY t1 FROM STDIN WITH (DELIMITER %s)",
        "COPY (SELECT %e) TO STDOUT", "COPY t FROM %s", "DO %s", "NOTIFY c, %s", "BEGIN; SELECT %e; COMMIT",
        "WITH a AS (SELECT %e) SELECT %v FROM a", "SELECT %e UNION SELECT %v ORDER BY %i", "VALUES (%v), (%v)",
        "SELECT %v%w%v", "SELECT %w%v%w", " SELECT %v ; ", "SELECT f(%v) /* %s */ , %v", "SELECT %v -- %s\n, %v",
        "CREATE TABLE n (a varchar(%i) DEFAULT %v)", "LOCK TABLE t", "DISCARD ALL", "SHOW work_mem",
        "SELECT * FROM t TABLESAMPLE SYSTEM (%i) REPEATABLE (%i)", "DISCARD PLANS",
    ]

    private static let expressions = [
        "%v", "%v", "%v", "%c", "f(%v)", "lower(%s)", "s.f(%e, %v)", "(%e + %v)", "%e::int4", "%v::text",
        "%s::regclass",
        "CAST(%s AS regproc)", "CAST(%v AS varchar(%i))", "%e::numeric(%i, 2)", "date %s", "interval %s",
        "interval %s day",
        "interval(%i) %s", "float8 %s", "\"char\" %s", "- %v", "-%v", "+%v", "%c-%v", "%c - -%v", "@-%v", "-(%v)",
        "- - %v",
        "ARRAY[%v, %v]", "%c[%i]", "%c[%i:%i]", "%c BETWEEN %v AND %e", "%c IN (%v, %v)", "%c LIKE %s ESCAPE %s",
        "CASE WHEN %e = %v THEN %v ELSE %e END", "CASE %c WHEN %v THEN %v END", "extract(year FROM %c)",
        "extract(%s FROM %c)", "CURRENT_TIMESTAMP(%i)", "%c AT TIME ZONE %s", "substring(%s FROM %i FOR %i)",
        "overlay(%s placing %s from %i)", "trim(both %s from %s)", "%s SIMILAR TO %s", "nullif(%v, %v)",
        "coalesce(%v, $1, %e)", "position(%s in %s)", "row(%v, %e)", "(%e).f", "EXISTS (SELECT %v)",
        "(SELECT %e LIMIT %i)",
        "f(a => %v, b => %e)", "f(VARIADIC ARRAY[%v])", "count(*) FILTER (WHERE %e)", "sum(%v) OVER (ORDER BY %v)",
        "percentile_cont(%v) WITHIN GROUP (ORDER BY %v)", "%s COLLATE \"C\"", "xmlelement(name a, %s)", "$2", "NOT %e",
        "%c <-> %s", "%e || %s", "%s%w%s", "%s%w", "f(%w%v)", "bit(%i) %s", "varchar(%i) %s", "timestamp(%i) %s",
        "ARRAY[%s, %s]::text[]", "%c IS DISTINCT FROM %v", "grouping(%c)", "normalize(%s, nfc)", "t.%c",
    ]

    private mutating func newSkeleton() -> [UInt8] {
        var text = random.pick(Self.statements)
        for _ in 0..<8 {
            guard let hole = text.firstRange(of: "%e") else { break }
            text.replaceSubrange(hole, with: random.pick(Self.expressions))
        }
        return Array(text.replacing("%e", with: "%v").utf8)
    }
}

// MARK: - Fillings

extension StatementGenerator {
    private static let strings = [
        "''", "'a'", "'b'", "'it''s'", "''''", "'secret'", "'now'", "'{\"a\": 1}'", "'1'", "'-- x'", "'/*'", "'a b\nc'",
        "'ünïcödé ☃'", "'a\\b'", "'pg_class'", "'$$'", "'\"'", "'2020-01-01'", "'100'", "'day'", "'on'", "'public'",
    ]
    private static let oddStrings = [
        "E'a'", "E'a\\'b'", "e'\\\\'", "U&'d!0061' UESCAPE '!'", "U&'a'", "B'101'", "B'0'", "X'1f'", "N'a'", "N'b'",
        "$$a$$",
        "$$ 'a' $$", "$q$it's$q$", "'al'\n'pha'", "'al' \n 'phabet'", "'a' 'b'", "_utf8'x'", "b'1'", "x'0'", "n'c'",
    ]
    private static let integers = ["0", "1", "2", "3", "7", "10", "24", "25", "42", "53", "100"]
    private static let oddNumbers = [
        "2147483647", "2147483648", "2147483649", "9999999999", "9223372036854775807", "9223372036854775808",
        "99999999999999999999", "1.5", "0.5", "2.25", "10000000000.1", ".5", "1.", "1e5", "1.5e-3", "007", "00", "0x1f",
        "1_000",
        "1a", "1.5.5", "1..2", "0.0",
    ]
    private static let otherValues = ["NULL", "TRUE", "false", "$1", "$2", "c1", "DEFAULT", "CURRENT_DATE", "\"it's\""]
    private static let columns = [
        "a", "b1", "c_2", "\"A b\"", "\"it's\"", "\"x 'y' \"", "\"x 'z' \"", "\"1\"", "\"q\"\"r\"", "e", "n", "x$1",
        "é1",
    ]
    private static let spaces = [
        " ", "  ", "\n", "\t", " \n ", "", " -- x\n", " /* 'a' */ ", "/* 1 */", " -- it's\n", "\r\n", "\u{0c}",
    ]

    private mutating func filled(_ skeleton: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < skeleton.count {
            guard skeleton[index] == UInt8(ascii: "%"), index + 1 < skeleton.count else {
                text.append(skeleton[index])
                index += 1
                continue
            }
            text.append(contentsOf: filling(skeleton[index + 1]).utf8)
            index += 2
        }
        return text
    }

    private mutating func filling(_ hole: UInt8) -> String {
        switch hole {
        case UInt8(ascii: "s"): return random.oneIn(12) ? random.pick(Self.oddStrings) : random.pick(Self.strings)
        case UInt8(ascii: "i"): return random.oneIn(12) ? random.pick(Self.oddNumbers) : random.pick(Self.integers)
        case UInt8(ascii: "w"): return random.oneIn(3) ? random.pick(Self.spaces) : " "
        case UInt8(ascii: "c"): return random.oneIn(3) ? random.pick(Self.columns) : "a"
        default: break
        }
        switch random.below(16) {
        case 0..<6: return random.pick(Self.strings)
        case 6..<11: return random.pick(Self.integers)
        case 11, 12: return random.pick(Self.oddNumbers)
        case 13: return random.pick(Self.oddStrings)
        case 14: return "-" + random.pick(Self.integers + Self.oddNumbers)
        default: return random.pick(Self.otherValues)
        }
    }
}

// MARK: - Mutations

extension StatementGenerator {
    private static let pieces: [[UInt8]] =
        [
            "'", "''", "\"", "$", "$$", "-", "--", "/*", "*/", "\\", "E", "U&", "B", "N", "1", "9", ".", "e", "_", " ",
            "\n", ";", "é", "%",
        ]
        .map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0x01], [0x80], [0xED, 0xA0, 0x80], [0x0B], [0x7F]]

    private mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...random.below(3) where !text.isEmpty {
            let place = random.below(text.count)
            switch random.below(3) {
            case 0: text.remove(at: place)
            case 1: text.insert(contentsOf: random.pick(Self.pieces), at: place)
            default: text.replaceSubrange(place...place, with: random.pick(Self.pieces))
            }
        }
        return text
    }

    /// The text with other digits, and now and then other letters in its literals.
    private mutating func withOtherLiterals(_ text: [UInt8]) -> [UInt8] {
        var isQuoted = false
        return text.map { byte in
            if byte == UInt8(ascii: "'") { isQuoted.toggle() }
            if byte.isDigit, random.oneIn(2) { return UInt8(ascii: "0") + UInt8(random.below(10)) }
            if isQuoted, byte == UInt8(ascii: "a"), random.oneIn(2) { return UInt8(ascii: "b") }
            return byte
        }
    }
}
