import Testing

@testable import Configuration

@Suite struct ValuesTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5min", .seconds(300)), ("1h", .seconds(3600)),
        ("2d", .seconds(172_800)), ("0s", .zero), ("30 s", .seconds(30)),
    ])
    func `A duration is a whole number with one of PostgreSQL's units`(text: String, duration: Duration) {
        #expect(Duration(setting: text) == duration)
        #expect(Duration(setting: duration.setting) == duration)
    }

    @Test(arguments: [
        "", "s", "30", "-1s", "+1s", "1.5s", "30S", "30sec", "1s1s", "9223372036854775807h", " 1s", "1s ",
    ])
    func `Anything else is no duration`(text: String) {
        #expect(Duration(setting: text) == nil)
    }

    @Test(arguments: [
        ("512B", 512), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648), ("0B", 0), ("1025B", 1025),
    ])
    func `An amount of bytes is a whole number with a binary unit`(text: String, bytes: Int) {
        #expect(ByteCount(text) == ByteCount(bytes: bytes))
        #expect(ByteCount(bytes: bytes).description == text)
    }

    @Test(arguments: ["", "64", "64KB", "64kib", "-1B", "1.5MiB", "9223372036854775807KiB"])
    func `Anything else is no amount of bytes`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test func `A secret is hidden however it is printed`() {
        let user = GatewayUser(
            name: "a",
            credential: .password(Secret("s3cret")),
            upstreamLogin: UpstreamLogin(user: "b", password: Secret("s3cret")),
            databases: nil,
            poolMode: nil,
            poolSize: nil
        )
        var dumped = ""
        dump(user, to: &dumped)
        for text in ["\(user)", String(reflecting: user), dumped] {
            #expect(text.contains("«hidden»"))
            #expect(!text.contains("s3cret"))
        }
    }

    @Test(arguments: [
        ("listen_adress", "listen_address"), ("usres", "users"), ("Url", "url"), ("password_fil", "password_file"),
    ])
    func `A mistyped word finds the one that was meant`(word: String, meant: String) {
        let known = ["listen_address", "listen_port", "users", "url", "password", "password_file", "password_env"]
        #expect(Words.nearest(to: word, among: known) == meant)
    }

    @Test func `A word that is nothing like the others finds none`() {
        #expect(Words.nearest(to: "colour", among: ["users", "limits"]) == nil)
        #expect(Words.nearest(to: "colour", among: []) == nil)
    }

    @Test(
        arguments: [
            (0o600, false, nil), (0o400, false, nil), (0o640, true, nil), (0o440, true, nil),
            (0o640, false, "chmod"), (0o604, true, "chmod"), (0o660, true, "chmod"), (0o644, true, "chmod"),
        ] as [(UInt32, Bool, String?)]
    )
    func `A secret is for its owner's eyes, and root's may be for a group's`(mode: UInt32, root: Bool, remedy: String?)
    {
        let complaint = TextFile.Purpose.secret.complaint(mode: mode, ownedByRoot: root, path: "secret")
        #expect(complaint == remedy.map { "can be read by others than its owner; run: \($0) 600 secret" })
    }
}
