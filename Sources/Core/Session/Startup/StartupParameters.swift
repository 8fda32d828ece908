import PluginAPI

/// Which startup parameters a shared server connection begins with, and which its sessions bring along.
enum StartupParameters {
    /// Those that decide how statements are read and what names mean: RESET must never lead anywhere else.
    private static let ofConnection: Set<String> = [
        SessionGuards.encoding, SessionGuards.strings, "search_path",
        // Only a startup message can set these (context `backend` and `superuser-backend` of pg_settings).
        "ignore_system_indexes", "jit_debugging_support", "jit_profiling_support", "log_connections",
        "log_disconnections", "post_auth_delay", "local_preload_libraries",
    ]

    /// The connection's own, in their order, and the session's by name in lower case: the last one counts.
    static func split(_ all: [StartupParameter]) -> (connection: [StartupParameter], session: [String: String]) {
        var connection: [StartupParameter] = []
        var session: [String: String] = [:]
        for parameter in all {
            let name = parameter.name.lowercased()
            if ofConnection.contains(name) {
                connection.append(parameter)
            } else {
                session[name] = parameter.value
            }
        }
        return (connection, session)
    }
}
