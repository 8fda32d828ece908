internal import CSystem
internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call and what it was made for, as an operator would say it: `connect to 10.0.0.4:5432`.
    public let operation: String
    /// The call's `errno`.
    public let code: Int32

    /// - Parameter code: an `errno`.
    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// `connect to 10.0.0.4:5432: Connection refused`.
    public var description: String { "\(operation): \(Self.text(of: code))" }

    /// What the C library calls `code`: `Connection refused`.
    public static func text(of code: Int32) -> String {
        guard let text = unsafe strerrordesc_np(code) else { return "errno \(code)" }
        return unsafe String(cString: text)
    }
}

extension SystemError {
    /// Calls `body`, again whenever a signal interrupted it, and throws when it answers with a negative number.
    @discardableResult
    static func check(_ operation: @autoclosure () -> String, _ body: () -> Int32) throws(SystemError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(operation(), code: code) }
        }
    }
}
