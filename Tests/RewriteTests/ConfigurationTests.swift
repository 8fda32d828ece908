import PluginAPI
import PluginTestKit
import Testing

@testable import Rewrite

@Suite struct RewriteConfigurationTests {
    private static let rule = "[[rule]]\nname = 'a'\npattern = 'x(y)?'\nreplacement = 'z'\n"

    @Test(arguments: [
        ("", "20-rewrite.toml", "there is no [[rule]]"),
        ("[[rule]]\nname = 'a'\npattern = '('\nreplacement = ''", ":4:", "parenthesis"),
        ("[[rule]]\nname = 'a'\npattern = 'x'\nreplacement = '${1}'", ":5:", "no group \"1\""),
        ("[[rule]]\nname = ''\npattern = 'x'\nreplacement = ''", ":3:", "is empty"),
        ("[[rule]]\nname = 'a'\nreplacement = ''", "pattern", "is missing"),
        ("[[rule]]\nname = 'a'\npattern = 'x'\nreplacement = ''\nuser = 'x'", ":6:", "user"),
        (rule + "users = []", ":6:", "never apply"), (rule + "addresses = ['10.0.0.1/8']", ":6:", "beyond its length"),
        (rule + rule, ":7:", "another rule is called"),
        ("[limits]\nmatch = 1\n" + rule, ":3:", "from 100 to"),
        ("[limits]\ntime_ms = 2000\n" + rule, ":3:", "from 1 to 1000"),
        ("[limits]\nheap = 1\n" + rule, ":3:", "heap"),
    ])
    func `a mistake is told with its place`(toml: String, place: String, words: String) {
        let refusal = refusal(of: toml)
        #expect(refusal.contains(place) && refusal.contains(words), "\(refusal)")
    }

    @Test(arguments: [
        ("text = 'SELECT x'\nexpect = 'SELECT y'", ":8:", "make it \"SELECT z\""),
        ("text = 'SELECT x'\nexpect = 'unchanged'", ":8:", "make it \"SELECT z\""),
        ("text = 'SELECT 1'\nexpect = 'SELECT z'", ":8:", "leave the statement unchanged"),
        ("text = 'SELECT FROM FROM'\nexpect = ''", ":7:", "is not one statement"),
        ("text = 'SELECT 1; SELECT 2'\nexpect = ''", ":7:", "is not one statement"),
        ("text = 'SELECT 1'", "expect", "is missing"),
    ])
    func `a test that fails stops the start`(test: String, place: String, words: String) {
        let refusal = refusal(of: Self.rule + "[[rule.test]]\n" + test)
        #expect(refusal.contains(place) && refusal.contains(words), "\(refusal)")
    }

    @Test func `tests that hold are silent`() throws {
        let tests = """
            users = ['etl']
            [[rule.test]]
            text = 'SELECT x'
            expect = 'SELECT z'
            [[rule.test]]
            text = 'SELECT x'
            expect = 'unchanged'
            user = 'other'
            [[rule.test]]
            text = 'SELECT 1'
            expect = 'unchanged'
            """
        _ = try plugin(Self.rule + tests)
    }

    @Test func `a test finds what would be refused later`() {
        let broken = "[[rule]]\nname = 'a'\npattern = 'x'\nreplacement = '$1'\n[[rule.test]]\n"
        #expect(refusal(of: broken + "text = 'SELECT x'\nexpect = 'SELECT $1'").contains("has other parameters"))
        let cast = broken.replacing("'x'", with: "'int'").replacing("'$1'", with: "'text'")
        let cases = "text = 'SELECT $1::int'\nexpect = 'SELECT $1::text'"
        #expect(refusal(of: cast + cases).contains("casts them to other types"))
        let slow = "[limits]\nmatch = 100\n[[rule]]\nname = 'a'\npattern = '(a+)+!'\nreplacement = ''\n[[rule.test]]\n"
        let text = String(repeating: "a", count: 40) + "?!"
        #expect(
            refusal(of: slow + "text = '''SELECT '\(text)' '''\nexpect = ''").contains("comes to one of the limits")
        )
        let elsewhere =
            Self.rule + "addresses = ['10.0.0.0/8']\n[[rule.test]]\ntext = 'SELECT x'\nexpect = 'SELECT z'\n"
        #expect(refusal(of: elsewhere).contains("address"))
        #expect(refusal(of: elsewhere + "address = '10.1.1.1'") == "taken")
    }
}
