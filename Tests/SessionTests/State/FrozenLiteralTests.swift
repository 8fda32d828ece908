import Testing

@testable import Session

@Suite("Literals that mean the moment at which they are read")
struct FrozenLiteralTests {
    @Test(
        "words of the moment, alone or with what a date may have beside them",
        arguments: [
            "now", "NOW", " now ", "today", "Tomorrow", "yesterday\n", "today 10:00", "10:00 today", "today10:00",
            "today 10:00 Europe/Berlin", "tomorrow, 10:00 pm", "(today)", "{now,today}", "{\"now\"}", "{to\\day}",
            "[today,tomorrow)", "(1,\"to\"\"day\")", "{{x,y z a b,now}}", "mon today at 10:00",
        ]
    )
    func frozen(literal: String) {
        #expect(FrozenLiteral.isFrozen(literal))
    }

    @Test(
        "other literals",
        arguments: [
            "", "no", "nowhere", "know", "todays", "2026-01-01", "epoch", "infinity", "What shall we do today?",
            "{\"what is new today\"}", "now or never, he said", "yester day", "noẅ", "two years", "n0w",
        ]
    )
    func free(literal: String) {
        #expect(!FrozenLiteral.isFrozen(literal))
    }
}
