import PluginAPI

/// Where the values of a call's arguments come from while a verdict is made.
protocol ArgumentSource: ~Copyable {
    func value(ofConstant index: Int) -> String
    /// The value of `$number`, nil as long as none has arrived.
    func arrived(parameter number: Int) -> ParameterValue?
}

extension StatementEvent: ArgumentSource {
    func arrived(parameter number: Int) -> ParameterValue? { nil }
}

extension BindEvent: ArgumentSource {
    func arrived(parameter number: Int) -> ParameterValue? { value(ofParameter: number) }
}
