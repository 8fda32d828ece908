internal import CSystem

/// A thread of the operating system with a stack of a given size.
///
/// Swift's own tasks have stacks of fixed size, and libpg_query's parser may need as much as 179 bytes of stack for a
/// byte of SQL.
public struct SystemThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H`, at most 15 bytes.
    ///   - stackBytes: address space that is set aside; only what is touched takes memory.
    public static func start(
        name: String,
        stackBytes: Int,
        body: sending @escaping () -> Void
    ) throws(SystemError) -> SystemThread {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        var code = unsafe pthread_attr_setstacksize(&attributes, stackBytes.roundedUpToPages)
        if code != 0 { throw SystemError("set a thread's stack to \(stackBytes) bytes", code: code) }

        let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, body)).toOpaque()
        var handle = pthread_t()
        code = unsafe pthread_create(&handle, &attributes, { unsafe runThread($0) }, context)
        if code != 0 {
            unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
            throw SystemError("start a thread with a stack of \(stackBytes) bytes", code: code)
        }
        return SystemThread(handle: handle)
    }

    /// Leaves the thread to itself: nobody will wait for its end. Call it instead of `join`.
    public func detach() {
        pthread_detach(handle)
    }

    /// Waits until the thread has ended. Call it exactly once, from another thread.
    public func join() {
        pthread_join(handle, nil)
    }
}

private final class ThreadBody {
    let name: String
    let body: () -> Void

    init(name: String, _ body: @escaping () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let thread = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    unsafe pthread_setname_np(pthread_self(), String(thread.name.prefix(15)))
    thread.body()
    return nil
}

extension Int {
    /// A stack size must be a multiple of the page size and no less than PTHREAD_STACK_MIN.
    fileprivate var roundedUpToPages: Int {
        let page = 4096
        return Swift.max(64 * 1024, (self + page - 1) / page * page)
    }
}
