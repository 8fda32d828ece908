// swift-tools-version: 6.2
import PackageDescription

/// Every target is held to the same rules: Swift 6 mode, warnings are errors, unsafe code is marked.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What runs per message, in release builds: the compiler's own checks of exclusive access stay, those at run time (more
/// than 40 % of a transaction's instructions outside the kernel) are left to debug builds, which run all tests.
let hot: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// PostgreSQL 15's node layouts, from Debian's postgresql-server-dev-15: what libpg_query's raw parse tree is made of.
let parseTree: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-I/usr/include/postgresql/15/server"])]

func core(_ name: String, _ dependencies: [Target.Dependency] = [], extra: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: strict + extra)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], extra: [SwiftSetting] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        swiftSettings: strict + extra
    )
}

let package = Package(
    name: "pgml-gateway",
    products: [.executable(name: "pgml-gateway", targets: ["Gateway"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        // C libraries: a module map and a shim header each.
        .systemLibrary(name: "CSystem", path: "Sources/Core/CLibraries/CSystem"),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/Core/CLibraries/COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CPgQuery",
            path: "Sources/Core/CLibraries/CPgQuery",
            providers: [.apt(["libpg-query-dev", "postgresql-server-dev-15"])]
        ),

        .systemLibrary(
            name: "CPCRE2",
            path: "Sources/Core/CLibraries/CPCRE2",
            pkgConfig: "libpcre2-8",
            providers: [.apt(["libpcre2-dev"])]
        ),

        // Core: bytes and events in, decisions out.
        core("PostgresWire"),
        core("SQLInspection", ["CPgQuery"], extra: parseTree + hot),
        core("Cryptography", ["COpenSSL"]),
        core("Patterns", ["CPCRE2"]),
        core("PluginAPI", ["SQLInspection", "PostgresWire"]),
        core(
            "Session",
            [
                "PostgresWire", "SQLInspection", "PluginAPI", "Cryptography",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            extra: hot
        ),
        core("Pooling", extra: hot),
        core("PluginTestKit", ["PluginAPI", "SQLInspection", "PostgresWire", "Session"]),

        // Plugins: one folder, one target, one plugin.
        .target(
            name: "Allowlist",
            dependencies: ["PluginAPI", "SQLInspection"],
            path: "Sources/Plugins/Allowlist",
            swiftSettings: strict
        ),
        .target(
            name: "Audit",
            dependencies: ["PluginAPI", "SQLInspection", "PostgresWire", "Cryptography"],
            path: "Sources/Plugins/Audit",
            swiftSettings: strict + hot
        ),
        .target(
            name: "MaxCalls",
            dependencies: ["PluginAPI", "SQLInspection"],
            path: "Sources/Plugins/MaxCalls",
            swiftSettings: strict
        ),
        .target(
            name: "Rewrite",
            dependencies: ["PluginAPI", "SQLInspection", "PostgresWire", "Patterns"],
            path: "Sources/Plugins/Rewrite",
            swiftSettings: strict
        ),
        .target(
            name: "RateLimit",
            dependencies: ["PluginAPI", "SQLInspection"],
            path: "Sources/Plugins/RateLimit",
            swiftSettings: strict
        ),
        .target(
            name: "Registry",
            dependencies: ["PluginAPI", "Allowlist", "Audit", "MaxCalls", "RateLimit", "Rewrite"],
            path: "Sources/Plugins/Registry",
            swiftSettings: strict
        ),

        // Server: everything that touches the world.
        .target(
            name: "Engine",
            dependencies: [
                "CSystem", "PostgresWire", "Session", "Pooling",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Server/Engine",
            swiftSettings: strict + hot
        ),
        .target(
            name: "Configuration",
            dependencies: ["PluginAPI", .product(name: "TOMLKit", package: "TOMLKit")],
            path: "Sources/Server/Configuration",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "Engine", "Configuration", "Registry", "Audit", "Session", "Pooling", "PluginAPI", "SQLInspection",
                "PostgresWire",
                "Cryptography",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Server/Gateway",
            swiftSettings: strict
        ),

        // What tests of several targets need that is no part of the plugins' own kit.
        .target(
            name: "TestSupport",
            dependencies: [
                "Configuration", "PluginAPI", "SQLInspection", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("PostgresWireTests", ["PostgresWire"]),
        tests("SQLInspectionTests", ["SQLInspection"]),
        tests("CryptographyTests", ["Cryptography"]),
        tests(
            "SessionTests",
            ["Session", "PostgresWire", "PluginAPI", "PluginTestKit", "SQLInspection", "Cryptography"]
        ),
        tests("PatternsTests", ["Patterns"]),
        tests("PoolingTests", ["Pooling"]),
        tests("AllowlistTests", ["Allowlist", "PluginTestKit", "PluginAPI", "SQLInspection", "Configuration"]),
        tests("MaxCallsTests", ["MaxCalls", "PluginTestKit", "PluginAPI", "PostgresWire"]),
        tests(
            "ConformanceTests",
            ["Registry", "Configuration", "PluginTestKit", "PluginAPI", "SQLInspection", "PostgresWire"]
        ),
        tests(
            "GatewayTests",
            [
                "Gateway", "Configuration", "Engine", "Session", "PluginAPI", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests(
            "EngineTests",
            ["Engine", "CSystem", "Session", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        tests(
            "RewriteTests",
            [
                "Rewrite", "PluginTestKit", "PluginAPI", "SQLInspection", "PostgresWire", "Configuration",
                "TestSupport",
            ]
        ),
        tests(
            "AuditTests",
            ["Audit", "PluginAPI", "PluginTestKit", "SQLInspection", "PostgresWire", "Cryptography", "Configuration"]
        ),
        tests(
            "RateLimitTests",
            [
                "RateLimit", "PluginTestKit", "PluginAPI", "PostgresWire", "SQLInspection", "Configuration",
                "TestSupport",
            ]
        ),
        tests("ConfigurationTests", ["Configuration", "PluginAPI"]),
    ],
    swiftLanguageModes: [.v6]
)
