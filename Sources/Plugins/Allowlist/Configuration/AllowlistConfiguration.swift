/// A policy as its file says it: `plugins.d/…-allowlist.toml`, or a profile that such a file includes.
///
/// Every key is optional; what no key admits is denied.
public struct AllowlistConfiguration: Decodable, Sendable {
    /// Profiles to include, by the name of their file in `profiles/`.
    var profiles: [String]?
    /// Schemas that unqualified names may mean beside pg_catalog: search_path is pinned to them.
    var schemas: [String]?
    /// With `schemas`: what may stand behind the dot in `x.f`, which may call `f` of a listed schema; `*` for anything.
    var columns: [String]?
    /// Statement kinds by PostgreSQL's words.
    var statements: [String]?
    /// Functions that may be called with any arguments: `schema.name`, or `schema.*`.
    var functions: [String]?
    /// Functions that may be called when their arguments pass.
    var calls: [CallConfiguration]?
    /// Functions that a profile brings and this policy does not want.
    var except: [String]?
    var types: [String]?
    /// Operators beyond pg_catalog's: `schema.<=>`.
    var operators: [String]?
    var relations: [RelationConfiguration]?
    var settings: [SettingConfiguration]?
    /// Lists of values by name: `@name` among a rule's `values` stands for them. A policy's own list replaces the
    /// profile's of that name; naming itself in it keeps what the profile has.
    var lists: [String: [String]]?
}

/// A function that may be called when its arguments pass.
struct CallConfiguration: Decodable, Sendable {
    /// `schema.name`.
    var function: String
    /// Whether the function is STRICT: with a NULL argument it is not run at all, so NULL passes everywhere.
    var strict: Bool?
    /// The function's arguments in the order of its declaration. A call with others is refused.
    var arguments: [ValueConfiguration]?
}

/// A relation and what may be done with it.
struct RelationConfiguration: Decodable, Sendable {
    /// `schema.name`, or `schema.*`.
    var name: String
    /// Words of `RelationUse.Access`.
    var access: [String]
}

/// A setting and what may be done with it.
struct SettingConfiguration: Decodable, Sendable {
    var name: String
    /// Patterns of what it may be set to, compared without regard to case.
    var values: [String]?
    /// Bounds of the whole numbers it may be set to.
    var min: Int?
    var max: Int?
    /// `set`, `reset`, `show`; all three when absent.
    var access: [String]?
}
