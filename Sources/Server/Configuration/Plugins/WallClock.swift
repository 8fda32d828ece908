import Glibc

/// The time of day.
enum WallClock {
    /// What has passed since 1970 began, in UTC.
    static var now: Duration {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
