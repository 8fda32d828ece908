import PluginAPI
import Testing

@testable import Configuration

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::1", false),
        ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "ffff::", true),
        ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
        ("fd00::/8", "fdff:1:2:3:4:5:6:7", true), ("fd00::/8", "fe00::", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("10.0.0.0/8", "", false), ("10.0.0.0/8", "[local]", false),
    ])
    func `A range holds the addresses that share its leading bits`(range: String, address: String, holds: Bool) throws {
        #expect(try AddressRange(range).contains(address) == holds)
    }

    @Test(arguments: [
        ("10.0.0", "\"10.0.0\" is not a range of addresses; write \"10.0.0.0/8\" or \"fd00::/8\""),
        ("", "\"\" is not a range of addresses; write \"10.0.0.0/8\" or \"fd00::/8\""),
        ("10.0.0.0/33", "\"10.0.0.0/33\" has no length from 0 to 32; write \"10.0.0.0/32\""),
        ("10.0.0.0/", "\"10.0.0.0/\" has no length from 0 to 32; write \"10.0.0.0/32\""),
        ("10.0.0.0/+8", "\"10.0.0.0/+8\" has no length from 0 to 32; write \"10.0.0.0/32\""),
        ("fd00::/129", "\"fd00::/129\" has no length from 0 to 128; write \"fd00::/128\""),
        ("10.0.0.1/8", "\"10.0.0.1/8\" has bits set beyond its length; write the range's first address"),
        ("::ffff:10.0.0.0/8", "\"::ffff:10.0.0.0/8\" has bits set beyond its length; write the range's first address"),
    ])
    func `What is no range is refused`(text: String, message: String) {
        let refusal = #expect(throws: AddressRange.Refusal.self) { try AddressRange(text) }
        #expect(refusal?.message == message)
    }

    @Test(arguments: [
        ("::", "0:0:0:0:0:0:0:0"), ("1::8", "1:0:0:0:0:0:0:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("FE80::1", "fe80:0:0:0:0:0:0:1"), ("64:ff9b::1.2.3.4", "64:ff9b:0:0:0:0:102:304"),
    ])
    func `Two ways of writing an address are one address`(one: String, other: String) throws {
        #expect(try #require(IPAddress(one)) == #require(IPAddress(other)))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", "1.2.3.4 ", "１.2.3.4", ":", ":::",
        "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1.2.3", "1.2.3.4::", ":1::",
        "::1:",
    ])
    func `What is not an address in the usual form is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
