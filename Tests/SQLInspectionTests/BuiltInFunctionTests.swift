import Testing

@testable import SQLInspection

@Suite("PostgreSQL's own functions")
struct BuiltInFunctionTests {
    @Test(
        "are known by their names",
        arguments: [
            "lower", "count", "set_config", "pg_advisory_lock", "system", "bernoulli", "abbrev", "xpath_exists",
        ]
    )
    func known(name: String) {
        #expect(BuiltInFunctions.contains(QualifiedName(name)))
        #expect(BuiltInFunctions.contains(QualifiedName(schema: "pg_catalog", name)))
        #expect(!BuiltInFunctions.contains(QualifiedName(schema: "public", name)))
    }

    @Test("others are not", arguments: ["", "Lower", "lower ", "my_function", "embed", "current_time"])
    func others(name: String) {
        #expect(!BuiltInFunctions.contains(QualifiedName(name)))
    }

    @Test("what the walk names by its syntax is known under pg_catalog")
    func syntax() throws {
        let sql =
            "SELECT current_date, localtime, current_user, user, xmlforest(a), x AT TIME ZONE 'UTC', a IS DOCUMENT, "
            + "extract(year FROM x), overlay(a PLACING b FROM 1), a IS NORMALIZED, trim(a), COLLATION FOR (a)"
        for call in try facts(of: sql).calls { #expect(BuiltInFunctions.contains(call.name), "\(call.name)") }
    }
}
