/// What is under way between a session and the server connection that it has: it ends before the connection is given
/// back.
struct Lease {
    /// Messages of the extended protocol were sent that no Sync has followed yet.
    var isUnsynced = false
    /// SET LOCAL was sent in the present transaction.
    var hasLocalSettings = false
    /// What the gateway has the server do between two of the client's messages.
    var aside: Aside?
    /// What became of the aside that the client's next message has waited for.
    var arrangement = Arrangement.none
    /// Settings that the server is resetting to what is not the client's own.
    var restores: [Restore] = []
    /// The number of the message up to which the server was told to answer, because something of the gateway's own waits
    /// for that.
    var flushedUpTo: Int?
    /// The unnamed statement that a Query drops which was sent within a batch, unless an error skips it.
    var unnamedBeforeQuery = 0
    /// A Describe of the gateway's own is on its way.
    var awaitsShape = false
    /// The statement that was just prepared anew because its result did not have the shape its client knows.
    var reprepared: PreparedStatement?
    /// The number of the last message sent that changes what SQL's names stand for: until it is answered, no name is used.
    var lastNameChange: Int?
    /// What portals will do with names of prepared statements, and with what sequences gave.
    var portalEffects: [StatementName: QueryEffects] = [:]
    /// How many statements of the Query that is being answered are done.
    var completedStatements = 0
}
