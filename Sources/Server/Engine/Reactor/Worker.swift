/// Why a worker did not do a job.
public enum WorkerFailure: Error, Sendable, Hashable {
    /// As many jobs wait as may.
    case busy
    /// The system gave no thread with the stack that the job needs.
    case noStack(SystemError)
}

/// Does jobs that need a deep stack, one after the other, off the reactors: parsing long statements.
///
/// Each job has a thread of its own with exactly the stack it asks for, which the system takes back when the job is
/// done. That costs some 30 µs, a fraction of what parsing 16 KiB of SQL costs, and keeps no megabytes between jobs.
public final class Worker: Sendable {
    private let queue: WorkQueue

    /// - Parameter capacity: how many jobs may wait.
    public init(capacity: Int) throws(SystemError) {
        queue = try WorkQueue(name: "worker", threads: 1, stackBytes: 256 * 1024, capacity: capacity)
    }

    deinit {
        queue.close()
    }

    /// Has `job` done on a stack of at least `stackBytes` and its result sent to `reply`. Every submitted job is
    /// answered, at once with `busy` when too many wait.
    public func submit<Value>(
        stackBytes: Int,
        reply: Reply<Result<Value, WorkerFailure>>,
        job: @escaping @Sendable () -> Value
    ) {
        let isAccepted = queue.submit {
            do throws(SystemError) {
                try SystemThread.start(name: "worker-job", stackBytes: stackBytes) { reply.send(.success(job())) }
                    .join()
            } catch {
                reply.send(.failure(.noStack(error)))
            }
        }
        if !isAccepted { reply.send(.failure(.busy)) }
    }
}
